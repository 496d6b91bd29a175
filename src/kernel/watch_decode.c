/* News out of raw messages. Whatever they hold, nothing behind their end is read. */
#include "kernel/watch.h"

#include "kernel/rtnl.h"
#include "util/cleanup.h"
#include "util/str.h"

#include <libmnl/libmnl.h>
#include <linux/devlink.h>
#include <linux/genetlink.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <string.h>

#define STATE_HEALTHY 0 /* include/net/devlink.h of Linux, enum devlink_health_reporter_state */

static struct news *add(struct arena *arena, struct news_list *news, enum news_kind kind)
{
	struct news *n;

	news->items = arena_push(arena, news->items, &news->count, sizeof(*news->items));
	n = &news->items[news->count - 1];
	*n = (struct news){.kind = kind, .nsid = -1, .new_nsid = -1};
	return n;
}

/* rtnetlink */

static void decode_move(const struct nlmsghdr *nlh, struct news *n)
{
	const struct nlattr *a;

	mnl_attr_for_each (a, nlh, sizeof(struct ifinfomsg)) {
		int32_t v;

		if (mnl_attr_get_payload_len(a) < sizeof(v))
			continue;
		memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
		if (mnl_attr_get_type(a) == IFLA_NEW_NETNSID) {
			n->moved = true;
			n->new_nsid = v;
		} else if (mnl_attr_get_type(a) == IFLA_NEW_IFINDEX) {
			n->new_ifindex = v;
		}
	}
}

static void decode_answer_to_us(
	struct arena *arena, const struct nlmsghdr *nlh, struct news_list *news)
{
	struct nlmsgerr e;
	struct news *n;

	if (nlh->nlmsg_type == NLMSG_ERROR && nlh->nlmsg_len >= NLMSG_LENGTH(sizeof(e))) {
		memcpy(&e, mnl_nlmsg_get_payload(nlh), sizeof(e));
		n = add(arena, news, NEWS_LOOK);
		n->error = e.error ? e.error : -1;
	} else if (nlh->nlmsg_type == RTM_NEWLINK) {
		n = add(arena, news, NEWS_LOOK);
		if (!rtnl_decode_link(arena, nlh, false, &n->link))
			n->error = -1;
	} else {
		return;
	}
	n->seq = nlh->nlmsg_seq;
}

static void decode_link(
	struct arena *arena, int nsid, const struct nlmsghdr *nlh, struct news_list *news)
{
	struct link l;
	struct news *n;

	if (!rtnl_decode_link(arena, nlh, false, &l))
		return;
	n = add(arena, news, nlh->nlmsg_type == RTM_NEWLINK ? NEWS_LINK : NEWS_LINK_GONE);
	n->nsid = nsid;
	n->link = l;
	if (nlh->nlmsg_type == RTM_DELLINK)
		decode_move(nlh, n);
}

void watch_decode_route(struct arena *arena, int nsid, uint32_t port, const void *data, size_t len,
	struct news_list *news)
{
	const struct nlmsghdr *nlh;
	const char *p = data;

	while ((nlh = rtnl_next(&p, &len))) {
		/* of a bridge and the like, which send messages of the same type about their ports
		 */
		bool link = nlh->nlmsg_len >= NLMSG_LENGTH(sizeof(struct ifinfomsg)) &&
			    ((const struct ifinfomsg *)mnl_nlmsg_get_payload(nlh))->ifi_family ==
				    AF_UNSPEC;

		if (nlh->nlmsg_seq && nlh->nlmsg_pid == port)
			decode_answer_to_us(arena, nlh, news);
		else if ((nlh->nlmsg_type == RTM_NEWLINK || nlh->nlmsg_type == RTM_DELLINK) && link)
			decode_link(arena, nsid, nlh, news);
		else if (nlh->nlmsg_type == RTM_NEWNSID || nlh->nlmsg_type == RTM_DELNSID)
			add(arena, news, NEWS_NETNS);
	}
}

/* uevents */

static const struct {
	const char *name;
	enum device_action action;
} actions[] = {
	{"add", DEVICE_ADD},
	{"change", DEVICE_CHANGE},
	{"bind", DEVICE_BIND},
	{"unbind", DEVICE_UNBIND},
	{"remove", DEVICE_REMOVE},
};

/* The variables of a uevent. */
struct uevent {
	const char *action, *path, *subsystem, *driver, *error_event;
};

static void read_variable(struct uevent *e, const char *text)
{
	const struct {
		const char *key;
		const char **field;
	} keys[] = {
		{"ACTION=", &e->action},
		{"DEVPATH=", &e->path},
		{"SUBSYSTEM=", &e->subsystem},
		{"DRIVER=", &e->driver},
		{"ERROR_EVENT=", &e->error_event},
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (str_starts(text, keys[i].key))
			*keys[i].field = text + strlen(keys[i].key);
}

/* Those of devices below devices, which are many, come to nothing here: a PF or VF is one of
 * its bus. */
static bool is_of_bus(const char *subsystem)
{
	static const char *const others[] = {"net", "queues", "msi_irqs", "vfio", "module", "block",
		"drivers", "ptp", "hwmon", "i2c", "wakeup", "workqueue", "misc", "bdi"};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (strcmp(subsystem, others[i]) == 0)
			return false;
	return true;
}

void watch_decode_uevent(struct arena *arena, const char *data, size_t len, struct news_list *news)
{
	const char *name;
	struct uevent e = {0};
	struct news *n;
	size_t i = 0;

	/* "add@/devices/...", then KEY=VALUE, each with a NUL behind it */
	for (size_t at = 0; at < len;) {
		size_t size = strnlen(data + at, len - at);

		if (size == len - at) /* cut short */
			break;
		read_variable(&e, arena_strndup(arena, data + at, size));
		at += size + 1;
	}
	name = e.path ? strrchr(e.path, '/') : NULL;
	while (e.action && i < ARRAY_SIZE(actions) && strcmp(actions[i].name, e.action) != 0)
		i++;
	if (!name || !name[1] || !e.action || !e.subsystem || i == ARRAY_SIZE(actions) ||
		!is_of_bus(e.subsystem))
		return;
	n = add(arena, news, NEWS_DEVICE);
	n->action = actions[i].action;
	n->handle = arena_printf(arena, "%s/%s", e.subsystem, name + 1);
	n->driver = e.driver && e.driver[0] ? e.driver : NULL;
	n->error_event = e.error_event;
}

/* devlink */

/* All counts of restarts in these statistics: lists within lists, the innermost of which has
 * the numbers (DEVLINK_ATTR_RELOAD_STATS_VALUE). */
static uint64_t count_reloads(const struct nlattr *list, int depth)
{
	const struct nlattr *a;
	uint64_t count = 0;

	mnl_attr_for_each_nested (a, list) {
		uint32_t v;

		switch (mnl_attr_get_type(a)) {
		case DEVLINK_ATTR_RELOAD_STATS:
		case DEVLINK_ATTR_RELOAD_ACTION_INFO:
		case DEVLINK_ATTR_RELOAD_ACTION_STATS:
		case DEVLINK_ATTR_RELOAD_STATS_ENTRY:
			count += depth < 8 ? count_reloads(a, depth + 1) : 0;
			break;
		case DEVLINK_ATTR_RELOAD_STATS_VALUE:
			if (mnl_attr_get_payload_len(a) < sizeof(v))
				break;
			memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
			count += v;
			break;
		default:
			break;
		}
	}
	return count;
}

static const char *text_of(struct arena *arena, const struct nlattr *a)
{
	const char *s = mnl_attr_get_payload(a);

	return arena_strndup(arena, s, strnlen(s, mnl_attr_get_payload_len(a)));
}

static void decode_reporter(struct arena *arena, const struct nlattr *list, struct news *n)
{
	const struct nlattr *a;

	mnl_attr_for_each_nested (a, list) {
		uint64_t v = 0;
		size_t size = mnl_attr_get_payload_len(a);

		if (mnl_attr_get_type(a) == DEVLINK_ATTR_HEALTH_REPORTER_NAME)
			n->reporter = text_of(arena, a);
		else if (mnl_attr_get_type(a) == DEVLINK_ATTR_HEALTH_REPORTER_STATE && size >= 1)
			n->healthy = *(const uint8_t *)mnl_attr_get_payload(a) == STATE_HEALTHY;
		if (size < sizeof(v))
			continue;
		memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
		if (mnl_attr_get_type(a) == DEVLINK_ATTR_HEALTH_REPORTER_ERR_COUNT)
			n->errors = v;
		else if (mnl_attr_get_type(a) == DEVLINK_ATTR_HEALTH_REPORTER_RECOVER_COUNT)
			n->recoveries = v;
	}
}

static void decode_devlink(struct arena *arena, const struct nlmsghdr *nlh, struct news_list *news)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const char *bus = NULL, *dev = NULL;
	struct news found = {.nsid = -1};
	const struct nlattr *a;
	uint64_t reloads = 0;

	mnl_attr_for_each (a, nlh, sizeof(*genl)) {
		switch (mnl_attr_get_type(a)) {
		case DEVLINK_ATTR_BUS_NAME:
			bus = text_of(arena, a);
			break;
		case DEVLINK_ATTR_DEV_NAME:
			dev = text_of(arena, a);
			break;
		case DEVLINK_ATTR_RELOAD_FAILED:
			found.failed = mnl_attr_get_payload_len(a) >= 1 &&
				       *(const uint8_t *)mnl_attr_get_payload(a);
			break;
		case DEVLINK_ATTR_DEV_STATS:
			reloads += count_reloads(a, 0);
			break;
		case DEVLINK_ATTR_HEALTH_REPORTER:
			decode_reporter(arena, a, &found);
			break;
		default:
			break;
		}
	}
	found.handle = bus && dev ? arena_printf(arena, "%s/%s", bus, dev) : NULL;
	if (!found.handle)
		return;
	/* that it is there is also said when it comes, before it was ever restarted */
	if (genl->cmd == DEVLINK_CMD_NEW && (reloads || found.failed))
		found.kind = NEWS_RELOAD;
	else if (genl->cmd == DEVLINK_CMD_HEALTH_REPORTER_RECOVER && found.reporter)
		found.kind = NEWS_HEALTH;
	else
		return;
	*add(arena, news, found.kind) = found;
}

void watch_decode_devlink(struct arena *arena, const void *data, size_t len, struct news_list *news)
{
	const struct nlmsghdr *nlh;
	const char *p = data;

	while ((nlh = rtnl_next(&p, &len)))
		if (nlh->nlmsg_type >= NLMSG_MIN_TYPE &&
			nlh->nlmsg_len >= NLMSG_LENGTH(sizeof(struct genlmsghdr)))
			decode_devlink(arena, nlh, news);
}
