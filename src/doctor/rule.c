/* udev's rules, as far as they give names to interfaces: udev(7). */
#include "doctor/config.h"

#include "util/str.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

/* The rule that gives the name of the .link file, and the file that it and `path_id` are in:
 * 80-net-setup-link.rules of systemd. */
#define LINK_RULES "80-net-setup-link.rules"
#define LINK_NAME "$env{ID_NET_NAME}"

static const char blanks[] = " \t,";

/* KEY{attr}OP"value"; where it ends, NULL when it is none. */
static const char *read_token(struct arena *arena, const char *at, struct rule_token *token)
{
	size_t len = strcspn(at, "{=!+-: \t");
	const char *end;

	*token = (struct rule_token){.key = arena_strndup(arena, at, len), .attr = ""};
	at += len;
	if (*at == '{') {
		len = strcspn(++at, "}");
		token->attr = arena_strndup(arena, at, len);
		at += len + (at[len] == '}');
	}
	at += strspn(at, blanks);
	len = strspn(at, "=!+-:");
	token->op = arena_strndup(arena, at, len);
	at += len + strspn(at + len, blanks);
	token->odd = *at == 'i' || *at == 'e'; /* i"...": in any case; e"...": with escapes */
	at += token->odd;
	if (!len || *at != '"')
		return NULL;
	for (end = ++at; *end && *end != '"'; end++)
		if (*end == '\\' && end[1]) {
			token->odd = true;
			end++;
		}
	token->value = arena_strndup(arena, at, (size_t)(end - at));
	return *end ? end + 1 : NULL;
}

/* Does it match the address of any PF or VF? Then it is not that of a bridge above another. */
static bool is_of_functions(struct examination *x, const struct rule_token *t)
{
	const struct host *host = x->host;
	char text[BDF_SIZE];

	for (size_t i = 0; i < host->pf_count + host->vf_count; i++) {
		if (i < host->pf_count)
			bdf_format(host->pfs[i].bdf, text);
		else
			bdf_format(host->vfs[i - host->pf_count].bdf, text);
		if (patterns_match(&x->arena, t->value, "|", text))
			return true;
	}
	return false;
}

/* udev leaves out a line that it does not understand. */
static bool read_rule(struct examination *x, const char *line, struct rule *rule)
{
	for (line += strspn(line, blanks); *line; line += strspn(line, blanks)) {
		struct rule_token token;

		line = read_token(&x->arena, line, &token);
		if (!line)
			return false;
		token.of_functions =
			strcmp(token.key, "KERNELS") == 0 && is_of_functions(x, &token);
		rule->tokens = arena_push(
			&x->arena, rule->tokens, &rule->token_count, sizeof(*rule->tokens));
		rule->tokens[rule->token_count - 1] = token;
	}
	return rule->token_count > 0;
}

static bool assigns(const struct rule_token *t, const char *key)
{
	return strcmp(t->key, key) == 0 && (strcmp(t->op, "=") == 0 || strcmp(t->op, ":=") == 0);
}

/* A name of an interface has no '/'; one of a device node may. */
static bool gives_name(const struct rule *rule)
{
	for (size_t i = 0; i < rule->token_count; i++)
		if (assigns(&rule->tokens[i], "NAME") && !strchr(rule->tokens[i].value, '/'))
			return true;
	return false;
}

static void read_file(struct examination *x, const struct config_file *file, struct rules *rules)
{
	const char *at = file->fact->text, *line;
	size_t before = rules->count;
	unsigned number = 0;
	bool any = false;

	while ((line = config_line(&x->arena, &at, "#", &number))) {
		struct rule rule = {
			.file = file->name, .path = file->fact->path, .line = number, .text = line};

		if (!read_rule(x, line, &rule))
			continue;
		any |= gives_name(&rule);
		rules->items =
			arena_push(&x->arena, rules->items, &rules->count, sizeof(*rules->items));
		rules->items[rules->count - 1] = rule;
	}
	if (!any)
		rules->count = before;
}

void rules_list(struct examination *x, struct rules *rules)
{
	struct config_files files;

	*rules = (struct rules){0};
	config_files(x, "udev/rules.d", ".rules", &files);
	for (size_t i = 0; i < files.count; i++) {
		if (!files.items[i].fact->sys_errno) {
			if (strstr(files.items[i].fact->text, "NAME"))
				read_file(x, &files.items[i], rules);
			continue;
		}
		rules->items =
			arena_push(&x->arena, rules->items, &rules->count, sizeof(*rules->items));
		rules->items[rules->count - 1] = (struct rule){.file = files.items[i].name,
			.path = files.items[i].fact->path,
			.text = "",
			.doubtful = true};
	}
}

/* Where the rules have brought an interface so far. */
struct progress {
	const struct rule *rule; /* the one at work */
	const struct device *d;
	const struct link_file *link;
	struct naming *naming;
	struct arena *arena;
	bool uncertain;      /* of the name */
	bool final;          /* := has been */
	const char *skip_to; /* a label */
	bool maybe_skipped;  /* what follows in this file */
};

static enum match yes(bool is)
{
	return is ? MATCH_YES : MATCH_NO;
}

static bool matches(const struct progress *p, const struct rule_token *t, const char *s)
{
	return patterns_match(p->arena, t->value, "|", s);
}

/* What comes as "eth%d" is so called when rules are looked at, which is all that is certain. */
static enum match match_kernel_name(const struct progress *p, const struct rule_token *t)
{
	if (matches(p, t, "eth0") && matches(p, t, "eth12345"))
		return yes(p->d->mac != NULL);
	return str_starts(t->value, "eth") || str_starts(t->value, "ib") ||
			       matches(p, t, p->d->ifname) || strpbrk(t->value, "*?[|")
		       ? MATCH_MAYBE
		       : MATCH_NO;
}

static enum match match_id(const struct progress *p, const struct rule_token *t, uint32_t id)
{
	char text[16];

	snprintf(text, sizeof(text), "0x%04x", id);
	return p->d->ids_known ? yes(matches(p, t, text)) : MATCH_MAYBE;
}

/* An attribute of the interface ("" that it has not: no match), or of its device. */
static enum match match_attr(const struct progress *p, const struct rule_token *t, const char *attr)
{
	const struct device *d = p->d;

	if (strcmp(attr, "address") == 0)
		return d->mac && !d->mac_changed ? yes(matches(p, t, d->mac_text)) : MATCH_MAYBE;
	if (strcmp(attr, "type") == 0) /* ARPHRD_ETHER */
		return d->mac ? yes(matches(p, t, "1")) : MATCH_MAYBE;
	if (strcmp(attr, "dev_id") == 0 && strcmp(t->value, "0x0") == 0)
		return MATCH_YES;
	if (strcmp(attr, "phys_port_name") == 0)
		return d->port_name ? yes(matches(p, t, d->port_name)) : MATCH_NO;
	if (strcmp(attr, "device/vendor") == 0)
		return match_id(p, t, d->vendor_id);
	if (strcmp(attr, "device/device") == 0)
		return match_id(p, t, d->device_id);
	return MATCH_MAYBE;
}

/* The interface, its device and the bridges above that: any of them may match. */
static enum match match_parents(const struct progress *p, const struct rule_token *t)
{
	const struct device *d = p->d;
	enum match m = MATCH_NO;

	if (strcmp(t->key, "KERNELS") == 0)
		return matches(p, t, d->bdf) ? MATCH_YES : t->of_functions ? MATCH_NO : MATCH_MAYBE;
	if (strcmp(t->key, "DRIVERS") == 0)
		return *d->driver && matches(p, t, d->driver) ? MATCH_YES
		       : matches(p, t, "pcieport")            ? MATCH_MAYBE
							      : MATCH_NO;
	if (strcmp(t->key, "SUBSYSTEMS") == 0)
		return matches(p, t, "pci") || matches(p, t, "net")      ? MATCH_YES
		       : matches(p, t, "usb") || matches(p, t, "virtio") ? MATCH_NO
									 : MATCH_MAYBE;
	if (strcmp(t->key, "ATTRS") != 0)
		return MATCH_MAYBE;
	if (strcmp(t->attr, "vendor") == 0)
		m = match_id(p, t, d->vendor_id);
	else if (strcmp(t->attr, "device") == 0)
		m = match_id(p, t, d->device_id);
	else
		return match_attr(p, t, t->attr);
	return m == MATCH_YES ? m : MATCH_MAYBE;
}

/* Properties that systemd's own rules have set by then. */
static enum match match_env(const struct progress *p, const struct rule_token *t)
{
	char path[BDF_SIZE + 8] = "pci-";

	if (strcmp(t->attr, "ID_NET_NAME") == 0 && !*t->value)
		return p->link && p->link->name ? MATCH_NO : MATCH_MAYBE;
	if (strcmp(p->rule->file, LINK_RULES) <= 0)
		return MATCH_MAYBE;
	if (strcmp(t->attr, "ID_PATH") == 0)
		return yes(matches(p, t, strcat(path, p->d->bdf)));
	if (strcmp(t->attr, "ID_NET_DRIVER") == 0)
		return yes(matches(p, t, p->d->driver));
	return MATCH_MAYBE;
}

static enum match match_equal(const struct progress *p, const struct rule_token *t)
{
	size_t len = strlen(t->key);

	if (t->odd)
		return MATCH_MAYBE;
	if (strcmp(t->key, "ACTION") == 0)
		return yes(matches(p, t, "add")); /* others rename nothing */
	if (strcmp(t->key, "SUBSYSTEM") == 0)
		return yes(matches(p, t, "net"));
	if (strcmp(t->key, "KERNEL") == 0)
		return match_kernel_name(p, t);
	if (strcmp(t->key, "NAME") == 0)
		return p->uncertain ? MATCH_MAYBE
				    : yes(matches(p, t, p->naming->name ? p->naming->name : ""));
	if (strcmp(t->key, "ATTR") == 0)
		return match_attr(p, t, t->attr);
	if (strcmp(t->key, "ENV") == 0)
		return match_env(p, t);
	if (len && t->key[len - 1] == 'S')
		return match_parents(p, t);
	return MATCH_MAYBE;
}

static enum match match_token(const struct progress *p, const struct rule_token *t)
{
	static const char *const questions[] = {"PROGRAM", "RESULT", "IMPORT", "TEST", "WAIT_FOR"};
	bool differs = strcmp(t->op, "!=") == 0;
	size_t len = strlen(t->key);
	enum match m;

	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
		if (strcmp(t->key, questions[i]) == 0)
			return MATCH_MAYBE;
	if (!differs && strcmp(t->op, "==") != 0)
		return MATCH_YES; /* it is something to do */
	m = match_equal(p, t);
	if (!differs || m == MATCH_MAYBE)
		return m;
	/* of parents some other one may differ; and what is not there differs from nothing */
	if ((len && t->key[len - 1] == 'S') || strcmp(t->attr, "phys_port_name") == 0)
		return MATCH_MAYBE;
	return m == MATCH_YES ? MATCH_NO : MATCH_YES;
}

static enum match match_rule(const struct progress *p)
{
	enum match all = p->rule->doubtful ? MATCH_MAYBE : MATCH_YES;

	for (size_t i = 0; i < p->rule->token_count && all != MATCH_NO; i++) {
		enum match m = match_token(p, &p->rule->tokens[i]);

		all = m < all ? m : all;
	}
	return all;
}

static void lose(struct naming *n, const char *name, const char *path, const char *text)
{
	n->lost_name = name;
	n->lost_path = path;
	n->lost_text = text;
}

/* What is no constant gives each interface its own name, or so one hopes. */
static void give_name(struct progress *p, const struct rule_token *t, enum match m)
{
	struct naming *n = p->naming;
	const char *name = strpbrk(t->value, "$%") ? NULL : t->value;
	bool from_link = strcmp(t->value, LINK_NAME) == 0;

	if (p->final)
		return;
	if (m == MATCH_MAYBE) {
		p->uncertain = true;
		p->final = strcmp(t->op, ":=") == 0;
		return;
	}
	if (from_link && p->link)
		name = p->link->name;
	if (!p->uncertain && n->name && name && strcmp(n->name, name) != 0)
		lose(n, n->name, n->path, n->text);
	n->name = name;
	n->path = arena_printf(p->arena, "%s:%u", p->rule->path, p->rule->line);
	n->text = p->rule->text;
	if (from_link && name) {
		n->path = p->link->path;
		n->text = arena_printf(p->arena, "Name=%s", name);
	}
	p->uncertain = !name;
	p->final = strcmp(t->op, ":=") == 0;
}

static void jump(struct progress *p, const struct rule_token *t, enum match m)
{
	if (m == MATCH_YES)
		p->skip_to = t->value;
	else
		p->maybe_skipped = true;
}

/* Its label ends a jump. Is this rule jumped over? */
static bool is_skipped(struct progress *p)
{
	for (size_t i = 0; p->skip_to && i < p->rule->token_count; i++)
		if (assigns(&p->rule->tokens[i], "LABEL") &&
			strcmp(p->skip_to, p->rule->tokens[i].value) == 0)
			p->skip_to = NULL;
	return p->skip_to != NULL;
}

static void follow_rule(struct progress *p)
{
	enum match m;

	if (is_skipped(p))
		return;
	m = match_rule(p);
	if (m == MATCH_NO)
		return;
	if (p->maybe_skipped)
		m = MATCH_MAYBE;
	p->uncertain |= p->rule->doubtful;
	for (size_t i = 0; i < p->rule->token_count; i++) {
		const struct rule_token *t = &p->rule->tokens[i];

		if (assigns(t, "NAME"))
			give_name(p, t, m);
		else if (assigns(t, "GOTO"))
			jump(p, t, m);
	}
}

void naming_of(const struct rules *rules, const struct link_file *link, const struct device *d,
	struct naming *naming, struct arena *arena)
{
	struct progress p = {.d = d, .link = link, .naming = naming, .arena = arena};

	*naming = (struct naming){0};
	for (size_t i = 0; i < rules->count; i++) {
		p.rule = &rules->items[i];
		/* a jump does not leave its file */
		if (i && strcmp(p.rule->path, rules->items[i - 1].path) != 0) {
			p.skip_to = NULL;
			p.maybe_skipped = false;
		}
		follow_rule(&p);
	}
	if (p.uncertain) {
		*naming = (struct naming){0};
		return;
	}
	/* a rule before has named it, so that the .link file's name is never used */
	if (naming->name && !naming->lost_name && link && link->name &&
		strcmp(link->name, naming->name) != 0)
		lose(naming, link->name, link->path, arena_printf(arena, "Name=%s", link->name));
}
