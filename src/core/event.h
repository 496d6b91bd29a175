/* Something that happened to a PF or VF, as `monitor` tells it. */
#ifndef CORE_EVENT_H
#define CORE_EVENT_H

#include "core/vf.h"

enum event_kind {
	EVENT_READY,     /* the watch begins: what happens from here on is told */
	EVENT_CREATED,   /* a VF is there */
	EVENT_DESTROYED, /* and not any more */
	EVENT_BOUND,     /* it has a driver */
	EVENT_UNBOUND,
	EVENT_INTERFACE, /* it has an interface, or has none any more */
	EVENT_RENAMED,
	EVENT_MOVED, /* to another network namespace */
	EVENT_LINK,
	EVENT_CHANGED, /* an attribute has another value */
	EVENT_GONE,    /* a PF is not there any more */
	EVENT_BACK,    /* and is, again or for the first time */
	EVENT_RESET,
	EVENT_HEALTH, /* what a health reporter of devlink says */
	EVENT_RESYNC, /* not every step on the way is known */
};
extern const char *const event_kind_names[];

enum resync_reason {
	RESYNC_MERGED,  /* several changes at once: values in between are not known */
	RESYNC_OVERRUN, /* the kernel had to drop messages */
	RESYNC_SILENCE, /* it did not answer */
	RESYNC_FOUND,   /* of a change: found by looking, the kernel did not tell of it */
};

enum event_attr {
	EVENT_TIME,
	EVENT_EVENT,
	EVENT_OBJECT,
	EVENT_PF,
	EVENT_VF,
	EVENT_INDEX,
	EVENT_BDF,
	EVENT_IFNAME,
	EVENT_NETNS,
	EVENT_ATTR,
	EVENT_OLD,
	EVENT_NEW,
	EVENT_REASON,
	EVENT_NOTIFICATIONS,
	EVENT_DIFFERENCES,
	EVENT_DETAIL,
	EVENT_ATTR_COUNT
};

struct event {
	uint64_t known;   /* bit per enum event_attr */
	const char *time; /* RFC 3339, UTC */
	int64_t time_ms;  /* the same since 1970 */
	uint32_t kind;    /* enum event_kind */
	const char *object, *pf, *vf;
	uint32_t index;
	struct bdf bdf;
	const char *ifname, *netns;
	const char *attr;
	struct value old, new;
	uint32_t reason;        /* enum resync_reason */
	uint32_t notifications; /* of the kernel, that one look had to answer */
	uint32_t differences;   /* that the look has shown: told just before */
	const char *detail;     /* for people */
};

#define EVENT_BIT(attr) (UINT64_C(1) << (attr))

extern const struct record_type event_type;

static inline bool event_has(const struct event *e, enum event_attr attr)
{
	return e->known >> attr & 1;
}

#endif
