#include "core/event.h"

const char *const event_kind_names[] = {
	[EVENT_READY] = "ready",
	[EVENT_CREATED] = "created",
	[EVENT_DESTROYED] = "destroyed",
	[EVENT_BOUND] = "bound",
	[EVENT_UNBOUND] = "unbound",
	[EVENT_INTERFACE] = "interface",
	[EVENT_RENAMED] = "renamed",
	[EVENT_MOVED] = "moved",
	[EVENT_LINK] = "link",
	[EVENT_CHANGED] = "changed",
	[EVENT_GONE] = "gone",
	[EVENT_BACK] = "back",
	[EVENT_RESET] = "reset",
	[EVENT_HEALTH] = "health",
	[EVENT_RESYNC] = "resync",
	NULL,
};

static const char *const reason_names[] = {
	[RESYNC_MERGED] = "merged",
	[RESYNC_OVERRUN] = "overrun",
	[RESYNC_SILENCE] = "silence",
	[RESYNC_FOUND] = "found",
	NULL,
};

#define ROW(id, k, h, t, field, enum_names, text)                                                  \
	[id] = {.key = (k),                                                                        \
		.heading = (h),                                                                    \
		.type = (t),                                                                       \
		.offset = offsetof(struct event, field),                                           \
		.names = (enum_names),                                                             \
		.help = (text)}

/* clang-format off */
static const struct attr event_attrs[EVENT_ATTR_COUNT] = {
	ROW(EVENT_TIME, "time", "TIME", VALUE_STRING, time, NULL,
		"when it was heard of: RFC 3339, UTC, with milliseconds"),
	ROW(EVENT_EVENT, "event", "EVENT", VALUE_ENUM, kind, event_kind_names, "what happened"),
	ROW(EVENT_OBJECT, "object", "OBJECT", VALUE_STRING, object, NULL,
		"pf or vf: what it happened to; null: the watch itself"),
	ROW(EVENT_PF, "pf", "PF", VALUE_STRING, pf, NULL, "the PF, as commands call it"),
	ROW(EVENT_VF, "vf", "VF", VALUE_STRING, vf, NULL, "the VF: PF/INDEX"),
	ROW(EVENT_INDEX, "index", "INDEX", VALUE_UINT, index, NULL, "its number on the PF"),
	ROW(EVENT_BDF, "bdf", "BDF", VALUE_BDF, bdf, NULL, "PCI address of the PF or VF"),
	ROW(EVENT_IFNAME, "ifname", "INTERFACE", VALUE_STRING, ifname, NULL,
		"its network interface, after the event"),
	ROW(EVENT_NETNS, "netns", "NETNS", VALUE_STRING, netns, NULL,
		"namespace the interface is in, when it is not ours"),
	ROW(EVENT_ATTR, "attr", "ATTR", VALUE_STRING, attr, NULL,
		"the attribute, by its key in lists; of health: the reporter"),
	ROW(EVENT_OLD, "old", "OLD", VALUE_ANY, old, NULL,
		"its value before; null: none, or not known"),
	ROW(EVENT_NEW, "new", "NEW", VALUE_ANY, new, NULL, "and after"),
	ROW(EVENT_REASON, "reason", "REASON", VALUE_ENUM, reason, reason_names,
		"of resync: why; of changed: found, when the kernel did not tell"),
	ROW(EVENT_NOTIFICATIONS, "notifications", "NOTIFICATIONS", VALUE_UINT, notifications, NULL,
		"of resync: notifications of the kernel that one look answered"),
	ROW(EVENT_DIFFERENCES, "differences", "DIFFERENCES", VALUE_UINT, differences, NULL,
		"of resync: events just before it that this look gave"),
	ROW(EVENT_DETAIL, "detail", "DETAIL", VALUE_STRING, detail, NULL, "more, for people"),
};
/* clang-format on */

const struct record_type event_type = {
	"event", event_attrs, EVENT_ATTR_COUNT, offsetof(struct event, known), "monitor"};
