/* The few ways this program writes to the kernel. Used by plan/apply.c alone. */
#ifndef KERNEL_CHANGE_H
#define KERNEL_CHANGE_H

#include "core/ip.h"
#include "kernel/kernel.h"
#include "kernel/netns.h"
#include "kernel/rtnl.h"

#include <signal.h>
#include <sys/types.h>

/* SIGINT, SIGTERM and SIGHUP while a change runs: counted instead of killing us. SIGPIPE must not
 * kill us either, whatever writes to a stderr that nobody reads any more (libkmod does). */
struct stopper {
	int fd; /* signalfd, -1 for none */
	int count;
	int from[2];      /* of them those of others, and of the process that started us */
	bool left_behind; /* a child of ours is still at work in the kernel */
	sigset_t old;
	struct sigaction old_pipe;
};
void stopper_start(struct stopper *stop);
/* How many signals there have been so far. One to a whole group or unit, which whoever started us
 * passes on as well, is one. */
int stopper_count(struct stopper *stop);
void stopper_end(struct stopper *stop);

/*
 * A child process that writes to sysfs for us: writes to sriov_numvfs and unbind can block
 * uninterruptibly. It is started at the first write, and serves the next ones as well.
 */
struct writer {
	pid_t pid; /* 0: not started */
	int fd;
	void (*meanwhile)(void *arg); /* called now and then while a write lasts; NULL: none */
	void *arg;
};
void writer_stop(struct writer *w);

/*
 * Write text to a file below sysfs. 0 or a negative errno; -ETIMEDOUT when the kernel has
 * not answered by the deadline (monotonic ms): the child then still waits in the kernel,
 * and holds the locks it inherited until it is through. A write cannot be called back, so
 * the first signal is only noted; -EINTR at the second, with the same consequence as a
 * timeout.
 */
int write_sysfs(const struct kernel *k, struct writer *w, const char *path, const char *text,
	int64_t deadline, struct stopper *stop);

/* What can be set on an interface: NULL, 0 and false leave it alone. */
struct link_write {
	const char *name;
	const char *altname, *drop_altname; /* one to add; one to take off; nothing else then */
	const struct lladdr *address;
	uint32_t mtu;
	bool up, down;
	/* Into another namespace, a descriptor. It goes under `name` where its own is taken
	 * there, and is given it then; when that fails it has been moved all the same. */
	bool move;
	int to;
};
/* r: where it is. 0 or a negative errno, the kernel's words in extack. */
int write_link(
	struct rtnl *r, int ifindex, const struct link_write *w, char *extack, size_t extack_size);
/* Delete an interface made by software. */
int delete_link(struct rtnl *r, int ifindex, char *extack, size_t extack_size);
/* An address, or a default route by way of a gateway: to be there (-EEXIST: it was), or not
 * to be there (-EADDRNOTAVAIL, -ESRCH: it was not). */
int write_address(struct rtnl *r, int ifindex, const struct ip *ip, bool there, char *extack,
	size_t extack_size);
int write_gateway(struct rtnl *r, int ifindex, const struct ip *ip, bool there, char *extack,
	size_t extack_size);
/* Of IPv6 addresses that the interface gets from now on the kernel tells the neighbours, once
 * it has made sure that nobody else has them (ndisc_notify). An advertisement of ours would
 * come too early: one that a switch sends back looks like a duplicate. Optimistic addresses
 * (RFC 4429) it does not announce (net/ipv6/addrconf.c, addrconf_dad_work). */
void announce_ipv6(int netns, const char *ifname);
/* Tell the neighbours who has an IPv4 address now: RFC 5227, section 3, a request that asks
 * for one's own. 0 or a negative errno. Nothing to do for IPv6. */
int announce(int netns, int ifindex, const struct lladdr *mac, const struct ip *ip);

/* Something that can be waited for: interfaces coming, changing and going. */
struct events;
struct events *events_open(void);
void events_close(struct events *events);
/* Wait for news since the last call: 1 there was some, or may have been (the first call), 0 the
 * deadline passed, -EINTR a signal. To be called in a loop that looks each time. */
int events_wait(struct events *events, int64_t deadline, struct stopper *stop);

/* Has udev finished with an interface, so that its name is final? True where no udev
 * runs. */
bool udev_is_done(const struct kernel *k, int ifindex);

/* Load the module that wants this PCI device. 1 loaded or there, 0 none is known on this
 * host, or a negative errno. */
int module_load_for(const struct kernel *k, struct bdf bdf);
/* Is there a PCI driver of that name, registered or as a module (which `load` loads)? */
bool driver_find(const struct kernel *k, const char *driver, bool load);
/* The driver a device has right now, "" for none. */
void driver_now(const struct kernel *k, struct bdf bdf, char *out, size_t size);
/* How many VFs a PF has by now, also while the kernel is at work on them. */
size_t vfs_now(const struct kernel *k, struct bdf pf);
/* Is there a file of that absolute path? */
bool node_exists(const struct kernel *k, const char *path);

#endif
