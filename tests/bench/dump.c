/*
 * dump N: asks rtnetlink N times, over one socket, for the list of all interfaces with the VFs of
 * each and what they count, and throws the answers away: the least that looking at the counters of
 * VFs can cost, however it is done.
 */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static char answer[1 << 20];

static void die(const char *what)
{
	fprintf(stderr, "dump: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void ask(int s)
{
	struct {
		struct nlmsghdr head;
		struct ifinfomsg link;
		struct rtattr attr;
		uint32_t mask;
	} request = {
		.head.nlmsg_len = sizeof(request),
		.head.nlmsg_type = RTM_GETLINK,
		.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		.attr.rta_len = RTA_LENGTH(sizeof(request.mask)),
		.attr.rta_type = IFLA_EXT_MASK,
		.mask = RTEXT_FILTER_VF,
	};

	if (send(s, &request, sizeof(request), 0) < 0)
		die("send");
}

/* One datagram; false when it was the last. */
static bool take(int s)
{
	const struct nlmsghdr *head = (const struct nlmsghdr *)(void *)answer;
	ssize_t n = recv(s, answer, sizeof(answer), MSG_TRUNC);

	if (n < (ssize_t)sizeof(*head))
		die("recv");
	errno = EMSGSIZE;
	if (n > (ssize_t)sizeof(answer))
		die("recv");
	errno = EPROTO;
	if (head->nlmsg_type != RTM_NEWLINK && head->nlmsg_type != NLMSG_DONE)
		die("answer");
	return head->nlmsg_type != NLMSG_DONE;
}

int main(int argc, char **argv)
{
	unsigned long n = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	int s;

	if (!n) {
		fputs("usage: dump N\n", stderr);
		return 1;
	}
	s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (s < 0)
		die("socket");
	while (n--) {
		ask(s);
		while (take(s))
			;
	}
	return 0;
}
