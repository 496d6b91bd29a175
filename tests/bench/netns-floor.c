/*
 * netns-floor attach|detach NETNS IF NAME [IF NAME]...: what handing interfaces to a network
 * namespace and taking them back costs at least, the bare requests to the kernel:
 *
 * attach moves and renames each in one request, enters the namespace, and sets each up there;
 * detach enters the namespace, and moves and renames each in one request. (The kernel sets down
 * what it moves.) IF is the name at home, NAME the one inside, NETNS a file: /run/netns/blue.
 *
 * It looks nothing up that it need not know, checks nothing, and remembers nothing: no program that
 * does less can do the work.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct request {
	struct nlmsghdr head;
	struct ifinfomsg link;
	char attrs[64];
};

static void die(const char *what)
{
	fprintf(stderr, "netns-floor: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int socket_here(void)
{
	int s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (s < 0)
		die("socket");
	return s;
}

static int open_netns(const char *path)
{
	int ns = open(path, O_RDONLY | O_CLOEXEC);

	if (ns < 0)
		die(path);
	return ns;
}

static void enter(int ns)
{
	if (setns(ns, CLONE_NEWNET) < 0)
		die("setns");
}

static struct request set_link(int s, const char *name)
{
	struct request r = {
		.head.nlmsg_len = NLMSG_LENGTH(sizeof(r.link)),
		.head.nlmsg_type = RTM_SETLINK,
		.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
	};
	struct ifreq i = {0};

	strncpy(i.ifr_name, name, sizeof(i.ifr_name) - 1);
	if (ioctl(s, SIOCGIFINDEX, &i) < 0)
		die(name);
	r.link.ifi_index = i.ifr_ifindex;
	return r;
}

static void add(struct request *r, unsigned short type, const void *data, size_t len)
{
	struct rtattr *a = (struct rtattr *)((char *)r + NLMSG_ALIGN(r->head.nlmsg_len));

	a->rta_type = type;
	a->rta_len = (unsigned short)RTA_LENGTH(len);
	memcpy(RTA_DATA(a), data, len);
	r->head.nlmsg_len = NLMSG_ALIGN(r->head.nlmsg_len) + RTA_ALIGN(a->rta_len);
}

static void ask(int s, const struct request *r, const char *name)
{
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		char rest[512];
	} answer;

	if (send(s, r, r->head.nlmsg_len, 0) < 0)
		die(name);
	if (recv(s, &answer, sizeof(answer), 0) < (ssize_t)NLMSG_LENGTH(sizeof(answer.error)))
		die(name);
	errno = -answer.error.error;
	if (answer.head.nlmsg_type != NLMSG_ERROR || answer.error.error)
		die(name);
}

/* pairs: the name it has, and the one it gets; swapped: the other way round */
static void move(int s, int ns, char **pairs, int swapped)
{
	for (char **p = pairs; *p; p += 2) {
		const char *has = p[swapped], *gets = p[!swapped];
		struct request r = set_link(s, has);

		add(&r, IFLA_NET_NS_FD, &ns, sizeof(ns));
		add(&r, IFLA_IFNAME, gets, strlen(gets) + 1);
		ask(s, &r, has);
	}
}

int main(int argc, char **argv)
{
	int ns, s;

	if (argc < 5 || argc % 2 == 0) {
		fputs("usage: netns-floor attach|detach NETNS IF NAME [IF NAME]...\n", stderr);
		return 1;
	}
	ns = open_netns(argv[2]);
	if (strcmp(argv[1], "attach") == 0) {
		move(socket_here(), ns, &argv[3], 0);
		enter(ns);
		s = socket_here();
		for (char **p = &argv[3]; *p; p += 2) {
			struct request r = set_link(s, p[1]);

			r.link.ifi_flags = r.link.ifi_change = IFF_UP;
			ask(s, &r, p[1]);
		}
	} else {
		int home = open_netns("/proc/self/ns/net");

		enter(ns);
		move(socket_here(), home, &argv[3], 1);
	}
	return 0;
}
