#include "unit.h"

#include "fixture.h"

#include "core/link.h"
#include "plan/want.h"

struct test {
	struct host host;
	struct pf *pf;
	struct change change;
	struct plan *plan;
	char text[16384];
};

static int setup(void **state)
{
	struct test *t = calloc(1, sizeof(*t));

	fixture_host(&t->host);
	t->pf = fixture_pf(&t->host, "eth0", "0000:21:00.0", 64);
	*state = t;
	return 0;
}

static void drop(struct test *t)
{
	change_free(&t->change);
	t->plan = NULL;
}

static int teardown(void **state)
{
	struct test *t = *state;

	drop(t);
	host_free(&t->host);
	free(t);
	return 0;
}

static const char *steps(struct test *t, const char *without)
{
	fixture_steps(t->plan, without, t->text, sizeof(t->text));
	return t->text;
}

static const char *plan(struct test *t, uint32_t want)
{
	struct error err = {0};

	if (!t->plan || !t->plan->interrupted)
		drop(t);
	if (want_vf_count(&t->change, &t->host, t->pf, want, &err) < 0)
		fail_msg("%s", err.message);
	assert_int_equal(t->change.count, 1);
	t->plan = t->change.plans[0];
	assert_ptr_equal(t->plan->pf, t->pf);
	assert_int_equal(t->plan->goal.pf.num_vfs, want);
	assert_int_equal(t->plan->changed, t->plan->count > 0);
	assert_int_equal(change_changed(&t->change), t->plan->count > 0);
	assert_int_equal(change_step_count(&t->change), t->plan->count);
	return steps(t, NULL);
}

static void creates(void **state)
{
	struct test *t = *state;

	assert_string_equal(plan(t, 4), "eth0 num_vfs 0>4");
	assert_int_equal(t->plan->steps[0].vf, -1);
	assert_false(t->plan->steps[0].internal);
}

static void does_nothing(void **state)
{
	struct test *t = *state;

	assert_string_equal(plan(t, 0), "");
	fixture_vfs(&t->host, t->pf, 4);
	assert_string_equal(plan(t, 4), "");
	assert_false(t->plan->changed);
}

static void destroys(void **state)
{
	struct test *t = *state;

	fixture_vfs(&t->host, t->pf, 4);
	assert_string_equal(plan(t, 0), "eth0 num_vfs 4>0");
}

/* What survivors have, in the order that counts; new ones get the default driver. */
#define VF0_ATTRS "eth0/0 mac 02:00:00:00:00:00>02:00:00:00:00:00; eth0/0 spoofchk on>on; "
#define VF1_ATTRS "eth0/1 mac 02:00:00:00:00:01>02:00:00:00:00:01; eth0/1 spoofchk on>on; "
#define VF0_IF "eth0/0 ifname eth0v0>eth0v0; eth0/0 mtu 1500>1500; eth0/0 up on>on"
#define VF1_IF "eth0/1 ifname eth0v1>eth0v1; eth0/1 mtu 1500>1500; eth0/1 up on>on"

static void grows(void **state)
{
	struct test *t = *state;

	fixture_vfs(&t->host, t->pf, 2);
	assert_string_equal(plan(t, 3),
		"eth0 autoprobe on>off; eth0 num_vfs 2>0; eth0 num_vfs 0>3; " VF0_ATTRS VF1_ATTRS
		"eth0 autoprobe off>on; "
		"eth0/0 driver igbvf>igbvf; eth0/1 driver igbvf>igbvf; eth0/2 driver "
		">default; " VF0_IF "; " VF1_IF);
}

static void shrinks(void **state)
{
	struct test *t = *state;

	fixture_vfs(&t->host, t->pf, 4);
	assert_string_equal(plan(t, 1),
		"eth0 autoprobe on>off; eth0 num_vfs 4>0; eth0 num_vfs 0>1; " VF0_ATTRS
		"eth0 autoprobe off>on; eth0/0 driver igbvf>igbvf; " VF0_IF);
}

/* What is a means only is marked so: reports leave it out. */
static void internal_steps(void **state)
{
	struct test *t = *state;

	fixture_vfs(&t->host, t->pf, 1);
	plan(t, 2);
	for (size_t i = 0; i < t->plan->count; i++) {
		const struct step *s = &t->plan->steps[i];

		assert_int_equal(s->internal,
			s->kind == STEP_AUTOPROBE || (s->kind == STEP_VF_DRIVER && s->vf == 1));
	}
}

/* Each step of a VF carries all it needs to be written. */
static void steps_carry_values(void **state)
{
	struct test *t = *state;
	size_t attrs = 0;

	fixture_vfs(&t->host, t->pf, 3);
	fixture_vf(&t->host, t->pf, 2)->vlan = 77;
	fixture_vf(&t->host, t->pf, 2)->qos = 5;
	plan(t, 4);
	for (size_t i = 0; i < t->plan->count; i++) {
		const struct step *s = &t->plan->steps[i];

		if (s->vf < 0)
			continue;
		assert_true(!s->want || s->want->index == (uint32_t)s->vf);
		if (s->kind == STEP_VF_ATTR) {
			attrs++;
			assert_string_equal(s->key, vf_type.attrs[s->attr].key);
			assert_true(vf_has(s->want, s->attr));
			assert_int_equal(s->want->vlan, s->vf == 2 ? 77 : 0);
		} else if (s->kind == STEP_VF_DRIVER) {
			if (s->vf == 3)
				assert_null(s->want); /* nothing is known of it */
			else
				assert_string_equal(s->want->driver, "igbvf");
		}
	}
	assert_int_equal(attrs, 3 * 2 + 2);
}

/* Everything that is configuration, and nothing else, comes back. */
static void all_attributes(void **state)
{
	struct test *t = *state;
	struct vf *vf;
	uint64_t sent = 0, kept = 0;

	fixture_vfs(&t->host, t->pf, 1);
	vf = fixture_vf(&t->host, t->pf, 0);
	vf->known = ((UINT64_C(1) << VF_ATTR_COUNT) - 1) & ~VF_BIT(VF_NETNS);
	vf->vlan = vf->qos = vf->proto = vf->max_tx_rate = vf->min_tx_rate = vf->state = 1;
	vf->trust = vf->query_rss = true;
	vf->node_guid = vf->port_guid = 1;
	vf->vfio = vf->representor = vf->devlink_port = vf->rdma_device = vf->lease = "x";
	plan(t, 2);
	for (size_t i = 0; i < t->plan->count; i++)
		if (t->plan->steps[i].kind == STEP_VF_ATTR) {
			assert_false(sent >> t->plan->steps[i].attr & 1); /* once */
			sent |= VF_BIT(t->plan->steps[i].attr);
		}
	for (unsigned a = 0; a < VF_ATTR_COUNT; a++)
		if (vf_type.attrs[a].flags & ATTR_KEEP)
			kept |= VF_BIT(a);
	assert_true(sent == kept);
	assert_int_equal(__builtin_popcountll(sent), 12);
}

/* 0 for "none" is what a new VF has: sending it makes some drivers refuse. "off" is not
 * "none" where the driver's default may be on. */
static void zero_is_not_sent(void **state)
{
	struct test *t = *state;
	struct vf *vf;

	fixture_vfs(&t->host, t->pf, 1);
	vf = fixture_vf(&t->host, t->pf, 0);
	memset(&vf->mac.bytes, 0, sizeof(vf->mac.bytes));
	vf->spoofchk = false;
	vf->known |= VF_BIT(VF_NODE_GUID) | VF_BIT(VF_PORT_GUID) | VF_BIT(VF_TRUST) |
		     VF_BIT(VF_STATE) | VF_BIT(VF_QUERY_RSS);
	plan(t, 2);
	for (size_t i = 0; i < t->plan->count; i++) {
		const struct step *s = &t->plan->steps[i];

		if (s->kind != STEP_VF_ATTR)
			continue;
		if (s->attr != VF_SPOOFCHK && s->attr != VF_TRUST && s->attr != VF_STATE &&
			s->attr != VF_QUERY_RSS)
			fail_msg("%s is sent", s->key);
	}
	assert_contains(t->text, "eth0/0 spoofchk off>off");
	assert_contains(t->text, "eth0/0 state auto>auto");
}

static void unknown_is_not_sent(void **state)
{
	struct test *t = *state;
	struct vf *vf;

	fixture_vfs(&t->host, t->pf, 1);
	vf = fixture_vf(&t->host, t->pf, 0);
	vf->vlan = 5; /* values without their bits */
	vf->trust = true;
	vf->max_tx_rate = 100;
	vf->known = VF_BIT(VF_INDEX) | VF_BIT(VF_NAME);
	assert_string_equal(plan(t, 2),
		"eth0 autoprobe on>off; eth0 num_vfs 1>0; eth0 num_vfs 0>2; "
		"eth0 autoprobe off>on; eth0/1 driver >default");
}

static void autoprobe_off_stays_off(void **state)
{
	struct test *t = *state;

	fixture_vfs(&t->host, t->pf, 1);
	t->pf->autoprobe = false;
	assert_string_equal(plan(t, 2), "eth0 num_vfs 1>0; eth0 num_vfs 0>2; " VF0_ATTRS
					"eth0/0 driver igbvf>igbvf; " VF0_IF);
	drop(t);
	assert_string_equal(plan(t, 0), "eth0 num_vfs 1>0");
}

/* A PF that does not say (netdevsim, old kernels): left alone. */
static void autoprobe_unknown(void **state)
{
	struct test *t = *state;

	fixture_vfs(&t->host, t->pf, 1);
	t->pf->known &= ~PF_BIT(PF_AUTOPROBE);
	plan(t, 2);
	assert_string_equal(
		steps(t, "driver"), "eth0 num_vfs 1>0; eth0 num_vfs 0>2; " VF0_ATTRS VF0_IF);
	assert_null(strstr(t->text, "autoprobe"));
}

static void unbound_stays_unbound(void **state)
{
	struct test *t = *state;
	struct vf *vf;

	fixture_vfs(&t->host, t->pf, 2);
	vf = fixture_vf(&t->host, t->pf, 0);
	vf->known &= ~(VF_BIT(VF_DRIVER) | VF_BIT(VF_IFNAME) | VF_BIT(VF_IFINDEX) | VF_BIT(VF_MTU) |
		       VF_BIT(VF_LINK));
	vf->driver = NULL;
	assert_string_equal(plan(t, 3),
		"eth0 autoprobe on>off; eth0 num_vfs 2>0; eth0 num_vfs 0>3; " VF0_ATTRS VF1_ATTRS
		"eth0 autoprobe off>on; eth0/1 driver igbvf>igbvf; eth0/2 driver "
		">default; " VF1_IF);
}

static void other_driver_comes_back(void **state)
{
	struct test *t = *state;
	struct vf *vf;

	fixture_vfs(&t->host, t->pf, 1);
	vf = fixture_vf(&t->host, t->pf, 0);
	vf->known &= ~(VF_BIT(VF_IFNAME) | VF_BIT(VF_IFINDEX) | VF_BIT(VF_MTU) | VF_BIT(VF_LINK));
	vf->driver = "vfio-pci";
	assert_string_equal(plan(t, 2),
		"eth0 autoprobe on>off; eth0 num_vfs 1>0; eth0 num_vfs 0>2; " VF0_ATTRS
		"eth0 autoprobe off>on; eth0/0 driver vfio-pci>vfio-pci; eth0/1 driver >default");
}

/* A new VF's interface comes up here: the name there belongs to another namespace. */
static void interface_elsewhere(void **state)
{
	struct test *t = *state;
	struct vf *vf;

	fixture_vfs(&t->host, t->pf, 2);
	vf = fixture_vf(&t->host, t->pf, 0);
	vf->netns = "blue";
	vf->known |= VF_BIT(VF_NETNS);
	assert_string_equal(plan(t, 3),
		"eth0 autoprobe on>off; eth0 num_vfs 2>0; eth0 num_vfs 0>3; " VF0_ATTRS VF1_ATTRS
		"eth0 autoprobe off>on; eth0/0 driver igbvf>igbvf; eth0/1 driver igbvf>igbvf; "
		"eth0/2 driver >default; " VF1_IF);
}

static void interface_details(void **state)
{
	struct test *t = *state;
	struct vf *vf;

	fixture_vfs(&t->host, t->pf, 3);
	vf = fixture_vf(&t->host, t->pf, 0);
	fixture_altname(&t->host, &vf->altnames, "tenant-a");
	fixture_altname(&t->host, &vf->altnames, "rack-1");
	vf->mtu = 9000;
	vf = fixture_vf(&t->host, t->pf, 1);
	vf->up = false; /* as new ones are */
	vf->known &= ~VF_BIT(VF_MTU);
	fixture_vf(&t->host, t->pf, 2)->link = LINK_NO_CARRIER; /* up all the same */
	plan(t, 4);
	assert_contains(t->text,
		"eth0/0 ifname eth0v0>eth0v0; eth0/0 mtu 9000>9000; "
		"eth0/0 altname tenant-a>tenant-a; eth0/0 altname rack-1>rack-1; eth0/0 up on>on; "
		"eth0/1 ifname eth0v1>eth0v1; "
		"eth0/2 ifname eth0v2>eth0v2; eth0/2 mtu 1500>1500; eth0/2 up on>on");
}

/* After a crash: what the journal says counts, not what is there now. */
static void interrupted(struct test *t, uint32_t had, bool autoprobe)
{
	static struct host then;
	struct change last = {0};
	struct error err;
	struct pf *pf;

	host_free(&then);
	fixture_host(&then);
	pf = fixture_pf(&then, "eth0", "0000:21:00.0", 64);
	pf->autoprobe = autoprobe;
	fixture_vfs(&then, pf, had);
	assert_int_equal(want_vf_count(&last, &then, pf, had, &err), 0);
	assert_int_equal(last.plans[0]->count, 0);
	drop(t);
	t->plan = change_plan(&t->change, t->pf);
	/* as journal_load() does: what was before is all that is wanted so far */
	t->plan->before.pf = t->plan->goal.pf = last.plans[0]->before.pf;
	for (uint32_t i = 0; i < had; i++) {
		const struct vf_state *st = state_find(&last.plans[0]->before, i);

		*state_vf(&t->plan->arena, &t->plan->before, i) = *st;
		*state_vf(&t->plan->arena, &t->plan->goal, i) = *st;
	}
	t->plan->interrupted = true;
	change_free(&last);
}

/* A VF that nobody has touched since it was made: no driver, no address. */
static void bare(struct test *t, uint32_t index)
{
	struct vf *vf = fixture_vf(&t->host, t->pf, index);

	vf->known &= ~(VF_BIT(VF_DRIVER) | VF_BIT(VF_IFNAME) | VF_BIT(VF_IFINDEX) |
		       VF_BIT(VF_LINK) | VF_BIT(VF_UP) | VF_BIT(VF_MTU) | VF_BIT(VF_ALTNAMES));
	vf->driver = vf->ifname = NULL;
	vf->ifindex = 0;
	vf->mac = (struct lladdr){.len = 6};
}

#define VF0_BOUND "eth0/0 driver >igbvf; "
#define VF0_MAC "eth0/0 mac 00:00:00:00:00:00>02:00:00:00:00:00; "
#define VF1_MAC "eth0/1 mac 00:00:00:00:00:00>02:00:00:00:00:01; "

static void interrupted_baseline(void **state)
{
	struct test *t = *state;

	/* killed behind "0": autoprobe is off and nothing is there */
	interrupted(t, 1, true);
	t->pf->autoprobe = false;
	assert_string_equal(plan(t, 2),
		"eth0 num_vfs 0>2; " VF0_ATTRS "eth0 autoprobe off>on; "
		"eth0/0 driver igbvf>igbvf; eth0/1 driver >default; " VF0_IF);
	/* killed when the number was there again: it holds already, the rest does not */
	interrupted(t, 2, true);
	fixture_vfs(&t->host, t->pf, 2);
	bare(t, 0);
	bare(t, 1);
	assert_string_equal(plan(t, 2), VF0_MAC VF1_MAC
		"eth0 autoprobe off>on; " VF0_BOUND "eth0/1 driver >igbvf; " VF0_IF "; " VF1_IF);
	/* killed behind the attributes of one */
	interrupted(t, 2, true);
	fixture_vf(&t->host, t->pf, 0)->mac.bytes[0] = 2;
	assert_string_equal(plan(t, 2), VF1_MAC "eth0 autoprobe off>on; " VF0_BOUND
						"eth0/1 driver >igbvf; " VF0_IF "; " VF1_IF);
	/* killed behind all of them */
	interrupted(t, 2, true);
	t->pf->autoprobe = true;
	fixture_vf(&t->host, t->pf, 1)->mac = (struct lladdr){6, {2, 0, 0, 0, 0, 1}};
	assert_string_equal(plan(t, 2), VF0_BOUND "eth0/1 driver >igbvf; " VF0_IF "; " VF1_IF);
	/* killed, and now everything is to go: autoprobe is put right all the same */
	interrupted(t, 1, true);
	t->pf->autoprobe = false;
	assert_string_equal(plan(t, 0), "eth0 num_vfs 2>0; eth0 autoprobe off>on");
	/* autoprobe had been off */
	interrupted(t, 1, false);
	assert_string_equal(plan(t, 2), VF0_BOUND VF0_IF);
	/* there had been none: what is new has nothing to keep, but may lack a driver */
	interrupted(t, 0, true);
	t->pf->autoprobe = true;
	assert_string_equal(plan(t, 2), "eth0/0 driver >default; eth0/1 driver >default");
	interrupted(t, 0, true);
	fixture_vf(&t->host, t->pf, 0)->known |= VF_BIT(VF_DRIVER);
	fixture_vf(&t->host, t->pf, 0)->driver = "igbvf";
	assert_string_equal(plan(t, 2), "eth0/1 driver >default");
	interrupted(t, 0, true);
	assert_string_equal(plan(t, 4), "eth0 num_vfs 2>0; eth0 num_vfs 0>4");
	interrupted(t, 0, true); /* only to let go of its host */
}

/* VFs that the interrupted change has made while autoprobe was off: nobody but us gives
 * them a driver any more. */
static void interrupted_new_ones(void **state)
{
	struct test *t = *state;

	interrupted(t, 1, true);
	t->pf->autoprobe = false;
	fixture_vfs(&t->host, t->pf, 2);
	bare(t, 0);
	bare(t, 1);
	assert_string_equal(plan(t, 2),
		VF0_MAC "eth0 autoprobe off>on; eth0/1 driver >default; " VF0_BOUND VF0_IF);
	interrupted(t, 1, true); /* behind the attributes */
	t->pf->autoprobe = true;
	fixture_vf(&t->host, t->pf, 0)->mac.bytes[0] = 2;
	assert_string_equal(plan(t, 2), "eth0/1 driver >default; " VF0_BOUND VF0_IF);
	interrupted(t, 0, true);
}

/* Killed behind the last step: all is as it should be, and nothing is done. */
static void interrupted_at_the_end(void **state)
{
	struct test *t = *state;

	fixture_vfs(&t->host, t->pf, 2);
	interrupted(t, 1, true);
	assert_string_equal(plan(t, 2), "");
	interrupted(t, 0, true);
}

/* Survivors of the interrupted change that the new number does not reach. */
static void interrupted_beyond(void **state)
{
	struct test *t = *state;

	interrupted(t, 4, true);
	plan(t, 1);
	assert_string_equal(t->text, "eth0 autoprobe on>off; eth0 num_vfs 0>1; " VF0_ATTRS
				     "eth0 autoprobe off>on; eth0/0 driver igbvf>igbvf; " VF0_IF);
	interrupted(t, 0, true);
}

static void refused(struct test *t, uint32_t want, const char *why)
{
	struct error err = {0};

	drop(t);
	assert_int_equal(want_vf_count(&t->change, &t->host, t->pf, want, &err), -1);
	assert_int_equal(err.code, EXIT_REFUSED);
	assert_contains(err.message, why);
	assert_true(err.hint[0] != 0);
	assert_int_equal(change_step_count(&t->change), 0);
	drop(t);
}

/* What the driver would not take again is not thrown away. */
static void rate_without_link(void **state)
{
	struct test *t = *state;

	fixture_vfs(&t->host, t->pf, 2);
	t->pf->link = LINK_NO_CARRIER;
	plan(t, 3); /* no rate, no harm */
	drop(t);
	fixture_vf(&t->host, t->pf, 1)->max_tx_rate = 100;
	refused(t, 3, "VF 1 would lose its transmit rate");
	plan(t, 1); /* it goes anyway */
	drop(t);
	plan(t, 0);
	drop(t);
	t->pf->link = LINK_UP;
	plan(t, 3);
	drop(t);
	t->pf->link = LINK_DOWN;
	t->pf->driver = "i40e";
	plan(t, 3);
}

static void settings_not_shown(void **state)
{
	struct test *t = *state;

	fixture_vfs(&t->host, t->pf, 2);
	t->pf->truncated = true;
	t->pf->known |= PF_BIT(PF_TRUNCATED);
	refused(t, 3, "could not be kept");
	assert_string_equal(plan(t, 0), "eth0 num_vfs 2>0"); /* as the hint says */
	drop(t);
	assert_string_equal(plan(t, 2), "");
}

static void unknown_count(void **state)
{
	struct test *t = *state;
	struct error err = {0};

	t->pf->known &= ~PF_BIT(PF_NUM_VFS);
	assert_int_equal(want_vf_count(&t->change, &t->host, t->pf, 0, &err), -1);
	assert_int_equal(err.code, EXIT_KERNEL);
	assert_contains(err.message, "eth0");
	assert_int_equal(change_step_count(&t->change), 0);
}

/* What no driver would do is refused before anything else. */
static void impossible(void **state)
{
	struct test *t = *state;
	struct error err = {0};

	fixture_vfs(&t->host, t->pf, 2);
	assert_int_equal(want_vf_count(&t->change, &t->host, t->pf, 65, &err), -1);
	assert_int_equal(err.code, EXIT_USAGE);
	assert_contains(err.message, "64 VFs at most, not 65");
	assert_string_equal(err.object, "eth0");
	assert_contains(err.hint, "firmware");
	plan(t, 64);
	t->pf->total_vfs = 0;
	drop(t);
	assert_int_equal(want_vf_count(&t->change, &t->host, t->pf, 1, &err), -1);
	assert_contains(err.hint, "SR-IOV is off");
	t->pf->known &= ~PF_BIT(PF_TOTAL_VFS); /* not said: the kernel will tell */
	plan(t, 65);
	t->pf->known &= ~PF_BIT(PF_DRIVER);
	drop(t);
	assert_int_equal(want_vf_count(&t->change, &t->host, t->pf, 0, &err), -1);
	assert_int_equal(err.code, EXIT_UNSUPPORTED);
	assert_contains(err.message, "no driver");
	assert_string_equal(plan(t, 2), "");
	t->pf->known |= PF_BIT(PF_DRIVER);
	t->pf->unseen = true;
	refused(t, 3, "another network namespace");
	assert_string_equal(plan(t, 0), "eth0 num_vfs 2>0");
}

/* Pure: planning twice from the same gives the same, and the host is as before. */
static void pure(void **state)
{
	struct test *t = *state;
	struct host before;
	cleanup_free char *first = NULL;
	cleanup_free struct vf *vfs = NULL;
	struct pf pf;

	fixture_vfs(&t->host, t->pf, 20);
	before = t->host;
	pf = *t->pf;
	vfs = malloc(20 * sizeof(*vfs));
	memcpy(vfs, t->host.vfs, 20 * sizeof(*vfs));
	first = strdup(plan(t, 30));
	drop(t);
	assert_string_equal(plan(t, 30), first);
	assert_memory_equal(&before, &t->host, sizeof(before));
	assert_memory_equal(&pf, t->pf, sizeof(pf));
	assert_memory_equal(vfs, t->host.vfs, 20 * sizeof(*vfs));
}

static void many(void **state)
{
	struct test *t = *state;
	size_t attrs = 0;

	t->pf->total_vfs = 1024;
	fixture_vfs(&t->host, t->pf, 1024);
	assert_int_equal(want_vf_count(&t->change, &t->host, t->pf, 1023, &(struct error){0}), 0);
	t->plan = t->change.plans[0];
	for (size_t i = 0; i < t->plan->count; i++)
		attrs += t->plan->steps[i].kind == STEP_VF_ATTR;
	assert_int_equal(attrs, 2 * 1023);
	assert_int_equal(t->plan->count, 4 + (2 + 1 + 3) * 1023);
}

/* One plan for a PF, whichever look at the host it comes from; in the order of handles. */
static void plans_of_pfs(void **state)
{
	struct test *t = *state;
	const struct pf b = {.handle = "pci/0000:41:00.0"}, b2 = b;
	const struct pf a = {.handle = "pci/0000:21:00.1"}, c = {.handle = "pci/10000:01:00.0"};
	struct plan *plan_b = change_plan(&t->change, &b);

	plan_b->interrupted = true;
	change_plan(&t->change, &c);
	change_plan(&t->change, &a);
	assert_int_equal(t->change.count, 3);
	assert_ptr_equal(change_plan(&t->change, &b2), plan_b);
	assert_ptr_equal(plan_b->pf, &b2);
	assert_true(plan_b->interrupted);
	assert_int_equal(t->change.count, 3);
	assert_ptr_equal(t->change.plans[0]->pf, &a);
	assert_ptr_equal(t->change.plans[1], plan_b);
	assert_ptr_equal(t->change.plans[2]->pf, &c);
}

static void warnings_and_names(void **state)
{
	struct test *t = *state;

	t->plan = change_plan(&t->change, t->pf);
	for (int i = 0; i < 10; i++)
		plan_warn(t->plan, "w%d", i);
	assert_int_equal(t->plan->warning_count, 10);
	assert_string_equal(t->plan->warnings[9], "w9");
	plan_warn(t->plan, "w%d", 3); /* said already */
	assert_int_equal(t->plan->warning_count, 10);
	change_warn(&t->change, "of %s", "all");
	change_warn(&t->change, "of all");
	assert_int_equal(t->change.warning_count, 1);
	assert_string_equal(t->change.warnings[0], "of all");
	for (unsigned r = RESULT_PLANNED; r <= RESULT_TIMED_OUT; r++)
		assert_non_null(step_result_names[r]);
	assert_string_equal(step_result_names[RESULT_PLANNED], "planned"); /* a JSON contract */
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(creates),
		TEST(does_nothing),
		TEST(destroys),
		TEST(grows),
		TEST(shrinks),
		TEST(internal_steps),
		TEST(steps_carry_values),
		TEST(all_attributes),
		TEST(zero_is_not_sent),
		TEST(unknown_is_not_sent),
		TEST(autoprobe_off_stays_off),
		TEST(autoprobe_unknown),
		TEST(unbound_stays_unbound),
		TEST(other_driver_comes_back),
		TEST(interface_elsewhere),
		TEST(interface_details),
		TEST(interrupted_baseline),
		TEST(interrupted_new_ones),
		TEST(interrupted_at_the_end),
		TEST(interrupted_beyond),
		TEST(rate_without_link),
		TEST(settings_not_shown),
		TEST(unknown_count),
		TEST(impossible),
		TEST(pure),
		TEST(many),
		TEST(plans_of_pfs),
		TEST(warnings_and_names),
	};

	return RUN(tests);
}
