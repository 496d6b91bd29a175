/* .link files: systemd.link(5). */
#include "doctor/config.h"
#include "doctor/parts.h"

#include <string.h>

/* An empty value takes back what was said before. */
static void add_match(
	struct arena *arena, struct link_file *file, const char *key, const char *value)
{
	size_t n = 0;

	for (size_t i = 0; !*value && i < file->match_count; i++)
		if (strcmp(file->matches[i].key, key) != 0)
			file->matches[n++] = file->matches[i];
	if (!*value) {
		file->match_count = n;
		return;
	}
	file->matches =
		arena_push(arena, file->matches, &file->match_count, sizeof(*file->matches));
	file->matches[file->match_count - 1] = (struct link_match){key, value};
}

/* NamePolicy= goes first, and Name= is for when all it names fail; not so where the kernel command
 * line switches policies off. */
static void take_link(
	struct link_file *file, const char **policy, const char *key, const char *value)
{
	const char *said = *value ? value : NULL;

	if (strcmp(key, "Name") == 0)
		file->name = said;
	else if (strcmp(key, "NamePolicy") == 0)
		*policy = said;
	else if (strcmp(key, "MACAddressPolicy") == 0)
		file->mac_policy = said ? said : "none";
	else if (strcmp(key, "MACAddress") == 0)
		file->mac = said;
}

static void read_link_file(struct examination *x, const struct config_file *from, bool policies,
	struct link_file *file)
{
	const char *at = from->fact->sys_errno ? "" : from->fact->text, *line, *policy = NULL;
	const char *section = "";
	unsigned number = 0;

	*file = (struct link_file){.path = from->fact->path};
	file->doubtful = from->fact->sys_errno;
	while ((line = config_line(&x->arena, &at, "#;", &number))) {
		const char *equals = strchr(line, '=');
		const char *key, *value;

		if (line[0] == '[') {
			section = line;
			continue;
		}
		if (!equals)
			continue;
		key = arena_strndup(&x->arena, line, strcspn(line, " \t="));
		value = equals + 1 + strspn(equals + 1, " \t");
		if (strcmp(section, "[Match]") == 0)
			add_match(&x->arena, file, key, value);
		else if (strcmp(section, "[Link]") == 0)
			take_link(file, &policy, key, value);
	}
	if (policy && policies)
		file->name = NULL;
	if (file->mac_policy && strcmp(file->mac_policy, "none") != 0)
		file->mac = NULL;
}

/* "10-lan.link.d" anywhere */
static bool has_drop_ins(const struct examination *x, const char *name)
{
	static const char *const dirs[] = {"/etc/systemd/network", "/run/systemd/network",
		"/usr/local/lib/systemd/network", "/usr/lib/systemd/network"};
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		const struct fact *f = facts_find(x->facts, "%s", dirs[i]);

		for (size_t n = 0; f && n < f->names.count; n++)
			if (strncmp(f->names.items[n], name, len) == 0 &&
				strcmp(f->names.items[n] + len, ".d") == 0)
				return true;
	}
	return false;
}

void link_files(struct examination *x, struct link_files *files)
{
	const char *off = boot_option(x, "net.ifnames");
	bool policies = !off || strcmp(off, "0") != 0;
	struct config_files found;

	config_files(x, "systemd/network", ".link", &found);
	files->count = found.count;
	files->items = arena_alloc(&x->arena, (found.count + 1) * sizeof(*files->items));
	for (size_t i = 0; i < found.count; i++) {
		read_link_file(x, &found.items[i], policies, &files->items[i]);
		files->items[i].doubtful |= has_drop_ins(x, found.items[i].name);
	}
}

#define BLANKS " \t"

static enum match match_mac(const char *list, const struct lladdr *mac)
{
	char word[64];
	struct lladdr each;
	bool all = true;

	for (list += strspn(list, BLANKS); *list; list += strspn(list, BLANKS)) {
		size_t len = strcspn(list, BLANKS);

		if (len >= sizeof(word))
			return MATCH_MAYBE;
		memcpy(word, list, len);
		word[len] = 0;
		for (char *p = word; *p; p++)
			if (*p == '-')
				*p = ':';
		if (!lladdr_parse(word, &each))
			all = false; /* one of its other ways to write them */
		else if (lladdr_equal(&each, mac))
			return MATCH_YES;
		list += len;
	}
	return all ? MATCH_NO : MATCH_MAYBE;
}

/* "!" in front of the list turns it round. */
static enum match match_patterns(const char *list, const char *s)
{
	struct arena scratch = {0};
	bool inverted = *list == '!', found = false;

	list += inverted;
	for (list += strspn(list, BLANKS); *list && !found; list += strspn(list, BLANKS)) {
		const char *word = arena_strndup(&scratch, list, strcspn(list, BLANKS));

		found = patterns_match(&scratch, word, "", s);
		list += strlen(word);
	}
	arena_free(&scratch);
	return found != inverted ? MATCH_YES : MATCH_NO;
}

static enum match match_key(const struct link_match *m, const struct device *d)
{
	char path[BDF_SIZE + 8] = "pci-";

	if (strcmp(m->key, "MACAddress") == 0)
		return d->mac && !d->mac_changed ? match_mac(m->value, d->mac) : MATCH_MAYBE;
	if (strcmp(m->key, "PermanentMACAddress") == 0)
		return d->permanent_mac ? match_mac(m->value, d->permanent_mac) : MATCH_MAYBE;
	if (strcmp(m->key, "Path") == 0)
		return match_patterns(m->value, strcat(path, d->bdf));
	if (strcmp(m->key, "Driver") == 0)
		return match_patterns(m->value, d->driver);
	if (strcmp(m->key, "Type") == 0)
		return d->mac ? match_patterns(m->value, "ether") : MATCH_MAYBE;
	if (strcmp(m->key, "Kind") == 0) /* interfaces of devices have none */
		return m->value[0] == '!' ? MATCH_YES : MATCH_NO;
	if (strcmp(m->key, "OriginalName") == 0 && strcmp(m->value, "*") == 0)
		return MATCH_YES;
	return MATCH_MAYBE;
}

/* Of a key that is there twice either will do. */
static enum match match_file(const struct link_file *file, const struct device *d)
{
	enum match all = file->match_count ? MATCH_YES : MATCH_MAYBE;

	for (size_t i = 0; i < file->match_count; i++) {
		const char *key = file->matches[i].key;
		enum match best = MATCH_NO;

		for (size_t k = 0; k < file->match_count; k++) {
			enum match m = MATCH_NO;

			if (strcmp(file->matches[k].key, key) == 0)
				m = match_key(&file->matches[k], d);
			best = m > best ? m : best;
		}
		all = best < all ? best : all;
	}
	return file->doubtful ? MATCH_MAYBE : all;
}

const struct link_file *link_file_of(const struct link_files *files, const struct device *d)
{
	for (size_t i = 0; i < files->count; i++) {
		enum match m = match_file(&files->items[i], d);

		if (m != MATCH_NO)
			return m == MATCH_YES ? &files->items[i] : NULL;
	}
	return NULL;
}
