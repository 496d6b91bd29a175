/* The life of VFs that are handed out and taken back, made up at random: commands that
 * succeed, are refused, fail or are cut off, and others who rename interfaces, move them on,
 * delete their namespaces, restart their drivers. Whatever comes, what a lease has saved
 * comes back, and nothing else changes. */
#include "unit.h"

#include "random.h"
#include "story.h"

#include "core/lease.h"
#include "core/options.h"

static char before[32768], after[32768];

/* The VFs as they were before a command, by PF and index, and what was remembered of them. */
static struct {
	char text[1024];
	struct vf vf;
	const struct lease *lease;
	bool named;         /* by the command */
	bool altnames_lost; /* others have some of those it had at home */
} was[MODEL_PFS][MODEL_VFS];

static const struct lease *lease_of(const struct host *host, const struct vf *vf)
{
	for (size_t i = 0; i < host->vf_count; i++)
		if (strcmp(host->vfs[i].name, vf->name) == 0)
			return host->vfs[i].attached;
	return NULL;
}

/* Does another interface have one of its alternative names by now? */
static bool lost_altname(const struct lease *l, const struct vf *vf)
{
	for (size_t i = 0; i < l->home.altnames.count; i++)
		if (model_name_taken(
			    &model, &model.netns[MODEL_HOME], l->home.altnames.items[i], vf))
			return true;
	return false;
}

static void note(void)
{
	struct host host;

	model_show(&model, &host);
	for (size_t p = 0; p < MODEL_PFS; p++)
		for (uint32_t i = 0; i < model.pfs[p].count; i++) {
			const struct vf *vf = &model.pfs[p].vfs[i];

			model_vf_text(vf, true, was[p][i].text, sizeof(was[p][i].text));
			was[p][i].vf = *vf;
			was[p][i].lease = lease_of(&host, vf);
			was[p][i].altnames_lost =
				was[p][i].lease && lost_altname(was[p][i].lease, vf);
		}
	model_text(&model, true, before, sizeof(before));
}

static void assert_unchanged(const char *what)
{
	model_text(&model, true, after, sizeof(after));
	if (strcmp(before, after) == 0)
		return;
	tell_difference(before, after);
	fail_story(what);
}

static void fail_vf(const struct vf *vf, const char *key, const char *what)
{
	tell("  %s %s: %s\n", vf->name, key, what);
	fail_story(what);
}

/* What must be in a lease, and is put back. */
static const enum vf_attr own[] = {VF_DRIVER, VF_IFNAME, VF_MTU, VF_UP, VF_ALTNAMES, VF_IF_MAC};

static bool is_same(const struct vf *a, const struct vf *b, unsigned attr)
{
	struct value x = attr_get(&vf_type, attr, a), y = attr_get(&vf_type, attr, b);

	/* priority and protocol of no VLAN mean nothing */
	if ((attr == VF_QOS || attr == VF_PROTO) && !a->vlan && !b->vlan)
		return true;
	/* known to be none is none */
	x.known &= x.type != VALUE_STRING || x.string;
	y.known &= y.type != VALUE_STRING || y.string;
	return (!x.known && !y.known) || value_equal(&x, &y);
}

/* A VF that was at home, and has been attached: the lease has all that it had. */
static void check_lease(const struct lease *l, const struct vf *had)
{
	for (unsigned a = 0; a < VF_ATTR_COUNT; a++) {
		bool keep = vf_type.attrs[a].flags & ATTR_KEEP && vf_has(had, a) && a != VF_MAC;

		for (size_t i = 0; i < ARRAY_SIZE(own); i++)
			keep |= own[i] == a && vf_has(had, a) && vf_has(had, VF_IFNAME);
		/* what its driver takes from the PF on the way is as good as there */
		if (a == VF_IF_MAC && !lladdr_is_zero(&had->mac))
			continue;
		if (keep && (!vf_has(&l->home, a) || !is_same(&l->home, had, a)))
			fail_vf(had, vf_type.attrs[a].key, "the lease does not have it");
	}
}

/* A VF that came home: it has all that the lease had. */
static void check_home(const struct lease *l, const struct vf *vf, bool altnames_lost)
{
	if (vf_has(vf, VF_NETNS))
		fail_vf(vf, "netns", "it has not come home");
	for (unsigned a = 0; a < VF_ATTR_COUNT; a++)
		if (a != VF_NETNS && a != VF_LEASE && vf_has(&l->home, a) &&
			(vf_has(vf, a) || !(vf_type.attrs[a].flags & ATTR_KEEP)) &&
			!(a == VF_ALTNAMES && altnames_lost) &&
			!(a == VF_DRIVER && !l->home.driver && !vf_has(vf, VF_DRIVER)) &&
			!is_same(&l->home, vf, a))
			fail_vf(vf, vf_type.attrs[a].key, "it is not as it was");
}

/* Those that the command did not name are as they were. */
static void check_others(void)
{
	char text[1024];
	struct host host;

	model_show(&model, &host);
	for (size_t p = 0; p < MODEL_PFS; p++)
		for (uint32_t i = 0; i < model.pfs[p].count; i++) {
			const struct vf *vf = &model.pfs[p].vfs[i];

			if (was[p][i].named)
				continue;
			model_vf_text(vf, true, text, sizeof(text));
			if (strcmp(text, was[p][i].text) != 0 ||
				!lease_of(&host, vf) != !was[p][i].lease) {
				tell("  was %s\n  is  %s\n", was[p][i].text, text);
				fail_story("another VF has changed");
			}
		}
}

/* commands */

static void name_some(struct text *t)
{
	uint32_t chance = 1 + roll(3);

	for (size_t p = 0; p < MODEL_PFS; p++)
		for (uint32_t i = 0; i < model.pfs[p].count; i++) {
			was[p][i].named = roll(8) < chance;
			if (was[p][i].named)
				say(t, model.pfs[p].vfs[i].name);
		}
	if (t->count)
		return;
	was[0][0].named = true;
	say(t, model.pfs[0].vfs[0].name);
}

static void say_settings(struct text *t)
{
	static const char *const words[] = {"vlan 0", "vlan 5", "vlan 100 qos 3", "mac auto",
		"trust on", "trust off", "spoofchk off", "max_tx_rate 100", "state disable",
		"mtu 1450", "mtu 9000", "up", "down", "name net0", "name web", "name new101",
		"name storage", "owner c1", "owner c2"};
	const char *used[ARRAY_SIZE(words)];
	size_t count = 0;

	for (size_t n = roll(5); n > 0; n--) {
		const char *word = words[roll(ARRAY_SIZE(words))];
		bool again = false;

		for (size_t i = 0; i < count; i++)
			again |= strncmp(used[i], word, 3) == 0 ||
				 (word[0] == 'u' && used[i][0] == 'd') ||
				 (word[0] == 'd' && used[i][0] == 'u');
		if (again)
			continue;
		used[count++] = word;
		say(t, word);
	}
	if (!roll(3))
		say(t, PICK("address 192.0.2.1/24", "address 192.0.2.2/24 address 2001:db8::2/64",
			       "address 2001:db8::1/64 gateway fe80::1",
			       "address 192.0.2.1/24 gateway 192.0.2.254"));
}

/* How it ends: at the end, or, by trouble or by death, behind some of the steps. */
static bool end_somehow(bool *died)
{
	size_t steps = change_step_count(&change);
	uint32_t how = roll(5);
	bool done;

	*died = how == 0;
	if (how == 1 && steps)
		model.trouble = (int)roll((uint32_t)steps);
	done = carry_out(how == 0 ? (int)roll((uint32_t)steps + 1) : -1);
	model.trouble = -1;
	return done;
}

static void attached(void)
{
	struct host host;

	model_show(&model, &host);
	for (size_t p = 0; p < MODEL_PFS; p++)
		for (uint32_t i = 0; i < model.pfs[p].count; i++) {
			const struct lease *l = lease_of(&host, &model.pfs[p].vfs[i]);

			if (!was[p][i].named)
				continue;
			if (!l)
				fail_vf(&was[p][i].vf, "lease", "it is attached without one");
			if (!was[p][i].lease)
				check_lease(l, &was[p][i].vf);
			/* what it had at home is what it had then */
			else
				for (unsigned a = 0; a < VF_ATTR_COUNT; a++)
					if (!is_same(&l->home, &was[p][i].lease->home, a))
						fail_vf(&was[p][i].vf, vf_type.attrs[a].key,
							"the lease has something else");
		}
}

static void detached(void)
{
	struct host host;

	model_show(&model, &host);
	for (size_t p = 0; p < MODEL_PFS; p++)
		for (uint32_t i = 0; i < model.pfs[p].count; i++) {
			const struct vf *vf = &model.pfs[p].vfs[i];

			if (!was[p][i].named)
				continue;
			if (lease_of(&host, vf))
				fail_vf(vf, "lease", "it is still there");
			if (was[p][i].lease)
				check_home(was[p][i].lease, vf, was[p][i].altnames_lost);
		}
}

/* Is there anything that a second run may leave out? */
static bool anything_left(void)
{
	for (size_t i = 0; i < change.count; i++)
		for (size_t j = 0; j < change.plans[i]->count; j++) {
			const struct step *s = &change.plans[i]->steps[j];

			if (s->kind != STEP_VFIO_NODE && (s->kind != STEP_VF_ATTR || s->old.known))
				return true;
		}
	return false;
}

static void must_be_done(const char *words, unsigned force)
{
	if (!prepare_words(words, force))
		fail_story("the second time it is refused");
	if (anything_left())
		fail_story("the second time there is something to do");
	change_free(&change);
}

/* A command that hands out, or takes back, and what must be true then. */
static void lend(bool attach)
{
	struct text t = {.count = 0};
	unsigned force = roll(4) ? 0 : FORCE_IN_USE;
	bool clean = !has_journal(), died = false, done;

	say(&t, attach ? "netns attach" : "netns detach");
	t.count = 0;
	name_some(&t);
	if (attach)
		say(&t, PICK("blue", "blue", "red"));
	if (attach)
		say_settings(&t);
	else if (roll(2))
		say(&t, PICK("owner c1", "owner c2"));
	note();
	if (!prepare_words(t.text, force)) {
		if (!refusal.message[0] || refusal.code == EXIT_DONE ||
			(clean && refusal.code == EXIT_KERNEL))
			fail_story("it is refused without a reason");
		if (clean)
			assert_unchanged("it is refused, and has changed something");
		return;
	}
	done = end_somehow(&died);
	if (died)
		return;
	if (clean)
		check_others();
	if (!done && attach && clean)
		assert_unchanged("it has failed, and is not undone");
	if (!done)
		return;
	if (change_has_journal())
		fail_story("it is done, and its journal is left");
	if (attach && clean)
		attached();
	else if (clean)
		detached();
	must_be_done(t.text, force);
}

static void set_something(void)
{
	struct text t = {.count = 0};

	say(&t, "vf set");
	t.count = 0;
	name_some(&t);
	say(&t, PICK("vlan 7", "trust on", "spoofchk off", "mtu 1400", "up", "down", "name other",
			"mac auto"));
	note();
	if (!prepare_words(t.text, 0))
		return;
	carry_out(roll(6) ? -1 : (int)roll(4));
}

/* What takes VFs away from whoever has them, by force now and then. */
static void take_away(void)
{
	struct text t = {.count = 0};
	unsigned force = roll(3) ? 0 : FORCE_IN_USE;
	uint32_t how = roll(4);

	say(&t, (const char *const[]){"vf bind", "vf bind", "vf reset", "vf create"}[how]);
	t.count = 0;
	if (how == 3)
		say(&t, PICK("eth0 1", "eth0 3", "eth1 2", "eth1 4"));
	else
		name_some(&t);
	if (how < 2)
		say(&t, PICK("vfio-pci", "default"));
	note();
	if (prepare_words(t.text, force))
		carry_out(roll(6) ? -1 : (int)roll(10));
}

static bool is_left_over(const struct host *host, const struct vf *vf)
{
	enum whereabouts where = vf_whereabouts(host, vf);

	return where == WHERE_RETURNED || where == WHERE_LOST;
}

/* Nothing is left that nobody will take back. */
static void check_repaired(void)
{
	struct host host;
	size_t leases = 0;

	if (has_journal())
		fail_story("all is repaired, and a journal is left");
	model_show(&model, &host);
	for (size_t i = 0; i < host.vf_count; i++) {
		leases += host.vfs[i].attached != NULL;
		if (is_left_over(&host, &host.vfs[i]))
			fail_vf(&host.vfs[i], "lease", "it is not repaired");
	}
	if (leases != host.lease_count)
		fail_story("there is a lease of a VF that does not exist");
}

static void repair(void)
{
	bool clean = !has_journal(), all;
	struct host host;

	memset(was, 0, sizeof(was));
	note();
	model_show(&model, &host);
	for (size_t p = 0; p < MODEL_PFS; p++)
		for (uint32_t i = 0; i < model.pfs[p].count; i++)
			was[p][i].named = is_left_over(&host, &host.vfs[host.pfs[p].first_vf + i]);
	all = story_repair();
	if (clean)
		check_others();
	if (all && clean)
		detached();
	if (all)
		check_repaired();
}

/* others */

static struct vf *some_vf(struct model_pf **p)
{
	*p = &model.pfs[roll(MODEL_PFS)];
	return (*p)->count ? &(*p)->vfs[roll((*p)->count)] : NULL;
}

/* Whatever someone may do with an interface, wherever it is. */
static void meddle(void)
{
	struct model_pf *p;
	struct vf *vf = some_vf(&p);
	struct model_netns *in, *to;
	const char *name;

	if (!vf || !vf_has(vf, VF_IFNAME) || (!vf_has(vf, VF_NETNS) && roll(4)))
		return;
	in = model_place(&model, vf);
	switch (roll(6)) {
	case 0:
		name = PICK("net1", "net2", "web0", "new100", "new102", "other");
		if (model_name_taken(&model, in, name, NULL))
			return;
		tell("* %s: ip link set %s name %s\n", vf->name, vf->ifname, name);
		vf->ifname = name;
		return;
	case 1:
		vf->mtu = roll(2) ? 1300 : 2000;
		tell("* %s: mtu %u\n", vf->name, vf->mtu);
		return;
	case 2:
		tell("* %s: up %d\n", vf->name, !vf->up);
		if (vf->up)
			model_down(&model, p, vf);
		else
			vf->up = true;
		return;
	case 3:
		tell("* %s: all altnames away\n", vf->name);
		vf->altnames = (struct strings){0};
		return;
	case 4:
		tell("* %s: vlan 66\n", vf->name);
		vf->vlan = 66;
		return;
	case 5:
		to = &model.netns[roll(MODEL_NETNS + 1)];
		name = PICK("net1", "web0", "new101", "moved");
		if (to == in || model_name_taken(&model, to, name, NULL))
			return;
		for (size_t i = 0; i < vf->altnames.count; i++)
			if (model_name_taken(&model, to, vf->altnames.items[i], vf))
				return;
		tell("* %s: moved to %s as %s\n", vf->name,
			to->netns.name ? to->netns.name : "home", name);
		model_move(&model, p, vf, to, name);
		return;
	default:
		return;
	}
}

static void end_of_netns(void)
{
	struct model_netns *in = &model.netns[roll(MODEL_NETNS)];

	tell("* ip netns del %s, and add\n", in->netns.name);
	model_delete_netns(&model, in);
	model_make_netns(&model, in);
}

/* A container's interface, or one of the host, that takes a name, or leaves. */
static void another_interface(void)
{
	struct model_netns *in = &model.netns[roll(MODEL_NETNS + 1)];
	size_t at = roll(MODEL_OTHERS);
	const char *name = PICK("net1", "net2", "storage", "new100", "new101", "new103");

	if (in->others[at]) {
		tell("* %s has gone\n", in->others[at]);
		in->others[at] = NULL;
	} else if (!model_name_taken(&model, in, name, NULL)) {
		tell("* %s is there, in %s\n", name, in->netns.name ? in->netns.name : "home");
		in->others[at] = name;
	}
}

static void lose_interface(void)
{
	struct model_pf *p;
	struct vf *vf = some_vf(&p);
	bool anew = roll(2);

	if (!vf || !vf_has(vf, VF_NETNS))
		return;
	tell("* %s: its driver %s behind our back\n", vf->name, anew ? "starts anew" : "goes");
	model_restart(&model, p, vf, anew);
}

static void some_event(void)
{
	switch (roll(16)) {
	case 0:
	case 1:
	case 2:
	case 3:
	case 4:
		lend(true);
		break;
	case 5:
	case 6:
	case 7:
		lend(false);
		break;
	case 8:
		set_something();
		break;
	case 9:
	case 10:
		repair();
		break;
	case 11:
	case 12:
		meddle();
		break;
	case 13:
		end_of_netns();
		break;
	case 14:
		another_interface();
		break;
	default:
		if (roll(2))
			lose_interface();
		else
			take_away();
		break;
	}
	if (model_broken(&model))
		fail_story(model_broken(&model));
}

static void give_altnames(void)
{
	static const char *names[MODEL_PFS][MODEL_VFS][2];

	for (size_t p = 0; p < MODEL_PFS; p++)
		for (uint32_t i = 0; i < model.pfs[p].count; i++) {
			names[p][i][0] =
				p || i ? arena_printf(&model.arena, "alt%zu%u", p, i) : "storage";
			names[p][i][1] = arena_printf(&model.arena, "other%zu%u", p, i);
			if (roll(2))
				model.pfs[p].vfs[i].altnames =
					(struct strings){names[p][i], 1 + roll(2)};
		}
}

static void live(const char *driver, unsigned seeds)
{
	for (unsigned i = 0; i < seeds; i++) {
		random_seed(i);
		story_begin(driver, 1 + roll(4));
		tell("seed %u\n", i);
		give_altnames();
		for (int n = 0; n < 40; n++)
			some_event();
		story_end();
	}
}

#define SEEDS 60

static void any_driver(void **state)
{
	(void)state;
	live("qede", 3 * SEEDS);
}

static void drivers_with_quirks(void **state)
{
	static const char *const drivers[] = {
		"igb", "ixgbe", "i40e", "ice", "mlx5_core", "bnxt_en", "netdevsim"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++)
		live(drivers[i], SEEDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(any_driver, story_teardown),
		cmocka_unit_test_teardown(drivers_with_quirks, story_teardown),
	};

	return cmocka_run_group_tests_name(
		__FILE__, tests, story_group_setup, story_group_teardown);
}
