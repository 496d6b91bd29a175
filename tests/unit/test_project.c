/* Several commands as one change: where they lead is where each by itself would have led, one
 * after the other; and what one of them alone would be refused, all of them are. */
#include "unit.h"

#include "random.h"
#include "story.h"

#include "core/options.h"

#define LINES_MAX 8
#define SEEDS 40

static char start[32768], one_by_one[32768], as_one[32768];

/* A batch: its lines, and all of them as story.h takes them. */
struct batch {
	const char *lines[LINES_MAX]; /* as long as the model lives */
	size_t count;
	const char *text;
};

static void add_line(struct batch *b, const char *line)
{
	b->lines[b->count++] = arena_strdup(&model.arena, line);
	b->text = b->text ? arena_printf(&model.arena, "%s; %s", b->text, line)
			  : b->lines[b->count - 1];
}

/* Each by itself: how many were carried out, up to the first that is refused. */
static size_t run_each(const struct batch *b)
{
	size_t n = 0;

	while (n < b->count && run_words(b->lines[n], 0, -1))
		n++;
	return n;
}

/* The same, and where that leads. */
static size_t lead(const struct batch *b)
{
	size_t n = run_each(b);

	model_text(&model, false, one_by_one, sizeof(one_by_one));
	return n;
}

static void same_as(const char *want, bool names, const char *what)
{
	model_text(&model, names, as_one, sizeof(as_one));
	if (strcmp(want, as_one) == 0)
		return;
	tell_difference(want, as_one);
	fail_story(what);
}

/* What the manual says one change cannot do, although one after the other could. */
static bool is_beyond_one(void)
{
	static const char *const limits[] = {"one change cannot do both", "still to be made",
		"an earlier line attaches", "an earlier line makes it"};

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
		if (strstr(refusal.message, limits[i]))
			return true;
	return false;
}

/* by hand */

struct row {
	const char *driver;
	uint32_t vfs;
	const char *first; /* or NULL: what the host was before, command by command */
	const char *lines;
};

static void split(struct batch *b, const char *lines)
{
	char *line, *next;

	*b = (struct batch){.count = 0};
	for (line = arena_strdup(&model.arena, lines); line; line = next) {
		next = strstr(line, "; ");
		if (next) {
			*next = 0;
			next += 2;
		}
		add_line(b, line);
	}
}

static void begin_row(const struct row *row, struct batch *b)
{
	story_begin(row->driver, row->vfs);
	if (row->first) {
		split(b, row->first);
		for (size_t i = 0; i < b->count; i++)
			do_words(b->lines[i]);
	}
	split(b, row->lines);
	model_text(&model, true, start, sizeof(start));
}

static const struct row rows[] = {

	/* VFs that are still to be made */
	{"qede", 0, NULL, "vf create eth0 2; vf set eth0/0 vlan 5 qos 3 mac auto trust on"},
	{"qede", 0, NULL, "vf create eth0 2; vf set eth0/1 name store0 mtu 9000 up"},
	{"igb", 0, NULL, "vf create eth0 2; vf set eth0/0-1 mac auto; vf set eth0/0 vlan 5"},
	{"qede", 0, NULL,
		"vf create eth0 2; vf set eth0/0 vlan 5 qos 3; vf set eth0/0 vlan 0; "
		"vf set eth0/1 vlan 6; vf set eth0/1 vlan 7 qos 1"},
	{"qede", 0, NULL, "vf create eth0 2; vf create eth0 2; vf set eth0/0 vlan 5"},
	{"qede", 2, NULL, "vf create eth0 2; vf create eth0 3; vf set eth0/2 vlan 5"},
	/* those that stay keep what they have, and what they get */
	{"qede", 2, "vf set eth0/0 vlan 5 mtu 9000 name store0 up",
		"vf set eth0/0 vlan 6; vf create eth0 4; vf set eth0/0 trust on"},
	{"qede", 4, NULL, "vf set eth0/0 vlan 6; vf set eth0/3 vlan 7; vf create eth0 2"},
	{"qede", 2, "vf set eth0/0 mtu 9000 name store0 up", "vf unbind eth0/0; vf create eth0 4"},
	{"qede", 2, NULL, "vf create eth0 4; vf bind eth0/0 vfio-pci"},
	{"qede", 2, "vf set eth0/0 mtu 9000", "vf reset eth0/0; vf create eth0 4"},
	{"qede", 2, NULL, "vf set eth0/0 name x; vf destroy eth0"},
	/* drivers */
	{"igb", 1, NULL, "vf set eth0/0 mac 52:54:00:00:00:77; vf bind eth0/0 vfio-pci"},
	{"igb", 1, NULL, "vf bind eth0/0 vfio-pci; vf set eth0/0 mac 52:54:00:00:00:77"},
	{"igb", 1, NULL, "vf set eth0/0 vlan 5 mac 52:54:00:00:00:77 trust on; vf unbind eth0/0"},
	{"qede", 1, NULL, "vf reset eth0/0; vf bind eth0/0 vfio-pci"},
	{"qede", 1, NULL, "vf bind eth0/0 vfio-pci; vf reset eth0/0"},
	{"qede", 1, "vf bind eth0/0 vfio-pci", "vf unbind eth0/0; vf bind eth0/0 vfio-pci"},
	/* going back, its driver must not put back the address it has */
	{"igb", 1, "vf set eth0/0 mac 52:54:00:00:00:77 trust on; vf bind eth0/0 vfio-pci",
		"vf reset eth0/0; vf bind eth0/0 default; vf set eth0/0 name x"},
	{"qede", 1, NULL, "vf bind eth0/0 othervf; vf bind eth0/0 default"},
	/* a driver that leaves takes what its interface had, also where it comes back */
	{"qede", 1, "vf set eth0/0 mtu 9000 name x up", "vf unbind eth0/0; vf bind eth0/0 default"},
	{"qede", 1, "vf set eth0/0 mtu 9000 name x up",
		"vf unbind eth0/0; vf bind eth0/0 default; vf create eth0 2"},
	{"qede", 1, NULL, "vf set eth0/0 mtu 9000; vf bind eth0/0 vfio-pci; vf bind eth0/0 igbvf"},
	{"qede", 1, NULL, "vf unbind eth0/0; vf set eth0/0 msix 16; vf bind eth0/0 default"},
	{"qede", 1, "vf bind eth0/0 vfio-pci",
		"vf unbind eth0/0; vf set eth0/0 msix 16; vf bind eth0/0 vfio-pci"},
	{"qede", 1, NULL, "vf unbind eth0/0; vf set eth0/0 msix 16"},
	{"qede", 1, "vf unbind eth0/0", "vf bind eth0/0 default; vf set eth0/0 name x mtu 9000 up"},
	/* reset, and what is set before and afterwards */
	{"qede", 1, NULL, "vf set eth0/0 vlan 5 trust on; vf reset eth0/0"},
	{"qede", 1, NULL, "vf reset eth0/0; vf set eth0/0 vlan 5 trust on mtu 9000"},
	{"igb", 1, "vf set eth0/0 mac 52:54:00:00:00:07",
		"vf reset eth0/0; vf set eth0/0 mac 52:54:00:00:00:07"},
	{"igb", 1, "vf set eth0/0 mac 52:54:00:00:00:07", "vf reset eth0/0; vf reset eth0/0"},
	/* addresses that change hands, and such as nobody may have twice */
	{"qede", 2, "vf set eth0/0 mac 52:54:00:00:00:71",
		"vf set eth0/0 mac 52:54:00:00:00:72; vf set eth0/1 mac 52:54:00:00:00:71"},
	{"igb", 2, "vf set eth0/0 mac 52:54:00:00:00:71; vf set eth0/1 mac 52:54:00:00:00:72",
		"vf set eth0/0 mac 52:54:00:00:00:73; vf set eth0/1 mac 52:54:00:00:00:71; "
		"vf set eth0/0 mac 52:54:00:00:00:72"},
	{"qede", 4, NULL,
		"vf set eth0/0 mac auto; vf set eth0/1-2 mac auto; vf set eth0/3 mac auto"},
	/* names that change hands */
	{"qede", 2, "vf set eth0/0 name a; vf set eth0/1 name b",
		"vf set eth0/0 name c; vf set eth0/1 name a"},
	{"qede", 2, "vf set eth0/0 name a; vf set eth0/1 name b",
		"vf set eth0/0 name c; vf set eth0/1 name a; vf set eth0/0 name b"},
	{"qede", 3, "vf set eth0/0 name a; vf set eth0/1 name b; vf set eth0/2 name c",
		"vf set eth0/0 name t; vf set eth0/2 name a; vf set eth0/1 name c; "
		"vf set eth0/0 name b"},
	{"igb", 2, "vf set eth0/0 name a; vf set eth0/1 name b",
		"vf set eth0/0 name c mac auto; vf set eth0/1 name a mac auto; "
		"vf set eth0/0 name b"},
	{"qede", 2, "vf set eth0/0 name a", "vf unbind eth0/0; vf set eth0/1 name a"},
	/* autoprobe */
	{"qede", 0, NULL, "pf set eth0 autoprobe off; vf create eth0 2"},
	{"qede", 0, NULL, "pf set eth0 autoprobe off; vf create eth0 2; vf set eth0/0 vlan 5"},
	{"qede", 0, "pf set eth0 autoprobe off", "pf set eth0 autoprobe on; vf create eth0 2"},
	{"qede", 0, "pf set eth0 autoprobe off",
		"pf set eth0 autoprobe on; vf create eth0 2; vf set eth0/0 name x"},
	{"qede", 1, "vf unbind eth0/0", "pf set eth0 autoprobe off; vf bind eth0/0 default"},
	{"qede", 1, "vf unbind eth0/0", "vf bind eth0/0 default; pf set eth0 autoprobe off"},
	{"bnxt_en", 0, "pf set eth0 down", "vf create eth0 2; pf set eth0 down"},
	{"bnxt_en", 0, NULL, "pf set eth0 down; vf create eth0 2; vf set eth0/1 vlan 5"},
	/* namespaces */
	{"qede", 2, NULL,
		"vf set eth0/0 vlan 5 name x mtu 9000; netns attach eth0/0 blue name net1"},
	{"igb", 2, NULL, "vf set eth0/0 mac auto vlan 5; netns attach eth0/0 blue name net1 up"},
	{"qede", 2, NULL, "netns attach eth0/0 blue name net1; vf set eth0/0 vlan 5"},
	{"qede", 1, "vf set eth0/0 up", "vf bind eth0/0 igbvf; netns attach eth0/0 blue"},
	{"qede", 3, NULL,
		"netns attach eth0/0 blue; netns attach eth0/1 blue; netns attach eth0/2 red"},
	{"qede", 2, NULL, "netns attach eth0/0 blue name x; netns attach eth0/1 red name x"},
	{"qede", 2, NULL, "vf bind eth0/0 vfio-pci; netns attach eth0/0 blue vlan 5"},
	/* two PFs */
	{"qede", 1, NULL,
		"vf set eth0/0 vlan 5; vf create eth1 3; vf set eth1/2 vlan 7; vf set eth0/0 qos "
		"3"},
};

static void rows_lead_where_lines_lead(void **state)
{
	struct batch b;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct saved was;

		begin_row(&rows[i], &b);
		story_save(&was);
		if (lead(&b) < b.count)
			fail_story(refusal.message);
		story_restore(&was);
		if (!run_words(b.text, 0, -1))
			fail_story(refusal.message);
		same_as(one_by_one, false, "it is not as one after the other");
		assert_false(has_journal());
		story_end();
	}
}

/* Handed over by the last lines, and taken back: all that the first ones set at home. */
static void home_is_what_lines_made_of_it(void **state)
{
	static const char lines[] = "vf set eth0/0 vlan 5 name x mtu 9000 trust on; "
				    "netns attach eth0/0 blue name net1 vlan 6 mtu 1400";
	const struct vf *vf = &model.pfs[0].vfs[0];

	(void)state;
	story_begin("qede", 1);
	if (!run_words(lines, 0, -1))
		fail_story(refusal.message);
	assert_int_equal(vf->vlan, 6);
	assert_string_equal(vf->ifname, "net1");
	if (!run_words("netns detach eth0/0", 0, -1))
		fail_story(refusal.message);
	assert_int_equal(vf->vlan, 5);
	assert_string_equal(vf->ifname, "x");
	assert_int_equal(vf->mtu, 9000);
	assert_true(vf->trust);
}

static const struct {
	struct row row;
	size_t at; /* the line, from 0 */
	enum exit_code code;
	const char *message;
} refused[] = {
	{{"qede", 2, NULL,
		 "vf set eth0/0 mac 52:54:00:00:00:77; vf set eth0/1 mac 52:54:00:00:00:77"},
		1, EXIT_REFUSED, "already that of eth0/0"},
	{{"qede", 0, NULL,
		 "vf create eth0 2; vf set eth0/0 mac 52:54:00:00:00:77; "
		 "vf set eth0/1 mac 52:54:00:00:00:77"},
		2, EXIT_REFUSED, "already that of eth0/0"},
	{{"qede", 0, NULL, "vf create eth0 2; vf set eth0/0 name x; vf set eth0/1 name x"}, 2,
		EXIT_USAGE, "another interface has the name x"},
	{{"qede", 0, NULL, "vf create eth0 2; vf set eth0/2 vlan 5"}, 1, EXIT_NOT_FOUND, "VF 2"},
	{{"qede", 4, NULL, "vf create eth0 2; vf set eth0/2 vlan 5"}, 1, EXIT_NOT_FOUND, "VF 2"},
	{{"qede", 0, NULL, "vf create eth0 2; vf create eth0 3"}, 1, EXIT_USAGE,
		"an earlier line gives it 2 VFs"},
	{{"qede", 2, NULL, "vf destroy eth0; vf create eth0 3"}, 1, EXIT_USAGE,
		"an earlier line gives it 0 VFs"},
	{{"qede", 0, NULL, "vf create eth0 2; vf bind eth0/0 vfio-pci"}, 1, EXIT_UNSUPPORTED,
		"still to be made"},
	{{"qede", 0, NULL, "vf create eth0 2; vf reset eth0/0"}, 1, EXIT_UNSUPPORTED,
		"still to be made"},
	{{"qede", 0, NULL, "vf create eth0 2; netns attach eth0/0 blue"}, 1, EXIT_UNSUPPORTED,
		"anew"},
	{{"qede", 2, NULL, "vf create eth0 3; netns attach eth0/0 blue"}, 1, EXIT_UNSUPPORTED,
		"anew"},
	{{"qede", 1, "vf unbind eth0/0", "vf bind eth0/0 default; netns attach eth0/0 blue"}, 1,
		EXIT_UNSUPPORTED, "anew"},
	{{"qede", 2, NULL, "netns attach eth0/0 blue; vf create eth0 3"}, 1, EXIT_REFUSED,
		"an earlier line attaches it to blue"},
	{{"qede", 2, NULL, "netns attach eth0/0 blue; vf bind eth0/0 vfio-pci"}, 1, EXIT_REFUSED,
		"an earlier line attaches it to blue"},
	{{"qede", 2, NULL, "netns attach eth0/0 blue; vf reset eth0/0-1"}, 1, EXIT_REFUSED,
		"an earlier line attaches it to blue"},
	{{"qede", 2, NULL, "netns attach eth0/0 blue; netns attach eth0/0 red"}, 1, EXIT_REFUSED,
		"attached to blue already"},
	{{"qede", 2, NULL, "netns attach eth0/0 blue name x; netns attach eth0/1 blue name x"}, 1,
		EXIT_USAGE, "has an interface x already"},
	{{"qede", 1, "vf set eth0/0 name a; vf set eth1/0 name b",
		 "vf set eth0/0 name c; vf set eth1/0 name a"},
		1, EXIT_USAGE, "eth0/0, of another PF, gives up the name a"},
	{{"qede", 1, "vf set eth1/0 name b", "vf unbind eth1/0; vf set eth0/0 name b"}, 1,
		EXIT_USAGE, "eth1/0, of another PF, gives up the name b"},
	{{"qede", 2, NULL, "netns attach eth0/0 blue; vf set eth0/0 mtu 9000"}, 1, EXIT_REFUSED,
		"in the network namespace blue"},
	{{"qede", 2, NULL, "vf unbind eth0/0; vf set eth0/0 name x"}, 1, EXIT_NOT_FOUND,
		"no interface"},
	{{"qede", 0, NULL, "vf create eth0 2; pf set eth0 autoprobe off"}, 1, EXIT_USAGE,
		"one change cannot do both"},
	{{"qede", 0, NULL, "pf set eth0 autoprobe off; vf create eth0 2; vf set eth0/0 name x"}, 2,
		EXIT_NOT_FOUND, "no interface"},
	{{"qede", 1, NULL, "vf set eth0/0 vlan 5; vf set eth0/0 vlan 0; vf set eth0/0 qos 3"}, 2,
		EXIT_USAGE, "without a VLAN"},
	{{"qede", 1, NULL, "vf set eth0/0 max_tx_rate 100; vf set eth0/0 min_tx_rate 200"}, 1,
		EXIT_USAGE, "above its max_tx_rate"},
};

static void refusals(void **state)
{
	struct batch b;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		begin_row(&refused[i].row, &b);
		if (run_words(b.text, 0, -1))
			fail_story("it is not refused");
		assert_contains(refusal.message, refused[i].message);
		assert_int_equal(refusal.code, refused[i].code);
		assert_int_equal(story_at, refused[i].at);
		same_as(start, true, "it was refused, and is not as it was");
		assert_false(has_journal());
		story_end();
	}
}

/* Whichever step the kernel refuses: all is as it was. However far it came when it was cut
 * off: repaired, all is as it was; the same again, as if it had not been. */
static void check_failures(const struct batch *b, const struct saved *was)
{
	size_t steps;

	story_restore(was);
	if (!prepare_words(b->text, 0))
		fail_story(refusal.message);
	steps = change_step_count(&change);
	for (size_t n = 0; n < steps; n++) {
		story_restore(was);
		model.trouble = (int)n;
		if (run_words(b->text, 0, -1) || model.trouble >= 0) {
			/* what only puts something back costs only itself */
			model.trouble = -1;
			continue;
		}
		if (refusal.code == EXIT_PARTLY)
			continue;
		same_as(start, true, "it failed, and is not as it was");
		assert_false(has_journal());
	}
	for (size_t n = 0; n <= steps; n++) {
		story_restore(was);
		run_words(b->text, 0, (int)n);
		/* somebody may need what it made of the PF: that is not taken away */
		if (!story_repair() && strstr(b->text, "pf set"))
			continue;
		if (has_journal())
			fail_story("it cannot be repaired");
		same_as(start, true, "it was cut off and repaired, and is not as it was");
		story_restore(was);
		run_words(b->text, 0, (int)n);
		if (!run_words(b->text, 0, -1))
			fail_story("it was cut off, and cannot be run again");
		same_as(one_by_one, false,
			"it was cut off and run again, and is not as it would be");
		assert_false(has_journal());
	}
}

static void failures(void **state)
{
	struct batch b;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct saved was;

		begin_row(&rows[i], &b);
		story_save(&was);
		lead(&b);
		check_failures(&b, &was);
		story_end();
	}
}

/* at random */

static const char *some_vfs(void)
{
	unsigned pf = roll(MODEL_PFS), first = roll(4), last = first + roll(3);

	switch (roll(5)) {
	case 0:
		return arena_printf(&model.arena, "eth%u/%u-%u", pf, first, last);
	case 1:
		return arena_printf(&model.arena, "eth%u/%u eth%u/%u", pf, first, 1 - pf, last);
	default:
		return arena_printf(&model.arena, "eth%u/%u", pf, first);
	}
}

/* Vectors do not outlive a new number of VFs, which is why only one of them is among the lines,
 * unless the same lines ask for both: then there is no reason to lose them. */
static bool vectors;

static const char *some_settings(void)
{
	const char *text = "";

	for (unsigned n = 1 + roll(3); n; n--) {
		/* few values: what lines say is to collide */
		const char *setting = PICK("mac auto", "mac 52:54:00:00:00:71",
			"mac 52:54:00:00:00:72", "vlan 0", "vlan 5", "vlan 6 qos 3", "qos 0",
			"vlan 7 proto 802.1ad", "max_tx_rate 0", "max_tx_rate 100",
			"min_tx_rate 50", "spoofchk off", "trust on", "trust off", "state enable",
			"query_rss on", "msix 16", "mtu 9000", "mtu 1500", "up", "down", "name a",
			"name b", "name c");
		const char *key = strndupa(setting, strcspn(setting, " "));

		if (!strstr(text, key) && (vectors || strcmp(key, "msix") != 0))
			text = arena_printf(&model.arena, "%s %s", text, setting);
	}
	return text;
}

static const char *some_line(void)
{
	struct arena *a = &model.arena;

	switch (roll(12)) {
	case 0:
	case 1:
		if (!vectors)
			return arena_printf(a, "vf create eth%u %u", roll(MODEL_PFS), roll(6));
		/* fall through */
	case 2:
		return arena_printf(a, "vf bind %s %s", some_vfs(),
			PICK("vfio-pci", "default", "igbvf", "othervf"));
	case 3:
		return arena_printf(a, "vf unbind %s", some_vfs());
	case 4:
		return arena_printf(a, "vf reset %s", some_vfs());
	case 5:
		return arena_printf(a, "pf set eth%u %s", roll(MODEL_PFS),
			PICK("up", "down", "mtu 9000", "autoprobe on", "autoprobe off"));
	case 6:
		return arena_printf(a, "netns attach %s %s%s", some_vfs(), PICK("blue", "red"),
			PICK("", " vlan 6", " mac auto", " mtu 9000 up", " address 192.0.2.1/24"));
	default:
		return arena_printf(a, "vf set %s%s", some_vfs(), some_settings());
	}
}

/* So often something was tried, and led somewhere. */
static unsigned tried, led, beyond;

/* So it does when they are run one after the other; a new number of VFs may take a PF up that
 * one line takes down. */
static bool once_more_changes_something(const struct batch *b)
{
	return (strstr(b->text, "pf set") && strstr(b->text, "vf create")) ||
	       strstr(b->text, "vf reset") || strstr(b->text, "vf unbind") ||
	       strstr(b->text, "vf bind");
}

/* Apart from what a driver does not tell, which is written each time. */
static bool anything_left(void)
{
	for (size_t i = 0; i < change.count; i++)
		for (size_t n = 0; n < change.plans[i]->count; n++) {
			const struct step *s = &change.plans[i]->steps[n];

			if (s->kind != STEP_VFIO_NODE && (s->kind != STEP_VF_ATTR || s->old.known))
				return true;
		}
	return false;
}

static void check_batch(struct batch *b)
{
	struct saved was;
	struct error why;
	size_t n;

	tried++;
	story_save(&was);
	n = lead(b);
	why = refusal;
	story_restore(&was);
	tell("as one: ");
	if (!run_words(b->text, 0, -1)) {
		same_as(start, true, "it was refused, and is not as it was");
		if (is_beyond_one()) {
			beyond++;
			return;
		}
		if (n == b->count)
			fail_story("each line by itself is not refused");
		/* who uses what is asked last, when all lines have been planned */
		if (story_at < n || (refusal.code != why.code && why.code != EXIT_REFUSED))
			fail_story("the line by itself is refused for another reason");
		return;
	}
	if (n < b->count)
		fail_story("one of the lines by itself is refused");
	led++;
	same_as(one_by_one, false, "it is not as one after the other");
	if (has_journal())
		fail_story("there is still a journal");
	if (!once_more_changes_something(b)) {
		if (!prepare_words(b->text, 0) && !is_beyond_one() && run_each(b) == b->count)
			fail_story("the second time it is refused");
		if (anything_left())
			fail_story("the second time there is something to do");
	}
	if (roll(4) == 0)
		check_failures(b, &was);
}

/* Lines each of which can be carried out behind those before it; but for some of the last. */
static void some_lines(struct batch *b)
{
	size_t count = 2 + roll(4);
	struct saved was;

	*b = (struct batch){.count = 0};
	story_save(&was);
	for (unsigned tries = 0; tries < 20 && b->count < count; tries++) {
		const char *line = some_line();
		bool ok = run_words(line, 0, -1);

		if (ok || roll(16) == 0)
			add_line(b, line);
		if (!ok && b->count)
			count = roll(16) ? count : b->count;
	}
	story_restore(&was);
}

static void check_driver(const char *driver, unsigned seeds)
{
	for (unsigned seed = 0; seed < seeds; seed++) {
		random_seed(seed);
		story_begin(driver, roll(5));
		vectors = seed % 4 == 0;
		tell("seed %u\n", seed);
		for (unsigned n = roll(4); n; n--) /* what they have to begin with */
			run_words(arena_printf(
					  &model.arena, "vf set %s%s", some_vfs(), some_settings()),
				0, -1);
		for (unsigned i = 0; i < 8; i++) {
			struct batch b;

			some_lines(&b);
			model_text(&model, true, start, sizeof(start));
			tell("--\n");
			if (b.count)
				check_batch(&b);
		}
		story_end();
	}
}

static void random_lines(void **state)
{
	static const char *const drivers[] = {
		"qede", "igb", "ixgbe", "i40e", "ice", "mlx5_core", "bnxt_en", "netdevsim"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++)
		check_driver(drivers[i], SEEDS);
	/* not all of it is refused before it begins */
	print_message("%u of %u led somewhere, %u are beyond one change\n", led, tried, beyond);
	assert_true(led > tried / 3);
	assert_true(beyond < tried / 5);
}

/* A dry run puts nothing right before, and must plan all the same on what was left. */
static void planned_on_what_was_left(void **state)
{
	static const char *const drivers[] = {"qede", "igb"};
	static const char lines[] = "vf create eth0 3; vf set eth0/0 vlan 5 mac auto; "
				    "vf create eth1 1; vf set eth1/0 vlan 7 trust on";

	(void)state;
	for (size_t i = 0; i < 2 * 12; i++) {
		story_begin(drivers[i % 2], 0);
		do_words(lines);
		model_text(&model, false, one_by_one, sizeof(one_by_one));
		story_end();
		story_begin(drivers[i % 2], 0);
		plan_words(&change, lines);
		assert_true(change_step_count(&change) > 10);
		cut_off(i / 2);
		plan_words(&change_again, lines);
		go_on();
		same_as(one_by_one, false, "it is not as it would have been");
		story_end();
	}
}

#define TEST(f) cmocka_unit_test_teardown(f, story_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rows_lead_where_lines_lead),
		TEST(home_is_what_lines_made_of_it),
		TEST(refusals),
		TEST(failures),
		TEST(planned_on_what_was_left),
		TEST(random_lines),
	};

	return cmocka_run_group_tests_name(
		__FILE__, tests, story_group_setup, story_group_teardown);
}
