/* Documents made up, against what each VF is to have by the words of the rules. */
#include "unit.h"

#include "policy_text.h"
#include "random.h"

#define VFS 8
#define GROUPS 4
#define KEYS 4

static const char *const keys[KEYS] = {"vlan", "qos", "max_tx_rate", "msix"};
static const size_t attrs[KEYS] = {VF_VLAN, VF_QOS, VF_MAX_TX_RATE, VF_MSIX};

/* What one place says: 0 is nothing, since every value here is from 1. */
struct saying {
	unsigned values[KEYS];
};

struct document {
	struct saying defaults, all, groups[GROUPS];
	unsigned group_of[VFS]; /* GROUPS: none */
};

static struct saying make_saying(unsigned values)
{
	struct saying s = {0};

	for (size_t i = 0; i < KEYS; i++)
		if (roll(values == 2 ? 6 : 2) == 0) /* or two would hardly ever agree */
			s.values[i] = 1 + roll(values);
	return s;
}

static void put(char *text, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void put(char *text, size_t size, const char *fmt, ...)
{
	size_t n = strlen(text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text + n, size - n, fmt, ap);
	va_end(ap);
}

static void put_saying(char *text, size_t size, const struct saying *s)
{
	bool any = false;

	put(text, size, "{");
	for (size_t i = 0; i < KEYS; i++)
		if (s->values[i]) {
			put(text, size, "%s%s: %u", any ? ", " : "", keys[i], s->values[i]);
			any = true;
		}
	put(text, size, "}\n");
}

/* The ranges before or behind `all`, and what they name in pieces. */
static void put_groups(char *text, size_t size, const struct document *d)
{
	for (unsigned g = 0; g < GROUPS; g++) {
		bool any = false;

		for (unsigned v = 0; v < VFS; v++)
			if (d->group_of[v] == g) {
				put(text, size, any ? ",%u" : "    %u", v);
				any = true;
			}
		if (!any)
			continue;
		put(text, size, ": ");
		put_saying(text, size, &d->groups[g]);
	}
}

static void put_document(char *text, size_t size, const struct document *d, bool all_first)
{
	put(text, size, "---\nkind: SriovHost\ndefaults: ");
	put_saying(text, size, &d->defaults);
	put(text, size, "pfs:\n- pf: eth0\n  vfs: %d\n  vf:\n", VFS);
	if (!all_first)
		put_groups(text, size, d);
	put(text, size, "    all: ");
	put_saying(text, size, &d->all);
	if (all_first)
		put_groups(text, size, d);
}

static struct document make_document(unsigned values)
{
	struct document d = {.defaults = make_saying(values), .all = make_saying(values)};

	for (size_t g = 0; g < GROUPS; g++)
		d.groups[g] = make_saying(values);
	for (size_t v = 0; v < VFS; v++)
		d.group_of[v] = roll(GROUPS + 1);
	return d;
}

/* 0: nothing */
static unsigned wanted_of(const struct document *d, unsigned vf, size_t key)
{
	unsigned g = d->group_of[vf];

	if (g < GROUPS && d->groups[g].values[key])
		return d->groups[g].values[key];
	return d->all.values[key] ? d->all.values[key] : d->defaults.values[key];
}

static unsigned found_of(const struct intent *intent, unsigned vf, size_t key)
{
	const struct pf_intent *pf = &intent->pfs[0];

	for (size_t i = 0; i < pf->vf_count; i++)
		for (size_t j = 0; pf->vfs[i].index == vf && j < pf->vfs[i].count; j++)
			if (pf->vfs[i].wishes[j].setting.attr == attrs[key])
				return (unsigned)pf->vfs[i].wishes[j].setting.value.uint;
	return 0;
}

static void one_document(void **state)
{
	(void)state;
	random_seed(1);
	for (int round = 0; round < 300; round++) {
		struct document d = make_document(7);
		char text[4096] = "";
		const char *texts[] = {text};
		struct outcome o;

		put_document(text, sizeof(text), &d, roll(2) == 0);
		outcome_of(&o, texts, 1, NULL);
		assert_string_equal(o.said, "");
		assert_int_equal(o.intent.count, 1);
		for (unsigned v = 0; v < VFS; v++)
			for (size_t k = 0; k < KEYS; k++)
				if (found_of(&o.intent, v, k) != wanted_of(&d, v, k))
					fail_msg("%s\nVF %u: %s is %u", text, v, keys[k],
						found_of(&o.intent, v, k));
		outcome_free(&o);
	}
}

/* Two contradict when there is a VF of which each wants something else, and only then; which
 * of them is read first is all the same. */
static void two_documents(void **state)
{
	unsigned contradictions = 0;

	(void)state;
	random_seed(2);
	for (int round = 0; round < 1000; round++) {
		struct document a = make_document(1 + (unsigned)round % 2),
				b = make_document(1 + (unsigned)round % 2);
		char first[4096] = "", second[4096] = "";
		const char *texts[] = {first, second}, *swapped[] = {second, first};
		struct outcome o, p;
		bool differ = false;

		put_document(first, sizeof(first), &a, true);
		put_document(second, sizeof(second), &b, false);
		for (unsigned v = 0; v < VFS; v++)
			for (size_t k = 0; k < KEYS; k++)
				differ |= wanted_of(&a, v, k) && wanted_of(&b, v, k) &&
					  wanted_of(&a, v, k) != wanted_of(&b, v, k);
		outcome_of(&o, texts, 2, NULL);
		outcome_of(&p, swapped, 2, NULL);
		if ((o.problems.errors > 0) != differ)
			fail_msg("%s\n%s\n%s", first, second, o.said);
		assert_int_equal(o.problems.errors > 0, p.problems.errors > 0);
		assert_string_equal(o.wanted, p.wanted);
		for (unsigned v = 0; v < VFS && !differ; v++)
			for (size_t k = 0; k < KEYS; k++)
				assert_int_equal(found_of(&o.intent, v, k),
					wanted_of(&a, v, k) ? wanted_of(&a, v, k)
							    : wanted_of(&b, v, k));
		contradictions += differ;
		outcome_free(&o);
		outcome_free(&p);
	}
	assert_in_range(contradictions, 100, 900);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_document),
		cmocka_unit_test(two_documents),
	};

	return RUN(tests);
}
