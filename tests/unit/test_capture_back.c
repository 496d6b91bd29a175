/* A captured host, read back: all that is wanted is what it has. */
#include "unit.h"

#include "core/driver.h"
#include "policy/policy.h"
#include "random.h"
#include "world.h"

struct back {
	struct arena arena;
	struct problems problems;
	struct policy *policy;
	struct intent intent;
	char *text;
};

static void capture(struct world *w, struct back *b)
{
	const struct pf *pfs[FIXTURE_PFS];
	struct error err = {0};
	size_t size;
	FILE *f = open_memstream(&b->text, &size);

	for (size_t i = 0; i < w->host.pf_count; i++)
		pfs[i] = &w->host.pfs[i];
	if (policy_capture(&w->host, pfs, w->host.pf_count, f, &err) < 0)
		fail_msg("%s", err.message);
	fclose(f);
}

static void read_back(struct world *w, struct back *b)
{
	capture(w, b);
	b->problems.arena = &b->arena;
	b->policy = policy_new(&b->problems);
	policy_add(b->policy, "captured.yaml", b->text, strlen(b->text));
	policy_check(b->policy);
	policy_resolve(b->policy, &w->host, &b->arena, &b->intent, &b->problems);
	for (size_t i = 0; i < b->problems.count; i++)
		fail_msg("line %u: %s: %s\n%s", b->problems.items[i].origin.line,
			b->problems.items[i].object ? b->problems.items[i].object : "",
			b->problems.items[i].message, b->text);
}

static void done(struct back *b)
{
	policy_free(b->policy);
	arena_free(&b->arena);
	free(b->text);
}

static void assert_has(const struct record_type *type, const void *record, const char *name,
	const struct wish *wishes, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++) {
		const struct setting *s = &wishes[i].setting;
		struct value has = attr_get(type, s->attr, record);

		if (s->automatic || !value_equal(&has, &s->value))
			fail_msg("%s: another %s is wanted than it has\n%s", name,
				type->attrs[s->attr].key, text);
	}
}

/* How many wishes there are. */
static size_t assert_all_there(struct world *w)
{
	struct back b = {0};
	size_t count = 0;

	read_back(w, &b);
	assert_int_equal(b.intent.count, w->host.pf_count);
	for (size_t i = 0; i < b.intent.count; i++) {
		const struct pf_intent *pf = &b.intent.pfs[i];

		assert_true(pf->has_count);
		assert_int_equal(pf->num_vfs, pf->pf->num_vfs);
		assert_has(&pf_type, pf->pf, pf->pf->name, pf->wishes, pf->count, b.text);
		count += pf->count;
		for (size_t v = 0; v < pf->vf_count; v++) {
			const struct vf_intent *vf = &pf->vfs[v];
			const struct vf *has = host_vf(&w->host, pf->pf, vf->index);

			assert_false(vf->reset);
			if (vf->driver)
				assert_string_equal(vf->driver, has->driver);
			assert_has(&vf_type, has, has->name, vf->wishes, vf->count, b.text);
			count += vf->count + (vf->driver != NULL);
		}
	}
	done(&b);
	return count;
}

static void test_plain(void **state)
{
	struct world *w = *state;

	/* up and mtu of two PFs; eight attributes of eight VFs */
	assert_int_equal(assert_all_there(w), 2 * 2 + 8 * 8);
}

/* Names that YAML or templates make something of. */
static void test_names(void **state)
{
	static const char *const names[] = {"on", "null", "12", "a{0", "{{", "}", "{vf}", "#x",
		"@x", "'", "\"", "\\", "-", "- ", "a,b", "*a", "&a", "!a", "0x10", "~", "1e3", "=",
		"a#", "\x01", "\xc3\xa9", "%a", "a]", "[", "?", "|", ">", "`", "{pf}v{vf}", "<<",
		"y"};
	struct world *w = *state;
	struct vf *vf = world_vf(w, "eth0/2");

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		vf->ifname = names[i];
		assert_all_there(w);
	}
}

static const char *random_name(struct world *w, const struct vf *vf)
{
	static const char bytes[] = "ab{}#'\"\\-,&*!~019v";
	char name[12];
	size_t len = 1 + roll(6);

	for (size_t i = 0; i < len; i++)
		name[i] = bytes[roll(sizeof(bytes) - 1)];
	name[len] = 0;
	/* the index at the end makes it one of its own */
	return arena_printf(&w->host.arena, "%s%c%u", name, 'A' + vf->pf[3] - '0', vf->index);
}

static void random_vf(struct world *w, struct vf *vf)
{
	vf->vlan = roll(3) ? 0 : 100;
	vf->qos = vf->vlan ? roll(2) : 0;
	vf->proto = vf->vlan ? roll(2) : 0;
	vf->max_tx_rate = 1000 * roll(2);
	vf->min_tx_rate = vf->max_tx_rate ? 10 * roll(2) : 0;
	vf->spoofchk = roll(4);
	vf->trust = !roll(4);
	vf->state = roll(3);
	vf->mac.bytes[2] = (uint8_t)roll(256);
	if (!roll(3)) {
		world_vfio(&w->host, vf);
		return;
	}
	if (!roll(4)) {
		world_unbind(vf);
		return;
	}
	vf->mtu = roll(2) ? 1500 : 9000;
	vf->up = roll(2);
	if (roll(2))
		vf->ifname = random_name(w, vf);
	if (!roll(4)) {
		vf->driver_override = vf->driver;
		vf->known |= VF_BIT(VF_DRIVER_OVERRIDE);
	}
}

static void test_random(void **state)
{
	(void)state;
	random_seed(7);
	for (int round = 0; round < 500; round++) {
		struct world *w;

		world_setup((void **)&w);
		for (size_t i = 0; i < w->host.vf_count; i++)
			random_vf(w, &w->host.vfs[i]);
		w->eth1->autoprobe = roll(2);
		w->eth1->up = roll(2);
		if (roll(2))
			w->eth0->driver = "igb";
		assert_all_there(w);
		world_teardown((void **)&w);
	}
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_plain),
		TEST(test_names),
		cmocka_unit_test(test_random),
	};

	return RUN(tests);
}
