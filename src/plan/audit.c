#include "plan/audit.h"

#include "util/str.h"

#include <ctype.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <paths.h>
#include <syslog.h>
#include <unistd.h>

/* libsystemd is loaded only when something was changed: it costs more to load than a
 * listing does. */
#define LIBSYSTEMD "libsystemd.so.0"
#define JOURNALD_SOCKET "/run/systemd/journal/socket"

typedef int send_fields(const struct iovec *fields, int count);

static send_fields *find_journald(void)
{
	send_fields *send = NULL;
	void *library;

	if (access(JOURNALD_SOCKET, W_OK) < 0)
		return NULL;
	library = dlopen(LIBSYSTEMD, RTLD_LAZY | RTLD_LOCAL);
	if (library)
		*(void **)(void *)&send = dlsym(library, "sd_journal_sendv");
	return send;
}

/* Who it really was: sudo and su change the uid, but not the one of the login. */
struct actor {
	unsigned uid;
	char login_uid[16];
	const char *user; /* whoever ran sudo */
};

static struct actor find_actor(void)
{
	struct actor a = {.uid = getuid(), .user = getenv("SUDO_USER")};
	FILE *f = fopen("/proc/self/loginuid", "re");
	unsigned uid;

	if (f && fscanf(f, "%u", &uid) == 1 && uid != (unsigned)-1) /* not from a login */
		snprintf(a.login_uid, sizeof(a.login_uid), "%u", uid);
	if (f)
		fclose(f);
	return a;
}

/* One attribute in an entry: from what it was at first to what it is in the end. */
struct changed {
	const char *key, *old, *new;
};

/* One entry: what was done to one VF, or to the PF itself, with one result. */
struct entry {
	struct arena arena;
	struct iovec *fields;
	size_t count;
	struct changed *attrs;
	size_t attr_count;
	enum step_result result;
};

static void put(struct entry *e, const char *field, const char *value)
{
	char *text;

	if (!value || !value[0])
		return;
	text = arena_printf(&e->arena, "%s=%s", field, value);
	e->fields = arena_push(&e->arena, e->fields, &e->count, sizeof(*e->fields));
	e->fields[e->count - 1] = (struct iovec){text, strlen(text)};
}

static const char *text_of(struct entry *e, const struct value *v)
{
	char text[VALUE_TEXT_MAX];

	value_format(v, text, sizeof(text));
	return arena_strdup(&e->arena, text[0] ? text : "none");
}

static void add_step(struct entry *e, const struct step *s)
{
	for (size_t i = 0; i < e->attr_count; i++)
		if (strcmp(e->attrs[i].key, s->key) == 0) {
			struct changed *c = &e->attrs[i];
			const char *old = text_of(e, &s->old), *new = text_of(e, &s->new);

			/* the next of a list, or a further step of the same */
			if (strcmp(c->new, old) != 0)
				new = arena_printf(&e->arena, "%s,%s", c->new, new);
			c->new = new;
			return;
		}
	e->attrs = arena_push(&e->arena, e->attrs, &e->attr_count, sizeof(*e->attrs));
	e->attrs[e->attr_count - 1] =
		(struct changed){s->key, text_of(e, &s->old), text_of(e, &s->new)};
}

/* SRIOVCTL_OLD_MAC, SRIOVCTL_NEW_MAC */
static void put_attr(struct entry *e, const struct changed *c)
{
	char *old = arena_printf(&e->arena, "SRIOVCTL_OLD_%s", c->key);
	char *new = arena_printf(&e->arena, "SRIOVCTL_NEW_%s", c->key);

	for (char *p = old; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	for (char *p = new; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	put(e, old, c->old);
	put(e, new, c->new);
}

static void send_entry(const struct change *change, const struct plan *plan, const char *object,
	struct entry *e, const struct actor *who, send_fields *send)
{
	const char *result = step_result_names[e->result], *attrs = "", *what = "";
	char safe[2048];

	for (size_t i = 0; i < e->attr_count; i++) {
		const struct changed *c = &e->attrs[i];

		attrs = arena_printf(&e->arena, "%s%s%s", attrs, i ? " " : "", c->key);
		what = arena_printf(&e->arena, "%s%s%s %.100s -> %.100s", what, i ? ", " : "",
			c->key, c->old, c->new);
	}
	str_printable(safe, sizeof(safe),
		arena_printf(&e->arena, "%s: %s: %s (%.200s, by uid %u%s%.32s)", object, what,
			result, change->command, who->uid, who->user ? ", sudo of " : "",
			who->user ? who->user : ""));
	if (!send) {
		syslog(e->result == RESULT_DONE ? LOG_NOTICE : LOG_WARNING, "%s", safe);
		return;
	}
	put(e, "MESSAGE", safe);
	put(e, "PRIORITY", e->result == RESULT_DONE ? "5" : "4");
	put(e, "SYSLOG_IDENTIFIER", "sriovctl");
	put(e, "SRIOVCTL_COMMAND", change->command);
	put(e, "SRIOVCTL_PF", plan->pf->handle);
	put(e, "SRIOVCTL_OBJECT", object);
	put(e, "SRIOVCTL_ATTRS", attrs);
	put(e, "SRIOVCTL_RESULT", result);
	put(e, "SRIOVCTL_LOGINUID", who->login_uid);
	put(e, "SRIOVCTL_USER", who->user);
	for (size_t i = 0; i < e->attr_count; i++)
		put_attr(e, &e->attrs[i]);
	send(e->fields, (int)e->count); /* journald adds _UID, _PID, _CMDLINE itself */
}

static bool counts(const struct step *s)
{
	return !s->internal && s->result != RESULT_PLANNED && s->result != RESULT_KEPT &&
	       s->result != RESULT_SKIPPED;
}

/* The steps for one object with one result, from the i-th on that no entry has had yet. */
static void log_object(const struct change *change, const struct plan *plan, size_t i, bool *had,
	const struct actor *who, send_fields *send)
{
	const char *object = plan->steps[i].object;
	struct entry e = {.result = plan->steps[i].result};

	for (; i < plan->count; i++) {
		const struct step *s = &plan->steps[i];

		if (had[i] || !counts(s) || s->result != e.result || strcmp(s->object, object) != 0)
			continue;
		had[i] = true;
		add_step(&e, s);
	}
	send_entry(change, plan, object, &e, who, send);
	arena_free(&e.arena);
}

static bool anything(const struct change *change)
{
	for (size_t p = 0; p < change->count; p++)
		for (size_t i = 0; i < change->plans[p]->count; i++)
			if (counts(&change->plans[p]->steps[i]))
				return true;
	return false;
}

void audit_change(const struct change *change)
{
	struct arena arena = {0};
	send_fields *send;
	struct actor who;

	if (!anything(change))
		return;
	send = find_journald();
	who = find_actor();
	if (!send && access(_PATH_LOG, W_OK) < 0) /* nobody listens */
		return;
	if (!send)
		openlog("sriovctl", LOG_PID | LOG_NDELAY, LOG_USER);
	for (size_t p = 0; p < change->count; p++) {
		const struct plan *plan = change->plans[p];
		bool *had = arena_alloc(&arena, plan->count + 1);

		for (size_t i = 0; i < plan->count; i++)
			if (!had[i] && counts(&plan->steps[i]))
				log_object(change, plan, i, had, &who, send);
	}
	if (!send)
		closelog();
	arena_free(&arena);
}
