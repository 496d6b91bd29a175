#include "core/bdf.h"

#include <stdio.h>
#include <string.h>

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 'a' ^ 'A';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Up to max_digits (8) hex digits, then the character `end`; moves *s behind it. */
static bool hex_field(const char **s, int max_digits, char end, uint64_t max, uint64_t *v)
{
	const char *p = *s;
	int digits = 0, digit;

	for (*v = 0; (digit = hex_digit(*p)) >= 0 && digits++ < max_digits; p++)
		*v = *v << 4 | (unsigned)digit;
	if (!digits || *p != end || *v > max)
		return false;
	*s = p + (end != 0);
	return true;
}

bool bdf_parse(const char *s, struct bdf *bdf)
{
	uint64_t domain = 0, bus, dev, fn;
	const char *colon = strchr(s, ':');

	if (colon && strchr(colon + 1, ':') && !hex_field(&s, 8, ':', UINT32_MAX, &domain))
		return false;
	if (!hex_field(&s, 2, ':', 0xff, &bus) || !hex_field(&s, 2, '.', 0x1f, &dev) ||
		!hex_field(&s, 1, 0, 7, &fn))
		return false;
	*bdf = (struct bdf){(uint32_t)domain, (uint8_t)bus, (uint8_t)(dev << 3 | fn)};
	return true;
}

void bdf_format(struct bdf bdf, char out[BDF_SIZE])
{
	static const char hex[] = "0123456789abcdef";
	int digits = 4;
	char *p = out;

	while (digits < 8 && bdf.domain >> 4 * digits)
		digits++;
	while (digits--)
		*p++ = hex[bdf.domain >> 4 * digits & 15];
	*p++ = ':';
	*p++ = hex[bdf.bus >> 4];
	*p++ = hex[bdf.bus & 15];
	*p++ = ':';
	*p++ = hex[bdf.devfn >> 7];
	*p++ = hex[bdf.devfn >> 3 & 15];
	*p++ = '.';
	*p++ = hex[bdf.devfn & 7];
	*p = 0;
}

int bdf_compare(struct bdf a, struct bdf b)
{
	uint64_t x = bdf_key(a), y = bdf_key(b);

	return (x > y) - (x < y);
}
