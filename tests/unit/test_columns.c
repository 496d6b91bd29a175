#include "unit.h"

#include "core/stats.h"
#include "output/output.h"

static struct columns columns;
static struct error err;

static int choose(const struct record_type *type, bool single, struct options o)
{
	memset(&err, 0, sizeof(err));
	return columns_choose(type, single, &o, &columns, &err);
}

static bool has(unsigned attr)
{
	for (size_t i = 0; i < columns.count; i++)
		if (columns.index[i] == attr)
			return true;
	return false;
}

static size_t count_flagged(const struct record_type *type, unsigned flags)
{
	size_t n = 0;

	for (size_t i = 0; i < type->count; i++)
		n += (type->attrs[i].flags & flags) != 0;
	return n;
}

static void defaults(void **state)
{
	(void)state;
	assert_int_equal(choose(&vf_type, false, (struct options){0}), 0);
	assert_int_equal(columns.count, count_flagged(&vf_type, ATTR_LIST));
	assert_true(columns.all_default);
	assert_int_equal(columns.index[0], VF_NAME);
	assert_int_equal(choose(&vf_type, false, (struct options){.brief = true}), 0);
	assert_int_equal(columns.count, count_flagged(&vf_type, ATTR_BRIEF));
	assert_int_equal(choose(&vf_type, true, (struct options){.brief = true}), 0);
	assert_int_equal(columns.count, count_flagged(&vf_type, ATTR_BRIEF));
	assert_int_equal(choose(&vf_type, false, (struct options){.statistics = true}), 0);
	assert_int_equal(columns.count, count_flagged(&vf_type, ATTR_LIST | ATTR_STATS));
	assert_true(columns.needs & NEED_STATS);
}

static void everything(void **state)
{
	const size_t all = VF_ATTR_COUNT - count_flagged(&vf_type, ATTR_STATS);

	(void)state;
	/* JSON: every key, always; so is one record, or with details */
	assert_int_equal(choose(&vf_type, false, (struct options){.json = true}), 0);
	assert_int_equal(columns.count, all);
	assert_false(columns.all_default);
	assert_false(columns.needs & NEED_STATS);
	assert_int_equal(choose(&vf_type, false, (struct options){.json = true, .brief = true}), 0);
	assert_int_equal(columns.count, all);
	assert_int_equal(choose(&vf_type, false, (struct options){.details = true}), 0);
	assert_int_equal(columns.count, all);
	assert_int_equal(choose(&vf_type, true, (struct options){0}), 0);
	assert_int_equal(columns.count, all);
	assert_int_equal(
		choose(&vf_type, false, (struct options){.json = true, .statistics = true}), 0);
	assert_int_equal(columns.count, VF_ATTR_COUNT);
	assert_int_equal(choose(&pf_type, false, (struct options){.json = true}), 0);
	assert_int_equal(columns.count, PF_ATTR_COUNT);
	for (unsigned i = 0; i < PF_ATTR_COUNT; i++)
		assert_int_equal(columns.index[i], i);
}

static void chosen(void **state)
{
	(void)state;
	assert_int_equal(choose(&vf_type, false, (struct options){.columns = "mac,vf"}), 0);
	assert_int_equal(columns.count, 2);
	assert_int_equal(columns.index[0], VF_MAC); /* in the order given */
	assert_int_equal(columns.index[1], VF_NAME);
	assert_false(columns.all_default);
	assert_int_equal(columns.needs, vf_type.attrs[VF_MAC].need | vf_type.attrs[VF_NAME].need);
	assert_int_equal(choose(&vf_type, false, (struct options){.columns = "mac,mac,MAC"}), 0);
	assert_int_equal(columns.count, 1);
	/* what is the key of one is not taken for the heading of another */
	assert_int_equal(choose(&stat_type, false, (struct options){.columns = "irqs"}), 0);
	assert_true(columns.count == 1 && has(STAT_IRQS));
	/* by heading too, in any case */
	assert_int_equal(choose(&vf_type, false, (struct options){.columns = "max-tx,If-Mac"}), 0);
	assert_true(columns.count == 2 && has(VF_MAX_TX_RATE) && has(VF_IF_MAC));
	/* a column of statistics needs no --statistics */
	assert_int_equal(choose(&vf_type, false, (struct options){.columns = "rx_bytes"}), 0);
	assert_true(columns.needs & NEED_STATS);
	/* the choice holds for JSON too */
	assert_int_equal(
		choose(&vf_type, false, (struct options){.columns = "mac", .json = true}), 0);
	assert_int_equal(columns.count, 1);
}

static void added(void **state)
{
	size_t usual = count_flagged(&vf_type, ATTR_LIST);

	(void)state;
	assert_int_equal(choose(&vf_type, false, (struct options){.columns = "+qos,mac"}), 0);
	assert_int_equal(columns.count, usual + 1);
	assert_int_equal(columns.index[usual], VF_QOS);
	assert_int_equal(
		choose(&vf_type, false, (struct options){.columns = "+qos", .brief = true}), 0);
	assert_int_equal(columns.count, count_flagged(&vf_type, ATTR_BRIEF) + 1);
}

static void all(void **state)
{
	(void)state;
	assert_int_equal(choose(&vf_type, false, (struct options){.columns = "all"}), 0);
	assert_int_equal(columns.count, VF_ATTR_COUNT - count_flagged(&vf_type, ATTR_STATS));
	assert_int_equal(choose(&vf_type, false, (struct options){.columns = "all,rx_bytes"}), 0);
	assert_true(has(VF_RX_BYTES));
	assert_int_equal(
		choose(&vf_type, false, (struct options){.columns = "all", .statistics = true}), 0);
	assert_int_equal(columns.count, VF_ATTR_COUNT);
}

/* What is costly to find out has its key in every JSON list, but is asked for only when
 * it is named, or all of one is shown. */
static void costly(void **state)
{
	const unsigned cost = NEED_USAGE | NEED_BINDING | NEED_MSIX | NEED_ADDRESSES;
	static const struct options lists[] = {{.json = true}, {.json = true, .statistics = true},
		{.json = true, .columns = "+mac"}};
	static const struct options asked[] = {{.details = true}, {.json = true, .details = true},
		{.columns = "all"}, {.columns = "all", .json = true}};
	size_t rows = 0;

	(void)state;
	for (unsigned a = 0; a < VF_ATTR_COUNT; a++) {
		const struct attr *row = &vf_type.attrs[a];

		/* all that is costly is marked so, and only that */
		assert_int_equal((row->flags & ATTR_COSTLY) != 0, (row->need & cost) != 0);
		assert_false(row->flags & ATTR_COSTLY && row->flags & (ATTR_LIST | ATTR_BRIEF));
		rows += (row->flags & ATTR_COSTLY) != 0;
	}
	assert_int_equal(rows, 5);
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		assert_int_equal(choose(&vf_type, false, lists[i]), 0);
		assert_true(has(VF_HOLDERS) && has(VF_MSIX) && has(VF_DRIVER_OVERRIDE) &&
			    has(VF_ADDRESSES) && has(VF_GATEWAYS));
		assert_int_equal(columns.needs & cost, 0);
		assert_true(columns.needs & NEED_NETNS); /* what others need is asked */
	}
	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		assert_int_equal(choose(&vf_type, false, asked[i]), 0);
		assert_true(has(VF_HOLDERS) && has(VF_MSIX) && has(VF_DRIVER_OVERRIDE) &&
			    has(VF_ADDRESSES) && has(VF_GATEWAYS));
		assert_int_equal(columns.needs & cost, cost);
	}
	/* a table of the usual columns has none of them */
	assert_int_equal(choose(&vf_type, false, (struct options){0}), 0);
	assert_false(has(VF_HOLDERS) || has(VF_MSIX) || has(VF_DRIVER_OVERRIDE) ||
		     has(VF_ADDRESSES) || has(VF_GATEWAYS));
	assert_int_equal(columns.needs & cost, 0);
	/* one record is shown whole */
	assert_int_equal(choose(&vf_type, true, (struct options){0}), 0);
	assert_int_equal(columns.needs & cost, cost);
	assert_int_equal(choose(&vf_type, true, (struct options){.json = true}), 0);
	assert_int_equal(columns.needs & cost, cost);
	assert_int_equal(choose(&vf_type, true, (struct options){.brief = true}), 0);
	assert_int_equal(columns.needs & cost, 0);
	/* by name: that one, and no other */
	assert_int_equal(choose(&vf_type, false, (struct options){.columns = "msix"}), 0);
	assert_int_equal(columns.needs & cost, NEED_MSIX);
	assert_int_equal(choose(&vf_type, false, (struct options){.columns = "vf,holders"}), 0);
	assert_int_equal(columns.needs & cost, NEED_USAGE);
	assert_int_equal(
		choose(&vf_type, false, (struct options){.columns = "+driver_override"}), 0);
	assert_int_equal(columns.needs & cost, NEED_BINDING);
	assert_int_equal(choose(&vf_type, false, (struct options){.columns = "addresses"}), 0);
	assert_int_equal(columns.needs & cost, NEED_ADDRESSES);
	/* also when it is in the list already, unasked */
	assert_int_equal(
		choose(&vf_type, false, (struct options){.columns = "+msix", .json = true}), 0);
	assert_int_equal(columns.needs & cost, NEED_MSIX);
	assert_int_equal(columns.count, VF_ATTR_COUNT - count_flagged(&vf_type, ATTR_STATS));
}

static void wrong(void **state)
{
	static const struct {
		const char *list, *message, *hint;
	} rows[] = {
		{"nonesuch", "no column 'nonesuch'", "vf list help"},
		{"vlann", "no column 'vlann'", "did you mean 'vlan'?"},
		{"drivr", "no column 'drivr'", "did you mean 'driver'?"},
		{"mac,", "no column ''", ""},
		{",mac", "no column ''", ""},
		{"mac,,vf", "no column ''", ""},
		{"+", "no column ''", ""},
		{"++mac", "no column '+mac'", ""},
		{"mac, vf", "no column ' vf'", ""},
		{"mac vf", "no column 'mac vf'", ""},
	};
	char name[300];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(
			choose(&vf_type, false, (struct options){.columns = rows[i].list}), -1);
		assert_int_equal(err.code, EXIT_USAGE);
		assert_string_equal(err.message, rows[i].message);
		assert_contains(err.hint, rows[i].hint);
	}
	assert_int_equal(choose(&rate_type, false, (struct options){.columns = "nonesuch"}), -1);
	assert_contains(err.hint, "'sriovctl stats help'");
	memset(name, 'm', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	assert_int_equal(choose(&vf_type, false, (struct options){.columns = name}), -1);
	assert_int_equal(err.code, EXIT_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(everything),
		cmocka_unit_test(chosen),
		cmocka_unit_test(added),
		cmocka_unit_test(all),
		cmocka_unit_test(costly),
		cmocka_unit_test(wrong),
	};

	return RUN(tests);
}
