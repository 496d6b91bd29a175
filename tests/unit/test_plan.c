#include "unit.h"

#include "fixture.h"

#include "core/link.h"
#include "plan/plan.h"

struct test {
	struct host host;
	struct pf *pf;
	struct plan plan;
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

static int teardown(void **state)
{
	struct test *t = *state;

	plan_free(&t->plan);
	host_free(&t->host);
	free(t);
	return 0;
}

/* What `vf create` takes as baseline when no change was interrupted. */
static void baseline(struct test *t)
{
	struct baseline *b = &t->plan.before;

	*b = (struct baseline){t->pf->num_vfs, pf_has(t->pf, PF_AUTOPROBE), t->pf->autoprobe,
		arena_alloc(&t->plan.arena, (t->pf->vf_count + 1) * sizeof(*b->vfs)), 0};
	for (size_t i = 0; i < t->pf->vf_count; i++)
		b->vfs[b->vf_count++] = &t->host.vfs[t->pf->first_vf + i];
}

/* The steps as text: "eth0 num_vfs 2>0; ..." with old and new value. Attributes that only
 * matter to few tests can be left out by their key. */
static const char *steps(struct test *t, const char *without)
{
	size_t n = 0;

	t->text[0] = 0;
	for (size_t i = 0; i < t->plan.count; i++) {
		const struct step *s = &t->plan.steps[i];
		char old[64], new[64];

		if (without && strcmp(s->key, without) == 0)
			continue;
		value_format(&s->old, old, sizeof(old));
		value_format(&s->new, new, sizeof(new));
		n += (size_t)snprintf(t->text + n, sizeof(t->text) - n, "%s%s %s %s>%s",
			n ? "; " : "", s->object, s->key, old, new);
		assert_int_equal(s->result, RESULT_PLANNED);
		assert_null(s->message);
	}
	return t->text;
}

static const char *plan(struct test *t, uint32_t want)
{
	struct error err = {0};

	t->plan.pf = t->pf;
	if (!t->plan.interrupted)
		baseline(t);
	if (plan_vf_count(&t->plan, &t->host, want, &err) < 0)
		fail_msg("%s", err.message);
	assert_int_equal(t->plan.want_vfs, want);
	assert_int_equal(t->plan.changed, t->plan.count > 0);
	return steps(t, NULL);
}

static void creates(void **state)
{
	struct test *t = *state;

	assert_string_equal(plan(t, 4), "eth0 num_vfs 0>4");
	assert_int_equal(t->plan.steps[0].vf, -1);
	assert_false(t->plan.steps[0].internal);
}

static void does_nothing(void **state)
{
	struct test *t = *state;

	assert_string_equal(plan(t, 0), "");
	fixture_vfs(&t->host, t->pf, 4);
	assert_string_equal(plan(t, 4), "");
	assert_false(t->plan.changed);
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
	for (size_t i = 0; i < t->plan.count; i++) {
		const struct step *s = &t->plan.steps[i];

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
	for (size_t i = 0; i < t->plan.count; i++) {
		const struct step *s = &t->plan.steps[i];

		if (s->vf < 0)
			continue;
		assert_int_equal(s->want.index, s->vf);
		if (s->kind == STEP_VF_ATTR) {
			attrs++;
			assert_string_equal(s->key, vf_type.attrs[s->attr].key);
			assert_true(vf_has(&s->want, s->attr));
			assert_int_equal(s->want.vlan, s->vf == 2 ? 77 : 0);
		} else if (s->kind == STEP_VF_DRIVER) {
			if (s->vf == 3)
				assert_null(s->want.driver);
			else
				assert_string_equal(s->want.driver, "igbvf");
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
	for (size_t i = 0; i < t->plan.count; i++)
		if (t->plan.steps[i].kind == STEP_VF_ATTR) {
			assert_false(sent >> t->plan.steps[i].attr & 1); /* once */
			sent |= VF_BIT(t->plan.steps[i].attr);
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
	for (size_t i = 0; i < t->plan.count; i++) {
		const struct step *s = &t->plan.steps[i];

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
	plan_free(&t->plan);
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
	vf->link = LINK_DOWN; /* as new ones are */
	vf->known &= ~VF_BIT(VF_MTU);
	fixture_vf(&t->host, t->pf, 2)->link = LINK_NO_CARRIER; /* up all the same */
	plan(t, 4);
	assert_contains(t->text,
		"eth0/0 ifname eth0v0>eth0v0; eth0/0 mtu 9000>9000; "
		"eth0/0 altname tenant-a>tenant-a; eth0/0 altname rack-1>rack-1; eth0/0 up on>on; "
		"eth0/1 ifname eth0v1>eth0v1; "
		"eth0/2 ifname eth0v2>eth0v2; eth0/2 mtu 1500>1500; eth0/2 up on>on");
}

/* After a crash: the journal's baseline counts, not what is there now. */
static void interrupted(struct test *t, uint32_t had, bool autoprobe)
{
	static struct host then;

	host_free(&then);
	fixture_host(&then);
	fixture_vfs(&then, fixture_pf(&then, "eth0", "0000:21:00.0", 64), had);
	plan_free(&t->plan);
	t->plan.before = (struct baseline){
		had, true, autoprobe, arena_alloc(&t->plan.arena, (had + 1) * sizeof(void *)), had};
	for (uint32_t i = 0; i < had; i++)
		t->plan.before.vfs[i] = arena_copy(&t->plan.arena, &then.vfs[i], sizeof(struct vf));
	t->plan.interrupted = true;
}

static void interrupted_baseline(void **state)
{
	struct test *t = *state;

	/* killed behind "0": autoprobe is off and nothing is there */
	interrupted(t, 1, true);
	t->pf->autoprobe = false;
	assert_string_equal(plan(t, 2),
		"eth0 num_vfs 0>2; " VF0_ATTRS "eth0 autoprobe off>on; "
		"eth0/0 driver igbvf>igbvf; eth0/1 driver >default; " VF0_IF);
	/* killed behind "2": the number holds already, the rest may not */
	interrupted(t, 1, true);
	fixture_vfs(&t->host, t->pf, 2);
	assert_string_equal(plan(t, 2),
		VF0_ATTRS "eth0 autoprobe off>on; eth0/0 driver igbvf>igbvf; "
			  "eth0/1 driver >default; " VF0_IF);
	/* killed behind the attributes */
	interrupted(t, 1, true);
	t->pf->autoprobe = true;
	assert_string_equal(
		plan(t, 2), VF0_ATTRS "eth0/0 driver igbvf>igbvf; eth0/1 driver >default; " VF0_IF);
	/* killed, and now everything is to go: autoprobe is put right all the same */
	interrupted(t, 1, true);
	t->pf->autoprobe = false;
	assert_string_equal(plan(t, 0), "eth0 num_vfs 2>0; eth0 autoprobe off>on");
	/* autoprobe had been off */
	interrupted(t, 1, false);
	assert_string_equal(plan(t, 2), VF0_ATTRS "eth0/0 driver igbvf>igbvf; " VF0_IF);
	/* there had been none: what is new has nothing to keep */
	interrupted(t, 0, true);
	t->pf->autoprobe = true;
	assert_string_equal(plan(t, 2), "");
	interrupted(t, 0, true);
	assert_string_equal(plan(t, 4), "eth0 num_vfs 2>0; eth0 num_vfs 0>4");
	interrupted(t, 0, true); /* only to let go of its host */
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

	t->plan.pf = t->pf;
	baseline(t);
	assert_int_equal(plan_vf_count(&t->plan, &t->host, want, &err), -1);
	assert_int_equal(err.code, EXIT_REFUSED);
	assert_contains(err.message, why);
	assert_true(err.hint[0] != 0);
	assert_int_equal(t->plan.count, 0);
	plan_free(&t->plan);
}

/* What the driver would not take again is not thrown away. */
static void rate_without_link(void **state)
{
	struct test *t = *state;

	fixture_vfs(&t->host, t->pf, 2);
	t->pf->link = LINK_NO_CARRIER;
	plan(t, 3); /* no rate, no harm */
	plan_free(&t->plan);
	fixture_vf(&t->host, t->pf, 1)->max_tx_rate = 100;
	refused(t, 3, "VF 1 would lose its transmit rate");
	plan(t, 1); /* it goes anyway */
	plan_free(&t->plan);
	plan(t, 0);
	plan_free(&t->plan);
	t->pf->link = LINK_UP;
	plan(t, 3);
	plan_free(&t->plan);
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
	plan_free(&t->plan);
	assert_string_equal(plan(t, 2), "");
}

static void unknown_count(void **state)
{
	struct test *t = *state;
	struct error err = {0};

	t->pf->known &= ~PF_BIT(PF_NUM_VFS);
	t->plan.pf = t->pf;
	assert_int_equal(plan_vf_count(&t->plan, &t->host, 0, &err), -1);
	assert_int_equal(err.code, EXIT_KERNEL);
	assert_contains(err.message, "eth0");
	assert_int_equal(t->plan.count, 0);
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
	plan_free(&t->plan);
	assert_string_equal(plan(t, 30), first);
	assert_memory_equal(&before, &t->host, sizeof(before));
	assert_memory_equal(&pf, t->pf, sizeof(pf));
	assert_memory_equal(vfs, t->host.vfs, 20 * sizeof(*vfs));
}

static void many(void **state)
{
	struct test *t = *state;
	size_t attrs = 0;

	fixture_vfs(&t->host, t->pf, 1024);
	t->plan.pf = t->pf;
	baseline(t);
	assert_int_equal(plan_vf_count(&t->plan, &t->host, 1023, &(struct error){0}), 0);
	for (size_t i = 0; i < t->plan.count; i++)
		attrs += t->plan.steps[i].kind == STEP_VF_ATTR;
	assert_int_equal(attrs, 2 * 1023);
	assert_int_equal(t->plan.count, 4 + (2 + 1 + 3) * 1023);
}

static void warnings_and_names(void **state)
{
	struct test *t = *state;

	for (int i = 0; i < 10; i++)
		plan_warn(&t->plan, "w%d", i);
	assert_int_equal(t->plan.warning_count, 10);
	assert_string_equal(t->plan.warnings[9], "w9");
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
		TEST(interrupted_beyond),
		TEST(rate_without_link),
		TEST(settings_not_shown),
		TEST(unknown_count),
		TEST(pure),
		TEST(many),
		TEST(warnings_and_names),
	};

	return RUN(tests);
}
