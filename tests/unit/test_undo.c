/* What a plan says was before is what going back makes of the host: on one that does what
 * steps say. */
#include "unit.h"

#include "fixture.h"
#include "story.h"

/* The steps that lead back, as text, and that they do. */
static const char *way_back(void)
{
	static char text[32768], was[32768], is[32768];
	size_t n = 0;

	model_text(&model, true, was, sizeof(was));
	apply_some(change_step_count(&change));
	text[0] = 0;
	for (size_t i = change.count; i-- > 0;) {
		struct plan back;

		if (!model_plan_back(&model, change.plans[i], &back))
			fail_story("there is no way back");
		if (n && back.count)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "; ");
		fixture_steps(&back, NULL, text + n, sizeof(text) - n);
		n += strlen(text + n);
		plan_free(&back);
	}
	undo();
	model_text(&model, true, is, sizeof(is));
	if (strcmp(was, is) != 0) {
		tell_difference(was, is);
		fail_story("it is not as it was");
	}
	return text;
}

static void ways_back(void **state)
{
	static const struct {
		const char *driver, *first, *command, *back;
	} rows[] = {
		{"qede", NULL, "vf set eth0/0-1 vlan 5 qos 3 trust on mtu 9000 up",
			"eth0/0 vlan 5>0; eth0/0 qos 3>0; eth0/0 trust on>off; "
			"eth0/1 vlan 5>0; eth0/1 qos 3>0; eth0/1 trust on>off; eth0/0 mtu "
			"9000>1500; eth0/0 up on>off; "
			"eth0/1 mtu 9000>1500; eth0/1 up on>off"},
		{"qede", "vf set eth0/0 vlan 5 qos 3 proto 802.1ad", "vf set eth0/0 vlan 0",
			"eth0/0 vlan 0>5; eth0/0 qos 0>3; eth0/0 proto 802.1q>802.1ad"},
		{"qede", "vf set eth0/0 max_tx_rate 500 min_tx_rate 100",
			"vf set eth0/0 max_tx_rate 800 min_tx_rate 600",
			"eth0/0 max_tx_rate 800>500; eth0/0 min_tx_rate 600>100"},
		{"qede", NULL, "vf set eth0/0 name storage0", "eth0/0 ifname storage0>new100"},
		/* one after the other, the last one first */
		{"qede", NULL, "vf set eth0/0 eth1/0 spoofchk off",
			"eth1/0 spoofchk off>on; eth0/0 spoofchk off>on"},
		{"qede", "vf unbind eth0/0", "vf set eth0/0 msix 16", "eth0/0 msix 16>8"},
		{"qede", NULL, "vf bind eth0/0 vfio-pci",
			"eth0/0 driver vfio-pci>igbvf; eth0/0 ifname new100>new100; "
			"eth0/0 mtu 1500>1500"},
		{"qede", "vf set eth0/0 up", "vf unbind eth0/0",
			"eth0/0 driver >igbvf; eth0/0 ifname new100>new100; eth0/0 mtu 1500>1500; "
			"eth0/0 up on>on"},
		{"qede", "vf bind eth0/0 vfio-pci", "vf bind eth0/0 default",
			"eth0/0 driver igbvf>vfio-pci; eth0/0 vfio >/dev/vfio/10"},
		{"qede", "vf unbind eth0/0", "vf bind eth0/0 default", "eth0/0 driver igbvf>"},
		{"qede", NULL, "vf create eth0 0",
			"eth0 autoprobe on>off; eth0 num_vfs 0>2; eth0/0 spoofchk on>on; "
			"eth0/0 trust off>off; eth0/0 state auto>auto; eth0/0 query_rss off>off; "
			"eth0/1 spoofchk on>on; eth0/1 trust off>off; eth0/1 state auto>auto; "
			"eth0/1 query_rss off>off; eth0 autoprobe off>on; "
			"eth0/0 driver igbvf>igbvf; eth0/1 driver igbvf>igbvf; "
			"eth0/0 ifname new100>new100; eth0/0 mtu 1500>1500; "
			"eth0/1 ifname new101>new101; eth0/1 mtu 1500>1500"},
		{"qede", "vf create eth0 0", "vf create eth0 3", "eth0 num_vfs 3>0"},
		{"qede", NULL, "pf set eth0 mtu 9000 down autoprobe off",
			"eth0 mtu 9000>1500; eth0 up off>on; eth0 autoprobe off>on"},
		/* an address and its interface */
		{"qede", "vf set eth0/0 mac 52:54:00:00:00:07", "vf set eth0/0 mac auto", NULL},
		{"igb", "vf set eth0/0 mac 52:54:00:00:00:07 up",
			"vf set eth0/0 mac 52:54:00:00:00:08",
			"eth0/0 driver igbvf>; eth0/0 mac 52:54:00:00:00:08>52:54:00:00:00:07; "
			"eth0/0 driver igbvf>igbvf; eth0/0 ifname new100>new100; "
			"eth0/0 mtu 1500>1500; eth0/0 up on>on"},
		{"qede", "vf set eth0/1 vlan 7 trust on up", "vf reset eth0/1",
			"eth0/1 vlan 0>7; eth0/1 trust off>on"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *back;

		story_begin(rows[i].driver, 2);
		if (rows[i].first) {
			do_words(rows[i].first);
		}
		plan_words(&change, rows[i].command);
		back = way_back();
		if (rows[i].back)
			assert_string_equal(back, rows[i].back);
		story_end();
	}
}

/* The address comes back to the PF, and to the interface, which reads it at probe. */
static void back_from_a_reset(void **state)
{
	(void)state;
	story_begin("igb", 1);
	do_words("vf set eth0/0 mac 52:54:00:00:00:07");
	assert_int_equal(model.pfs[0].vfs[0].if_mac.bytes[5], 7);
	plan_words(&change, "vf reset eth0/0");
	way_back();
	assert_int_equal(model.pfs[0].vfs[0].if_mac.bytes[5], 7);
}

/* bnxt_en ignores a number of VFs while its PF is down: it goes down last. */
static void back_from_up_first(void **state)
{
	(void)state;
	story_begin("bnxt_en", 1);
	do_words("pf set eth0 down");
	plan_words(&change, "vf create eth0 0");
	assert_contains(way_back(), "eth0 num_vfs 0>1");
}

/* As it would have ended: the PF up, for it has VFs. */
static void again_up_first(void **state)
{
	(void)state;
	for (size_t steps = 0; steps <= 2; steps++) {
		story_begin("bnxt_en", 0);
		do_words("pf set eth0 down");
		plan_words(&change, "vf create eth0 2");
		assert_int_equal(change_step_count(&change), 2);
		cut_off(steps);
		plan_words(&change_again, "vf create eth0 2");
		go_on();
		assert_int_equal(model.pfs[0].count, 2);
		assert_true(model.pfs[0].pf.up);
		story_end();
	}
}

/* While its driver starts anew a VF has no interface: what is to be set on that can wait. */
static void again_without_interface(void **state)
{
	static const char *const command = "vf set eth0/0 mac 52:54:00:00:00:07 mtu 9000 name x up";

	(void)state;
	for (size_t steps = 0; steps <= 6; steps++) {
		const struct vf *vf = &model.pfs[0].vfs[0];

		story_begin("igb", 1);
		plan_words(&change, command);
		assert_int_equal(change_step_count(&change), 6);
		cut_off(steps);
		plan_words(&change_again, command);
		go_on();
		assert_int_equal(vf->mac.bytes[5], 7);
		assert_int_equal(vf->if_mac.bytes[5], 7);
		assert_string_equal(vf->ifname, "x");
		assert_int_equal(vf->mtu, 9000);
		assert_true(vf->up);
		story_end();
	}
}

/* A VF that is taken away for good loses what its interface had. */
static void again_for_good(void **state)
{
	static const char *const words[] = {"vf unbind eth0/0-1", "vf bind eth0/0-1 vfio-pci"};

	(void)state;
	for (size_t i = 0; i < 2 * 5; i++) {
		story_begin("qede", 2);
		plan_words(&change, words[i % 2]);
		cut_off(i / 2);
		plan_words(&change_again, words[i % 2]);
		go_on();
		for (uint32_t v = 0; v < 2; v++)
			assert_false(vf_has(&model.pfs[0].vfs[v], VF_IFNAME));
		story_end();
	}
}

#define TEST(f) cmocka_unit_test_teardown(f, story_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ways_back),
		TEST(back_from_a_reset),
		TEST(back_from_up_first),
		TEST(again_up_first),
		TEST(again_without_interface),
		TEST(again_for_good),
	};

	return cmocka_run_group_tests_name(
		__FILE__, tests, story_group_setup, story_group_teardown);
}
