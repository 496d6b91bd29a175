#include "plan/audit.h"

#include "util/str.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
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

struct entry {
	char text[12][VALUE_TEXT_MAX + 64];
	struct iovec fields[12];
	int count;
};

static void put(struct entry *e, const char *field, const char *value)
{
	char *text = e->text[e->count];

	if (!value || !value[0])
		return;
	snprintf(text, sizeof(e->text[0]), "%s=%s", field, value);
	e->fields[e->count] = (struct iovec){text, strlen(text)};
	e->count++;
}

static void log_step(const struct change *change, const struct plan *plan, const struct step *s,
	const struct actor *who, send_fields *send)
{
	char old[VALUE_TEXT_MAX], new[VALUE_TEXT_MAX], message[VALUE_TEXT_MAX], uid[16];
	char safe[sizeof(message)];
	const char *result = step_result_names[s->result];
	struct entry e = {.count = 0};

	value_format(&s->old, old, sizeof(old));
	value_format(&s->new, new, sizeof(new));
	snprintf(uid, sizeof(uid), "%u", who->uid);
	snprintf(message, sizeof(message), "%s: %s %.120s -> %.120s: %s (%.120s, by uid %s%s%.32s)",
		s->object, s->key, old[0] ? old : "none", new[0] ? new : "none", result,
		change->command, uid, who->user ? ", sudo of " : "", who->user ? who->user : "");
	str_printable(safe, sizeof(safe), message);
	if (!send) {
		syslog(LOG_NOTICE, "%s", safe);
		return;
	}
	put(&e, "MESSAGE", safe);
	put(&e, "PRIORITY", s->result == RESULT_DONE ? "5" : "4");
	put(&e, "SYSLOG_IDENTIFIER", "sriovctl");
	put(&e, "SRIOVCTL_COMMAND", change->command);
	put(&e, "SRIOVCTL_PF", plan->pf->handle);
	put(&e, "SRIOVCTL_OBJECT", s->object);
	put(&e, "SRIOVCTL_ATTR", s->key);
	put(&e, "SRIOVCTL_OLD", old);
	put(&e, "SRIOVCTL_NEW", new);
	put(&e, "SRIOVCTL_RESULT", result);
	put(&e, "SRIOVCTL_LOGINUID", who->login_uid);
	put(&e, "SRIOVCTL_USER", who->user);
	send(e.fields, e.count); /* journald adds _UID, _PID, _CMDLINE itself */
}

static bool was_tried(const struct step *s)
{
	return s->result != RESULT_PLANNED && s->result != RESULT_KEPT &&
	       s->result != RESULT_SKIPPED;
}

void audit_change(const struct change *change)
{
	send_fields *send = NULL;
	struct actor who;
	bool ready = false;

	for (size_t p = 0; p < change->count; p++) {
		const struct plan *plan = change->plans[p];

		for (size_t i = 0; i < plan->count; i++) {
			const struct step *s = &plan->steps[i];

			if (s->internal || !was_tried(s))
				continue;
			if (!ready) {
				send = find_journald();
				who = find_actor();
				if (!send)
					openlog("sriovctl", LOG_PID, LOG_USER);
				ready = true;
			}
			log_step(change, plan, s, &who, send);
		}
	}
	if (ready && !send)
		closelog();
}
