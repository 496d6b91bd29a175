#include "unit.h"

#include "fixture.h"

#include "core/link.h"
#include "plan/journal.h"
#include "plan/lock.h"
#include "plan/want.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

struct test {
	void *dir;
	struct host host;
	struct pf *pf;
	struct change change;
	struct plan *plan;
	struct error err;
};

static int setup(void **state)
{
	struct test *t = calloc(1, sizeof(*t));

	if (runtime_setup(&t->dir) < 0)
		return -1;
	fixture_host(&t->host);
	t->pf = fixture_pf(&t->host, "eth0", "0000:21:00.0", 64);
	t->change.command = "vf create eth0 4";
	t->plan = change_plan(&t->change, t->pf);
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

/* All that a change of the number of VFs keeps. */
static void keep_all(struct test *t)
{
	assert_int_equal(want_vf_count(&t->change, &t->host, t->pf, t->pf->num_vfs, &t->err), 0);
	assert_int_equal(t->plan->count, 0);
}

static int write_journal(struct test *t)
{
	return journal_write(&t->change, t->plan, &t->err);
}

/* The VF as it is in the journal. */
static const struct vf *had(const struct plan *loaded, uint32_t index)
{
	const struct vf_state *st = state_find(&loaded->before, index);

	assert_non_null(st);
	return &st->vf;
}

static char *path_of(struct test *t, const char *name)
{
	return arena_printf(&t->host.arena, "%s/%s", (char *)t->dir, name);
}
#define JOURNAL "journal/pci-0000:21:00.0"

static size_t files_in(struct test *t, const char *name)
{
	cleanup_dir DIR *d = opendir(path_of(t, name));
	struct dirent *e;
	size_t n = 0;

	while (d && (e = readdir(d)))
		n += e->d_name[0] != '.';
	return n;
}

static void put(struct test *t, const char *text)
{
	FILE *f = fopen(path_of(t, JOURNAL), "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	fclose(f);
}

/* What would bring everything back must be the same from memory and from disk. */
static void assert_same_steps(struct plan *a, struct plan *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		const struct step *x = &a->steps[i], *y = &b->steps[i];

		assert_int_equal(x->kind, y->kind);
		assert_string_equal(x->object, y->object);
		assert_string_equal(x->key, y->key);
		assert_int_equal(x->vf, y->vf);
		assert_true(value_equal(&x->old, &y->old));
		assert_true(value_equal(&x->new, &y->new));
		if (x->kind == STEP_VF_ATTR) {
			struct value v = attr_get(&vf_type, x->attr, x->want);
			struct value w = attr_get(&vf_type, y->attr, y->want);

			assert_int_equal(x->attr, y->attr);
			assert_true(v.known && value_equal(&v, &w));
		}
	}
}

static void round_trip(void **state)
{
	struct test *t = *state;
	struct change fresh = {0};
	struct plan *loaded = change_plan(&fresh, t->pf);
	struct vf *vf;
	const char *was = NULL;

	fixture_vfs(&t->host, t->pf, 5);
	vf = fixture_vf(&t->host, t->pf, 1); /* everything there is */
	vf->known = ((UINT64_C(1) << VF_ATTR_COUNT) - 1) & ~VF_BIT(VF_NETNS);
	vf->vfio = vf->representor = vf->devlink_port = vf->rdma_device = vf->lease = "x";
	vf->vlan = 4094;
	vf->qos = 7;
	vf->proto = VF_PROTO_8021AD;
	vf->max_tx_rate = UINT32_MAX;
	vf->min_tx_rate = 1;
	vf->trust = true;
	vf->spoofchk = false;
	vf->query_rss = true;
	vf->state = VF_STATE_DISABLE;
	vf->node_guid = UINT64_MAX; /* more than JSON's integers have */
	vf->port_guid = UINT64_C(1) << 63;
	vf->mtu = 9216;
	fixture_altname(&t->host, &vf->altnames, "tenant-a");
	fixture_altname(&t->host, &vf->altnames, "a \"quoted\" \\ n\xc3\xa4me");
	vf = fixture_vf(&t->host, t->pf, 2); /* next to nothing */
	vf->known = VF_BIT(VF_INDEX);
	vf = fixture_vf(&t->host, t->pf, 3);
	vf->netns = "blue";
	vf->known |= VF_BIT(VF_NETNS);
	vf = fixture_vf(&t->host, t->pf, 4);
	vf->up = false;
	vf->mac = (struct lladdr){20, {1, 2, 3}};
	keep_all(t);

	assert_int_equal(write_journal(t), 0);
	assert_int_equal(files_in(t, "journal"), 1); /* and no temporary one */
	assert_int_equal(journal_load(loaded, &was, &t->err), 1);
	assert_true(loaded->interrupted);
	assert_string_equal(was, "vf create eth0 4");
	assert_int_equal(loaded->before.pf.num_vfs, 5);
	assert_true(pf_has(&loaded->before.pf, PF_AUTOPROBE) && loaded->before.pf.autoprobe);
	assert_int_equal(loaded->before.count, 5);
	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(loaded->before.vfs[i]->vf.index, i);
	assert_int_equal(had(loaded, 1)->altnames.count, 2);
	assert_true(had(loaded, 1)->node_guid == UINT64_MAX);
	/* what is elsewhere has no name to put back here */
	assert_false(vf_has(had(loaded, 3), VF_IFNAME));
	assert_true(had(loaded, 2)->known ==
		    (VF_BIT(VF_INDEX) | VF_BIT(VF_DRIVER) | VF_BIT(VF_DRIVER_OVERRIDE)));
	assert_null(had(loaded, 2)->driver);
	/* until a command wants something else, it wants that again */
	assert_int_equal(loaded->goal.count, 5);
	assert_int_equal(loaded->goal.pf.num_vfs, 5);
	assert_true(loaded->goal.vfs[0] != loaded->before.vfs[0]);

	t->plan->interrupted = true;
	t->pf->num_vfs = 0;
	t->pf->vf_count = 0;
	t->pf->autoprobe = false;
	assert_int_equal(want_vf_count(&t->change, &t->host, t->pf, 5, &t->err), 0);
	assert_int_equal(want_vf_count(&fresh, &t->host, t->pf, 5, &t->err), 0);
	assert_true(t->plan->count > 20);
	assert_same_steps(t->plan, loaded);
	change_free(&fresh);
}

static void autoprobe_three_ways(void **state)
{
	struct test *t = *state;
	const char *was;

	for (int i = 0; i < 3; i++) {
		struct plan loaded = {.pf = t->pf};
		struct value n = value_uint(2), on = value_bool(i > 1);

		t->plan->before = (struct state){0};
		attr_set(&pf_type, PF_NUM_VFS, &t->plan->before.pf, &n);
		if (i > 0)
			attr_set(&pf_type, PF_AUTOPROBE, &t->plan->before.pf, &on);
		assert_int_equal(write_journal(t), 0); /* over the last one */
		assert_int_equal(journal_load(&loaded, &was, &t->err), 1);
		assert_int_equal(pf_has(&loaded.before.pf, PF_AUTOPROBE), i > 0);
		assert_int_equal(loaded.before.pf.autoprobe, i > 1);
		assert_int_equal(loaded.before.pf.num_vfs, 2);
		assert_int_equal(loaded.before.count, 0);
		plan_free(&loaded);
	}
}

static void many_vfs(void **state)
{
	struct test *t = *state;
	struct plan loaded = {.pf = t->pf};
	const char *was;

	t->pf->total_vfs = 1024;
	fixture_vfs(&t->host, t->pf, 1024);
	keep_all(t);
	assert_int_equal(write_journal(t), 0);
	assert_int_equal(journal_load(&loaded, &was, &t->err), 1);
	assert_int_equal(loaded.before.count, 1024);
	assert_string_equal(had(&loaded, 1023)->ifname, "eth0v1023");
	plan_free(&loaded);
}

static void absent(void **state)
{
	struct test *t = *state;
	const char *was = "untouched";

	assert_int_equal(journal_load(t->plan, &was, &t->err), 0);
	assert_false(t->plan->interrupted);
	assert_string_equal(was, "untouched");
	assert_int_equal(t->err.code, EXIT_DONE);
	/* another PF's is not ours */
	assert_int_equal(write_journal(t), 0);
	t->plan->pf = fixture_pf(&t->host, "eth1", "0000:21:00.1", 4);
	assert_int_equal(journal_load(t->plan, &was, &t->err), 0);
	t->plan->pf = t->pf;
	assert_int_equal(journal_load(t->plan, &was, &t->err), 1);
	journal_remove(t->pf);
	assert_int_equal(files_in(t, "journal"), 0);
	assert_int_equal(journal_load(t->plan, &was, &t->err), 0);
	journal_remove(t->pf); /* nothing there is fine */
}

static void private_file(void **state)
{
	struct test *t = *state;
	struct stat st;

	assert_int_equal(write_journal(t), 0);
	assert_int_equal(stat(path_of(t, JOURNAL), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(path_of(t, "journal"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

/* An error that names the file; never a baseline of nothing. */
static void damaged(void **state)
{
	static const char *const texts[] = {"", "{", "null", "[]", "{}", "garbage\n", "\xff\xfe",
		"{\"before\": null}", "{\"before\": []}", "{\"before\": 3}",
		"{\"command\": \"x\", \"want_vfs\": 4}"};
	struct test *t = *state;

	assert_int_equal(write_journal(t), 0);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const char *was = NULL;

		put(t, texts[i]);
		memset(&t->err, 0, sizeof(t->err));
		if (journal_load(t->plan, &was, &t->err) != -1)
			fail_msg("taken: %s", texts[i]);
		assert_int_equal(t->err.code, EXIT_KERNEL);
		assert_contains(t->err.message, "damaged");
		assert_string_equal(t->err.object, "eth0");
		assert_contains(t->err.hint, path_of(t, JOURNAL));
		assert_false(t->plan->interrupted);
		assert_int_equal(files_in(t, "journal"), 1); /* it stays, for people to see */
	}
}

/* JSON, but not ours: putting back "0 VFs" for a number that is missing would be wrong. */
static void damaged_within(void **state)
{
	static const char *const texts[] = {
		"{\"before\": {}}",
		"{\"before\": {\"num_vfs\": \"4\", \"vfs\": []}}",
		"{\"before\": {\"num_vfs\": -1, \"vfs\": []}}",
		"{\"before\": {\"num_vfs\": 4294967300, \"vfs\": []}}",
		"{\"before\": {\"num_vfs\": 1}}",
		"{\"before\": {\"num_vfs\": 1, \"vfs\": [1]}}",
		"{\"before\": {\"num_vfs\": 1, \"vfs\": [{\"mac\": \"02:00:00:00:00:01\"}]}}",
		"{\"before\": {\"num_vfs\": 1, \"vfs\": [{\"index\": \"0\"}]}}",
		"{\"before\": {\"num_vfs\": 1, \"vfs\": [{\"index\": -1}]}}",
		"{\"before\": {\"num_vfs\": 1, \"vfs\": [{\"index\": 65536}]}}",
		"{\"before\": {\"num_vfs\": null, \"vfs\": []}}",
		"{\"before\": {\"autoprobe\": 1, \"vfs\": []}}",
		"{\"before\": {\"up\": \"on\", \"vfs\": []}}",
		"{\"before\": {\"mtu\": 1.5, \"vfs\": []}}",
	};
	struct test *t = *state;

	assert_int_equal(write_journal(t), 0);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const char *was = NULL;

		put(t, texts[i]);
		if (journal_load(t->plan, &was, &t->err) != -1)
			fail_msg("taken: %s", texts[i]);
		assert_contains(t->err.message, "damaged");
	}
}

/* A number that is missing is not 0: nothing is wanted of it. */
static void number_not_said(void **state)
{
	struct test *t = *state;
	const char *was;

	assert_int_equal(write_journal(t), 0);
	put(t, "{\"before\": {\"vfs\": []}}");
	assert_int_equal(journal_load(t->plan, &was, &t->err), 1);
	assert_int_equal(t->plan->before.pf.known, 0);
	assert_int_equal(t->plan->goal.pf.known, 0);
	assert_int_equal(plan_toward(t->plan, &t->host, &t->plan->goal, &t->err), 0);
	assert_int_equal(t->plan->count, 0);
}

/* A field that makes no sense is refused, rather than believed or forgotten. */
static void strange_fields(void **state)
{
	static const char *const fields[] = {"\"mac\": 5", "\"mac\": \"xyz\"", "\"mac\": \"\"",
		"\"mac\": null", "\"vlan\": \"5\"", "\"vlan\": -1", "\"vlan\": 4294967296",
		"\"vlan\": null", "\"state\": 3", "\"state\": -1", "\"state\": 4294967295",
		"\"state\": \"auto\"", "\"proto\": 2", "\"proto\": null", "\"spoofchk\": 1",
		"\"spoofchk\": null", "\"driver\": 7", "\"driver_override\": false",
		"\"node_guid\": \"00:11\"", "\"node_guid\": 1.5", "\"altnames\": 5",
		"\"altnames\": {}", "\"altnames\": [5]", "\"altnames\": [\"a\", null]",
		"\"up\": \"up\"", "\"mtu\": true", "\"msix\": \"8\"", "\"ifname\": []"};
	struct test *t = *state;

	assert_int_equal(write_journal(t), 0);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		struct plan loaded = {.pf = t->pf};
		const char *was;

		put(t, arena_printf(&t->host.arena,
			       "{\"before\": {\"num_vfs\": 1, \"autoprobe\": true, "
			       "\"vfs\": [{\"index\": 0, %s}]}}",
			       fields[i]));
		memset(&t->err, 0, sizeof(t->err));
		if (journal_load(&loaded, &was, &t->err) != -1)
			fail_msg("believed: %s", fields[i]);
		assert_contains(t->err.message, "damaged");
		assert_false(loaded.interrupted);
		plan_free(&loaded);
	}
}

/* What is not kept does not matter; what is not said is not known. */
static void other_fields(void **state)
{
	static const char *const fields[] = {
		"\"link\": 99", "\"rx_bytes\": \"x\"", "\"later\": {}"};
	struct test *t = *state;

	assert_int_equal(write_journal(t), 0);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		struct plan loaded = {.pf = t->pf};
		const char *was;

		put(t, arena_printf(&t->host.arena, "{\"before\": {\"vfs\": [{\"index\": 0, %s}]}}",
			       fields[i]));
		assert_int_equal(journal_load(&loaded, &was, &t->err), 1);
		assert_string_equal(was, "?");
		assert_int_equal(loaded.before.count, 1);
		if (had(&loaded, 0)->known != VF_BIT(VF_INDEX))
			fail_msg("believed: %s", fields[i]);
		plan_free(&loaded);
	}
}

/* Cut at every byte: it is renamed into place whole, but file systems have their moods. */
static void cut(void **state)
{
	struct test *t = *state;
	char text[8192];
	size_t len;
	FILE *f;

	fixture_vfs(&t->host, t->pf, 2);
	keep_all(t);
	assert_int_equal(write_journal(t), 0);
	f = fopen(path_of(t, JOURNAL), "r");
	len = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	assert_in_range(len, 100, sizeof(text) - 2);
	while (len-- > 0) {
		const char *was = NULL;

		text[len] = 0;
		if (text[strspn(text, " \n")] && text[len - 1] == '}' && len > 2 &&
			text[len - 2] == '\n')
			continue; /* only the last newline went */
		put(t, text);
		assert_int_equal(journal_load(t->plan, &was, &t->err), -1);
	}
}

/* Neither a journal nor a part of one stays; the error says that nothing was changed. */
static void refused(struct test *t)
{
	memset(&t->err, 0, sizeof(t->err));
	assert_int_equal(write_journal(t), -1);
	assert_int_equal(t->err.code, EXIT_KERNEL);
	assert_true(t->err.sys_errno > 0);
	assert_true(t->err.kernel[0] != 0);
}

static void no_directory(void **state)
{
	struct test *t = *state;

	setenv("SRIOVCTL_RUNTIME_DIR", path_of(t, "missing/run"), 1);
	refused(t);
	assert_int_equal(files_in(t, "."), 0);
	close(open(path_of(t, "file"), O_WRONLY | O_CREAT, 0600));
	setenv("SRIOVCTL_RUNTIME_DIR", path_of(t, "file"), 1);
	refused(t);
	/* a file where the directory belongs */
	setenv("SRIOVCTL_RUNTIME_DIR", t->dir, 1);
	close(open(path_of(t, "journal"), O_WRONLY | O_CREAT, 0600));
	refused(t);
	assert_int_equal(files_in(t, "."), 2);
}

static void disk_full(void **state)
{
	struct test *t = *state;

	assert_int_equal(mkdir(path_of(t, "journal"), 0700), 0);
	/* as root no mode bits stop us, but this device is always full */
	assert_int_equal(symlink("/dev/full", path_of(t, JOURNAL ".tmp")), 0);
	refused(t);
	assert_int_equal(t->err.sys_errno, 28 /* ENOSPC */);
	assert_contains(t->err.hint, "nothing was changed");
	assert_int_equal(files_in(t, "journal"), 0);
}

static void cannot_rename(void **state)
{
	struct test *t = *state;

	assert_int_equal(mkdir(path_of(t, "journal"), 0700), 0);
	assert_int_equal(mkdir(path_of(t, JOURNAL), 0700), 0);
	refused(t);
	assert_contains(t->err.hint, "nothing was changed");
	assert_int_equal(files_in(t, "journal"), 1); /* the directory in the way */
}

/* What was there before stays whole when a new one cannot be written. */
static void keeps_the_old(void **state)
{
	struct test *t = *state;
	struct plan loaded = {.pf = t->pf};
	const char *was;

	assert_int_equal(write_journal(t), 0);
	assert_int_equal(symlink("/dev/full", path_of(t, JOURNAL ".tmp")), 0);
	t->change.command = "vf destroy eth0";
	refused(t);
	assert_int_equal(journal_load(&loaded, &was, &t->err), 1);
	assert_string_equal(was, "vf create eth0 4");
	plan_free(&loaded);
}

/* Interface names are bytes, not UTF-8: what had one must have it again. */
static void names_that_are_no_utf8(void **state)
{
	struct test *t = *state;
	struct plan loaded = {.pf = t->pf};
	const char *was;
	struct vf *vf;

	fixture_vfs(&t->host, t->pf, 1);
	vf = fixture_vf(&t->host, t->pf, 0);
	vf->ifname = "caf\xe9";
	fixture_altname(&t->host, &vf->altnames, "na\xefve");
	keep_all(t);
	if (write_journal(t) < 0)
		return; /* an honest refusal will do too */
	assert_int_equal(journal_load(&loaded, &was, &t->err), 1);
	assert_true(vf_has(had(&loaded, 0), VF_IFNAME));
	assert_string_equal(had(&loaded, 0)->ifname, "caf\xe9");
	assert_int_equal(had(&loaded, 0)->altnames.count, 1);
	plan_free(&loaded);
}

/* What a change of settings, driver or PF keeps: each of it as it was, and only that. */
static void every_field(void **state)
{
	static const char *names[] = {"tenant-a", "n\xe4me"};
	static const struct strings altnames = {names, 2}, no_names = {NULL, 0};
	struct test *t = *state;
	const struct vf now = {.index = 3,
		.known = ~UINT64_C(0),
		.driver = "igbvf",
		.ifname = "eth0v3",
		.up = true,
		.mtu = 9000,
		.altnames = altnames,
		.msix = 2048,
		.mac = {20, {1, 2, 3}},
		.vlan = 4094,
		.state = VF_STATE_DISABLE};
	const struct vf none = {.index = 65535, .altnames = no_names};
	struct plan loaded = {.pf = t->pf};
	const struct vf_state *st;
	const char *was;

	t->pf->mtu = 9216;
	t->pf->up = false;
	t->pf->known |= PF_BIT(PF_MTU);
	plan_keep_pf(t->plan, PF_MTU);
	plan_keep_pf(t->plan, PF_UP);
	plan_keep_vf(t->plan, &now, VF_DRIVER);
	plan_keep_vf(t->plan, &now, VF_DRIVER_OVERRIDE);
	plan_keep_vf(t->plan, &now, VF_MSIX);
	plan_keep_vf(t->plan, &now, VF_ALTNAMES);
	plan_keep_vf(t->plan, &now, VF_UP);
	plan_keep_vf(t->plan, &now, VF_STATE);
	plan_keep_vf(t->plan, &now, VF_VFIO); /* is found out, not put back */
	state_find(&t->plan->before, 3)->rebind = true;
	plan_keep_vf(t->plan, &none, VF_DRIVER);
	plan_keep_vf(t->plan, &none, VF_DRIVER_OVERRIDE);
	assert_int_equal(write_journal(t), 0);
	assert_int_equal(journal_load(&loaded, &was, &t->err), 1);

	assert_int_equal(loaded.before.pf.known, PF_BIT(PF_MTU) | PF_BIT(PF_UP));
	assert_int_equal(loaded.before.pf.mtu, 9216);
	assert_false(loaded.before.pf.up);
	assert_int_equal(loaded.before.count, 2);
	st = state_find(&loaded.before, 3);
	assert_true(st->rebind);
	assert_false(st->reset);
	assert_int_equal(st->vf.known,
		VF_BIT(VF_INDEX) | VF_BIT(VF_DRIVER) | VF_BIT(VF_DRIVER_OVERRIDE) |
			VF_BIT(VF_MSIX) | VF_BIT(VF_ALTNAMES) | VF_BIT(VF_UP) | VF_BIT(VF_STATE));
	assert_string_equal(st->vf.driver, "igbvf");
	assert_null(st->vf.driver_override);
	assert_int_equal(st->vf.msix, 2048);
	assert_true(st->vf.up);
	assert_int_equal(st->vf.state, VF_STATE_DISABLE);
	assert_int_equal(st->vf.altnames.count, 2);
	assert_string_equal(st->vf.altnames.items[0], "tenant-a");
	assert_string_equal(st->vf.altnames.items[1], "n\xe4me");
	/* no driver is something to go back to as well */
	st = state_find(&loaded.before, 65535);
	assert_false(st->rebind);
	assert_int_equal(
		st->vf.known, VF_BIT(VF_INDEX) | VF_BIT(VF_DRIVER) | VF_BIT(VF_DRIVER_OVERRIDE));
	assert_null(st->vf.driver);
	assert_null(st->vf.driver_override);
	/* the goal is the same, and its own */
	assert_int_equal(loaded.goal.pf.known, loaded.before.pf.known);
	assert_int_equal(loaded.goal.count, 2);
	assert_true(state_find(&loaded.goal, 3)->rebind);
	assert_int_equal(
		state_find(&loaded.goal, 3)->vf.known, state_find(&loaded.before, 3)->vf.known);
	plan_free(&loaded);
}

static void overrides(void **state)
{
	struct test *t = *state;
	struct vf now = {.known = ~UINT64_C(0), .driver_override = "vfio-pci"};
	struct plan loaded = {.pf = t->pf};
	const char *was;

	plan_keep_vf(t->plan, &now, VF_DRIVER_OVERRIDE);
	now.driver_override = "other"; /* what was first counts */
	plan_keep_vf(t->plan, &now, VF_DRIVER_OVERRIDE);
	assert_int_equal(write_journal(t), 0);
	assert_int_equal(journal_load(&loaded, &was, &t->err), 1);
	assert_string_equal(had(&loaded, 0)->driver_override, "vfio-pci");
	/* and counts when the next command would keep it again */
	plan_keep_vf(&loaded, &now, VF_DRIVER_OVERRIDE);
	assert_string_equal(had(&loaded, 0)->driver_override, "vfio-pci");
	plan_free(&loaded);
}

/* An attribute that can be put back must be in the journal: a row that was forgotten would
 * be lost by a crash, and only then. */
static void nothing_is_forgotten(void **state)
{
	static const struct strings names = {NULL, 0};
	struct test *t = *state;
	struct vf vf = {
		.known = ~UINT64_C(0), .altnames = names, .mac = {.len = 6}, .if_mac = {.len = 6}};
	uint64_t wanted = VF_BIT(VF_INDEX) | VF_BIT(VF_DRIVER) | VF_BIT(VF_DRIVER_OVERRIDE) |
			  VF_BIT(VF_ALTNAMES);
	uint64_t pf_wanted = PF_BIT(PF_NUM_VFS);
	struct plan loaded = {.pf = t->pf};
	const char *was;

	vf.driver = vf.driver_override = vf.ifname = "x";
	t->pf->known |= PF_BIT(PF_MTU);
	for (unsigned a = 0; a < VF_ATTR_COUNT; a++)
		if (vf_type.attrs[a].flags & (ATTR_KEEP | ATTR_SET | ATTR_LEND))
			wanted |= VF_BIT(a);
	wanted |= VF_BIT(VF_NETNS) | VF_BIT(VF_IF_MAC);
	for (unsigned a = 0; a < VF_ATTR_COUNT; a++)
		if (wanted >> a & 1)
			plan_keep_vf(t->plan, &vf, a);
	for (unsigned a = 0; a < PF_ATTR_COUNT; a++)
		if (pf_type.attrs[a].flags & ATTR_SET)
			pf_wanted |= PF_BIT(a);
	for (unsigned a = 0; a < PF_ATTR_COUNT; a++)
		if (pf_wanted >> a & 1)
			plan_keep_pf(t->plan, a);
	assert_int_equal(write_journal(t), 0);
	assert_int_equal(journal_load(&loaded, &was, &t->err), 1);
	assert_int_equal(had(&loaded, 0)->known, wanted);
	assert_int_equal(loaded.before.pf.known, pf_wanted);
	plan_free(&loaded);
}

/* What a listing says of a journal that was left. */
static void left_behind(void **state)
{
	struct test *t = *state;
	struct arena *arena = &t->host.arena;
	int lock;

	assert_null(journal_left(arena, t->pf));
	assert_int_equal(write_journal(t), 0);
	assert_string_equal(journal_left(arena, t->pf), "vf create eth0 4");
	lock = lock_pf(t->pf, "someone", 0, NULL, &t->err); /* who is at work on it now */
	assert_true(lock >= 0);
	assert_null(journal_left(arena, t->pf));
	close(lock);
	put(t, "garbage");
	assert_string_equal(journal_left(arena, t->pf), "?");
	journal_remove(t->pf);
	assert_null(journal_left(arena, t->pf));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(round_trip),
		TEST(autoprobe_three_ways),
		TEST(many_vfs),
		TEST(absent),
		TEST(private_file),
		TEST(damaged),
		TEST(damaged_within),
		TEST(number_not_said),
		TEST(strange_fields),
		TEST(other_fields),
		TEST(cut),
		TEST(no_directory),
		TEST(disk_full),
		TEST(cannot_rename),
		TEST(keeps_the_old),
		TEST(names_that_are_no_utf8),
		TEST(every_field),
		TEST(overrides),
		TEST(nothing_is_forgotten),
		TEST(left_behind),
	};

	return RUN(tests);
}
