/* Values as people write them on a command line. */
#include "core/attr.h"
#include "core/ip.h"

#include "util/str.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define TOKEN_MAX 128
#define IFNAME_MAX 15 /* IFNAMSIZ of linux/if.h, without the terminator */

const char *attr_keyword(const struct attr *a)
{
	return a->keyword ? a->keyword : a->key;
}

bool attr_is_called(const struct attr *a, const char *word)
{
	return strcmp(attr_keyword(a), word) == 0 || (a->off && strcmp(a->off, word) == 0);
}

const struct attr *attr_find_settable(const struct record_type *type, const char *word)
{
	for (size_t i = 0; i < type->count; i++)
		if (type->attrs[i].flags & ATTR_SET && attr_is_called(&type->attrs[i], word))
			return &type->attrs[i];
	return NULL;
}

static bool is_rate(const struct attr *a)
{
	return a->unit && strcmp(a->unit, "Mbit/s") == 0;
}

void attr_syntax(const struct attr *a, char *out, size_t size)
{
	size_t n = 0;

	out[0] = 0;
	if (a->off)
		return;
	switch (a->type) {
	case VALUE_UINT:
		if (is_rate(a))
			snprintf(out, size, "MBIT|Ngbit");
		else
			snprintf(out, size, "%u..%u", a->min, a->max);
		break;
	case VALUE_BOOL:
		snprintf(out, size, "on|off");
		break;
	case VALUE_ENUM:
		for (size_t i = 0; a->names[i] && n < size; i++)
			n += (size_t)snprintf(out + n, size - n, "%s%s", i ? "|" : "", a->names[i]);
		break;
	case VALUE_LLADDR:
		snprintf(out, size, "MAC%s", a->flags & ATTR_AUTO ? "|auto" : "");
		break;
	case VALUE_GUID:
		snprintf(out, size, "GUID");
		break;
	case VALUE_REAL:
		snprintf(out, size, "SECONDS");
		break;
	case VALUE_STRING:
		snprintf(out, size, a->flags & ATTR_TOKEN ? "ID" : "NAME");
		break;
	case VALUE_STRINGS:
		snprintf(out, size, a->flags & ATTR_PREFIX ? "IP/PREFIX" : "IP");
		break;
	case VALUE_INT:
	case VALUE_INTS:
	case VALUE_UINT64:
	case VALUE_HEX:
	case VALUE_BDF:
	case VALUE_ANY:
		break;
	}
}

static int wrong(const char *text, const char *wants, struct error *err)
{
	error_set(err, EXIT_USAGE, "wants %s, not '%.60s'", wants, text);
	return -1;
}

static int wrong_number(const struct attr *a, const char *text, struct error *err)
{
	char wants[64];

	snprintf(wants, sizeof(wants), "a number from %u to %u", a->min, a->max);
	return wrong(text, wants, err);
}

/* Mbit/s, or with a unit: 500mbit, 2.5gbit. Only whole Mbit/s can be said to the kernel. */
static int parse_rate(const char *text, struct value *v, struct error *err)
{
	static const struct {
		const char *name;
		uint64_t kbit;
	} units[] = {{"", 1000}, {"mbit", 1000}, {"gbit", 1000000}, {"kbit", 1}};
	size_t len = strspn(text, "0123456789.");
	char number[32];
	uint64_t thousandths;

	snprintf(number, sizeof(number), "%.*s", (int)(len < 31 ? len : 31), text);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		uint64_t bits; /* bit/s */

		if (strcmp(text + len, units[i].name) != 0)
			continue;
		if (len > 30 || !str_thousandths(number, UINT32_MAX * 1000ULL, &thousandths))
			break;
		if (__builtin_mul_overflow(thousandths, units[i].kbit, &bits) ||
			bits / 1000000 > UINT32_MAX)
			break;
		if (bits % 1000000) {
			error_set(err, EXIT_USAGE, "wants whole Mbit/s, not '%.60s'", text);
			return -1;
		}
		v->uint = bits / 1000000;
		return 0;
	}
	return wrong(
		text, "a number of Mbit/s, or with a unit (500mbit, 2.5gbit), 0 for none", err);
}

/* The only real number that can be given. */
static int parse_seconds(const struct attr *a, const char *text, struct value *v, struct error *err)
{
	char wants[64];
	uint64_t ms;

	v->real = 0;
	if (str_thousandths(text, UINT32_MAX / 1000, &ms) && ms >= a->min && ms <= a->max) {
		v->real = (double)ms / 1000;
		return 0;
	}
	snprintf(wants, sizeof(wants), "seconds from %g to %g", a->min / 1000.0, a->max / 1000.0);
	return wrong(text, wants, err);
}

static int parse_lladdr(
	const struct attr *a, const char *text, struct setting *s, struct error *err)
{
	struct lladdr *addr = &s->value.lladdr;

	if (a->flags & ATTR_AUTO && strcmp(text, "auto") == 0) {
		s->automatic = true;
		return 0;
	}
	if (!lladdr_parse(text, addr) || addr->len != 6)
		return wrong(text, "an address like 52:54:00:12:34:56, or auto", err);
	if (addr->bytes[0] & 1)
		return error_set(err, EXIT_USAGE,
			"%s is a multicast address: a device needs one of its own", text);
	if (lladdr_is_zero(addr)) {
		error_set(err, EXIT_USAGE, "the all-zero address means 'none set'");
		return error_hint(err, "'auto' finds a fitting one; 'sriovctl vf reset' takes the "
				       "address away");
	}
	return 0;
}

/* Eight bytes, as ip and ibstat write them: 00:11:22:33:44:55:66:77. */
static int parse_guid(const char *text, struct value *v, struct error *err)
{
	const char *p = text;

	v->uint = 0;
	for (size_t i = 0; i < 8; i++) {
		char byte[3] = {0};
		uint64_t n;

		if (!isxdigit((unsigned char)p[0]) || !isxdigit((unsigned char)p[1]) ||
			p[2] != (i < 7 ? ':' : 0))
			return wrong(text, "a GUID like 00:11:22:33:44:55:66:77", err);
		memcpy(byte, p, 2);
		str_uint(byte, 16, 0xff, &n);
		v->uint = v->uint << 8 | n;
		p += 3;
	}
	return 0;
}

/* As dev_valid_name() of net/core/dev.c wants it; '%' would ask the kernel to number it. */
static int parse_ifname(const char *text, struct value *v, struct error *err)
{
	bool bad = !text[0] || strlen(text) > IFNAME_MAX || strcmp(text, ".") == 0 ||
		   strcmp(text, "..") == 0;

	for (const char *p = text; *p; p++)
		bad |= *p == '/' || *p == ':' || *p == '%' || isspace((unsigned char)*p) ||
		       (unsigned char)*p == 0xa0; /* a blank to the kernel */
	if (bad)
		return wrong(text,
			"an interface name: 1 to 15 bytes without blanks, '/', ':' and '%'", err);
	v->string = text;
	return 0;
}

/* Whatever its owner calls himself, in one word. */
static int parse_token(const char *text, struct value *v, struct error *err)
{
	bool bad = !text[0] || strlen(text) > TOKEN_MAX;

	for (const char *p = text; *p; p++)
		bad |= !isgraph((unsigned char)*p);
	if (bad)
		return wrong(text, "a word of 1 to 128 printable characters", err);
	v->string = text;
	return 0;
}

/* One of the list; the others are KEY VALUE pairs of their own. */
static int parse_ip(const struct attr *a, const char *text, struct value *v, struct error *err)
{
	bool prefix = a->flags & ATTR_PREFIX;
	struct ip ip;

	v->type = VALUE_STRING;
	v->string = text;
	if (ip_parse(text, &ip) && !strchr(text, '/') == !prefix && ip_is_unicast(&ip))
		return 0;
	return wrong(text,
		prefix ? "an address and its prefix, like 192.0.2.1/24 or 2001:db8::1/64"
		       : "an address, like 192.0.2.254 or 2001:db8::1",
		err);
}

static int parse_enum(const struct attr *a, const char *text, struct value *v, struct error *err)
{
	char list[128], wants[160];

	for (uint32_t i = 0; a->names[i]; i++) {
		if (strcmp(a->names[i], text) != 0)
			continue;
		v->uint = i;
		v->name = a->names[i];
		return 0;
	}
	attr_syntax(a, list, sizeof(list));
	snprintf(wants, sizeof(wants), "one of %s", list);
	return wrong(text, wants, err);
}

static int parse_value(const struct attr *a, const char *text, struct setting *s, struct error *err)
{
	struct value *v = &s->value;

	switch (a->type) {
	case VALUE_UINT:
		if (is_rate(a))
			return parse_rate(text, v, err);
		return str_uint(text, 10, a->max ? a->max : UINT32_MAX, &v->uint) &&
				       v->uint >= a->min
			       ? 0
			       : wrong_number(a, text, err);
	case VALUE_BOOL:
		v->on = a->off ? strcmp(text, a->off) != 0 : strcmp(text, "on") == 0;
		return a->off || v->on || strcmp(text, "off") == 0 ? 0
								   : wrong(text, "on or off", err);
	case VALUE_ENUM:
		return parse_enum(a, text, v, err);
	case VALUE_LLADDR:
		return parse_lladdr(a, text, s, err);
	case VALUE_GUID:
		return parse_guid(text, v, err);
	case VALUE_REAL:
		return parse_seconds(a, text, v, err);
	case VALUE_STRING:
		return a->flags & ATTR_TOKEN ? parse_token(text, v, err)
					     : parse_ifname(text, v, err);
	case VALUE_STRINGS:
		return parse_ip(a, text, v, err);
	case VALUE_INT:
	case VALUE_INTS:
	case VALUE_UINT64:
	case VALUE_HEX:
	case VALUE_BDF:
	case VALUE_ANY:
		break;
	}
	return wrong(text, "not to be set", err);
}

int attr_parse(const struct attr *a, const char *text, struct setting *setting, struct error *err)
{
	setting->value = (struct value){.known = true, .type = a->type};
	if (parse_value(a, text, setting, err) == 0)
		return 0;
	return error_about(err, "", attr_keyword(a));
}
