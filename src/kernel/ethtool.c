#include "kernel/ethtool.h"

#include "kernel/netns.h"
#include "util/cleanup.h"
#include "util/str.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

/* Untouched memory costs nothing. */
#define ANSWER_SIZE ((size_t)4 << 20)
#define STATS_MAX ((ANSWER_SIZE - sizeof(struct ethtool_gstrings)) / ETH_GSTRING_LEN)

_Static_assert(ETH_GSTRING_LEN == ETHTOOL_TEXT && ETHTOOL_FWVERS_LEN == ETHTOOL_TEXT &&
		       ETHTOOL_BUSINFO_LEN == ETHTOOL_TEXT,
	"the kernel's texts have one length");

/*
 * The kernel writes as many statistics as the driver has at that moment, however much room was
 * asked for, and a driver may have got more since it was asked how many (queues were added).
 * Behind the room is memory that cannot be written: the kernel fails then.
 */
static void *guarded_memory(void)
{
	size_t guard = (size_t)sysconf(_SC_PAGESIZE);
	char *p = mmap(NULL, ANSWER_SIZE + guard, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	if (mprotect(p + ANSWER_SIZE, guard, PROT_NONE) < 0) {
		munmap(p, ANSWER_SIZE + guard);
		return NULL;
	}
	return p;
}

int ethtool_open(struct ethtool *e, int netns)
{
	*e = ETHTOOL_CLOSED;
	/* of any family: the ioctl is that of the namespace (net/socket.c, sock_do_ioctl) */
	e->fd = netns_socket(netns, AF_UNIX, SOCK_DGRAM, 0);
	if (e->fd < 0)
		return -errno;
	e->answer = guarded_memory();
	if (e->answer)
		return 0;
	ethtool_close(e);
	return -ENOMEM;
}

int ethtool_open_recorded(struct ethtool *e, int dir)
{
	*e = (struct ethtool){.recorded = true};
	e->fd = openat(dir, "ethtool", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return e->fd < 0 ? -errno : 0;
}

void ethtool_close(struct ethtool *e)
{
	if (e->answer)
		munmap(e->answer, ANSWER_SIZE + (size_t)sysconf(_SC_PAGESIZE));
	if (e->fd >= 0)
		close(e->fd);
	*e = ETHTOOL_CLOSED;
}

void driver_stats_free(struct driver_stats *stats)
{
	free(stats->items);
	*stats = (struct driver_stats){0};
}

static struct driver_stat *add_stat(struct driver_stats *stats)
{
	if (stats->count == stats->room) {
		stats->room = stats->room ? stats->room * 2 : 64;
		stats->items = realloc(stats->items, stats->room * sizeof(*stats->items));
		if (!stats->items)
			abort();
	}
	memset(&stats->items[stats->count], 0, sizeof(*stats->items));
	return &stats->items[stats->count++];
}

/* from the kernel */

/* The name an interface has now; it may be renamed at any time, and another take its name. */
static int name_of(const struct ethtool *e, int ifindex, char name[IFNAMSIZ])
{
	struct ifreq ifr = {.ifr_ifindex = ifindex};

	if (ioctl(e->fd, SIOCGIFNAME, &ifr) < 0)
		return -errno;
	snprintf(name, IFNAMSIZ, "%.*s", IFNAMSIZ - 1, ifr.ifr_name);
	return 0;
}

static int ask(const struct ethtool *e, const char *ifname, void *command)
{
	struct ifreq ifr = {.ifr_data = command};

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", ifname);
	return ioctl(e->fd, SIOCETHTOOL, &ifr) < 0 ? -errno : 0;
}

static int ask_count(const struct ethtool *e, const char *ifname, uint32_t *count)
{
	struct ethtool_sset_info *info = e->answer;
	int rc;

	*info = (struct ethtool_sset_info){
		.cmd = ETHTOOL_GSSET_INFO, .sset_mask = UINT64_C(1) << ETH_SS_STATS};
	rc = ask(e, ifname, info);
	*count = rc == 0 && info->sset_mask ? info->data[0] : 0;
	return rc == 0 && !*count ? -EOPNOTSUPP : rc;
}

static int ask_names(
	const struct ethtool *e, const char *ifname, uint32_t count, struct driver_stats *stats)
{
	struct ethtool_gstrings *names = e->answer;
	int rc;

	*names = (struct ethtool_gstrings){ETHTOOL_GSTRINGS, ETH_SS_STATS, count};
	rc = ask(e, ifname, names);
	if (rc < 0)
		return rc;
	if (names->len != count)
		return -EAGAIN;
	stats->count = 0;
	for (uint32_t i = 0; i < count; i++)
		memcpy(add_stat(stats)->name, names->data + (size_t)i * ETH_GSTRING_LEN,
			ETH_GSTRING_LEN);
	return 0;
}

static int ask_values(const struct ethtool *e, const char *ifname, struct driver_stats *stats)
{
	struct ethtool_stats *values = e->answer;
	int rc;

	*values = (struct ethtool_stats){ETHTOOL_GSTATS, (uint32_t)stats->count};
	rc = ask(e, ifname, values);
	if (rc < 0)
		return rc;
	if (values->n_stats != stats->count)
		return -EAGAIN;
	for (size_t i = 0; i < stats->count; i++)
		memcpy(&stats->items[i].value, (char *)values->data + i * sizeof(uint64_t),
			sizeof(uint64_t));
	return 0;
}

/* Names and values are two questions: -EAGAIN when the driver had more or fewer in between, or
 * the interface another name. */
static int ask_stats(struct ethtool *e, int ifindex, struct driver_stats *stats)
{
	char name[IFNAMSIZ], after[IFNAMSIZ];
	uint32_t count;
	int rc = name_of(e, ifindex, name);

	if (rc == 0)
		rc = ask_count(e, name, &count);
	if (rc == 0 && count > STATS_MAX)
		rc = -E2BIG;
	if (rc == 0)
		rc = ask_names(e, name, count, stats);
	if (rc == 0)
		rc = ask_values(e, name, stats);
	if (rc < 0 && rc != -ENODEV)
		return rc;
	if (name_of(e, ifindex, after) < 0)
		return -ENODEV;
	return strcmp(name, after) == 0 ? rc : -EAGAIN;
}

/* A text of the kernel's, whose end may be its array's. */
#define TAKE(to, from) memcpy((to), (from), strnlen((from), sizeof(from)))

static int ask_info(struct ethtool *e, int ifindex, struct driver_info *info)
{
	struct ethtool_drvinfo d = {.cmd = ETHTOOL_GDRVINFO};
	char name[IFNAMSIZ], after[IFNAMSIZ];
	int rc = name_of(e, ifindex, name);

	if (rc == 0)
		rc = ask(e, name, &d);
	if (rc < 0 && rc != -ENODEV)
		return rc;
	if (name_of(e, ifindex, after) < 0)
		return -ENODEV;
	if (strcmp(name, after) != 0)
		return -EAGAIN;
	TAKE(info->driver, d.driver);
	TAKE(info->version, d.version);
	TAKE(info->firmware, d.fw_version);
	TAKE(info->bus_info, d.bus_info);
	return rc;
}

/* as text */

static void add_text(struct buffer *b, const char *text)
{
	size_t len = strlen(text);
	char *to = buffer_room(b, len + 1);

	for (size_t i = 0; i < len; i++) /* the end of a line is ours */
		to[i] = (char)(text[i] == '\n' ? ' ' : text[i]);
	b->len += len;
}

static void add_line(struct buffer *b, const char *first, const char *text)
{
	add_text(b, first);
	add_text(b, " ");
	add_text(b, text);
	*buffer_room(b, 1) = '\n';
	b->len++;
}

void ethtool_encode_info(const struct driver_info *info, struct buffer *text)
{
	add_line(text, "driver", info->driver);
	add_line(text, "version", info->version);
	add_line(text, "firmware", info->firmware);
	add_line(text, "bus_info", info->bus_info);
}

void ethtool_encode_stats(const struct driver_stats *stats, struct buffer *text)
{
	for (size_t i = 0; i < stats->count; i++) {
		char number[24];

		snprintf(number, sizeof(number), "%" PRIu64, stats->items[i].value);
		add_line(text, number, stats->items[i].name);
	}
}

/* The next line: what is before its first blank, and behind. False at the end. */
static bool next_line(
	const char **text, size_t *left, char first[ETHTOOL_TEXT + 1], char rest[ETHTOOL_TEXT + 1])
{
	const char *end = *left ? memchr(*text, '\n', *left) : NULL, *blank;
	size_t len = end ? (size_t)(end - *text) : *left;

	if (!*left)
		return false;
	blank = memchr(*text, ' ', len);
	first[0] = rest[0] = 0;
	if (blank) {
		snprintf(first, ETHTOOL_TEXT + 1, "%.*s", (int)(blank - *text), *text);
		len -= (size_t)(blank - *text) + 1;
		snprintf(rest, ETHTOOL_TEXT + 1, "%.*s", (int)(len < 64 ? len : 64), blank + 1);
	}
	*left -= end ? (size_t)(end - *text) + 1 : *left;
	*text = end ? end + 1 : *text;
	return true;
}

void ethtool_decode_info(const char *text, size_t len, struct driver_info *info)
{
	char key[ETHTOOL_TEXT + 1], value[ETHTOOL_TEXT + 1];
	const struct {
		const char *key;
		char *to;
	} texts[] = {
		{"driver", info->driver},
		{"version", info->version},
		{"firmware", info->firmware},
		{"bus_info", info->bus_info},
	};

	*info = (struct driver_info){0};
	while (next_line(&text, &len, key, value))
		for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
			if (strcmp(key, texts[i].key) == 0)
				memcpy(texts[i].to, value, sizeof(value));
}

void ethtool_decode_stats(const char *text, size_t len, struct driver_stats *stats)
{
	char number[ETHTOOL_TEXT + 1], name[ETHTOOL_TEXT + 1];
	uint64_t value;

	stats->count = 0;
	while (next_line(&text, &len, number, name)) {
		struct driver_stat *s;

		if (!str_uint(number, 10, UINT64_MAX, &value))
			continue;
		s = add_stat(stats);
		memcpy(s->name, name, sizeof(name));
		s->value = value;
	}
}

static int read_recorded(
	const struct ethtool *e, const char *ifname, const char *file, struct buffer *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%.64s/%s", ifname, file);
	return rtnl_read_file(e->fd, path, text);
}

#define TRIES 3

int ethtool_info(struct ethtool *e, int ifindex, const char *ifname, struct driver_info *info)
{
	struct buffer text = {0};
	int rc = -EAGAIN;

	*info = (struct driver_info){0};
	for (int i = 0; !e->recorded && i < TRIES && rc == -EAGAIN; i++)
		rc = ask_info(e, ifindex, info);
	if (!e->recorded)
		return rc;
	rc = read_recorded(e, ifname, "driver", &text);
	if (rc == 0)
		ethtool_decode_info(text.data, text.len, info);
	buffer_free(&text);
	return rc;
}

int ethtool_stats(struct ethtool *e, int ifindex, const char *ifname, struct driver_stats *stats)
{
	struct buffer text = {0};
	int rc = -EAGAIN;

	stats->count = 0;
	for (int i = 0; !e->recorded && i < TRIES && rc == -EAGAIN; i++)
		rc = ask_stats(e, ifindex, stats);
	if (!e->recorded)
		return rc;
	rc = read_recorded(e, ifname, "statistics", &text);
	if (rc == 0)
		ethtool_decode_stats(text.data, text.len, stats);
	buffer_free(&text);
	return rc;
}
