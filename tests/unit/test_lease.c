/* What is remembered of VFs that were handed out: on disk, joined with the VFs, and where
 * they are by now. */
#include "unit.h"

#include "world.h"

#include "plan/lease.h"

#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <sys/stat.h>
#include <time.h>

struct test {
	void *dir;
	struct world *w;
	struct error err;
};

static int setup(void **state)
{
	struct test *t = calloc(1, sizeof(*t));
	void *world = NULL;

	if (runtime_setup(&t->dir) < 0 || world_setup(&world) < 0)
		return -1;
	t->w = world;
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct test *t = *state;
	void *world = t->w;

	world_teardown(&world);
	runtime_teardown(&t->dir);
	free(t);
	return 0;
}

static char *path_of(struct test *t, const char *name)
{
	return arena_printf(
		&t->w->host.arena, "%s/attached%s%s", (char *)t->dir, name[0] ? "/" : "", name);
}

static size_t files(struct test *t)
{
	cleanup_dir DIR *d = opendir(path_of(t, ""));
	struct dirent *e;
	size_t n = 0;

	while (d && (e = readdir(d)))
		n += e->d_name[0] != '.';
	return n;
}

static void put(struct test *t, const char *name, const char *text)
{
	FILE *f = fopen(path_of(t, name), "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	fclose(f);
}

/* A host as discovery finds it, without a memory, and what the files say of it. */
static void read_back(struct test *t)
{
	struct host *h = &t->w->host;

	for (size_t i = 0; i < h->vf_count; i++) {
		h->vfs[i].attached = NULL;
		h->vfs[i].lease = NULL;
		h->vfs[i].known &= ~VF_BIT(VF_LEASE);
	}
	h->leases = NULL;
	h->lease_count = 0;
	h->warning_count = 0;
	leases_read(h, -1);
}

static void write_lease(struct test *t, const struct lease *l)
{
	if (lease_write(l, &t->err) < 0)
		fail_msg("%s", t->err.message);
}

/* One that is to be written: what was read back does not count any more. */
static struct lease *lease_of(struct test *t, const char *vf, const char *netns, const char *owner)
{
	t->w->host.leases = NULL;
	t->w->host.lease_count = 0;
	return world_lease(t->w, vf, netns, owner);
}

static void assert_same_vf(const struct vf *a, const struct vf *b)
{
	assert_true(a->known == b->known);
	for (unsigned i = 0; i < VF_ATTR_COUNT; i++) {
		struct value x = attr_get(&vf_type, i, a), y = attr_get(&vf_type, i, b);

		/* two that are known to be none are the same, and are not equal as values */
		if (x.known && !(x.type == VALUE_STRING && !x.string && !y.string))
			if (!value_equal(&x, &y))
				fail_msg("%s", vf_type.attrs[i].key);
	}
}

#define EVERYTHING "pci-0000:21:00.0-2"

static struct lease *everything(struct test *t)
{
	struct lease *l = lease_of(t, "eth0/2", "blue", "web-7");

	fixture_altname(&t->w->host, &l->home.altnames, "a \"quoted\" \\ n\xc3\xa4me");
	fixture_altname(&t->w->host, &l->home.altnames, "\xff\x80 bytes");
	fixture_altname(&t->w->host, &l->home.addresses, "192.0.2.1/24");
	fixture_altname(&t->w->host, &l->home.addresses, "2001:db8::1/64");
	l->home.known |= VF_BIT(VF_ADDRESSES) | VF_BIT(VF_NODE_GUID) | VF_BIT(VF_PORT_GUID);
	l->home.node_guid = UINT64_MAX;
	l->home.vlan = 4094;
	l->home.qos = 7;
	l->home.proto = VF_PROTO_8021AD;
	l->home.max_tx_rate = UINT32_MAX;
	l->home.state = VF_STATE_DISABLE;
	l->home.spoofchk = false;
	l->home.trust = true;
	l->ifname = "n\xe9t0";
	l->id = (struct netns_id){UINT64_C(4026532567), UINT64_C(1) << 62};
	return l;
}

static void round_trip(void **state)
{
	struct test *t = *state;
	struct lease was = *everything(t);
	const struct lease *l;
	const struct vf *vf = world_vf(t->w, "eth0/2");

	write_lease(t, &was);
	assert_int_equal(files(t), 1); /* and no temporary one */
	assert_int_equal(access(path_of(t, EVERYTHING), F_OK), 0);
	read_back(t);
	assert_int_equal(t->w->host.lease_count, 1);
	assert_int_equal(t->w->host.warning_count, 0);
	l = &t->w->host.leases[0];
	assert_ptr_equal(vf->attached, l);
	assert_string_equal(l->pf, "pci/0000:21:00.0");
	assert_string_equal(l->vf, "eth0/2");
	assert_string_equal(l->netns, "blue");
	assert_string_equal(l->owner, "web-7");
	assert_string_equal(l->ifname, "n\xe9t0");
	assert_true(l->id.inode == was.id.inode && l->id.cookie == was.id.cookie);
	assert_true(l->since == was.since);
	assert_int_equal(l->home.index, 2);
	assert_int_equal(bdf_compare(l->home.bdf, vf->bdf), 0);
	assert_same_vf(&l->home, &was.home);
	/* written again it is the same: nothing is lost on a second way either */
	write_lease(t, l);
	read_back(t);
	assert_same_vf(&t->w->host.leases[0].home, &was.home);
	assert_int_equal(files(t), 1);
}

static void the_least(void **state)
{
	struct test *t = *state;
	struct lease *l = lease_of(t, "eth1/0", "blue", NULL);
	const struct vf *vf = world_vf(t->w, "eth1/0");
	time_t now = time(NULL);

	l->netns = "/run/netns/a b";
	l->ifname = NULL;
	l->since = 0; /* from when it is written */
	l->home = (struct vf){.known = VF_BIT(VF_INDEX), .index = 0};
	write_lease(t, l);
	read_back(t);
	assert_non_null(vf->attached);
	assert_null(vf->attached->owner);
	assert_null(vf->attached->ifname);
	assert_string_equal(vf->attached->netns, "/run/netns/a b");
	assert_in_range(vf->attached->since, now, now + 60);
	assert_true(vf->attached->home.known == VF_BIT(VF_INDEX));
}

/* Whose it is: the owner, else the namespace. */
static void the_column(void **state)
{
	struct test *t = *state;

	write_lease(t, lease_of(t, "eth0/0", "blue", "web-7"));
	write_lease(t, lease_of(t, "eth0/1", "red", NULL));
	read_back(t);
	assert_string_equal(world_vf(t->w, "eth0/0")->lease, "web-7");
	assert_string_equal(world_vf(t->w, "eth0/1")->lease, "red");
	assert_true(vf_has(world_vf(t->w, "eth0/1"), VF_LEASE));
	assert_false(vf_has(world_vf(t->w, "eth0/2"), VF_LEASE));
	assert_null(world_vf(t->w, "eth0/2")->attached);
}

/* In the order of PFs and indexes, whatever the directory's is. */
static void sorted(void **state)
{
	struct test *t = *state;
	static const char *const vfs[] = {"eth1/1", "eth0/3", "eth1/0", "eth0/0", "eth0/1"};
	static const char *const want[] = {"eth0/0", "eth0/1", "eth0/3", "eth1/0", "eth1/1"};

	for (size_t i = 0; i < ARRAY_SIZE(vfs); i++)
		write_lease(t, lease_of(t, vfs[i], "blue", NULL));
	read_back(t);
	assert_int_equal(t->w->host.lease_count, ARRAY_SIZE(want));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		assert_string_equal(t->w->host.leases[i].vf, want[i]);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		assert_ptr_equal(world_vf(t->w, want[i])->attached, &t->w->host.leases[i]);
}

static void removed(void **state)
{
	struct test *t = *state;

	lease_remove("pci/0000:21:00.0", 0); /* nothing there is fine */
	write_lease(t, lease_of(t, "eth0/0", "blue", NULL));
	write_lease(t, lease_of(t, "eth0/1", "blue", NULL));
	lease_remove("pci/0000:21:00.0", 0);
	read_back(t);
	assert_int_equal(t->w->host.lease_count, 1);
	assert_null(world_vf(t->w, "eth0/0")->attached);
	assert_non_null(world_vf(t->w, "eth0/1")->attached);
	lease_remove("pci/0000:41:00.0", 1); /* another PF's */
	assert_int_equal(files(t), 1);
	lease_remove("pci/0000:21:00.0", 1);
	assert_int_equal(files(t), 0);
	read_back(t);
	assert_int_equal(t->w->host.lease_count, 0);
}

/* Nobody else may read who has what, nor write it. */
static void private_file(void **state)
{
	struct test *t = *state;
	struct stat st;

	write_lease(t, everything(t));
	assert_int_equal(stat(path_of(t, EVERYTHING), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(path_of(t, ""), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

/* The lease as it is on disk, with one of its keys set to something else, or gone. */
static void spoil(struct test *t, const char *object, const char *key, const char *value)
{
	json_error_t error;
	json_t *root, *at;

	write_lease(t, &(struct lease){.pf = "pci/0000:21:00.0",
			       .vf = "eth0/2",
			       .netns = "blue",
			       .owner = "web-7",
			       .ifname = "net0",
			       .home = {.known = VF_BIT(VF_INDEX) | VF_BIT(VF_BDF) |
						 VF_BIT(VF_MTU) | VF_BIT(VF_MAC) | VF_BIT(VF_STATE),
				       .index = 2,
				       .bdf = world_vf(t->w, "eth0/2")->bdf,
				       .mac = {6, {2}},
				       .mtu = 1500}});
	root = json_load_file(path_of(t, EVERYTHING), 0, &error);
	at = object ? json_object_get(root, object) : root;
	assert_non_null(at);
	if (key && value)
		json_object_set_new(at, key, json_loads(value, JSON_DECODE_ANY, &error));
	else if (key)
		json_object_del(at, key);
	assert_int_equal(json_dump_file(root, path_of(t, EVERYTHING), 0), 0);
	json_decref(root);
	read_back(t);
}

/* One that cannot be read is told of, and never half believed. */
static void damaged(void **state)
{
	struct test *t = *state;
	static const struct {
		const char *object, *key, *value;
	} rows[] = {
		{NULL, "pf", NULL},
		{NULL, "pf", "7"},
		{NULL, "vf", "null"},
		{NULL, "netns", NULL},
		{NULL, "netns", "[]"},
		{"home", "mtu", "\"much\""},
		{"home", "mtu", "-1"},
		{"home", "mac", "\"52:54:00:0\""},
		{"home", "mac", "7"},
		{"home", "state", "99"},
		{"home", "vlan", "true"},
		{"home", "up", "1"},
		{"home", "altnames", "\"one\""},
		{"home", "altnames", "[1]"},
		{"home", "driver", "1"},
	};
	static const char *const texts[] = {"", "{", "[]", "null", "{}", "x", "{\"pf\": 1}"};

	spoil(t, NULL, NULL, NULL);
	assert_int_equal(t->w->host.lease_count, 1);
	for (size_t i = 0; i < ARRAY_SIZE(rows) + ARRAY_SIZE(texts); i++) {
		if (i < ARRAY_SIZE(rows)) {
			spoil(t, rows[i].object, rows[i].key, rows[i].value);
		} else {
			put(t, EVERYTHING, texts[i - ARRAY_SIZE(rows)]);
			read_back(t);
		}
		if (t->w->host.lease_count || world_vf(t->w, "eth0/2")->attached)
			fail_msg("row %zu was believed", i);
		assert_int_equal(t->w->host.warning_count, 1);
		assert_contains(t->w->host.warnings[0], EVERYTHING " is damaged");
		assert_contains(t->w->host.warnings[0], (const char *)t->dir);
	}
	/* that one costs only itself */
	write_lease(t, lease_of(t, "eth0/0", "red", NULL));
	read_back(t);
	assert_int_equal(t->w->host.lease_count, 1);
	assert_int_equal(t->w->host.warning_count, 1);
	/* and is what the next one writes over */
	write_lease(t, lease_of(t, "eth0/2", "blue", NULL));
	read_back(t);
	assert_int_equal(t->w->host.lease_count, 2);
	assert_int_equal(t->w->host.warning_count, 0);
}

/* What was written before the last boot: that namespace has gone, whatever has its inode. */
static void of_another_boot(void **state)
{
	struct test *t = *state;

	spoil(t, NULL, "boot", "\"0b7a3e1c-6d1e-4f5e-9a59-1f0e0f7f2d11\"");
	assert_int_equal(t->w->host.lease_count, 0);
	assert_int_equal(t->w->host.warning_count, 0); /* nothing is wrong with it */
	spoil(t, NULL, "boot", NULL);                  /* where the kernel did not say */
	assert_int_equal(t->w->host.lease_count, 1);
}

/* Another device may be there by now. */
static void of_another_device(void **state)
{
	struct test *t = *state;
	const struct vf *vf = world_vf(t->w, "eth0/2");

	spoil(t, NULL, "bdf", "\"0000:21:10.7\"");
	assert_int_equal(t->w->host.lease_count, 1);
	assert_null(vf->attached);
	assert_null(world_vf(t->w, "eth1/2")->attached);
	spoil(t, NULL, "index", "3");
	assert_null(vf->attached);
	assert_null(world_vf(t->w, "eth0/3")->attached);
	spoil(t, NULL, "pf", "\"pci/0000:41:00.0\"");
	assert_null(vf->attached);
	assert_null(world_vf(t->w, "eth1/2")->attached);
	spoil(t, NULL, "pf", "\"pci/0000:99:00.0\"");
	assert_null(vf->attached);
	spoil(t, NULL, "bdf", NULL); /* not a PCI device */
	assert_ptr_equal(vf->attached, &t->w->host.leases[0]);
	assert_false(vf_has(&vf->attached->home, VF_BDF));
}

static void leftovers(void **state)
{
	struct test *t = *state;

	read_back(t); /* no directory at all */
	assert_int_equal(t->w->host.lease_count, 0);
	assert_int_equal(t->w->host.warning_count, 0);
	write_lease(t, lease_of(t, "eth0/0", "blue", NULL));
	put(t, "pci-0000:21:00.0-1.tmp", "{"); /* cut off while it was written */
	put(t, ".hidden", "{");
	read_back(t);
	assert_int_equal(t->w->host.lease_count, 1);
	assert_int_equal(t->w->host.warning_count, 0);
}

/* Of a captured host: below its root, whatever boot it was. */
static void captured(void **state)
{
	struct test *t = *state;
	char *root = arena_printf(&t->w->host.arena, "%s/root", (char *)t->dir);
	cleanup_close int fd = -1;
	char *below;

	spoil(t, NULL, "boot", "\"0b7a3e1c-6d1e-4f5e-9a59-1f0e0f7f2d11\"");
	assert_int_equal(mkdir(root, 0700), 0);
	fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	leases_read(&t->w->host, fd); /* it has none */
	assert_int_equal(t->w->host.lease_count, 0);
	below = arena_printf(&t->w->host.arena, "%s/run", root);
	assert_int_equal(mkdir(below, 0700), 0);
	below = arena_printf(&t->w->host.arena, "%s/run/sriovctl", root);
	assert_int_equal(mkdir(below, 0700), 0);
	assert_int_equal(
		rename(path_of(t, ""), arena_printf(&t->w->host.arena, "%s/attached", below)), 0);
	leases_read(&t->w->host, fd);
	assert_int_equal(t->w->host.lease_count, 1);
	assert_string_equal(world_vf(t->w, "eth0/2")->lease, "web-7");
}

static void cannot_be_written(void **state)
{
	struct test *t = *state;

	put(t, "", ""); /* a file in the way of the directory */
	assert_int_equal(lease_write(everything(t), &t->err), -1);
	assert_int_equal(t->err.code, EXIT_KERNEL);
	assert_contains(t->err.message, "attached");
	lease_remove("pci/0000:21:00.0", 2); /* says nothing */
}

static void same_namespace(void **state)
{
	static const struct {
		struct netns_id a, b;
		const char *a_name, *b_name;
		bool same;
	} rows[] = {
		/* the cookie decides: inodes come again */
		{{7, 1}, {7, 1}, "blue", "red", true},
		{{7, 1}, {7, 2}, "blue", "blue", false},
		{{7, 1}, {8, 1}, "blue", "red", true},
		/* before Linux 5.14 there is only the inode */
		{{7, 0}, {7, 0}, "blue", "red", true},
		{{7, 0}, {8, 0}, "blue", "blue", false},
		{{7, 1}, {7, 0}, "blue", "red", true},
		{{7, 1}, {8, 0}, "blue", "blue", false},
		/* of a snapshot: the name */
		{{0, 0}, {0, 0}, "blue", "blue", true},
		{{0, 0}, {0, 0}, "blue", "red", false},
		{{7, 1}, {0, 0}, "blue", "blue", true},
		{{7, 1}, {0, 0}, "blue", "red", false},
		{{0, 0}, {0, 0}, NULL, "blue", false},
		{{0, 0}, {0, 0}, NULL, NULL, false},
		{{7, 1}, {7, 1}, NULL, NULL, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (netns_same(rows[i].a, rows[i].a_name, rows[i].b, rows[i].b_name) !=
			rows[i].same)
			fail_msg("row %zu", i);
		if (netns_same(rows[i].b, rows[i].b_name, rows[i].a, rows[i].a_name) !=
			rows[i].same)
			fail_msg("row %zu, the other way round", i);
	}
}

/* Where a VF is, by what is remembered of it and what is seen. */
enum seen {
	HERE,      /* its interface, at home */
	BLUE,      /* in another namespace */
	RED,       /* in a third one */
	UNSEEN,    /* it has one, where nobody can look */
	NONE,      /* none, though its driver has it */
	NO_DRIVER, /* no driver has it */
	VFIO,
	VFIO_OPEN /* and some process has that open */
};

static enum whereabouts where(struct world *w, bool leased, bool with_interface, enum seen seen)
{
	struct vf *vf = world_vf(w, "eth0/0");
	struct vf was = *vf;
	struct link *link = world_link(w, vf->ifname), link_was = *link;
	enum whereabouts is;

	if (seen == BLUE)
		world_away(w, "eth0/0", "blue", "net0");
	else if (seen == RED)
		world_away(w, "eth0/0", "red", "net0");
	else if (seen == NO_DRIVER || seen == NONE || seen == UNSEEN)
		world_unbind(vf);
	else if (seen != HERE)
		world_vfio(&w->host, vf);
	if (seen == NONE || seen == UNSEEN) {
		vf->driver = "igbvf";
		vf->known |= VF_BIT(VF_DRIVER);
	}
	vf->unseen = seen == UNSEEN;
	vf->open = seen == VFIO_OPEN;
	if (leased)
		world_lease(w, "eth0/0", "blue", NULL)->ifname = with_interface ? "net0" : NULL;
	is = vf_whereabouts(&w->host, vf);
	*vf = was;
	*link = link_was;
	w->host.lease_count = 0;
	return is;
}

static void whereabouts(void **state)
{
	struct test *t = *state;
	static const struct {
		bool leased, with_interface;
		enum seen seen;
		enum whereabouts where, when_gone; /* the namespace is there, or not */
	} rows[] = {
		{false, false, HERE, WHERE_HOME, WHERE_HOME},
		{false, false, UNSEEN, WHERE_HOME, WHERE_HOME},
		{false, false, NONE, WHERE_HOME, WHERE_HOME},
		{false, false, NO_DRIVER, WHERE_HOME, WHERE_HOME},
		{false, false, VFIO, WHERE_HOME, WHERE_HOME},
		{false, false, VFIO_OPEN, WHERE_HOME, WHERE_HOME},
		{false, false, BLUE, WHERE_MOVED, WHERE_MOVED},
		{false, false, RED, WHERE_MOVED, WHERE_MOVED},
		{true, true, HERE, WHERE_RETURNED, WHERE_RETURNED},
		{true, true, BLUE, WHERE_ATTACHED, WHERE_ATTACHED},
		{true, true, RED, WHERE_ELSEWHERE, WHERE_ELSEWHERE},
		{true, true, UNSEEN, WHERE_ATTACHED, WHERE_ATTACHED},
		{true, true, NONE, WHERE_LOST, WHERE_LOST},
		/* whatever the reason */
		{true, true, NO_DRIVER, WHERE_LOST, WHERE_LOST},
		{true, true, VFIO, WHERE_LOST, WHERE_LOST},
		/* handed out as a node: as long as the namespace is there, or someone has it */
		{true, false, VFIO, WHERE_ATTACHED, WHERE_LOST},
		{true, false, VFIO_OPEN, WHERE_ATTACHED, WHERE_ATTACHED},
		{true, false, NO_DRIVER, WHERE_ATTACHED, WHERE_LOST},
		{true, false, HERE, WHERE_ATTACHED, WHERE_LOST},
		{true, false, BLUE, WHERE_ATTACHED, WHERE_ATTACHED},
		{true, false, RED, WHERE_ELSEWHERE, WHERE_ELSEWHERE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		enum whereabouts is;

		t->w->host.netns[0].id.cookie = 1;
		is = where(t->w, rows[i].leased, rows[i].with_interface, rows[i].seen);
		if (is != rows[i].where)
			fail_msg("row %zu: %s", i, whereabouts_names[is]);
		t->w->host.netns[0].id.cookie = 77; /* a new one, under the same name */
		is = where(t->w, rows[i].leased, rows[i].with_interface, rows[i].seen);
		if (is != rows[i].when_gone)
			fail_msg("row %zu, gone: %s", i, whereabouts_names[is]);
	}
	/* nobody has looked: then it is where it was sent */
	t->w->host.looked_elsewhere = false;
	assert_int_equal(where(t->w, true, false, VFIO), WHERE_ATTACHED);
}

/* All that `netns list` tells of a VF, as text. */
static const char *list_text(struct world *w)
{
	size_t count, n = 0;
	struct lent *list = lent_vfs(&w->host, &count);

	w->text[0] = 0;
	for (size_t i = 0; i < count; i++) {
		for (size_t a = 0; a < LENT_ATTR_COUNT; a++) {
			struct value v = attr_get(&lent_type, a, &list[i]);
			char text[VALUE_TEXT_MAX];

			value_format(&v, text, sizeof(text));
			n += (size_t)snprintf(w->text + n, sizeof(w->text) - n, "%s%s",
				a ? " " : "", v.known ? text[0] ? text : "''" : "-");
		}
		n += (size_t)snprintf(w->text + n, sizeof(w->text) - n, "\n");
	}
	return w->text;
}

#define SINCE "2026-11-21T10:19:11Z"

static void list(void **state)
{
	struct test *t = *state;
	struct world *w = t->w;

	assert_string_equal(list_text(w), "");
	/* attached */
	world_lease(w, "eth0/0", "blue", "web-7");
	world_away(w, "eth0/0", "blue", "net0");
	/* attached as a node */
	world_vfio(&w->host, world_vf(w, "eth0/1"));
	world_lease(w, "eth0/1", "red", NULL);
	/* moved by others */
	world_away(w, "eth0/2", "red", "x");
	/* moved on */
	world_lease(w, "eth1/0", "blue", NULL);
	world_away(w, "eth1/0", "red", "net0");
	/* back */
	world_lease(w, "eth1/1", "blue", NULL);
	world_vf(w, "eth1/1")->ifname = "dev7";
	/* lost */
	world_lease(w, "eth1/2", "blue", NULL);
	world_unbind(world_vf(w, "eth1/2"));
	world_vf(w, "eth1/2")->driver = "igbvf";
	world_vf(w, "eth1/2")->known |= VF_BIT(VF_DRIVER);
	/* destroyed */
	world_lease(w, "eth1/3", "blue", "c1");
	world_vf(w, "eth1/3")->attached = NULL;
	w->host.vf_count--;
	w->eth1->vf_count--;
	assert_string_equal(list_text(w),
		"eth0/0 eth0 0 0000:21:10.0 igbvf blue net0 - attached web-7 " SINCE " -\n"
		"eth0/1 eth0 1 0000:21:10.1 vfio-pci red - /dev/vfio/11 attached - " SINCE " -\n"
		"eth0/2 eth0 2 0000:21:10.2 igbvf red x - moved - - -\n"
		"eth1/0 eth1 0 0000:41:10.0 igbvf red net0 - elsewhere - " SINCE " -\n"
		"eth1/1 eth1 1 0000:41:10.1 igbvf blue dev7 - returned - " SINCE " -\n"
		"eth1/2 eth1 2 0000:41:10.2 igbvf blue - - lost - " SINCE " -\n"
		"eth1/3 eth1 3 0000:41:10.3 - blue - - gone c1 " SINCE " -\n");
}

/* Processes of the namespace it is in; known to be none, or not known. */
static void processes(void **state)
{
	struct test *t = *state;
	struct world *w = t->w;
	static struct process there[] = {{4711, 101}, {1, 100}, {4712, 101}, {99, 102}, {98, 0}};

	world_lease(w, "eth0/0", "blue", NULL);
	world_away(w, "eth0/0", "blue", "net0");
	world_away(w, "eth0/1", "red", "x");
	world_lease(w, "eth0/2", "blue", NULL); /* returned: nobody there has it */
	world_vfio(&w->host, world_vf(w, "eth0/3"));
	world_lease(w, "eth0/3", "red", NULL);
	w->host.processes = there;
	w->host.process_count = ARRAY_SIZE(there);
	assert_contains(list_text(w),
		"eth0/0 eth0 0 0000:21:10.0 igbvf blue net0 - attached - " SINCE " -\n");
	w->host.processes_known = true;
	assert_contains(list_text(w), "blue net0 - attached - " SINCE " 4711,4712\n");
	assert_contains(list_text(w), "red x - moved - - 99\n");
	assert_contains(list_text(w), "returned - " SINCE " ''\n");
	assert_contains(list_text(w), "red - /dev/vfio/13 attached - " SINCE " 99\n");
	/* it went there, and on: those who have it now */
	w->host.vfs[0].netns = "red";
	w->host.vfs[0].netns_id = (struct netns_id){102, 2};
	assert_contains(list_text(w), "red net0 - elsewhere - " SINCE " 99\n");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(round_trip),
		TEST(the_least),
		TEST(the_column),
		TEST(sorted),
		TEST(removed),
		TEST(private_file),
		TEST(damaged),
		TEST(of_another_boot),
		TEST(of_another_device),
		TEST(leftovers),
		TEST(captured),
		TEST(cannot_be_written),
		TEST(same_namespace),
		TEST(whereabouts),
		TEST(list),
		TEST(processes),
	};

	return RUN(tests);
}
