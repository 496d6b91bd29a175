/* The journals of one change: of several PFs, all valid or none; of VFs that are handed out
 * or handed back. */
#include "unit.h"

#include "fixture.h"

#include "plan/journal.h"

#include <dirent.h>

struct test {
	void *dir;
	struct host host;
	struct pf *pfs[3];
	struct change change;
	struct error err;
};

static int setup(void **state)
{
	struct test *t = calloc(1, sizeof(*t));

	if (runtime_setup(&t->dir) < 0)
		return -1;
	fixture_host(&t->host);
	t->pfs[0] = fixture_pf(&t->host, "eth0", "0000:21:00.0", 64);
	t->pfs[1] = fixture_pf(&t->host, "eth1", "0000:41:00.0", 64);
	t->pfs[2] = fixture_pf(&t->host, "eth2", "0000:61:00.0", 64);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct test *t = *state;

	change_free(&t->change);
	host_free(&t->host);
	runtime_teardown(&t->dir);
	free(t);
	return 0;
}

static size_t files(struct test *t)
{
	cleanup_dir DIR *d = opendir(arena_printf(&t->host.arena, "%s/journal", (char *)t->dir));
	struct dirent *e;
	size_t n = 0;

	while (d && (e = readdir(d)))
		n += e->d_name[0] != '.';
	return n;
}

/* A change of the first so many PFs, each with a step, and its journals. */
static void begin(struct test *t, size_t pfs, const char *id)
{
	change_free(&t->change);
	t->change.command = "vf set eth0/0 eth1/0 eth2/0 up";
	t->change.id = id;
	for (size_t i = 0; i < pfs; i++) {
		struct plan *plan = change_plan(&t->change, t->pfs[i]);

		plan_keep_pf(plan, PF_UP);
		plan_add(plan, STEP_IF_UP, t->pfs[i]->name, -1);
		if (journal_write(&t->change, plan, &t->err) < 0)
			fail_msg("%s", t->err.message);
	}
}

/* Does the journal of that PF count? */
static bool counts(struct test *t, size_t pf)
{
	struct plan loaded = {.pf = t->pfs[pf]};
	const char *was;
	int found = journal_load(&loaded, &was, &t->err);

	assert_true(found >= 0);
	assert_int_equal(found, loaded.interrupted);
	assert_int_equal(found, journal_left(&t->host.arena, t->pfs[pf]) != NULL);
	plan_free(&loaded);
	return found;
}

/* Each PF of a change has a journal of its own, with the command of all. */
static void several_pfs(void **state)
{
	struct test *t = *state;
	struct plan loaded = {.pf = t->pfs[1]};
	const char *was;

	begin(t, 1, "1-1");
	plan_keep_pf(change_plan(&t->change, t->pfs[1]), PF_AUTOPROBE);
	assert_int_equal(journal_write(&t->change, change_plan(&t->change, t->pfs[1]), &t->err), 0);
	assert_int_equal(files(t), 2);
	assert_int_equal(journal_load(&loaded, &was, &t->err), 1);
	assert_string_equal(was, "vf set eth0/0 eth1/0 eth2/0 up");
	assert_int_equal(loaded.before.pf.known, PF_BIT(PF_AUTOPROBE));
	plan_free(&loaded);
	assert_false(counts(t, 2));
	journal_remove(t->pfs[1]);
	assert_int_equal(files(t), 1);
	assert_true(counts(t, 0));
}

/* A change of several PFs becomes valid at one moment. */
static void valid_at_once(void **state)
{
	struct test *t = *state;

	begin(t, 3, "1-1");
	for (size_t i = 0; i < 3; i++)
		assert_true(counts(t, i));
	journal_commit(&t->change);
	for (size_t i = 0; i < 3; i++)
		assert_false(counts(t, i));
	/* and stays so, wherever it is cut off from here on */
	for (size_t i = 0; i < 3; i++) {
		journal_remove(t->pfs[i]);
		for (size_t j = 0; j < 3; j++)
			assert_false(counts(t, j));
	}
	journal_forget(&t->change);
	assert_int_equal(files(t), 0);
	journal_forget(&t->change); /* nothing there is fine */
}

/* As long as it is not, that of each PF counts, whatever becomes of the others. */
static void put_right_one_by_one(void **state)
{
	struct test *t = *state;

	begin(t, 3, "1-1");
	journal_remove(t->pfs[0]);
	assert_false(counts(t, 0));
	assert_true(counts(t, 1) && counts(t, 2));
	journal_remove(t->pfs[2]);
	assert_true(counts(t, 1));
	/* those of another change that is valid have nothing to do with it */
	begin(t, 1, "1-2");
	t->change.plans[0]->pf = t->pfs[2];
	journal_commit(&t->change);
	assert_true(counts(t, 1));
}

/* What is valid says nothing of what comes behind it. */
static void the_next_change(void **state)
{
	struct test *t = *state;

	begin(t, 2, "1-1");
	journal_commit(&t->change);
	journal_remove(t->pfs[0]);
	/* cut off here: that of eth1 is left, and does not count; then the next one */
	assert_false(counts(t, 1));
	begin(t, 2, "1-2");
	assert_true(counts(t, 0) && counts(t, 1));
	begin(t, 1, "1-1"); /* only the id tells them apart */
	assert_false(counts(t, 0));
}

/* With one PF there is nothing to be brought together. */
static void one_pf(void **state)
{
	struct test *t = *state;

	begin(t, 1, "1-1");
	change_plan(&t->change, t->pfs[1]); /* in which nothing is to be done */
	journal_commit(&t->change);
	assert_int_equal(files(t), 1);
	assert_true(counts(t, 0));
	journal_remove(t->pfs[0]);
	journal_forget(&t->change);
	assert_int_equal(files(t), 0);
	/* without an id, as tests write them */
	begin(t, 2, NULL);
	journal_commit(&t->change);
	journal_forget(&t->change);
	assert_true(counts(t, 0) && counts(t, 1));
}

static struct plan loaded_plan(struct test *t)
{
	struct plan loaded = {.pf = t->pfs[0]};
	const char *was;

	if (journal_load(&loaded, &was, &t->err) != 1)
		fail_msg("%s", t->err.message);
	return loaded;
}

/* At home, and nobody's: that is something to go back to as well. */
static void at_home(void **state)
{
	struct test *t = *state;
	struct vf *vf;
	struct plan *plan, loaded;

	fixture_vfs(&t->host, t->pfs[2], 3);
	t->pfs[2]->handle = t->pfs[0]->handle;
	plan = change_plan(&t->change, t->pfs[0]);
	vf = fixture_vf(&t->host, t->pfs[2], 1);
	fixture_altname(&t->host, &vf->addresses, "192.0.2.1/24");
	vf->known |= VF_BIT(VF_ADDRESSES) | VF_BIT(VF_GATEWAYS);
	for (unsigned a = VF_NETNS; a <= VF_LEASE; a++)
		if (a == VF_NETNS || a == VF_ADDRESSES || a == VF_GATEWAYS || a == VF_LEASE)
			plan_keep_vf(plan, vf, a);
	vf = fixture_vf(&t->host, t->pfs[2], 2);
	vf->netns = "blue";
	vf->lease = "web-7";
	vf->known |= VF_BIT(VF_NETNS) | VF_BIT(VF_LEASE);
	plan_keep_vf(plan, vf, VF_NETNS);
	plan_keep_vf(plan, vf, VF_LEASE);
	assert_int_equal(journal_write(&t->change, plan, &t->err), 0);
	loaded = loaded_plan(t);
	assert_true(state_find(&loaded.before, 1)->vf.known ==
		    (VF_BIT(VF_INDEX) | VF_BIT(VF_NETNS) | VF_BIT(VF_LEASE) | VF_BIT(VF_ADDRESSES) |
			    VF_BIT(VF_GATEWAYS)));
	assert_null(state_find(&loaded.goal, 1)->vf.netns);
	assert_null(state_find(&loaded.goal, 1)->vf.lease);
	assert_int_equal(state_find(&loaded.goal, 1)->vf.gateways.count, 0);
	assert_string_equal(state_find(&loaded.goal, 1)->vf.addresses.items[0], "192.0.2.1/24");
	assert_string_equal(state_find(&loaded.before, 2)->vf.netns, "blue");
	assert_string_equal(state_find(&loaded.before, 2)->vf.lease, "web-7");
	plan_free(&loaded);
}

/* One that leads forward, and VFs that are handed back, each for itself. */
static void forward(void **state)
{
	struct test *t = *state;

	for (int i = 0; i < 4; i++) {
		struct plan *plan, loaded;

		change_free(&t->change);
		plan = change_plan(&t->change, t->pfs[0]);
		plan->forward = i & 1;
		state_vf(&plan->arena, &plan->before, 2);
		state_vf(&plan->arena, &plan->before, 5)->release = i & 2;
		assert_int_equal(journal_write(&t->change, plan, &t->err), 0);
		loaded = loaded_plan(t);
		assert_int_equal(loaded.forward, i & 1);
		assert_false(state_find(&loaded.before, 2)->release);
		assert_int_equal(state_find(&loaded.before, 5)->release, i >> 1);
		assert_int_equal(state_find(&loaded.goal, 5)->release, i >> 1);
		plan_free(&loaded);
	}
}

/* None is a value of few. */
static void none(void **state)
{
	static const struct {
		const char *key;
		bool none;
	} rows[] = {
		{"driver", true},
		{"driver_override", true},
		{"netns", true},
		{"lease", true},
		{"ifname", false},
		{"mac", false},
		{"mtu", false},
		{"up", false},
		{"altnames", false},
		{"addresses", false},
	};
	struct test *t = *state;

	begin(t, 1, "1-1");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *path =
			arena_printf(&t->host.arena, "%s/journal/pci-0000:21:00.0", (char *)t->dir);
		FILE *f = fopen(path, "w");
		struct plan loaded = {.pf = t->pfs[0]};
		const char *was;
		int found;

		assert_non_null(f);
		fprintf(f, "{\"before\": {\"vfs\": [{\"index\": 0, \"%s\": null}]}}", rows[i].key);
		fclose(f);
		found = journal_load(&loaded, &was, &t->err);
		if (found != (rows[i].none ? 1 : -1))
			fail_msg("%s: %d", rows[i].key, found);
		plan_free(&loaded);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(several_pfs),
		TEST(valid_at_once),
		TEST(put_right_one_by_one),
		TEST(the_next_change),
		TEST(one_pf),
		TEST(at_home),
		TEST(forward),
		TEST(none),
	};

	return RUN(tests);
}
