/*
 * Send so many Ethernet frames, each of so many bytes, out of an interface:
 *   frames INTERFACE DESTINATION-MAC COUNT SIZE
 * with an IP packet for nobody, so that nothing answers. (A frame of a protocol that nobody listens
 * to would count as dropped, and the emulated card sends none with a wrong IP header.) It ends
 * when the kernel has taken them all.
 */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* 192.0.2.1 to 192.0.2.2, of a protocol for experiments (RFC 3692). */
static void put_packet(unsigned char *packet, size_t size)
{
	struct iphdr ip = {.version = 4,
		.ihl = 5,
		.ttl = 64,
		.protocol = 253,
		.tot_len = htons((uint16_t)size),
		.saddr = htonl(0xc0000201),
		.daddr = htonl(0xc0000202)};
	uint16_t words[sizeof(ip) / 2];
	uint32_t sum = 0;

	memcpy(words, &ip, sizeof(ip));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	ip.check = (uint16_t) ~(sum + (sum >> 16));
	memcpy(packet, &ip, sizeof(ip));
}

int main(int argc, char **argv)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_halen = ETH_ALEN};
	unsigned char frame[9000] = {0}, *mac = to.sll_addr;
	int fd = socket(AF_PACKET, SOCK_DGRAM, 0);
	size_t size;

	if (argc != 5 || sscanf(argv[2], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", mac, mac + 1, mac + 2,
				 mac + 3, mac + 4, mac + 5) != 6) {
		fprintf(stderr, "usage: frames INTERFACE MAC COUNT SIZE\n");
		return 1;
	}
	size = strtoul(argv[4], NULL, 10) - sizeof(struct ether_header);
	to.sll_ifindex = (int)if_nametoindex(argv[1]);
	to.sll_protocol = htons(ETHERTYPE_IP);
	if (size >= sizeof(struct iphdr) && size <= sizeof(frame))
		put_packet(frame, size);
	for (long i = strtol(argv[3], NULL, 10); i > 0; i--) {
		if (size <= sizeof(frame) && sendto(fd, frame, size, 0, (struct sockaddr *)&to,
						     sizeof(to)) == (ssize_t)size)
			continue;
		perror("frames");
		return 1;
	}
	return 0;
}
