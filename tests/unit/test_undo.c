/* What a plan does, and what it says was before, on a host that does what steps say:
 * however far a change came, going back makes the host what it was. */
#include "unit.h"

#include "fixture.h"
#include "model.h"

#include "cli/command.h"
#include "cmd/commands.h"
#include "core/options.h"
#include "core/selector.h"
#include "plan/journal.h"
#include "plan/want.h"

static struct model model;
static struct change change, change_again;
static uint64_t seed;
static bool vectors; /* msix is among the settings */

/* Numerical Recipes' generator: the same everywhere. */
static uint32_t roll(uint32_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(seed >> 33) % below;
}

static const char *pick(const char *const *words, size_t count)
{
	return words[roll((uint32_t)count)];
}
#define PICK(...) pick((const char *const[]){__VA_ARGS__}, ARRAY_SIZE(((const char *const[]){__VA_ARGS__})))

/* A command, as words for people to read when it went wrong. */
struct command_text {
	char text[512];
	size_t len;
};

static void say(struct command_text *c, const char *word)
{
	int n = snprintf(c->text + c->len, sizeof(c->text) - c->len, " %s", word);

	c->len += (size_t)n;
	assert_true(c->len < sizeof(c->text));
}

static const struct vf **some_vfs(const struct host *host, size_t *count, struct command_text *c)
{
	static const struct vf *vfs[MODEL_PFS * MODEL_VFS];
	uint32_t chance = 1 + roll(3);

	*count = 0;
	for (size_t i = 0; i < host->vf_count; i++)
		if (roll(4) < chance) {
			vfs[(*count)++] = &host->vfs[i];
			say(c, host->vfs[i].name);
		}
	return vfs;
}

/* KEY VALUE as a user would write it, more or less sensible. */
static const char *random_value(size_t attr, char *buf, size_t size)
{
	switch (attr) {
	case VF_MAC:
		if (roll(2))
			return "auto";
		snprintf(buf, size, "52:54:00:00:%02x:%02x", roll(256), roll(256));
		return buf;
	case VF_VLAN:
		return PICK("0", "0", "5", "100", "4094");
	case VF_QOS:
		return PICK("0", "3", "7");
	case VF_PROTO:
		return PICK("802.1q", "802.1ad");
	case VF_MAX_TX_RATE:
		return PICK("0", "100", "1gbit", "2.5gbit");
	case VF_MIN_TX_RATE:
		return PICK("0", "50", "100");
	case VF_STATE:
		return PICK("auto", "enable", "disable");
	case VF_MSIX:
		return PICK("8", "4", "16");
	case VF_MTU:
		return PICK("1500", "9000", "576");
	case VF_UP:
		return PICK("up", "down");
	case VF_IFNAME:
		snprintf(buf, size, "name%u", roll(1000));
		return buf;
	default:
		return PICK("on", "off");
	}
}

static size_t random_settings(struct setting *settings, struct command_text *c)
{
	static const size_t attrs[] = {VF_MAC, VF_VLAN, VF_QOS, VF_PROTO, VF_MAX_TX_RATE,
		VF_MIN_TX_RATE, VF_SPOOFCHK, VF_TRUST, VF_STATE, VF_QUERY_RSS, VF_MSIX, VF_MTU, VF_UP,
		VF_IFNAME};
	static char buf[ARRAY_SIZE(attrs)][32];
	uint32_t chance = 1 + roll(3);
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(attrs); i++) {
		const struct attr *row = &vf_type.attrs[attrs[i]];
		const char *value;
		struct error err;

		if (roll(8) >= chance || (attrs[i] == VF_MSIX && !vectors))
			continue;
		value = random_value(attrs[i], buf[i], sizeof(buf[i]));
		settings[count] = (struct setting){.attr = attrs[i]};
		assert_int_equal(attr_parse(row, value, &settings[count++], &err), 0);
		if (!row->off)
			say(c, attr_keyword(row));
		say(c, value);
	}
	return count;
}

static size_t random_pf_settings(struct setting *settings, struct command_text *c)
{
	static const size_t attrs[] = {PF_UP, PF_MTU, PF_AUTOPROBE};
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(attrs); i++) {
		const struct attr *row = &pf_type.attrs[attrs[i]];
		const char *value = attrs[i] == PF_UP    ? PICK("up", "down")
				    : attrs[i] == PF_MTU ? PICK("1500", "9000")
							 : PICK("on", "off");
		struct error err;

		if (roll(2))
			continue;
		settings[count] = (struct setting){.attr = attrs[i]};
		assert_int_equal(attr_parse(row, value, &settings[count++], &err), 0);
		say(c, attr_keyword(row));
		say(c, value);
	}
	return count;
}

enum kind {
	SET,
	BIND,
	RESET,
	CREATE,
	SET_PF,
	KINDS
};

/* One command of that kind, the same one for the same seed. */
static int plan_random(enum kind kind, const struct host *host, struct change *into,
	struct command_text *c, struct error *err)
{
	struct setting settings[16];
	const struct vf **vfs;
	const struct pf *pf = &host->pfs[roll(MODEL_PFS)];
	const char *driver;
	size_t count, n;

	memset(err, 0, sizeof(*err));
	c->len = 0;
	c->text[0] = 0;
	switch (kind) {
	case SET:
		say(c, "vf set");
		vfs = some_vfs(host, &count, c);
		n = random_settings(settings, c);
		return want_vf_settings(into, host, vfs, count, settings, n, 0, err);
	case BIND:
		say(c, "vf bind");
		vfs = some_vfs(host, &count, c);
		driver = PICK("vfio-pci", "default", "default", "igbvf", "othervf", "none");
		say(c, driver);
		return want_driver(into, host, vfs, count,
			strcmp(driver, "none") == 0 ? NULL : driver, 0, err);
	case RESET:
		say(c, "vf reset");
		vfs = some_vfs(host, &count, c);
		return want_reset(into, host, vfs, count, err);
	case CREATE:
		say(c, "vf create");
		n = roll(MODEL_VFS + 1);
		say(c, pf->name);
		say(c, (const char *const[]){"0", "1", "2", "3", "4", "5", "6", "7", "8"}[n]);
		return want_vf_count(into, host, pf, n, err);
	case SET_PF:
		say(c, "pf set");
		say(c, pf->name);
		n = random_pf_settings(settings, c);
		return want_pf_settings(into, host, pf, settings, n, err);
	case KINDS:
		break;
	}
	abort();
}

static char story[65536];
static size_t story_len;

static void tell(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	story_len += (size_t)vsnprintf(story + story_len, sizeof(story) - story_len, fmt, ap);
	va_end(ap);
	if (story_len > sizeof(story) - 8192)
		story_len = 0;
}

static void tell_steps(const struct change *c)
{
	static char text[32768];

	for (size_t i = 0; i < c->count; i++) {
		fixture_steps(c->plans[i], NULL, text, sizeof(text));
		tell("    %s: %.3000s\n", c->plans[i]->pf->name, text);
	}
}

/* More than fail_msg() has room for. */
static void fail_story(const char *what)
{
	fprintf(stderr, "%s", story);
	fail_msg("%s: %s", what, model.wrong);
}

/* The lines of two texts that differ. */
static void tell_difference(const char *before, const char *after)
{
	while (*before && *after) {
		size_t a = strcspn(before, "\n"), b = strcspn(after, "\n");

		if (a != b || memcmp(before, after, a) != 0)
			tell("  was %.*s\n  is  %.*s\n", (int)a, before, (int)b, after);
		before += a + (before[a] != 0);
		after += b + (after[b] != 0);
	}
}

/* The first `steps` steps of all plans; true when that was all of them. */
static bool apply_some(size_t steps)
{
	for (size_t i = 0; i < change.count; i++) {
		const struct plan *plan = change.plans[i];
		size_t n = plan->count < steps ? plan->count : steps;

		if (!model_apply(&model, plan, 0, n))
			fail_story("a step does not work");
		steps -= n;
		if (n < plan->count)
			return false;
	}
	return true;
}

static void undo(void)
{
	for (size_t i = change.count; i-- > 0;)
		if (!model_undo(&model, change.plans[i]))
			fail_story("going back does not work");
}

/* Is there anything that a second run may leave out? What a driver does not tell is
 * written each time. */
static bool anything_left(void)
{
	for (size_t i = 0; i < change_again.count; i++)
		for (size_t j = 0; j < change_again.plans[i]->count; j++) {
			const struct step *s = &change_again.plans[i]->steps[j];

			if (s->kind != STEP_VF_ATTR || s->old.known)
				return true;
		}
	return false;
}

/* Once more, now that it holds: nothing is left to do. */
static void again(enum kind kind, uint64_t then)
{
	struct command_text c;
	struct host host;
	struct error err;
	uint64_t now = seed;

	model_show(&model, &host);
	seed = then;
	if (plan_random(kind, &host, &change_again, &c, &err) < 0) {
		tell("  again: %s\n", err.message);
		fail_story("the second time it is refused");
	}
	if (anything_left()) {
		tell("  again:\n");
		tell_steps(&change_again);
		fail_story("the second time there is something to do");
	}
	change_free(&change_again);
	seed = now;
}

static void check_one(enum kind kind)
{
	static char before[32768], after[32768];
	uint64_t then = seed;
	struct command_text c;
	struct host host;
	struct error err;
	size_t steps;

	model_show(&model, &host);
	if (plan_random(kind, &host, &change, &c, &err) < 0) {
		assert_int_equal(change_step_count(&change), 0);
		assert_true(err.message[0] && err.object[0]);
		change_free(&change);
		return;
	}
	model_text(&model, true, before, sizeof(before));
	steps = change_step_count(&change);
	steps = roll(2) ? steps : roll((uint32_t)steps + 1);
	tell("-%s (%zu of %zu steps)\n", c.text, steps, change_step_count(&change));
	tell_steps(&change);
	if (!apply_some(steps) || roll(2)) {
		tell("  undone\n");
		undo();
		model_text(&model, true, after, sizeof(after));
		if (strcmp(before, after) != 0) {
			tell_difference(before, after);
			fail_story("it is not as it was");
		}
	} else if (kind != RESET) { /* which is never done with */
		again(kind, then);
	}
	change_free(&change);
}

/* Cut off, and run again: it ends as if it had never been cut off. */
static void check_crash(enum kind kind)
{
	static char whole[32768], after[32768];
	struct model was = model;
	uint64_t then = seed, now;
	struct command_text c;
	struct host host;
	struct error err;
	const char *said;
	size_t steps;

	model_show(&model, &host);
	if (plan_random(kind, &host, &change, &c, &err) < 0 || !change_step_count(&change)) {
		change_free(&change);
		return;
	}
	now = seed;
	steps = roll((uint32_t)change_step_count(&change) + 1);
	tell("-%s (%zu of %zu steps)\n", c.text, steps, change_step_count(&change));
	tell_steps(&change);
	change.command = "test";
	for (size_t i = 0; i < change.count; i++)
		if (change.plans[i]->count &&
			journal_write(&change, change.plans[i], &err) < 0)
			fail_story(err.message);
	apply_some(change_step_count(&change));
	model_text(&model, false, whole, sizeof(whole));
	was.arena = model.arena;
	model = was;
	apply_some(steps);
	model_show(&model, &host);
	for (size_t i = 0; i < change.count; i++) {
		struct plan *plan = change_plan(&change_again, change.plans[i]->pf);

		if (journal_load(plan, &said, &err) < 0)
			fail_story(err.message);
	}
	seed = then;
	if (plan_random(kind, &host, &change_again, &c, &err) < 0) {
		tell("  again: %s\n", err.message);
		fail_story("the second time it is refused");
	}
	tell("  again:\n");
	tell_steps(&change_again);
	for (size_t i = 0; i < change.count; i++)
		journal_remove(change.plans[i]->pf);
	change_free(&change);
	change = change_again;
	memset(&change_again, 0, sizeof(change_again));
	model.undoing = true; /* as change_apply() has it where there was a journal */
	apply_some(change_step_count(&change));
	model.undoing = false;
	model_text(&model, false, after, sizeof(after));
	if (strcmp(whole, after) != 0) {
		tell_difference(whole, after);
		fail_story("it is not as it would have been");
	}
	change_free(&change);
	seed = now;
}

static int teardown(void **state)
{
	(void)state;
	change_free(&change);
	change_free(&change_again);
	model_free(&model);
	return 0;
}

/* Some VFs have an override that someone left. */
static void leave_overrides(void)
{
	for (size_t p = 0; p < MODEL_PFS; p++)
		for (uint32_t i = 0; i < model.pfs[p].count; i++)
			if (!roll(3))
				model.pfs[p].vfs[i].driver_override = "igbvf";
}

static void check(
	const char *driver, unsigned kinds, unsigned seeds, void (*check_command)(enum kind))
{
	/* new VFs have the vectors and overrides that new VFs have */
	vectors = !(kinds >> CREATE & 1);
	for (unsigned i = 0; i < seeds; i++) {
		seed = i;
		story_len = 0;
		tell("%s, seed %u\n", driver, i);
		model_init(&model, driver, 1 + roll(MODEL_VFS));
		if (vectors)
			leave_overrides();
		for (int n = 0; n < 25; n++) {
			enum kind kind = roll(KINDS);

			if (kinds >> kind & 1)
				check_command(kind);
		}
		model_free(&model);
	}
}

#define ALL ((1U << KINDS) - 1)
#define SEEDS 100

static void any_driver(void **state)
{
	(void)state;
	check("qede", ALL, SEEDS, check_one);
	check("qede", ALL & ~(1U << CREATE), SEEDS, check_one);
}

static void drivers_with_quirks(void **state)
{
	static const char *const drivers[] = {
		"igb", "ixgbe", "i40e", "ice", "mlx5_core", "bnxt_en", "netdevsim"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++) {
		check(drivers[i], ALL, SEEDS, check_one);
		check(drivers[i], ALL & ~(1U << CREATE), SEEDS, check_one);
	}
}

/* A command line, planned for the model as it is. */
static void plan_words(const char *text)
{
	char copy[256], *argv[32] = {copy}, *save = NULL;
	struct command_line line;
	struct host host;
	struct error err = {0};
	int argc = 1, rc;

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
		argv[argc++] = word;
	model_show(&model, &host);
	change_free(&change);
	rc = parse_command_line(commands, argc, argv, &line, &err) == PARSE_RUN
		     ? line.command->plan(&host, &line.args, &change, &err)
		     : -1;
	free(line.words);
	/* what select_vfs() and the plan need lives in the arenas of host and change */
	arena_free(&host.arena);
	if (rc < 0)
		fail_msg("%s: %s", text, err.message);
	tell("%s\n", text);
	tell_steps(&change);
}

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
			"eth0/1 vlan 5>0; eth0/1 qos 3>0; eth0/1 trust on>off; eth0/0 mtu 9000>1500; eth0/0 up on>off; "
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

		story_len = 0;
		model_init(&model, rows[i].driver, 2);
		if (rows[i].first) {
			plan_words(rows[i].first);
			apply_some(change_step_count(&change));
		}
		plan_words(rows[i].command);
		back = way_back();
		if (rows[i].back)
			assert_string_equal(back, rows[i].back);
		change_free(&change);
		model_free(&model);
	}
}

/* The address comes back to the PF, and to the interface, which reads it at probe. */
static void back_from_a_reset(void **state)
{
	(void)state;
	story_len = 0;
	model_init(&model, "igb", 1);
	plan_words("vf set eth0/0 mac 52:54:00:00:00:07");
	apply_some(change_step_count(&change));
	assert_int_equal(model.pfs[0].vfs[0].if_mac.bytes[5], 7);
	plan_words("vf reset eth0/0");
	way_back();
	assert_int_equal(model.pfs[0].vfs[0].if_mac.bytes[5], 7);
}

/* bnxt_en ignores a number of VFs while its PF is down: it goes down last. */
static void back_from_up_first(void **state)
{
	(void)state;
	story_len = 0;
	model_init(&model, "bnxt_en", 1);
	plan_words("pf set eth0 down");
	apply_some(change_step_count(&change));
	plan_words("vf create eth0 0");
	assert_contains(way_back(), "eth0 num_vfs 0>1");
}

static void run_again(void **state)
{
	static const char *const drivers[] = {"qede", "igb", "mlx5_core"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++)
		check(drivers[i], ALL, SEEDS / 10, check_crash);
}

static void *dir;

static int group_setup(void **state)
{
	(void)state;
	return runtime_setup(&dir);
}

static int group_teardown(void **state)
{
	(void)state;
	return runtime_teardown(&dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(ways_back, teardown),
		cmocka_unit_test_teardown(back_from_a_reset, teardown),
		cmocka_unit_test_teardown(back_from_up_first, teardown),
		cmocka_unit_test_teardown(any_driver, teardown),
		cmocka_unit_test_teardown(drivers_with_quirks, teardown),
		cmocka_unit_test_teardown(run_again, teardown),
	};

	return cmocka_run_group_tests_name(__FILE__, tests, group_setup, group_teardown);
}
