#include "plan/audit.h"

#include "util/str.h"

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

/* One entry: what was done to one VF, or to the PF itself. */
struct entry {
	struct arena arena;
	struct iovec *fields;
	size_t count;
	char what[768]; /* "mac A -> B, vlan 0 -> 7" */
	bool all_done;
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

/* Fields that come once for each thing done, always all four of them, in order. */
static void put_step(struct entry *e, const struct step *s)
{
	char old[VALUE_TEXT_MAX], new[VALUE_TEXT_MAX];
	const char *result = step_result_names[s->result];
	size_t n = strlen(e->what);

	value_format(&s->old, old, sizeof(old));
	value_format(&s->new, new, sizeof(new));
	put(e, "SRIOVCTL_ATTR", s->key);
	put(e, "SRIOVCTL_OLD", old[0] ? old : "none");
	put(e, "SRIOVCTL_NEW", new[0] ? new : "none");
	put(e, "SRIOVCTL_RESULT", result);
	e->all_done &= s->result == RESULT_DONE;
	snprintf(e->what + n, sizeof(e->what) - n, "%s%s %.100s -> %.100s%s%s", n ? ", " : "",
		s->key, old[0] ? old : "none", new[0] ? new : "none",
		s->result == RESULT_DONE ? "" : ": ", s->result == RESULT_DONE ? "" : result);
}

static void send_entry(const struct change *change, const struct plan *plan, const char *object,
	struct entry *e, const struct actor *who, send_fields *send)
{
	char message[1200], safe[1200];

	snprintf(message, sizeof(message), "%s: %s (%.200s, by uid %u%s%.32s)", object, e->what,
		change->command, who->uid, who->user ? ", sudo of " : "",
		who->user ? who->user : "");
	str_printable(safe, sizeof(safe), message);
	if (!send) {
		syslog(e->all_done ? LOG_NOTICE : LOG_WARNING, "%s", safe);
		return;
	}
	put(e, "MESSAGE", safe);
	put(e, "PRIORITY", e->all_done ? "5" : "4");
	put(e, "SYSLOG_IDENTIFIER", "sriovctl");
	put(e, "SRIOVCTL_COMMAND", change->command);
	put(e, "SRIOVCTL_PF", plan->pf->handle);
	put(e, "SRIOVCTL_OBJECT", object);
	put(e, "SRIOVCTL_LOGINUID", who->login_uid);
	put(e, "SRIOVCTL_USER", who->user);
	send(e->fields, (int)e->count); /* journald adds _UID, _PID, _CMDLINE itself */
}

static bool counts(const struct step *s)
{
	return !s->internal && s->result != RESULT_PLANNED && s->result != RESULT_KEPT &&
	       s->result != RESULT_SKIPPED;
}

/* The steps for one object, from the i-th on that no entry has had yet. */
static void log_object(const struct change *change, const struct plan *plan, size_t i, bool *had,
	const struct actor *who, send_fields *send)
{
	const char *object = plan->steps[i].object;
	struct entry e = {.all_done = true};

	for (; i < plan->count; i++) {
		const struct step *s = &plan->steps[i];

		if (had[i] || !counts(s) || strcmp(s->object, object) != 0)
			continue;
		had[i] = true;
		put_step(&e, s);
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
