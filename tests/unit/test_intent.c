/* What a policy declares: it is led there from wherever the host is, as far as that can be had,
 * and stays there; what cannot be had costs only itself. */
#include "unit.h"

#include "fixture.h"
#include "random.h"
#include "story_declare.h"

#include "core/options.h"
#include "plan/want.h"

static char whole[32768], after[32768];

static void do_all(const char *lines)
{
	char *copy = arena_strdup(&model.arena, lines), *next;

	for (; copy; copy = next) {
		next = strstr(copy, "; ");
		if (next) {
			*next = 0;
			next += 2;
		}
		if (!run_words(copy, FORCE_IN_USE, -1))
			fail_story(refusal.message);
	}
}

static void assert_holds(const char *when)
{
	const char *wrong = not_as_declared();

	if (wrong) {
		tell("  %s\n", wrong);
		fail_story(when);
	}
}

static void assert_done(void)
{
	if (policy_steps())
		fail_story("the second time there is something to do");
}

/* Does a VF of the other PF have that name? */
static bool is_name_elsewhere(const struct problem *p, const char *name)
{
	for (size_t i = 0; i < MODEL_PFS; i++)
		for (size_t v = 0; v < model.pfs[i].count; v++)
			if (!problem_is_about(p, &model.pfs[i].pf) &&
				vf_has(&model.pfs[i].vfs[v], VF_IFNAME) &&
				strcmp(model.pfs[i].vfs[v].ifname, name) == 0)
				return true;
	return false;
}

/* PFs are changed side by side: what a VF of one is to have and one of the other still has, it
 * gets the next time. Is there such a problem? To be asked before the policy is applied. */
static bool is_in_the_way(const struct declared *d)
{
	bool any = false;

	for (size_t i = 0; i < d->problems.count; i++) {
		const struct problem *p = &d->problems.items[i];
		const char *whose = strstr(p->message, "already that of ");
		const char *name = strstr(p->message, "has the name ");

		any |= whose && strncmp(strrchr(whose, ' ') + 1, p->object, 4) != 0;
		any |= name && is_name_elsewhere(p, strrchr(name, ' ') + 1);
	}
	return any;
}

/* All PFs are planned together to see what is to be done, and each alone to do it: that is the
 * same, but for what is in the way only while each is alone. Is there anything in the way? */
static bool plan_alone(void)
{
	static char together[32768], alone[32768];
	struct change all = {0};
	struct declared d = {0};
	struct host host;
	bool any;

	plan_policy(&d, NULL, &host, &all);
	any = is_in_the_way(&d);
	for (size_t i = 0; i < all.count; i++) {
		fixture_steps(all.plans[i], NULL, together, sizeof(together));
		change_free(&change);
		plan_policy(&d, all.plans[i]->pf->handle, &host, &change);
		any |= is_in_the_way(&d);
		fixture_steps(change.plans[0], NULL, alone, sizeof(alone));
		if (!any && strcmp(together, alone) != 0) {
			tell("  together %s\n  alone    %s\n", together, alone);
			fail_story("alone it is planned otherwise");
		}
	}
	declared_free(&d);
	change_free(&all);
	return any;
}

static bool twice;

static bool apply(void)
{
	declare(0, -1);
	if (twice)
		declare(0, -1);
	if (has_journal() && !declared_stuck)
		fail_story("there is still a journal");
	return !has_journal();
}

/* Whichever step of it is refused: the rest holds, and with what is not refused any more it
 * comes to the same as if nothing had been. */
static void refuse_step(const struct saved *was, size_t n)
{
	story_restore(was);
	model.trouble = (int)n;
	declare(0, -1);
	model.trouble = -1;
	if (has_journal() && !declared_stuck)
		fail_story("there is still a journal");
	assert_holds("a step was refused, and something else is missing");
	if (!apply())
		return;
	assert_holds("it is not refused any more, and is not there");
	assert_done();
}

static void cut_off_behind(const struct saved *was, size_t n)
{
	story_restore(was);
	declare(0, (int)n);
	if (!apply())
		return;
	model_text(&model, false, after, sizeof(after));
	/* meanwhile its name may have gone to the other PF */
	if (!twice && strcmp(whole, after) != 0) {
		tell_difference(whole, after);
		fail_story("it was cut off and applied again, and is not as it would be");
	}
	story_restore(was);
	declare(0, (int)n);
	if (story_repair() && strcmp(declared_before, declared_now()) != 0) {
		tell_difference(declared_before, declared_now());
		fail_story("it was cut off and repaired, and is not as it was");
	}
}

/* From the host as it is: how many steps it takes. */
static size_t lead_there(void)
{
	size_t steps = policy_steps();

	twice = plan_alone();
	apply();
	assert_holds("it is not as declared");
	assert_done();
	model_text(&model, false, whole, sizeof(whole));
	return steps;
}

/* by hand */

struct row {
	const char *driver;
	uint32_t vfs;
	const char *first; /* or NULL: what the host was before, command by command */
	const char *policy;
	const char *steps;    /* of eth0; NULL: whatever leads there */
	const char *problems; /* "OBJECT KEY: MESSAGE" each, or NULL */
};

static void begin_row(const struct row *row)
{
	story_begin(row->driver, row->vfs);
	if (row->first)
		do_all(row->first);
	policy_is(row->policy);
}

static const struct row rows[] = {
	{"qede", 0, NULL, "pf: eth0, vfs: 2", "eth0 num_vfs 0>2", NULL},
	/* a bare PF: attributes before drivers, the interface last */
	{"igb", 0, NULL,
		"pf: eth0, mtu: 9000, vfs: 2, vf: {all: {trust: on}, 0: {driver: vfio-pci, vlan: "
		"5}, 1: {name: store, mtu: 9000, up: on, mac: auto}}",
		NULL, NULL},
	{"qede", 2, "vf set eth0/0 vlan 5 mtu 9000 name store up; vf bind eth0/1 vfio-pci",
		"pf: eth0, vfs: 3, vf: {0: {vlan: 6}, 2: {msix: 16}}", NULL, NULL},
	{"qede", 3, NULL, "pf: eth0, vfs: 2", NULL, NULL},
	/* what holds is no step */
	{"igb", 2, "vf set eth0/0 vlan 5 mac auto name a",
		"pf: eth0, vfs: 2, up: on, vf: {0: {vlan: 5, mac: auto, name: a, driver: default, "
		"proto: 802.1q}}",
		"", NULL},
	/* names that change hands */
	{"qede", 2, "vf set eth0/0 name a; vf set eth0/1 name b",
		"pf: eth0, vf: {0: {name: b}, 1: {name: a}}",
		"eth0/1 ifname b>sriovvf101; eth0/0 ifname a>b; eth0/1 ifname b>a", NULL},
	{"qede", 3, "vf set eth0/0 name a; vf set eth0/1 name b; vf set eth0/2 name c",
		"pf: eth0, vf: {0: {name: b}, 1: {name: c}, 2: {name: a}}",
		"eth0/1 ifname b>sriovvf101; eth0/0 ifname a>b; eth0/2 ifname c>sriovvf102; eth0/1 "
		"ifname b>c; eth0/2 ifname c>a",
		NULL},
	{"qede", 2, "vf set eth0/0 name a; vf set eth0/1 name b",
		"pf: eth0, vfs: 3, vf: {0: {name: b}, 1: {name: a}}", NULL, NULL},
	{"qede", 2, "vf set eth0/0 name a",
		"pf: eth0, vf: {0: {driver: othervf, name: c}, 1: {name: a}}",
		"eth0/0 driver igbvf>; eth0/0 driver igbvf>othervf; eth0/0 ifname a>c; eth0/0 mtu "
		"1500>1500; eth0/1 ifname new101>a",
		NULL},
	{"qede", 2, "vf set eth0/0 name a", "pf: eth0, vf: {0: {driver: vfio-pci}, 1: {name: a}}",
		"eth0/0 driver igbvf>; eth0/0 driver igbvf>vfio-pci; eth0/0 vfio >/dev/vfio/10; "
		"eth0/1 ifname new101>a",
		NULL},
	{"qede", 4, "vf set eth0/3 name a", "pf: eth0, vfs: 2, vf: {1: {name: a}}", NULL, NULL},
	/* one that cannot be given up is not free either */
	{"qede", 2, "vf set eth0/1 name b; vf set eth1/0 name a",
		"pf: eth0, vf: {0: {name: b}, 1: {name: a}}", "",
		"eth0/1 name: another interface has the name a; eth0/0 name: another interface has "
		"the name b"},
	/* addresses that change hands, and such as cannot */
	{"igb", 2, "vf set eth0/0 mac 52:54:00:00:00:71; vf set eth0/1 mac 52:54:00:00:00:72",
		"pf: eth0, vf: {0: {mac: \"52:54:00:00:00:72\"}, 1: {mac: \"52:54:00:00:00:71\"}}",
		NULL, NULL},
	{"qede", 2, "vf set eth0/1 mac 52:54:00:00:00:72; vf set eth1/0 mac 52:54:00:00:00:73",
		"pf: eth0, vf: {0: {mac: \"52:54:00:00:00:72\"}, 1: {mac: \"52:54:00:00:00:73\"}}",
		"",
		"eth0/1 mac: refused: that address is already that of eth1/0; eth0/0 mac: refused: "
		"that address is already that of eth0/1"},
	{"qede", 2, "vf set eth0/0-1 mac auto; vf set eth0/0 mac 52:54:00:00:00:71",
		"pf: eth0, vf: {all: {mac: auto}}",
		"eth0/0 mac 52:54:00:00:00:71>8e:04:35:42:6d:22", NULL},
	{"igb", 2, "vf set eth0/1 mac 8e:04:35:42:6d:22", "pf: eth0, vf: {0: {mac: auto}}", NULL,
		NULL},
	/* its interface has not taken the address of the PF yet */
	{"igb", 1, "vf set eth0/0 trust on mac 52:54:00:00:00:71",
		"pf: eth0, vf: {0: {mac: \"52:54:00:00:00:71\", trust: off}}",
		"eth0/0 trust on>off", NULL},
	/* vectors: only while no driver has it */
	{"qede", 1, "vf set eth0/0 name a up", "pf: eth0, vf: {0: {msix: 16}}",
		"eth0/0 driver igbvf>; eth0/0 msix 8>16; eth0/0 driver igbvf>igbvf; eth0/0 ifname "
		"a>a; eth0/0 mtu 1500>1500; eth0/0 up on>on",
		NULL},
	{"qede", 1, "vf bind eth0/0 vfio-pci", "pf: eth0, vf: {0: {msix: 16}}",
		"eth0/0 driver vfio-pci>; eth0/0 msix 8>16; eth0/0 driver vfio-pci>vfio-pci", NULL},
	{"qede", 1, NULL, "pf: eth0, vf: {0: {msix: 16, driver: vfio-pci}}",
		"eth0/0 driver igbvf>; eth0/0 msix 8>16; eth0/0 driver igbvf>vfio-pci; eth0/0 vfio "
		">/dev/vfio/10",
		NULL},
	{"qede", 1, "vf unbind eth0/0; vf set eth0/0 msix 16; vf bind eth0/0 default",
		"pf: eth0, vfs: 2, vf: {0: {msix: 16}}", NULL, NULL},
	/* as on a new one, but for what is wished; its driver's own address is nobody's */
	{"qede", 1, "vf set eth0/0 vlan 5 qos 3 trust on spoofchk off mac 52:54:00:00:00:71",
		"pf: eth0, vf: {0: {reset: true, vlan: 6}}",
		"eth0/0 vlan 5>6; eth0/0 qos 3>0; eth0/0 trust on>off", NULL},
	{"igb", 1, "vf set eth0/0 vlan 5 max_tx_rate 100 spoofchk off",
		"pf: eth0, vf: {0: {reset: true}}",
		"eth0/0 vlan 5>0; eth0/0 max_tx_rate 100>0; eth0/0 spoofchk off>on", NULL},
	{"qede", 2, "vf set eth0/0 vlan 5 max_tx_rate 100; vf unbind eth0/0",
		"pf: eth0, vf: {0: {reset: true, driver: default}}",
		"eth0/0 vlan 5>0; eth0/0 max_tx_rate 100>0; eth0/0 driver >default", NULL},
	{"qede", 2, "vf set eth0/0 vlan 5", "pf: eth0, vfs: 3, vf: {all: {reset: true}}", NULL,
		NULL},
	{"qede", 1, "vf set eth0/0 vlan 5 qos 3", "pf: eth0, vf: {0: {reset: true, qos: 3}}",
		"eth0/0 vlan 5>0; eth0/0 qos 3>0",
		"eth0/0 qos: it means nothing without a VLAN, and this VF has none"},
	{"qede", 1, "vf set eth0/0 vlan 5 qos 3", "pf: eth0, vf: {0: {vlan: 0, qos: 3}}",
		"eth0/0 vlan 5>0; eth0/0 qos 3>0",
		"eth0/0 qos: it means nothing without a VLAN, and this VF has none"},
	/* drivers; without autoprobe only those that are asked for */
	{"qede", 0, NULL,
		"pf: eth0, vfs: 3, autoprobe: off, vf: {1: {driver: default, name: a}, 2: {driver: "
		"vfio-pci}}",
		"eth0 autoprobe on>off; eth0 num_vfs 0>3; eth0 autoprobe off>on; eth0/1 driver "
		">default; eth0/2 driver >vfio-pci; eth0 autoprobe on>off; eth0/1 ifname >a",
		NULL},
	{"qede", 2, "vf unbind eth0/0; pf set eth0 autoprobe off",
		"pf: eth0, vf: {0: {driver: default, up: on}}",
		"eth0 autoprobe off>on; eth0/0 driver >default; eth0 autoprobe on>off; eth0/0 up "
		">on",
		NULL},
	{"qede", 0, "pf set eth0 autoprobe off", "pf: eth0, vfs: 1, vf: {0: {name: a, vlan: 5}}",
		"eth0 num_vfs 0>1; eth0/0 vlan >5",
		"eth0/0 name: it has no interface: no driver has it"},
	{"qede", 2, "vf bind eth0/0 othervf", "pf: eth0, vf: {all: {driver: default}}", "", NULL},
	/* what its driver refuses costs only itself */
	{"igb", 1, NULL,
		"pf: eth0, vfs: 2, vf: {all: {state: enable, vlan: 5, min_tx_rate: 50, proto: "
		"802.1ad, trust: on}}",
		NULL,
		"eth0/0 state: igb cannot set state of a VF; eth0/0 proto: igb cannot put a VF "
		"into an 802.1ad VLAN; eth0/0 min_tx_rate: igb cannot guarantee a VF a rate; "
		"eth0/1 state: igb cannot set state of a VF; eth0/1 proto: igb cannot put a VF "
		"into an 802.1ad VLAN; eth0/1 min_tx_rate: igb cannot guarantee a VF a rate"},
	{"qede", 1, NULL, "pf: eth0, vf: {0: {min_tx_rate: 200, max_tx_rate: 100, vlan: 5}}",
		"eth0/0 vlan 0>5; eth0/0 min_tx_rate 0>200",
		"eth0/0 max_tx_rate: its min_tx_rate (200) would be above its max_tx_rate (100)"},
	/* a number that cannot be is that of one PF alone */
	{"qede", 0, NULL, "pf: eth0, vfs: 9; pf: eth1, vfs: 1", "eth1 num_vfs 0>1",
		"eth0 vfs: it can have 8 VFs at most, not 9"},
	/* elsewhere: left as they are */
	{"qede", 2, "netns attach eth0/0 blue name net1",
		"pf: eth0, vf: {all: {vlan: 5, name: \"v{vf}\"}}",
		"eth0/1 vlan 0>5; eth0/1 ifname new101>v1", NULL},
	{"qede", 2, "netns attach eth0/0 blue name net1", "pf: eth0, vfs: 3, vf: {all: {vlan: 5}}",
		NULL, NULL},
	{"qede", 2, "vf bind eth0/0 vfio-pci; netns attach eth0/0 blue",
		"pf: eth0, vf: {all: {vlan: 5, driver: default}}", "eth0/1 vlan 0>5", NULL},
	/* the PF itself */
	{"bnxt_en", 0, NULL, "pf: eth0, up: off, vfs: 2", "eth0 num_vfs 0>2; eth0 up on>off", NULL},
	{"bnxt_en", 0, "pf set eth0 down", "pf: eth0, up: off, vfs: 2",
		"eth0 up off>on; eth0 num_vfs 0>2; eth0 up on>off", NULL},
	{"bnxt_en", 0, "pf set eth0 down", "pf: eth0, vfs: 2", "eth0 up off>on; eth0 num_vfs 0>2",
		NULL},
	{"igb", 2, "pf set eth0 down", "pf: eth0, up: on, mtu: 9000, vf: {0: {max_tx_rate: 100}}",
		"eth0 mtu 1500>9000; eth0 up off>on; eth0/0 max_tx_rate 0>100", NULL},
	{"igb", 2, "pf set eth0 down", "pf: eth0, vf: {0: {max_tx_rate: 100, vlan: 5}}",
		"eth0/0 vlan 0>5",
		"eth0/0 max_tx_rate: refused: igb sets rates only while eth0 has a link"},
	{"igb", 2, "vf set eth0/0 max_tx_rate 100", "pf: eth0, vfs: 3, up: off", NULL, NULL},
	{"igb", 2, NULL, "pf: eth0, vf: {0: {max_tx_rate: 100}}, up: off",
		"eth0/0 max_tx_rate 0>100; eth0 up on>off", NULL},
	{"igb", 2, "vf set eth0/0 max_tx_rate 100; pf set eth0 down", "pf: eth0, vfs: 3, up: on",
		NULL, NULL},
	{"igb", 2, "vf set eth0/0 max_tx_rate 100; pf set eth0 down", "pf: eth0, vfs: 3", "",
		"eth0 num_vfs: refused: VF 0 would lose its transmit rate, which igb sets only "
		"while eth0 has a link"},
};

static const char *problems_text(const struct problems *list)
{
	const char *text = "";

	for (size_t i = 0; i < list->count; i++) {
		const struct problem *p = &list->items[i];

		text = arena_printf(&model.arena, "%s%s%s%s%s: %s", text, i ? "; " : "", p->object,
			p->attr ? " " : "", p->attr ? p->attr : "", p->message);
		if (!p->origin.source)
			fail_story("a problem has no place");
	}
	return text;
}

static void check_plan(const struct row *row)
{
	static char text[16384];
	const char *said = row->problems ? row->problems : "";
	struct declared d = {0};
	struct host host;

	change_free(&change);
	plan_policy(&d, NULL, &host, &change);
	fixture_steps(change.plans[0], NULL, text, sizeof(text));
	if (row->steps && strcmp(text, row->steps) != 0)
		fail_msg("%s\nmakes\n%s\nnot\n%s", row->policy, text, row->steps);
	if (strcmp(problems_text(&d.problems), said) != 0)
		fail_msg("%s\nsays\n%s\nnot\n%s", row->policy, problems_text(&d.problems), said);
	declared_free(&d);
	change_free(&change);
}

static void policies_are_led_to(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct saved was;
		size_t steps;

		begin_row(&rows[i]);
		check_plan(&rows[i]);
		story_save(&was);
		steps = lead_there();
		for (size_t n = 0; n < steps; n++)
			refuse_step(&was, n);
		for (size_t n = 0; n <= steps; n++)
			cut_off_behind(&was, n);
		policy_end();
		story_end();
	}
}

/* at random */

#define VFS 6
#ifndef SEEDS
#define SEEDS 25
#endif

/* What only one VF can have. */
struct taken {
	unsigned macs, names;
};

static const char *add(const char *text, const char *more)
{
	return arena_printf(&model.arena, "%s%s%s", text, text[0] ? ", " : "", more);
}

static const char *some_key(const char *text, const char *key, const char *value)
{
	return roll(6) ? text : add(text, arena_printf(&model.arena, "%s: %s", key, value));
}

static const char *some_attributes(bool interface)
{
	const char *t = "", *vlan = PICK("0", "5", "6");

	t = some_key(t, "vlan", vlan);
	t = some_key(t, "qos", PICK("0", "3"));
	t = some_key(t, "proto", PICK("802.1q", "802.1q", "802.1ad"));
	t = some_key(t, "max_tx_rate", PICK("0", "100", "1000"));
	t = some_key(t, "min_tx_rate", PICK("0", "50"));
	t = some_key(t, "spoofchk", PICK("on", "off"));
	t = some_key(t, "trust", PICK("on", "off"));
	t = some_key(t, "state", PICK("auto", "enable"));
	t = some_key(t, "query_rss", PICK("on", "off"));
	t = some_key(t, "msix", PICK("8", "16"));
	t = some_key(t, "reset", PICK("true", "false"));
	if (interface) {
		t = some_key(t, "mtu", PICK("1500", "9000"));
		t = some_key(t, "up", PICK("on", "off"));
	}
	return t;
}

static const char *some_vf(struct taken *taken)
{
	const char *driver = roll(3) ? NULL : PICK("vfio-pci", "default", "igbvf", "othervf");
	bool interface = !driver || strcmp(driver, "vfio-pci") != 0;
	const char *t = driver ? arena_printf(&model.arena, "driver: %s", driver) : "";
	const char *more = some_attributes(interface);
	unsigned mac = roll(4), name = roll(4);

	if (more[0])
		t = add(t, more);
	if (roll(4) == 0)
		t = add(t, "mac: auto");
	else if (roll(3) == 0 && !(taken->macs & 1U << mac)) {
		t = add(t, arena_printf(&model.arena, "mac: \"52:54:00:00:00:7%u\"", mac));
		taken->macs |= 1U << mac;
	}
	if (interface && roll(3) == 0 && !(taken->names & 1U << name)) {
		t = add(t, arena_printf(&model.arena, "name: %c", 'a' + (int)name));
		taken->names |= 1U << name;
	}
	return t;
}

static const char *some_pf(unsigned pf, struct taken *taken)
{
	uint32_t count = roll(VFS);
	const char *t = arena_printf(&model.arena, "pf: eth%u", pf), *vfs = "";

	if (roll(4))
		t = add(t, arena_printf(&model.arena, "vfs: %u", count));
	else
		count = model.pfs[pf].count;
	t = some_key(t, "mtu", PICK("1500", "9000"));
	t = some_key(t, "up", PICK("on", "on", "off"));
	t = some_key(t, "autoprobe", PICK("on", "off"));
	if (roll(3) == 0)
		vfs = add(vfs, arena_printf(&model.arena, "all: {%s}", some_attributes(true)));
	for (uint32_t i = 0; i < count; i++)
		if (roll(2))
			vfs = add(vfs, arena_printf(&model.arena, "%u: {%s}", i, some_vf(taken)));
	return vfs[0] ? add(t, arena_printf(&model.arena, "vf: {%s}", vfs)) : t;
}

static const char *some_policy(void)
{
	struct taken taken = {0};
	const char *text = "";

	for (unsigned i = 0; i < MODEL_PFS; i++)
		if (roll(6))
			text = arena_printf(&model.arena, "%s%s%s", text, text[0] ? "; " : "",
				some_pf(i, &taken));
	return text[0] ? text : some_pf(0, &taken);
}

static const char *some_line(void)
{
	struct arena *a = &model.arena;
	const char *vf = arena_printf(a, "eth%u/%u", roll(MODEL_PFS), roll(4));

	switch (roll(8)) {
	case 0:
		return arena_printf(a, "vf bind %s %s", vf, PICK("vfio-pci", "default", "othervf"));
	case 1:
		return arena_printf(a, "vf unbind %s", vf);
	case 2:
		return arena_printf(a, "pf set eth%u %s", roll(MODEL_PFS),
			PICK("up", "down", "mtu 9000", "autoprobe off"));
	case 3:
		return arena_printf(a, "netns attach %s %s%s", vf, PICK("blue", "red"),
			PICK("", " vlan 6", " address 192.0.2.1/24"));
	default:
		return arena_printf(a, "vf set %s %s %s", vf,
			PICK("vlan 5", "vlan 6 qos 3", "max_tx_rate 100", "spoofchk off",
				"trust on", "query_rss on"),
			PICK("mac auto", "mac 52:54:00:00:00:71", "mac 52:54:00:00:00:72", "name a",
				"name b", "name c", "mtu 9000 up", "up"));
	}
}

/* So often something was tried, and all of it could be had. */
static unsigned tried, had;

static void check_policy(void)
{
	struct saved was;
	size_t steps;

	policy_is(some_policy());
	story_save(&was);
	steps = lead_there();
	tried++;
	had += !declared[0].problems.errors && !declared[1].problems.errors;
	if (steps) {
		refuse_step(&was, roll((uint32_t)steps));
		cut_off_behind(&was, roll((uint32_t)steps + 1));
	}
	story_restore(&was);
	declare(0, -1);
	policy_end();
}

static void check_driver(const char *driver, unsigned seeds)
{
	for (unsigned seed = 0; seed < seeds; seed++) {
		random_seed(seed);
		story_begin(driver, roll(5));
		tell("seed %u\n", seed);
		for (unsigned i = 0; i < 4; i++) {
			for (unsigned n = roll(4); n; n--)
				run_words(some_line(), 0, -1);
			check_policy();
		}
		story_end();
	}
}

static void random_policies(void **state)
{
	static const char *const drivers[] = {
		"qede", "igb", "ixgbe", "i40e", "ice", "mlx5_core", "bnxt_en", "netdevsim"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++)
		check_driver(drivers[i], SEEDS);
	print_message("%u of %u could be had whole\n", had, tried);
	assert_true(had > tried / 3);
}

static int end_policy(void **state)
{
	policy_end();
	return story_teardown(state);
}

#define TEST(f) cmocka_unit_test_teardown(f, end_policy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(policies_are_led_to),
		TEST(random_policies),
	};

	return cmocka_run_group_tests_name(
		__FILE__, tests, story_group_setup, story_group_teardown);
}
