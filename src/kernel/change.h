/* The few ways this program writes to the kernel. Used by plan/apply.c alone. */
#ifndef KERNEL_CHANGE_H
#define KERNEL_CHANGE_H

#include "kernel/kernel.h"
#include "kernel/rtnl.h"

#include <signal.h>
#include <sys/types.h>

/* SIGINT, SIGTERM and SIGHUP while a change runs: counted instead of killing us. */
struct stopper {
	int fd; /* signalfd, -1 for none */
	int count;
	bool left_behind; /* a child of ours is still at work in the kernel */
	sigset_t old;
};
void stopper_start(struct stopper *stop);
/* How many signals there have been so far. */
int stopper_count(struct stopper *stop);
void stopper_end(struct stopper *stop);

/*
 * A child process that writes to sysfs for us: writes to sriov_numvfs and unbind can block
 * uninterruptibly. It is started at the first write, and serves the next ones as well.
 */
struct writer {
	pid_t pid; /* 0: not started */
	int fd;
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
	const char *altname; /* one to add */
	uint32_t mtu;
	bool up, down;
};
/* 0 or a negative errno, the kernel's words in extack. */
int write_link(int ifindex, const struct link_write *w, char *extack, size_t extack_size);

/* Something that can be waited for: interfaces coming, changing and going. */
struct events;
struct events *events_open(void);
void events_close(struct events *events);
/* Wait for news: 1 there was some, 0 the deadline passed, -EINTR a signal. */
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
/* Is there a file of that absolute path? */
bool node_exists(const struct kernel *k, const char *path);

#endif
