/*
 * What is watched, as it was last seen, and what news make of it. Pure: news and pictures of the
 * host go in, events come out.
 *
 * The kernel does not say what changed about the VFs of a PF, only that something about the PF
 * did. So the PF is asked; the answer comes by the same way as the notifications, in order: those
 * that came since the last answer are the ones that this one tells of. When it was one, what
 * differs is what happened. When there were several, values in between may be missing.
 */
#ifndef CORE_SCENE_H
#define CORE_SCENE_H

#include "core/event.h"
#include "core/host.h"

enum news_kind {
	NEWS_LINK,      /* an interface is there, or something about it has changed */
	NEWS_LINK_GONE, /* it is not there any more, or was moved on */
	NEWS_LOOK,      /* what a PF's interface says when asked */
	NEWS_DEVICE,    /* a device came, went, or has a driver now */
	NEWS_RELOAD,    /* devlink has restarted it */
	NEWS_HEALTH,    /* a health reporter of devlink has something to say */
	NEWS_NETNS,     /* numbers of namespaces have changed */
};

enum device_action {
	DEVICE_ADD,
	DEVICE_CHANGE,
	DEVICE_BIND,
	DEVICE_UNBIND,
	DEVICE_REMOVE,
};

/* What one message says. Strings are in the arena it was decoded into. */
struct news {
	enum news_kind kind;
	/* of interfaces: where; the number of a namespace in ours, -1: ours */
	int nsid;
	struct link link; /* with netns and netns_id, once that number has been looked up */
	/* of one that was moved on, as its old namespace has it */
	bool moved;
	int new_nsid, new_ifindex;
	const char *new_netns; /* NULL: ours, or not known */
	struct netns_id new_netns_id;
	/* of a look */
	uint32_t seq;
	int error; /* negative errno */
	/* of devices */
	const char *handle; /* "pci/0000:21:00.0" */
	enum device_action action;
	const char *driver, *error_event; /* NULL: none */
	bool contradicted;                /* it is not the VF that its address makes it look like */
	/* of devlink */
	bool failed;          /* the restart */
	const char *reporter; /* of health */
	bool healthy;
	uint64_t errors, recoveries;
};

struct news_list {
	struct news *items;
	size_t count;
};

/* What is known of a PF besides. */
struct look {
	const char *netns; /* where its interface is; NULL: ours */
	struct netns_id netns_id;
	bool wanted; /* it is to be asked */
	bool asked;  /* and was: */
	bool again;  /* there is something new that the answer may not tell of yet */
	uint32_t seq;
	int64_t asked_ms;  /* monotonic */
	unsigned notified; /* by so many messages since the last answer */
	unsigned silent;   /* of these, such that did not say what it was about */
};

struct scene {
	struct host host;
	struct look *looks;      /* one for each PF */
	struct host previous;    /* what events that were not yet shown may point into */
	struct arena told_arena; /* as well */
	struct event *told;
	size_t told_count;
	struct event unheard; /* of a PF that was not chosen */
	const char **chosen;  /* handles of PFs, the caller's; none: all */
	size_t chosen_count;
	bool look_again; /* something came that only a new picture of the host explains */
	size_t grown;    /* bytes, about, since the memory was last tidied */
};

/* What discover() must ask for the pictures. */
#define SCENE_NEEDS (NEED_VFS | NEED_NETNS | NEED_IDS)

/* The first picture; nothing is told of it. Takes the host. */
void scene_start(struct scene *s, struct host *host);
void scene_free(struct scene *s);
/* What the news tell, into s->told. */
void scene_take(struct scene *s, const struct news *news);
/* A new picture of the host: what differs is told. Takes the host. */
void scene_see(struct scene *s, struct host *fresh);
/* A PF that the new picture does not have, into it: its device is there all the same, only
 * without an interface, by which those that are no PCI devices are found. */
void scene_carry(struct host *fresh, const struct pf *pf);
/* Add an event about the watch itself (pf NULL) or a PF. */
struct event *scene_say(struct scene *s, const struct pf *pf, enum event_kind kind);
/* Forget the events, which were shown. */
void scene_forget_told(struct scene *s);

/* Ask those PFs whose changes the kernel does not tell. How many there are. */
size_t scene_poll(struct scene *s);
bool scene_has_silent(const struct scene *s);
/* Can the PF be asked? */
bool scene_can_ask(const struct scene *s, size_t pf);
/* The VF that a PCI address must be by its PF's numbering: that PF, or NULL. */
const struct pf *scene_guess_vf(const struct scene *s, struct bdf bdf, uint32_t *index);
/* Nothing of that name is known yet. */
bool scene_knows(const struct scene *s, const char *handle);

#endif
