#include "core/bdf.h"

#include "util/str.h"

#include <stdio.h>
#include <string.h>

/* Up to max_digits hex digits, then the character `end`; moves *s behind it. */
static bool hex_field(const char **s, size_t max_digits, char end, uint64_t max, uint64_t *v)
{
	char field[9];
	const char *stop = strchr(*s, end);
	size_t len = stop ? (size_t)(stop - *s) : 0;

	if (!len || len > max_digits || (len > 1 && ((*s)[1] == 'x' || (*s)[1] == 'X')))
		return false;
	memcpy(field, *s, len);
	field[len] = 0;
	*s = stop + (end != 0);
	return str_uint(field, 16, max, v);
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
