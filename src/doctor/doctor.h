/*
 * What may be wrong with a host, and what to do about it: one row per check. Checks are pure
 * functions of pictures of the host and of the facts read of it; they ask nothing themselves,
 * so that a captured host is judged as this one is.
 */
#ifndef DOCTOR_DOCTOR_H
#define DOCTOR_DOCTOR_H

#include "core/facts.h"
#include "core/host.h"
#include "core/intent.h"
#include "core/sample.h"
#include "util/error.h"

struct examination;
struct known_user;
struct picture;

enum severity {
	SEVERITY_OK,
	SEVERITY_UNKNOWN, /* it could not be looked at */
	SEVERITY_INFO,    /* good to know; nothing needs to be done */
	SEVERITY_WARNING, /* it works, but may not do what is expected of it */
	SEVERITY_PROBLEM, /* something does not work */
};
extern const char *const severity_names[];

struct check {
	const char *id;
	enum severity severity; /* of the gravest that it finds */
	const char *looks_at;   /* for help: what would be wrong, in a few words */
	const char *meaning;    /* what follows from it */
	const char *see;        /* where to read on */
	/* why there is nothing to look at; NULL: there is. Without it there always is */
	const char *(*idle)(const struct examination *x);
	bool by_rates; /* it looks at x->samples */
	/* one of these: once, for each PF, for each VF */
	void (*host)(struct examination *x);
	void (*pf)(struct examination *x, const struct pf *pf);
	void (*vf)(struct examination *x, const struct pf *pf, const struct vf *vf);
	/* and beside the host: for each that was named like a PF and is none */
	void (*other)(struct examination *x, const char *name);
};

extern const struct check *const checks[]; /* NULL-terminated, the platform first */

/* What a source says: a file, a netlink answer, a driver. */
struct evidence {
	const char *source, *value;
};

struct finding {
	const struct check *check;
	enum severity severity;
	const struct pf *pf;    /* NULL: the host as a whole */
	const struct vf *vf;    /* NULL: the PF as a whole */
	const struct vf *first; /* of those of which the same is said */
	const char *other;      /* instead: an interface or device that is no PF, as it was named */
	const char *summary; /* what is so, one sentence; of an OK what proves it, in a few words */
	const char *meaning; /* the check's, unless there is a better one; NULL for an OK */
	const char *remedy;  /* a command or a setting, with DOCTOR_OBJECT for the PF or VF */
	const char *see;
	struct evidence *evidence;
	size_t evidence_count;
};

#define DOCTOR_OBJECT "{}" /* in a remedy: what commands call the PF, the VF or several of them */

/* What is to be looked at, and what was found. */
struct examination {
	/* to be filled in before; all of it outlives what was found */
	const struct host *host; /* of DOCTOR_NEEDS */
	const struct facts *facts;
	const struct pf *const *pfs; /* those to look at; VFs are theirs */
	size_t pf_count;
	bool by_name;              /* checks were named: what one cannot look at is said */
	const char *const *others; /* what was named like a PF, and is there, but is none */
	size_t other_count;
	bool whole_host; /* nothing was named: the platform is looked at, and what all PFs share */

	/* what the policy of the host wants of it, and what is wrong with that; NULL: none */
	const struct intent *intent;
	const struct problems *policy_problems;
	const char *policy_error; /* why it could not be read; NULL: it could */
	/* the same host, or another, as it was recorded; NULL: none */
	const struct host *baseline;
	const struct facts *baseline_facts;
	const struct vf_sample *samples; /* of each VF of the host; NULL: */
	const char *unsampled;           /* why there was no second look */

	/* the checks' own */
	struct arena arena;
	const struct check *check; /* the one at work, */
	const struct pf *pf;       /* and what it looks at */
	const struct vf *vf;
	const char *other;
	const struct picture *picture; /* of the names that udev gives, made once */
	struct known_user *users;      /* of VFs, each looked at once */
	size_t user_count;
	struct finding *findings;
	size_t finding_count;
	size_t counts[SEVERITY_PROBLEM + 1]; /* of findings */
	size_t check_count, vf_count;        /* how much was looked at */
};

#define DOCTOR_NEEDS                                                                               \
	(NEED_ALL | NEED_USAGE | NEED_BINDING | NEED_LEASES | NEED_INTERRUPTS | NEED_IRQ_CPUS |    \
		NEED_PROCESSES | NEED_MSIX | NEED_BLOCKED | NEED_BRIDGE)

/* The row of that id, or NULL. */
const struct check *check_find(const char *id);
/* The checks of "ID,ID", or all for NULL, into the arena. NULL with *err: an unknown one. */
const struct check **checks_choose(const char *ids, struct arena *arena, struct error *err);
/* Run them; x->findings are in the order of host, PFs, and there the gravest first. */
void examine(struct examination *x, const struct check *const *chosen);
void examination_free(struct examination *x);

#endif
