/* What the files apply*.c share; nobody else includes it. */
#ifndef PLAN_APPLY_PARTS_H
#define PLAN_APPLY_PARTS_H

#include "core/options.h"
#include "core/progress.h"
#include "kernel/change.h"
#include "plan/plan.h"

struct place;

/* Carrying out one plan. */
struct apply {
	const struct kernel *k;
	struct plan *plan;
	const struct options *o;
	int64_t deadline;
	struct stopper *stop;
	struct events *events;
	struct writer *writer;
	const struct host *have; /* before the first step */
	const struct host *now;  /* as last looked at: the caller's, or ours */
	struct host own;
	bool stale;           /* steps have changed it since */
	struct host attrs;    /* its interfaces alone, looked at later */
	bool attrs_valid;     /* and since the last step */
	struct place *places; /* interfaces of VFs that are, or were, elsewhere */
	size_t place_count;
	bool soft_failure;
	bool undoing;              /* what cannot be put back is left, the rest goes on */
	struct problems *problems; /* of the change */
	struct progress at;
	bool counts_vfs; /* the kernel is at work on their number */
	bool removes_vfs;
	struct error *err;
};

/* Look at the host again: the PF as it is now, or NULL when it has gone. */
const struct pf *apply_refresh(struct apply *a);
/* A step has changed something. */
void apply_outdate(struct apply *a);
/* The VF as last looked at, or NULL. */
const struct vf *apply_vf_now(const struct apply *a, uint32_t index);
/* Tell whoever watches what it is at: how many of how many (0: not counted). */
void apply_tell(struct apply *a, const char *object, const char *doing, size_t done, size_t total);
/* Wait for news, as events_wait() does, and tell of it meanwhile. */
int apply_wait(struct apply *a, int64_t deadline);
/* A step failed. One that only puts something back, or any while undoing, or of a VF where
 * that was declared, costs only itself: 0; else -1. Either way a->err tells of the first. */
int apply_fail(struct apply *a, struct step *s, int sys_errno, const char *extack);
/* The same with a message instead of an errno. */
int apply_fail_with(struct apply *a, struct step *s, const char *message, const char *hint);
/* A signal says that it is to end: -1 with a->err. */
int apply_interrupted(struct apply *a);
/* Write a file of the VF's device: 0 or a negative errno. */
int apply_write_vf(struct apply *a, const struct vf *vf, const char *file, const char *text);

/* apply_vf.c */
/* All attribute steps [from, to), in one request as far as that goes. */
int apply_vf_attrs(struct apply *a, size_t from, size_t to);
int apply_vf_driver(struct apply *a, struct step *s);
int apply_vf_override(struct apply *a, struct step *s);
int apply_vf_msix(struct apply *a, struct step *s);
int apply_vf_reset(struct apply *a, struct step *s);
int apply_vfio_node(struct apply *a, struct step *s);
/* Probes that failed without a word. `early`: only what nothing still to come can mend. */
int apply_check_drivers(struct apply *a, bool early);
/* Addresses that a VF has set over ours. */
int apply_check_macs(struct apply *a);

/* apply_if.c */
/* Until every VF that is to have an interface has one, its name final. -1: time is up, or
 * a signal came. */
int apply_wait_for_interfaces(struct apply *a);
/* Has a VF that is to get a name one that another is to get? */
bool apply_names_are_in_the_way(const struct apply *a);
/*
 * The kernel hands out names in the order of probing, so that one VF may stand on
 * another's name. Interfaces of this PF's VFs that are in the way get a name of their own
 * first. `final`: those that nobody wants a name for get one from the kernel again.
 */
void apply_make_room_for_names(struct apply *a, bool final);
/*
 * The same for the interface of any VF that has come since the change began: VFs of another
 * PF may be made or rebound just now, and the kernel gives them what is free. What it is to be
 * called, if that matters, it is told later. False when nobody of that kind has the name.
 */
bool apply_take_name(const struct apply *a, const char *name);

/* apply_link.c */
/* One step for an interface, wherever it is, or for what is remembered of the VF. */
int apply_link(struct apply *a, struct step *s);
int apply_move(struct apply *a, struct step *s);
int apply_lease(struct apply *a, struct step *s);
/* Before Linux 6.2 an interface that is up cannot be renamed. 0 or a negative errno. */
int apply_rename_down(struct rtnl *r, int ifindex, const char *name, char *extack, size_t size);
/* What is known of where interfaces are does not hold any more. */
void apply_forget_places(struct apply *a);

#endif
