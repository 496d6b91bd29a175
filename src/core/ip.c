#include "core/ip.h"

#include "util/str.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

bool ip_parse(const char *text, struct ip *ip)
{
	char address[INET6_ADDRSTRLEN];
	size_t len = strcspn(text, "/");
	uint64_t prefix;

	if (!len || len >= sizeof(address))
		return false;
	memcpy(address, text, len);
	address[len] = 0;
	*ip = (struct ip){.family = strchr(address, ':') ? AF_INET6 : AF_INET};
	if (inet_pton(ip->family, address, ip->bytes) != 1)
		return false;
	prefix = 8U * ip_size(ip);
	if (text[len] && !str_uint(text + len + 1, 10, prefix, &prefix))
		return false;
	ip->prefix = (uint8_t)prefix;
	return true;
}

bool ip_covers(const struct ip *ip, const struct ip *other)
{
	unsigned whole = ip->prefix / 8U, rest = ip->prefix % 8U;

	if (ip->family != other->family || memcmp(ip->bytes, other->bytes, whole) != 0)
		return false;
	return !rest || (ip->bytes[whole] ^ other->bytes[whole]) >> (8 - rest) == 0;
}

bool ip_is_link_local(const struct ip *ip)
{
	return ip->family == AF_INET6 && ip->bytes[0] == 0xfe && (ip->bytes[1] & 0xc0) == 0x80;
}

bool ip_is_unicast(const struct ip *ip)
{
	static const uint8_t none[16], one[16] = {[15] = 1};

	if (ip->family == AF_INET6)
		return ip->bytes[0] != 0xff && memcmp(ip->bytes, none, 16) != 0 &&
		       memcmp(ip->bytes, one, 16) != 0;
	return ip->bytes[0] != 0 && ip->bytes[0] != 127 && ip->bytes[0] < 224;
}

void ip_format(const struct ip *ip, bool with_prefix, char *out, unsigned size)
{
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(ip->family, ip->bytes, text, sizeof(text));
	if (with_prefix)
		snprintf(out, size, "%s/%u", text, ip->prefix);
	else
		snprintf(out, size, "%s", text);
}
