/* rtnetlink messages made by hand, as the kernel would send them. */
#ifndef NL_H
#define NL_H

#include <stddef.h>
#include <stdint.h>

#include <libmnl/libmnl.h>
#include <linux/if_link.h>

struct vf_opts {
	uint8_t mac_last;
	uint32_t vlan, qos;
	uint16_t vlan_proto; /* host order; 0: no VLAN list, as before Linux 4.9 */
	uint32_t min_rate, max_rate;
	uint32_t spoofchk, trust, rss; /* 0xffffffff: the driver does not say */
	uint32_t state;
	uint64_t stats; /* rx_packets, the next ones are 1 more each; 0: none */
};

/* Starts an RTM_NEWLINK in buf; attributes may follow. */
struct nlmsghdr *nl_link(void *buf, int ifindex, unsigned flags, const char *name);
/* A usual VF_INFO of about 200 bytes. */
void nl_vf(struct nlmsghdr *nlh, uint32_t index, const struct vf_opts *o);
/* IFLA_VFINFO_LIST of VFs first .. first + n - 1; its length wraps as the kernel's does. */
void nl_vfs(struct nlmsghdr *nlh, uint32_t first, uint32_t n, const struct vf_opts *o);

#endif
