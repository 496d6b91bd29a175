/* IP addresses as people write them. */
#ifndef CORE_IP_H
#define CORE_IP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define IP_TEXT_MAX 64

struct ip {
	uint8_t family; /* AF_INET or AF_INET6 */
	uint8_t prefix; /* bits of the network; without one: all */
	uint8_t bytes[16];
};

/* "192.0.2.1", "2001:db8::1/64". False when it is none. */
bool ip_parse(const char *text, struct ip *ip);
/* Is `other` in the network that ip and its prefix name? */
bool ip_covers(const struct ip *ip, const struct ip *other);
/* fe80::/10 */
bool ip_is_link_local(const struct ip *ip);
/* One that an interface can have: not 0.0.0.0, ::, multicast or loopback. */
bool ip_is_unicast(const struct ip *ip);
/* As the kernel's tools write it; with_prefix: "192.0.2.1/24". */
void ip_format(const struct ip *ip, bool with_prefix, char *out, unsigned size);
/* Bytes of an address: 4 or 16. */
static inline unsigned ip_size(const struct ip *ip)
{
	return ip->family == AF_INET ? 4 : 16;
}

#endif
