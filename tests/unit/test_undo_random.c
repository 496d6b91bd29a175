/* Commands made up at random, on a host that does what steps say: however far a change
 * came, going back makes the host what it was; one that was carried out leaves nothing to
 * do; one that was cut off ends, run again, as if it had not been. */
#include "unit.h"

#include "random.h"
#include "story.h"

#include "core/options.h"
#include "plan/want.h"

static bool vectors; /* msix is among the settings */

static const struct vf **some_vfs(const struct host *host, size_t *count, struct text *c)
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

static size_t random_settings(struct setting *settings, struct text *c)
{
	static const size_t attrs[] = {VF_MAC, VF_VLAN, VF_QOS, VF_PROTO, VF_MAX_TX_RATE,
		VF_MIN_TX_RATE, VF_SPOOFCHK, VF_TRUST, VF_STATE, VF_QUERY_RSS, VF_MSIX, VF_MTU,
		VF_UP, VF_IFNAME};
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

static size_t random_pf_settings(struct setting *settings, struct text *c)
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
static int plan_random(enum kind kind, const struct host *host, struct change *into, struct text *c,
	struct error *err)
{
	struct setting settings[16];
	const struct vf **vfs;
	const struct pf *pf = &host->pfs[roll(MODEL_PFS)];
	const char *driver;
	size_t count, n;

	memset(err, 0, sizeof(*err));
	*c = (struct text){.count = 0};
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
	struct text c;
	struct host host;
	struct error err;
	uint64_t now = random_state();

	model_show(&model, &host);
	random_seed(then);
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
	random_seed(now);
}

static void check_one(enum kind kind)
{
	static char before[32768], after[32768];
	uint64_t then = random_state();
	struct text c;
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
	tell("- %s (%zu of %zu steps)\n", c.text, steps, change_step_count(&change));
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
	uint64_t then = random_state(), now;
	struct text c;
	struct host host;
	struct error err;
	size_t steps;

	model_show(&model, &host);
	if (plan_random(kind, &host, &change, &c, &err) < 0 || !change_step_count(&change)) {
		change_free(&change);
		return;
	}
	steps = roll((uint32_t)change_step_count(&change) + 1);
	now = random_state();
	tell("- %s (%zu of %zu steps)\n", c.text, steps, change_step_count(&change));
	tell_steps(&change);
	apply_some(change_step_count(&change));
	model_text(&model, false, whole, sizeof(whole));
	was.arena = model.arena;
	model = was;
	cut_off(steps);
	model_show(&model, &host);
	random_seed(then);
	if (plan_random(kind, &host, &change_again, &c, &err) < 0) {
		tell("  again: %s\n", err.message);
		fail_story("the second time it is refused");
	}
	go_on();
	model_text(&model, false, after, sizeof(after));
	if (strcmp(whole, after) != 0) {
		tell_difference(whole, after);
		fail_story("it is not as it would have been");
	}
	change_free(&change);
	random_seed(now);
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
		random_seed(i);
		story_begin(driver, 1 + roll(MODEL_VFS));
		tell("seed %u\n", i);
		if (vectors)
			leave_overrides();
		for (int n = 0; n < 25; n++) {
			enum kind kind = roll(KINDS);

			if (kinds >> kind & 1)
				check_command(kind);
		}
		story_end();
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

static const char *const drivers[] = {
	"igb", "ixgbe", "i40e", "ice", "mlx5_core", "bnxt_en", "netdevsim"};

static void drivers_with_quirks(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++) {
		check(drivers[i], ALL, SEEDS, check_one);
		check(drivers[i], ALL & ~(1U << CREATE), SEEDS, check_one);
	}
}

static void run_again(void **state)
{
	(void)state;
	check("qede", ALL, SEEDS / 10, check_crash);
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++)
		check(drivers[i], ALL, SEEDS / 10, check_crash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(any_driver, story_teardown),
		cmocka_unit_test_teardown(drivers_with_quirks, story_teardown),
		cmocka_unit_test_teardown(run_again, story_teardown),
	};

	return cmocka_run_group_tests_name(
		__FILE__, tests, story_group_setup, story_group_teardown);
}
