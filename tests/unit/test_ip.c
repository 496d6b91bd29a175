/* IP addresses as people write them, and which networks they are in. */
#include "unit.h"

#include "core/ip.h"

#include <arpa/inet.h>

static struct ip parse(const char *text)
{
	struct ip ip;

	if (!ip_parse(text, &ip))
		fail_msg("'%s' was not taken", text);
	return ip;
}

static void parses(void **state)
{
	static const uint8_t v4[] = {192, 0, 2, 1}, v6[] = {0x20, 1, 0xd, 0xb8, [15] = 1};
	struct ip ip;

	(void)state;
	ip = parse("192.0.2.1/24");
	assert_int_equal(ip.family, AF_INET);
	assert_int_equal(ip.prefix, 24);
	assert_int_equal(ip_size(&ip), 4);
	assert_memory_equal(ip.bytes, v4, 4);
	ip = parse("2001:db8::1/64");
	assert_int_equal(ip.family, AF_INET6);
	assert_int_equal(ip.prefix, 64);
	assert_int_equal(ip_size(&ip), 16);
	assert_memory_equal(ip.bytes, v6, 16);
	/* without a prefix: all of it */
	assert_int_equal(parse("192.0.2.1").prefix, 32);
	assert_int_equal(parse("2001:db8::1").prefix, 128);
	assert_int_equal(parse("192.0.2.1/0").prefix, 0);
	assert_int_equal(parse("192.0.2.1/32").prefix, 32);
	assert_int_equal(parse("::/0").prefix, 0);
	assert_int_equal(parse("::1/128").prefix, 128);
	/* what is left of the text stays zero: compared as bytes */
	ip = parse("1.2.3.4");
	for (size_t i = 4; i < sizeof(ip.bytes); i++)
		assert_int_equal(ip.bytes[i], 0);
	/* the longest there is, in every spelling */
	parse("2001:0db8:aaaa:bbbb:cccc:dddd:eeee:ffff/128");
	assert_int_equal(parse("::ffff:192.0.2.1").family, AF_INET6);
	parse("0000:0000:0000:0000:0000:ffff:255.255.255.255");
}

static void refuses(void **state)
{
	static const char *const texts[] = {"", "/", "/24", "192.0.2", "192.0.2.", "192.0.2.256",
		"192.0.2.1.", "192.0.2.1.5", "192.0.2.1/", "192.0.2.1/33", "192.0.2.1/-1",
		"192.0.2.1/+1", "192.0.2.1/24/", "192.0.2.1/24 ", " 192.0.2.1", "192.0.2.1/0x8",
		"192.0.2.1/255.255.255.0", "192.0.2.1/4294967296", "0xc0000201", "3221225985",
		"192.0.2.1 ", ":", ":::", "2001:db8::1::2", "2001:db8::1/129", "2001:db8::g",
		"fe80::1%eth0", "[::1]", "2001:db8:::1", "12345::1", "localhost", "blue",
		"00000000000000000000000000000000000000000000000000000000001.2.3.4"};
	struct ip ip;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (ip_parse(texts[i], &ip))
			fail_msg("'%s' was taken", texts[i]);
}

static void covers(void **state)
{
	static const struct {
		const char *network, *other;
		bool covers;
	} rows[] = {
		{"192.0.2.1/24", "192.0.2.254", true},
		{"192.0.2.1/24", "192.0.3.1", false},
		{"192.0.2.1/24", "193.0.2.1", false},
		{"192.0.2.1/32", "192.0.2.1", true},
		{"192.0.2.1/32", "192.0.2.0", false},
		{"192.0.2.1/31", "192.0.2.0", true},
		{"192.0.2.1/31", "192.0.2.2", false},
		{"192.0.2.1/0", "8.8.8.8", true},
		/* prefixes that end within a byte */
		{"192.0.2.1/25", "192.0.2.127", true},
		{"192.0.2.1/25", "192.0.2.128", false},
		{"192.0.2.129/25", "192.0.2.128", true},
		{"10.64.0.0/10", "10.127.255.255", true},
		{"10.64.0.0/10", "10.128.0.0", false},
		{"10.64.0.0/10", "10.0.0.0", false},
		{"128.0.0.0/1", "255.255.255.255", true},
		{"128.0.0.0/1", "127.0.0.1", false},
		{"2001:db8::1/64", "2001:db8::ffff:1", true},
		{"2001:db8::1/64", "2001:db8:0:1::1", false},
		{"2001:db8::1/63", "2001:db8:0:1::1", true},
		{"2001:db8::1/63", "2001:db8:0:2::1", false},
		{"2001:db8::1/128", "2001:db8::1", true},
		{"2001:db8::1/128", "2001:db8::", false},
		{"2001:db8::1/127", "2001:db8::", true},
		{"::/0", "ff02::1", true},
		/* of the other family, however wide */
		{"0.0.0.0/0", "2001:db8::1", false},
		{"::/0", "192.0.2.1", false},
		{"192.0.2.1/24", "::ffff:192.0.2.2", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ip ip = parse(rows[i].network), other = parse(rows[i].other);

		if (ip_covers(&ip, &other) != rows[i].covers)
			fail_msg("%s, %s", rows[i].network, rows[i].other);
	}
}

static void kinds(void **state)
{
	static const struct {
		const char *text;
		bool unicast, link_local;
	} rows[] = {
		{"192.0.2.1", true, false},
		{"1.0.0.0", true, false},
		{"223.255.255.255", true, false},
		{"169.254.0.1", true, false}, /* link-local is a matter of IPv6 here */
		{"0.0.0.0", false, false},
		{"0.1.2.3", false, false},
		{"127.0.0.1", false, false},
		{"127.255.255.255", false, false},
		{"126.0.0.1", true, false},
		{"128.0.0.1", true, false},
		{"224.0.0.1", false, false},
		{"239.1.2.3", false, false},
		{"255.255.255.255", false, false},
		{"2001:db8::1", true, false},
		{"::2", true, false},
		{"fe80::1", true, true},
		{"febf::1", true, true},
		{"fe7f::1", true, false},
		{"fec0::1", true, false},
		{"fc00::1", true, false},
		{"::", false, false},
		{"::1", false, false},
		{"ff02::1", false, false},
		{"ffff::", false, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ip ip = parse(rows[i].text);

		if (ip_is_unicast(&ip) != rows[i].unicast)
			fail_msg("%s: unicast", rows[i].text);
		if (ip_is_link_local(&ip) != rows[i].link_local)
			fail_msg("%s: link-local", rows[i].text);
	}
}

/* In one spelling, so that texts can be compared; and what is written is read again. */
static void formats(void **state)
{
	static const struct {
		const char *text, *canonical, *with_prefix;
	} rows[] = {
		{"192.0.2.1/24", "192.0.2.1", "192.0.2.1/24"},
		{"192.0.2.1/0", "192.0.2.1", "192.0.2.1/0"},
		{"192.0.2.1", "192.0.2.1", "192.0.2.1/32"},
		{"2001:0DB8:0:0::0001/64", "2001:db8::1", "2001:db8::1/64"},
		{"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1/128"},
		{"::/0", "::", "::/0"},
		{"aaaa:bbbb:cccc:dddd:eeee:ffff:1111:2222/128",
			"aaaa:bbbb:cccc:dddd:eeee:ffff:1111:2222",
			"aaaa:bbbb:cccc:dddd:eeee:ffff:1111:2222/128"},
	};
	char text[IP_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ip ip = parse(rows[i].text), again;

		ip_format(&ip, false, text, sizeof(text));
		assert_string_equal(text, rows[i].canonical);
		ip_format(&ip, true, text, sizeof(text));
		assert_string_equal(text, rows[i].with_prefix);
		again = parse(text);
		assert_memory_equal(&ip, &again, sizeof(ip));
	}
	/* there is never too little room */
	assert_true(IP_TEXT_MAX > INET6_ADDRSTRLEN + strlen("/128"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses),
		cmocka_unit_test(refuses),
		cmocka_unit_test(covers),
		cmocka_unit_test(kinds),
		cmocka_unit_test(formats),
	};

	return RUN(tests);
}
