/* The screen of `stats` with an interval: what fits, in which order, with which bars. */
#include "unit.h"

#include "output/live.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

static struct vf_rates vfs[40];
static struct rates rates;
static struct columns columns;
static struct options options;
static struct live live;
static char *screen;

static void put(struct vf_rates *r, enum rate_attr attr, double value)
{
	r->rate[attr] = value;
	r->known |= RATE_BIT(attr);
}

static void make(size_t count)
{
	static char names[40][32];

	memset(vfs, 0, sizeof(vfs));
	for (size_t i = 0; i < count; i++) {
		snprintf(names[i], sizeof(names[i]), "eth0/%zu", i);
		vfs[i].vf = names[i];
		vfs[i].handle = "pci/0000:21:00.0";
		vfs[i].index = (uint32_t)i;
		vfs[i].known = RATE_BIT(RATE_VF);
		put(&vfs[i], RATE_RX_BPS, 1000.0 * (double)i);
		put(&vfs[i], RATE_TX_BPS, 1e9);
		put(&vfs[i], RATE_RX_PPS, 100.0 - (double)i);
		put(&vfs[i], RATE_DROP_SHARE, i == 1 ? 2.5 : 0);
	}
	rates = (struct rates){
		.time = {1000000000, 0}, .seconds = 1, .list = vfs, .count = count, .all = count};
}

static int setup(void **state)
{
	struct error err;

	(void)state;
	options = (struct options){.color = COLOR_NEVER};
	assert_int_equal(columns_choose(&rate_type, false, &options, &columns, &err), 0);
	live = (struct live){
		.options = &options, .columns = &columns, .interval = 1, .sort = RATE_RX_BPS};
	make(3);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&live.arena);
	free(screen);
	screen = NULL;
	return 0;
}

/* What is on the screen: its lines without what moves the cursor. */
static const char *draw(size_t width, size_t rows)
{
	char *raw = NULL;
	size_t len = 0, n = 0;
	FILE *f = open_memstream(&raw, &len);

	assert_non_null(f);
	assert_int_equal(live_draw(&live, &rates, width, rows, f), 0);
	fclose(f);
	free(screen);
	screen = malloc(len + 1);
	for (size_t i = 0; i < len; i++) {
		if (raw[i] == '\033') {
			while (!strchr("HKJm", raw[i]))
				i++;
			/* at the edge it would take the last character along */
			assert_true(raw[i] != 'K' || !n || screen[n - 1] == '\n');
			continue;
		}
		screen[n++] = raw[i];
	}
	screen[n] = 0;
	free(raw);
	return screen;
}

static size_t lines_of(const char *text)
{
	size_t n = text[0] != 0;

	for (; *text; text++)
		n += *text == '\n' && text[1];
	return n;
}

static size_t longest(const char *text)
{
	size_t most = 0;

	while (*text) {
		size_t n = strcspn(text, "\n"), wide = 0;

		for (size_t i = 0; i < n; i++)
			wide += ((unsigned char)text[i] & 0xc0) != 0x80;
		most = wide > most ? wide : most;
		text += n + (text[n] == '\n');
	}
	return most;
}

static void before(const char *text, const char *a, const char *b)
{
	const char *x = strstr(text, a), *y = strstr(text, b);

	assert_non_null(x);
	assert_non_null(y);
	assert_true(x < y);
}

static void largest_first(void **state)
{
	const char *text = draw(120, 24);

	(void)state;
	before(text, "eth0/2", "eth0/1");
	before(text, "eth0/1", "eth0/0");
	assert_non_null(strstr(text, "by RX-BIT/S"));
	assert_non_null(strstr(text, "3 VFs"));
	assert_non_null(strstr(text, "q: quit"));
	live.reversed = true;
	text = draw(120, 24);
	before(text, "eth0/0", "eth0/2");
	live.reversed = false;
	live.sort = RATE_VF;
	before(draw(120, 24), "eth0/0", "eth0/1");
}

static void unknown_last(void **state)
{
	(void)state;
	vfs[2].known &= ~RATE_BIT(RATE_RX_BPS);
	before(draw(120, 24), "eth0/0", "eth0/2");
	live.reversed = true;
	before(draw(120, 24), "eth0/1", "eth0/2");
}

static void every_size(void **state)
{
	(void)state;
	make(40);
	for (size_t width = 1; width < 140; width++) {
		for (size_t rows = 1; rows < 50; rows += 7) {
			const char *text = draw(width, rows);

			/* the name stays, however narrow it is */
			assert_true(longest(text) <= (width < 8 ? 8 : width));
			assert_true(lines_of(text) <= (rows < 4 ? 3 : rows));
		}
	}
}

static void narrow(void **state)
{
	(void)state;
	assert_non_null(strstr(draw(100, 24), "TREND"));
	assert_non_null(strstr(draw(40, 24), "RX-BIT/S")); /* by which it is sorted */
	assert_null(strstr(screen, "TREND"));
	live.sort = RATE_RX_PPS;
	assert_non_null(strstr(draw(24, 24), "RX-PKT/S"));
}

static void scrolled(void **state)
{
	(void)state;
	make(40);
	live.sort = RATE_RX_PPS; /* eth0/0 first */
	draw(100, 12);
	assert_int_equal(live.page, 10);
	assert_non_null(strstr(screen, "(1 to 10)"));
	live.first = 1000; /* too far is the end */
	draw(100, 12);
	assert_non_null(strstr(screen, "(31 to 40)"));
	assert_non_null(strstr(screen, "eth0/39"));
	make(5); /* they have gone */
	draw(100, 12);
	assert_int_equal(live.first, 0);
	assert_non_null(strstr(screen, "eth0/0"));
}

static void bars(void **state)
{
	(void)state;
	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	setenv("LC_ALL", "C.UTF-8", 1);
	make(1);
	for (size_t i = 0; i < 3; i++) {
		vfs[0].rate[RATE_RX_BPS] = 0;
		vfs[0].rate[RATE_TX_BPS] = (double)i * 1e6;
		live_note(&live, &rates);
	}
	vfs[0].known = RATE_BIT(RATE_VF);
	live_note(&live, &rates); /* nothing known: a gap */
	assert_non_null(strstr(draw(120, 24), "▁▄█"));
	setenv("LC_ALL", "C", 1);
	assert_non_null(strstr(draw(120, 24), "_=#"));
	vfs[0].vf = "renamed/0"; /* it is the same */
	assert_non_null(strstr(draw(120, 24), "_=#"));
	vfs[0].handle = "pci/0000:41:00.0"; /* and that is another */
	assert_null(strstr(draw(120, 24), "_=#"));
	vfs[0].handle = "pci/0000:21:00.0";
	/* of one that is left out for a while, too */
	vfs[0].known = RATE_BIT(RATE_VF) | RATE_BIT(RATE_TX_BPS);
	rates.count = 0;
	live_note(&live, &rates);
	rates.count = 1;
	assert_non_null(strstr(draw(120, 24), "_=# #"));
	/* but not of one that is not there */
	rates.count = rates.all = 0;
	live_note(&live, &rates);
	rates.count = rates.all = 1;
	live_note(&live, &rates);
	assert_non_null(strstr(draw(120, 24), "_=# # #"));
	unsetenv("LC_ALL");
}

static void next_column(void **state)
{
	size_t first = columns.index[0];

	(void)state;
	live.sort = first;
	live_sort_by_next(&live, -1);
	assert_int_equal(live.sort, columns.index[columns.count - 1]);
	live_sort_by_next(&live, 1);
	assert_int_equal(live.sort, first);
	live_sort_by_next(&live, 1);
	assert_int_equal(live.sort, columns.index[1]);
	live.sort = RATE_REMOTE_SHARE; /* not shown */
	live_sort_by_next(&live, 1);
	assert_int_equal(live.sort, first);
	live.sort = RATE_REMOTE_SHARE;
	live_sort_by_next(&live, -1);
	assert_int_equal(live.sort, columns.index[columns.count - 1]);
}

static void empty_columns_are_passed_over(void **state)
{
	(void)state;
	live.sort = RATE_VF;
	assert_null(strstr(draw(200, 24), "NETNS")); /* it comes next, and nobody has one */
	live_sort_by_next(&live, 1);
	assert_int_equal(live.sort, RATE_RX_BPS);
	live_sort_by_next(&live, -1);
	assert_int_equal(live.sort, RATE_VF);
	vfs[1].netns = "blue";
	vfs[1].known |= RATE_BIT(RATE_NETNS);
	assert_non_null(strstr(draw(200, 24), "NETNS"));
	live_sort_by_next(&live, 1);
	assert_int_equal(live.sort, RATE_NETNS);
}

static void nobody(void **state)
{
	(void)state;
	make(0);
	assert_non_null(strstr(draw(80, 24), "0 VFs"));
	live_note_gone(&live, "eth0/3");
	assert_non_null(strstr(draw(80, 24), "eth0/3 is gone"));
	live_note_gone(&live, "e\033[2J/3"); /* an interface may be called so */
	assert_non_null(strstr(draw(80, 24), "e\\x1b[2J/3 is gone"));
	live_note_gone(&live, NULL);
	assert_null(strstr(draw(80, 24), "gone"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(largest_first, setup, teardown),
		cmocka_unit_test_setup_teardown(unknown_last, setup, teardown),
		cmocka_unit_test_setup_teardown(every_size, setup, teardown),
		cmocka_unit_test_setup_teardown(narrow, setup, teardown),
		cmocka_unit_test_setup_teardown(scrolled, setup, teardown),
		cmocka_unit_test_setup_teardown(bars, setup, teardown),
		cmocka_unit_test_setup_teardown(next_column, setup, teardown),
		cmocka_unit_test_setup_teardown(empty_columns_are_passed_over, setup, teardown),
		cmocka_unit_test_setup_teardown(nobody, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
