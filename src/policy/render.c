#include "policy/render.h"

#include "core/driver.h"
#include "core/selector.h"

#include "policy/fy.h"
#include "util/cleanup.h"
#include "util/str.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define WIDTH 80
#define VF_INDENT 4 /* of what stands below `vf:` of a PF */

struct writer {
	struct fy_writer fy;
	struct fy_document *doc;
	struct arena arena; /* libfyaml reads texts where they are */
	FILE *out;
	bool flow;  /* within a flow mapping */
	bool begun; /* and at its first pair */
	bool space; /* the line that libfyaml began within it is to be a blank */
};

/* libfyaml puts each pair of a flow mapping on a line of its own: put them on one. */
static int put(struct fy_emitter *emitter, enum fy_emitter_write_type type, const char *s, int len,
	void *data)
{
	struct writer *w = data;
	bool indicator = type == fyewt_indicator && len == 1;

	(void)emitter;
	if (w->flow && (type == fyewt_linebreak || type == fyewt_indent)) {
		w->space = !w->begun;
		return len;
	}
	if (indicator && *s == '}')
		w->flow = false;
	else if (w->space)
		fputc(' ', w->out);
	w->begun = indicator && *s == '{';
	w->flow |= w->begun;
	w->space = false;
	if (type != fyewt_terminating_zero)
		fwrite(s, 1, (size_t)len, w->out);
	return len;
}

/* Words and numbers that stand for something else than themselves, to YAML 1.1 at least: that
 * has true, false, null, and numbers to the base of 60 (52:54:00:12:34:56). */
static bool is_special(const char *text)
{
	static const char *const words[] = {
		"null", "true", "false", "yes", "no", "on", "off", "y", "n"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcasecmp(words[i], text) == 0)
			return true;
	return text[strspn(text, "0123456789:.+-_eExX")] == 0;
}

/* libfyaml 0.7 quotes less than is needed (#x, @x): only what is surely plain goes without. */
static bool is_plain(const char *text)
{
	size_t len = strlen(text);

	if (!len || (!isalnum((unsigned char)text[0]) && !strchr("_/", text[0])))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)text[i]) && !strchr("_-./:+@", text[i]))
			return false;
	return text[len - 1] != ':';
}

/* A word of the language goes as it is; a name is quoted where it looks like something else. */
static struct fy_node *scalar(struct writer *w, const char *text, bool name)
{
	size_t len = strlen(text), n = 0;
	char *quoted;

	if (is_plain(text) && (!name || !is_special(text)))
		return w->fy.build(w->doc, arena_strndup(&w->arena, text, len), len);
	quoted = arena_alloc(&w->arena, len * 4 + 3);
	quoted[n++] = '"';
	for (const char *p = text; *p; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f) {
			n += (size_t)sprintf(quoted + n, "\\x%02x", (unsigned)(unsigned char)*p);
			continue;
		}
		if (*p == '"' || *p == '\\')
			quoted[n++] = '\\';
		quoted[n++] = *p;
	}
	quoted[n++] = '"';
	return w->fy.build(w->doc, quoted, n);
}

static int add(struct writer *w, struct fy_node *map, const char *key, struct fy_node *value)
{
	struct fy_node *k = scalar(w, key, false);

	return k && value ? w->fy.mapping_append(map, k, value) : -1;
}

static int add_text(
	struct writer *w, struct fy_node *map, const char *key, const char *text, bool name)
{
	return text ? add(w, map, key, scalar(w, text, name)) : 0;
}

/* Is the value any text, and so may look like something else? */
static bool is_name(const struct attr *a)
{
	return a->type == VALUE_STRING || a->type == VALUE_LLADDR || a->type == VALUE_GUID;
}

/* One entry below `vf:`. */
struct entry {
	const char *set[VF_ATTR_COUNT];
};

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_entry(const struct entry *a, const struct entry *b)
{
	for (size_t i = 0; i < VF_ATTR_COUNT; i++)
		if (!same_text(a->set[i], b->set[i]))
			return false;
	return true;
}

static bool is_empty(const struct entry *e)
{
	static const struct entry none;

	return same_entry(e, &none);
}

/* Those of the interface come last: the order in which things happen. */
static bool is_of_interface(size_t attr)
{
	return attr == VF_IFNAME || attr == VF_MTU || attr == VF_UP;
}

static int add_pair(struct writer *w, struct fy_node *map, size_t attr, const char *text)
{
	const struct attr *a = &vf_type.attrs[attr];

	return add_text(w, map, attr_keyword(a), text, is_name(a));
}

/* How long it is on one line, without quotes: "0-3: {mac: ..., vlan: 5}". */
static size_t entry_width(const char *key, const struct entry *e)
{
	size_t n = VF_INDENT + strlen(key) + strlen(": {}");

	for (size_t i = 0; i < VF_ATTR_COUNT; i++)
		if (e->set[i])
			n += strlen(attr_keyword(&vf_type.attrs[i])) + strlen(e->set[i]) + 4;
	return n - 2;
}

static int add_entry(
	struct writer *w, struct fy_node *vfs, const char *key, const struct entry *entry)
{
	struct fy_node *map;

	if (is_empty(entry))
		return 0;
	/* the only way to a flow mapping is to read one */
	map = entry_width(key, entry) <= WIDTH ? w->fy.build(w->doc, "{}", 2)
					       : w->fy.create_mapping(w->doc);
	if (!map)
		return -1;
	for (size_t i = 0; i < VF_ATTR_COUNT; i++)
		if (!is_of_interface(i) && add_pair(w, map, i, entry->set[i]) < 0)
			return -1;
	if (add_pair(w, map, VF_IFNAME, entry->set[VF_IFNAME]) < 0 ||
		add_pair(w, map, VF_MTU, entry->set[VF_MTU]) < 0 ||
		add_pair(w, map, VF_UP, entry->set[VF_UP]) < 0)
		return -1;
	return add(w, vfs, key, map);
}

/* What two VFs never have in common: said apart from the rest, so that the rest can be shared. */
static bool is_unique(size_t attr)
{
	return attr == VF_MAC || attr == VF_NODE_GUID || attr == VF_PORT_GUID;
}

/* A name as a template that says the same: an opening brace is doubled. */
static char *escaped(struct arena *arena, const char *name, size_t len)
{
	char *out = arena_alloc(arena, len * 2 + 1);
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		out[n++] = name[i];
		if (name[i] == '{')
			out[n++] = name[i];
	}
	return out;
}

/* "{pf}v{vf}" of eth0v3, NULL when the name does not end with the VF's index. */
static const char *template_of(
	struct arena *arena, const struct draft_pf *pf, uint32_t index, const char *name)
{
	size_t len = strlen(name), pf_len = pf->ifname ? strlen(pf->ifname) : 0;
	char number[16];

	snprintf(number, sizeof(number), "%u", index);
	if (len < strlen(number) || strcmp(name + len - strlen(number), number) != 0)
		return NULL;
	len -= strlen(number);
	if (!pf_len || len < pf_len || strncmp(name, pf->ifname, pf_len) != 0)
		pf_len = 0;
	return arena_printf(arena, "%s%s{vf}", pf_len ? "{pf}" : "",
		escaped(arena, name + pf_len, len - pf_len));
}

/* Names become one template where it gives all of them, and there are several. */
static void name_entries(struct arena *arena, const struct draft_pf *pf, struct entry *entries,
	struct entry *uniques)
{
	const char *shared = NULL;
	size_t named = 0;
	bool same = true;

	for (size_t i = 0; i < pf->count && same; i++) {
		const char *name = pf->vfs[i]->set[VF_IFNAME].text, *t;

		if (!name)
			continue;
		t = template_of(arena, pf, pf->vfs[i]->index, name);
		same = t && (!shared || strcmp(shared, t) == 0);
		shared = t;
		named++;
	}
	for (size_t i = 0; i < pf->count; i++) {
		const char *name = pf->vfs[i]->set[VF_IFNAME].text;

		entries[i].set[VF_IFNAME] = name && same && named > 1 ? shared : NULL;
		uniques[i].set[VF_IFNAME] = name && !entries[i].set[VF_IFNAME]
						    ? escaped(arena, name, strlen(name))
						    : NULL;
	}
}

/* What is said of all has nothing to say of it: a VF that is handed on has no interface. */
static bool goes_without(const struct draft_vf *vf, size_t attr)
{
	const char *driver = vf->set[VF_DRIVER].text;

	return is_of_interface(attr) && driver && driver_is_passthrough(driver);
}

/*
 * What more than half of those have that have it at all, to be said of all of them; others say
 * what they have all the same, which counts for more. NULL when there is none, or when one has
 * nothing that it would be said of as well.
 */
static const char *take_shared(const struct draft_pf *pf, struct entry *entries, size_t attr)
{
	const char *most = NULL;
	size_t lead = 0, count = 0, having = 0;

	for (size_t i = 0; i < pf->count; i++) {
		const char *text = entries[i].set[attr];

		if (!text && !goes_without(pf->vfs[i], attr))
			return NULL;
		if (!text)
			continue;
		having++;
		if (!lead)
			most = text;
		lead = same_text(most, text) ? lead + 1 : lead - 1;
	}
	for (size_t i = 0; i < pf->count; i++)
		count += most && same_text(most, entries[i].set[attr]);
	if (having < 2 || 2 * count <= having)
		return NULL;
	for (size_t i = 0; i < pf->count; i++)
		if (same_text(most, entries[i].set[attr]))
			entries[i].set[attr] = NULL;
	return most;
}

static bool speaks_of_all(const struct draft_pf *pf)
{
	return pf->has_count && pf->count > 1 && pf->count == pf->num_vfs &&
	       pf->vfs[pf->count - 1]->index == pf->num_vfs - 1;
}

static void share(const struct draft_pf *pf, struct entry *entries, struct entry *all)
{
	if (!speaks_of_all(pf))
		return;
	for (size_t i = 0; i < VF_ATTR_COUNT; i++)
		all->set[i] = take_shared(pf, entries, i);
}

static struct entry take_unique(struct entry *entry)
{
	struct entry unique = {0};

	for (size_t i = 0; i < VF_ATTR_COUNT; i++) {
		if (!is_unique(i))
			continue;
		unique.set[i] = entry->set[i];
		entry->set[i] = NULL;
	}
	return unique;
}

/* The VFs from `first` that are neighbours and alike but for what is unique: one range, and
 * what each has of its own. Returns how many. */
static int add_run(struct writer *w, struct fy_node *vfs, const struct draft_pf *pf, size_t first,
	struct entry *entries, struct entry *uniques)
{
	uint32_t index = pf->vfs[first]->index;
	size_t n = 1;
	char key[32];

	while (first + n < pf->count && pf->vfs[first + n]->index == index + n &&
		same_entry(&entries[first], &entries[first + n]))
		n++;
	if (n == 1) {
		for (size_t i = 0; i < VF_ATTR_COUNT; i++)
			if (uniques[first].set[i])
				entries[first].set[i] = uniques[first].set[i];
		snprintf(key, sizeof(key), "%u", index);
		return add_entry(w, vfs, key, &entries[first]) < 0 ? -1 : 1;
	}
	snprintf(key, sizeof(key), "%u-%u", index, (uint32_t)(index + n - 1));
	if (add_entry(w, vfs, key, &entries[first]) < 0)
		return -1;
	for (size_t i = first; i < first + n; i++) {
		snprintf(key, sizeof(key), "%u", pf->vfs[i]->index);
		if (add_entry(w, vfs, key, &uniques[i]) < 0)
			return -1;
	}
	return (int)n;
}

static int add_vfs(struct writer *w, struct fy_node *map, const struct draft_pf *pf)
{
	struct entry *entries = arena_alloc(&w->arena, (pf->count + 1) * sizeof(*entries));
	struct entry *uniques = arena_alloc(&w->arena, (pf->count + 1) * sizeof(*uniques));
	struct entry all = {0};
	struct fy_node *vfs;
	bool any = false;
	int n;

	for (size_t i = 0; i < pf->count; i++) {
		for (size_t a = 0; a < VF_ATTR_COUNT; a++)
			entries[i].set[a] = pf->vfs[i]->set[a].text;
		any |= !is_empty(&entries[i]);
	}
	if (!any)
		return 0;
	for (size_t i = 0; i < pf->count; i++)
		uniques[i] = take_unique(&entries[i]);
	name_entries(&w->arena, pf, entries, uniques);
	share(pf, entries, &all);
	vfs = w->fy.create_mapping(w->doc);
	if (!vfs || add_entry(w, vfs, RANGE_ALL, &all) < 0)
		return -1;
	for (size_t i = 0; i < pf->count; i += (size_t)n)
		if ((n = add_run(w, vfs, pf, i, entries, uniques)) < 0)
			return -1;
	return add(w, map, "vf", vfs);
}

static struct fy_node *pf_node(struct writer *w, const struct draft_pf *pf)
{
	struct fy_node *map = w->fy.create_mapping(w->doc);
	char number[16];

	snprintf(number, sizeof(number), "%u", pf->num_vfs);
	if (!map || add_text(w, map, "pf", pf->pf, true) < 0 ||
		add_text(w, map, "vfs", pf->has_count ? number : NULL, false) < 0)
		return NULL;
	for (size_t i = 0; i < PF_ATTR_COUNT; i++) {
		const struct attr *a = &pf_type.attrs[i];

		if (add_text(w, map, attr_keyword(a), pf->set[i].text, is_name(a)) < 0)
			return NULL;
	}
	if (add_text(w, map, "eswitch", pf->eswitch.text, false) < 0 || add_vfs(w, map, pf) < 0)
		return NULL;
	return map;
}

static int build(struct writer *w, const struct draft *draft)
{
	struct fy_node *root = w->fy.create_mapping(w->doc), *list, *pf;

	list = draft->count ? w->fy.create_sequence(w->doc) : w->fy.build(w->doc, "[]", 2);
	if (!root || !list || w->fy.set_root(w->doc, root) < 0 ||
		add_text(w, root, "apiVersion", "sriovctl/v1", false) < 0 ||
		add_text(w, root, "kind", "SriovHost", false) < 0 || add(w, root, "pfs", list) < 0)
		return -1;
	for (size_t i = 0; i < draft->count; i++) {
		pf = pf_node(w, draft->pfs[i]);
		if (!pf || w->fy.sequence_append(list, pf) < 0)
			return -1;
	}
	return 0;
}

static int emit(struct writer *w)
{
	struct fy_emitter_cfg config = {
		.flags = FYECF_MODE_ORIGINAL | FYECF_WIDTH_INF | FYECF_INDENT_2,
		.output = put,
		.userdata = w,
	};
	struct fy_emitter *emitter = w->fy.emitter_create(&config);
	int rc = emitter ? w->fy.emit_document(emitter, w->doc) : -1;

	if (emitter)
		w->fy.emitter_destroy(emitter);
	return rc;
}

static void put_notes(const struct draft *draft, FILE *out)
{
	char line[512];

	for (size_t i = 0; i < draft->note_count; i++) {
		str_printable(line, sizeof(line), draft->notes[i]);
		fprintf(out, "# %s\n", line);
	}
}

int render(const struct draft *draft, FILE *out, struct error *err)
{
	struct writer w = {.out = out};
	int rc;

	if (fy_writer_load(&w.fy, err) < 0)
		return -1;
	w.doc = w.fy.document_create(NULL);
	if (!w.doc)
		return error_nomem(err);
	rc = build(&w, draft);
	if (rc == 0) {
		put_notes(draft, out);
		rc = emit(&w);
	}
	w.fy.document_destroy(w.doc);
	arena_free(&w.arena);
	return rc == 0 ? 0 : error_nomem(err);
}
