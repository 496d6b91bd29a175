/* VFs that are handed out and taken back: each step may be the last one, or fail. */
#include "unit.h"

#include "fixture.h"
#include "story.h"

static char before[32768], after[32768], now[32768];

static void assert_same(const char *was, const char *what)
{
	model_text(&model, true, now, sizeof(now));
	if (strcmp(was, now) != 0) {
		tell_difference(was, now);
		fail_story(what);
	}
	if (has_journal())
		fail_story("a journal is left");
}

static void must(bool done)
{
	if (!done)
		fail_story(refusal.message[0] ? refusal.message : "it has failed");
}

static const char *const drivers[] = {
	"qede", "igb", "ixgbe", "i40e", "ice", "mlx5_core", "bnxt_en", "netdevsim"};

/* Commands, carried out one after the other. */
static void prelude(const char *driver, const char *commands)
{
	char copy[1024], *save = NULL;

	story_begin(driver, 3);
	snprintf(copy, sizeof(copy), "%s", commands);
	for (char *c = strtok_r(copy, ";", &save); c; c = strtok_r(NULL, ";", &save))
		must(run_words(c + strspn(c, " "), 0, -1));
}

static const struct {
	const char *prelude, *attach, *detach;
} rows[] = {
	{"vf set eth0/0 up", "netns attach eth0/0 blue", "netns detach eth0/0"},
	{"vf set eth0/0 mac 52:54:00:00:01:01 up; vf set eth0/0 vlan 7 trust on mtu 1400",
		"netns attach eth0/0 blue name net0 vlan 100 mac 52:54:00:00:01:02 mtu 1450 "
		"address 192.0.2.1/24 address 2001:db8::1/64 gateway 192.0.2.254 gateway fe80::1 "
		"owner c1",
		"netns detach eth0/0 owner c1"},
	{"vf set eth0/0 mac 52:54:00:00:01:01; vf set eth0/0 vlan 7 mtu 1400",
		"netns attach eth0/0 blue name net0 vlan 0 mac 52:54:00:00:01:02 mtu 1450 up",
		"netns detach eth0/0"},
	{"vf set eth0/0 up; vf set eth0/1 mac auto name x mtu 1400",
		"netns attach eth0/0-2 blue vlan 100 mac auto trust on mtu 1450",
		"netns detach eth0/0-2"},
	{"vf set eth0/0 up; vf set eth1/1 spoofchk off",
		"netns attach eth1/1 eth0/0-1 blue name n vlan 100 up spoofchk off owner c1",
		"netns detach eth0/all eth1/all owner c1"},
	{"vf bind eth0/0 vfio-pci", "netns attach eth0/0 blue vlan 7 mac auto owner vm1",
		"netns detach eth0/0 owner vm1"},
	{"vf bind eth0/0 vfio-pci; vf set eth0/1 up", "netns attach eth0/0-1 blue vlan 7",
		"netns detach eth0/0-1"},
	{"vf bind eth0/1 vfio-pci; vf set eth0/0 up", "netns attach eth0/0-1 blue vlan 7",
		"netns detach eth0/0-1"},
};

static void there_and_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows) * ARRAY_SIZE(drivers); i++) {
		prelude(drivers[i % ARRAY_SIZE(drivers)], rows[i / ARRAY_SIZE(drivers)].prelude);
		model_text(&model, true, before, sizeof(before));
		must(run_words(rows[i / ARRAY_SIZE(drivers)].attach, 0, -1));
		must(run_words(rows[i / ARRAY_SIZE(drivers)].detach, 0, -1));
		assert_same(before, "it is not as it was");
		story_end();
	}
}

/* Cut off behind each step, or refused by the kernel at each; then repaired, or run again. */
enum end {
	REPAIRED,
	AGAIN,
	REFUSED
};

static bool end_at(int step, enum end end, const char *words, bool takes_back)
{
	bool was_last;

	if (end == REFUSED)
		model.trouble = step;
	must(prepare_words(words, 0));
	was_last = step >= (int)change_step_count(&change) + (end != REFUSED);
	if (carry_out(end == REFUSED ? -1 : step) && !was_last && end != REFUSED)
		fail_story("it was not cut off");
	model.trouble = -1;
	if (end == REPAIRED)
		must(story_repair());
	else if (end == AGAIN || takes_back)
		must(run_words(words, 0, -1));
	return was_last;
}

static void sweep(const char *driver, size_t row, enum end end, bool detach)
{
	bool last = false;

	for (int step = 0; !last; step++) {
		prelude(driver, rows[row].prelude);
		model_text(&model, true, before, sizeof(before));
		must(run_words(rows[row].attach, 0, -1));
		model_text(&model, true, after, sizeof(after));
		must(run_words(rows[row].detach, 0, -1));
		if (detach)
			must(run_words(rows[row].attach, 0, -1));
		tell("step %d\n", step);
		last = end_at(step, end, detach ? rows[row].detach : rows[row].attach, detach);
		model_text(&model, true, now, sizeof(now));
		if (detach)
			assert_same(before, "it has not come home as it was");
		else if (end == AGAIN || last)
			assert_same(after, "it is not attached as it would be");
		else
			assert_same(before, "it is not as it was");
		story_end();
	}
}

static void attach_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (size_t d = 0; d < ARRAY_SIZE(drivers); d++)
			for (int end = REPAIRED; end <= REFUSED; end++)
				sweep(drivers[d], i, (enum end)end, false);
}

static void detach_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (size_t d = 0; d < ARRAY_SIZE(drivers); d++)
			for (int end = REPAIRED; end <= REFUSED; end++)
				sweep(drivers[d], i, (enum end)end, true);
}

#define TEST(f) cmocka_unit_test_teardown(f, story_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(there_and_back),
		TEST(attach_ends),
		TEST(detach_ends),
	};

	return cmocka_run_group_tests_name(
		__FILE__, tests, story_group_setup, story_group_teardown);
}
