/*
 * The kernel's own news: interfaces (rtnetlink, also of other namespaces), devices (uevents),
 * devlink. Reading and decoding are apart: decoders are pure functions of the raw messages.
 *
 * No socket is ever open inside another namespace: it would keep that alive, and the VFs in it
 * from coming home.
 */
#ifndef KERNEL_WATCH_H
#define KERNEL_WATCH_H

#include "core/scene.h"
#include "kernel/kernel.h"

#include <poll.h>

struct watch;

#define WATCH_FDS 3

/* Listen, from now on. NULL with *err. The kernel is the caller's. */
struct watch *watch_open(const struct kernel *k, struct error *err);
void watch_close(struct watch *w);
/* False: only our own namespace is heard (needs CAP_NET_BROADCAST there). */
bool watch_hears_all(const struct watch *w);
/* What to wait for. */
void watch_poll(const struct watch *w, struct pollfd fds[WATCH_FDS]);
/* What is there now, oldest first, devices before interfaces; waits for nothing. *overrun:
 * the kernel had to drop some. 0, or -1 with *err. Strings are in the arena. */
int watch_read(struct watch *w, struct arena *arena, struct news_list *news, bool *overrun,
	struct error *err);
/* Ask a PF's interface of ours what its VFs are like. The answer comes as NEWS_LOOK of this
 * number; 0 when it could not be asked. */
uint32_t watch_ask(struct watch *w, int ifindex);
/* Give the namespaces that VFs are in a number in ours, without which they are not heard.
 * The kernel does so by itself when an interface is moved there from here. */
void watch_number(struct watch *w, const struct host *host);
/* Is it still possible that the device is the VF of that index? */
bool watch_may_be_vf(const struct kernel *k, struct bdf pf, uint32_t index, struct bdf vf);

/* Is there a device of that handle? */
bool watch_has_device(const struct kernel *k, const char *handle);

/* Decoders. A datagram with messages of rtnetlink from the namespace of that number; port: of
 * our own socket, which answers are addressed to. */
void watch_decode_route(struct arena *arena, int nsid, uint32_t port, const void *data, size_t len,
	struct news_list *news);
/* One uevent, as lib/kobject_uevent.c of Linux writes it. */
void watch_decode_uevent(struct arena *arena, const char *data, size_t len, struct news_list *news);
/* Messages of devlink. */
void watch_decode_devlink(
	struct arena *arena, const void *data, size_t len, struct news_list *news);

#endif
