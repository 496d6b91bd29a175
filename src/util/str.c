#include "util/str.h"

#include <stdlib.h>
#include <string.h>

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

bool str_uint(const char *s, int base, uint64_t max, uint64_t *value)
{
	uint64_t v = 0;

	if (base != 10 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		s += 2;
		base = 16;
	} else if (base == 0) {
		base = 10;
	}
	if (!*s)
		return false;
	for (; *s; s++) {
		int d = digit_value(*s);

		if (d >= base || v > (UINT64_MAX - (uint64_t)d) / (uint64_t)base)
			return false;
		v = v * (uint64_t)base + (uint64_t)d;
		if (v > max)
			return false;
	}
	*value = v;
	return true;
}

bool str_take(const char **text, const char *end, uint64_t max, uint64_t *value)
{
	const char *p = *text;

	for (*value = 0; p < end && *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(*value, 10, value) ||
			__builtin_add_overflow(*value, *p - '0', value) || *value > max)
			return false;
	if (p == *text)
		return false;
	*text = p;
	return true;
}

bool str_thousandths(const char *s, uint64_t max, uint64_t *value)
{
	uint64_t whole = 0, fraction = 0;
	char head[16];
	size_t len = strcspn(s, ".");
	const char *tail = s[len] ? s + len + 1 : "0";

	if (len >= sizeof(head) || strlen(tail) > 3)
		return false;
	memcpy(head, s, len);
	head[len] = 0;
	if (!str_uint(head, 10, max, &whole) || !str_uint(tail, 10, 999, &fraction))
		return false;
	for (size_t i = strlen(tail); i < 3; i++)
		fraction *= 10;
	*value = whole * 1000 + fraction;
	return true;
}

bool str_seconds(const char *s, uint64_t *ms)
{
	return str_thousandths(s, 1000000, ms);
}

bool str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

size_t str_utf8_len(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t n;

	if (p[0] < 0x80)
		return 1;
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		n = 2;
	else if (p[0] >= 0xe0 && p[0] <= 0xef)
		n = 3;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		n = 4;
	else
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	/* overlong forms, surrogates, beyond U+10FFFF */
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
		(p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

void str_printable(char *out, size_t size, const char *s)
{
	size_t n = 0;

	while (*s && n + 5 < size) {
		unsigned char c = (unsigned char)*s;
		size_t len = str_utf8_len(s);
		/* C1 controls (U+0080..U+009F) drive a terminal too */
		bool control = c < 0x20 || c == 0x7f ||
			       (c == 0xc2 && len == 2 && (unsigned char)s[1] < 0xa0);

		if (len && !control) {
			memcpy(out + n, s, len);
			n += len;
			s += len;
		} else {
			n += (size_t)snprintf(out + n, size - n, "\\x%02x", c);
			s++;
		}
	}
	out[n] = 0;
}

size_t str_width(const char *s)
{
	size_t n = 0;

	for (; *s; n++)
		s += str_utf8_len(s) ? str_utf8_len(s) : 1;
	return n;
}

/* Levenshtein distance of words up to 31 bytes; more counts as far away. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[33];
	size_t la = strlen(a), lb = strlen(b);

	if (la > 31 || lb > 31)
		return 99;
	for (size_t j = 0; j <= lb; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= la; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= lb; j++) {
			unsigned best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[lb];
}

void nearest_try(struct nearest *n, const char *candidate)
{
	unsigned d = distance(n->word, candidate);

	/* a beginning of the word is what a tired hand types */
	if (strlen(n->word) >= 2 && str_starts(candidate, n->word))
		d = 1;
	/* and "rate" is a part of max_tx_rate */
	if (strlen(n->word) >= 4 && strstr(candidate, n->word))
		d = 1;
	/* of two that are as near, the one whose length is right */
	if (!n->best || d < n->distance ||
		(d == n->distance && strlen(candidate) == strlen(n->word) &&
			strlen(n->best) != strlen(n->word))) {
		n->best = candidate;
		n->distance = d;
	}
}

const char *nearest_found(const struct nearest *n)
{
	size_t len = strlen(n->word);
	unsigned limit = len <= 3 ? 1 : len <= 6 ? 2 : 3;

	return n->best && n->distance <= limit ? n->best : NULL;
}
