#include "unit.h"

#include "cli/complete.h"
#include "cli/option_table.h"
#include "cmd/commands.h"
#include "core/selector.h"
#include "fixture.h"
#include "random.h"
#include "util/str.h"

#include <ctype.h>

#define WORDS 40

static struct arena arena;
static struct host host;
static struct completion out;
static struct completing line = {.commands = commands};

static int setup(void **state)
{
	struct pf *pf;

	(void)state;
	line.pf = NULL;
	fixture_host(&host);
	pf = fixture_pf(&host, "eth0", "0000:21:00.0", 7);
	fixture_altname(&host, &pf->altnames, "storage");
	pf->known |= PF_BIT(PF_ALTNAMES);
	fixture_vfs(&host, pf, 4);
	fixture_altname(&host, &fixture_vf(&host, pf, 2)->altnames, "blade2");
	pf = fixture_pf(&host, "eth1", "0001:41:00.0", 63);
	fixture_vfs(&host, pf, 12);
	fixture_pf(&host, "eth2", "0000:61:00.0", 8);
	fixture_altname(&host, &host.drivers, "igbvf");
	fixture_altname(&host, &host.drivers, "vfio-pci");
	host.netns = arena_alloc(&host.arena, 3 * sizeof(*host.netns));
	host.netns[host.netns_count++] = (struct netns){.name = "blue", .id = {41, 0}};
	host.netns[host.netns_count++] = (struct netns){.name = "/proc/9/ns/net", .id = {42, 0}};
	host.processes = arena_alloc(&host.arena, 3 * sizeof(*host.processes));
	host.processes[host.process_count++] = (struct process){1, 40};
	host.processes[host.process_count++] = (struct process){4711, 41};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	host_free(&host);
	arena_free(&arena);
	return 0;
}

/* The last word is the one at the cursor. */
static void look(const struct host *at, const char *const *words)
{
	line.count = 0;
	while (words[line.count + 1])
		line.count++;
	line.words = (char *const *)(uintptr_t)words;
	line.word = words[line.count];
	complete(&line, at, &arena, &out);
}
#define LOOK(...) look(&host, (const char *const[]){__VA_ARGS__, NULL})
#define FIRST(...) look(NULL, (const char *const[]){__VA_ARGS__, NULL})

static const struct candidate *find(const char *word)
{
	for (size_t i = 0; i < out.count; i++)
		if (strcmp(out.items[i].word, word) == 0)
			return &out.items[i];
	return NULL;
}

/* All there is, in one text: "on off". */
static const char *offered(void)
{
	const char *text = "";

	for (size_t i = 0; i < out.count; i++)
		text = arena_printf(&arena, "%s%s%s", text, i ? " " : "", out.items[i].word);
	return text;
}

static void offers_at(int at, const char *want)
{
	if (strcmp(offered(), want) != 0)
		fail_msg("line %d: '%s', not '%s'", at, offered(), want);
}
#define OFFERS(want, ...) (LOOK(__VA_ARGS__), offers_at(__LINE__, want))

static void has_at(int at, const char *word, bool want)
{
	if (!find(word) == want)
		fail_msg("line %d: %s in '%s'", at, want ? "nothing" : word, offered());
}
#define HAS(word) has_at(__LINE__, word, true)
#define LACKS(word) has_at(__LINE__, word, false)

static void objects_and_commands(void **state)
{
	(void)state;
	LOOK("");
	HAS("pf");
	HAS("vf");
	HAS("netns");
	HAS("snapshot");
	HAS("help");
	LACKS("complete");
	assert_string_equal(find("snapshot")->help, cmd_snapshot.summary);
	assert_contains(find("vf")->help, "list, show, create");
	OFFERS("vf", "v");
}

static void commands_of_an_object(void **state)
{
	(void)state;
	OFFERS("list show set help", "pf", "");
	OFFERS("show set", "pf", "s");
	assert_string_equal(find("show")->help, cmd_pf_show.summary);
	OFFERS("list attach detach help", "netns", ""); /* no alias */
}

static void help_at_every_level(void **state)
{
	(void)state;
	OFFERS("help", "h");
	OFFERS("help", "vf", "h");
	OFFERS("help", "vf", "create", "h");
	OFFERS("help", "repair", "");
	OFFERS("list show set", "help", "pf", "");
	LOOK("help", "");
	HAS("vf");
	LACKS("help");
	OFFERS("", "help", "vf", "create", "");
	OFFERS("", "vf", "help", "");
	OFFERS("", "vf", "create", "eth0", "h");
}

static void options(void **state)
{
	(void)state;
	OFFERS("--json", "--j");
	OFFERS("--columns --color --color=", "vf", "list", "--c");
	OFFERS("--color --color=", "vf", "create", "--c");
	OFFERS("--color --color=", "vf", "create", "eth0", "--c"); /* between its arguments */
	OFFERS("--no-wait", "vf", "create", "--no-");
	OFFERS("--no-header", "vf", "list", "--no-");
	LOOK("--no-");
	offers_at(__LINE__, "--no-header --no-wait"); /* whatever may come */
	OFFERS("--no-header", "--brief", "--no-");
	OFFERS("", "vf", "list", "--json", "--j"); /* given */
	OFFERS("", "vf", "list", "-jp", "--j");
	OFFERS("", "-json", "--j");
	OFFERS("-br -b", "-b");
	OFFERS("-j", "-j");
	OFFERS("", "--", "--j");
	OFFERS("", "vf", "list", "--", "-");
	OFFERS("vf", "--json", "-p", "v");
	OFFERS("", "--bogus", "");
	OFFERS("", "--bogus", "v");
	OFFERS("", "--json=1", "v");
	LOOK("vf", "create", "-");
	HAS("--dry-run");
	HAS("--wait");
	HAS("--wait=");
	LACKS("--columns");
	LACKS("-j");
	assert_string_equal(find("--dry-run")->help, "say what would change, change nothing");
}

/* Options decide which commands can follow. */
static void commands_that_go_with_the_options(void **state)
{
	(void)state;
	OFFERS("list show help", "--brief", "vf", "");
	OFFERS("create destroy set bind unbind reset help", "vf", "--dry-run", "");
	OFFERS("pf vf netns policy repair shell help", "--dry-run", "--no-wait", "");
}

static void batches(void **state)
{
	(void)state;
	OFFERS("--brief --baseline --batch", "--b");
	OFFERS("", "vf", "list", "--at");
	LOOK("--batch", "");
	assert_int_equal(out.files, COMPLETE_FILES);
	OFFERS("", "--batch", "x", "");
	OFFERS("", "--batch", "x", "v");
	OFFERS("--atomic", "--batch", "x", "--at");
	OFFERS("", "--batch", "x", "--keep-going", "--at"); /* one or the other */
	OFFERS("", "--batch", "x", "--no-h");
	OFFERS("--dry-run", "--atomic", "--dr");
	OFFERS("help", "--atomic", "");
}

static void values_of_options(void **state)
{
	(void)state;
	OFFERS("--color=auto --color=always --color=never", "--color=");
	OFFERS("--color=auto --color=always", "vf", "--color=a");
	OFFERS("", "vf", "list", "--force="); /* changes nothing */
	OFFERS("--force=in-use --force=duplicate-mac --force=iommu-group", "--force=");
	OFFERS("--force=in-use,duplicate-mac", "--force=in-use,d");
	OFFERS("--force=in-use,duplicate-mac --force=in-use,iommu-group", "--force=in-use,");
	OFFERS("mac max_tx_rate", "vf", "list", "--columns", "ma");
	OFFERS("--columns=mac --columns=max_tx_rate", "vf", "list", "--columns=ma");
	OFFERS("+mac +max_tx_rate", "vf", "list", "--columns", "+ma");
	OFFERS("mac,max_tx_rate", "vf", "list", "--columns", "mac,ma");
	OFFERS("state", "netns", "list", "--columns", "st");
	OFFERS("all", "netns", "list", "--columns", "a");
	OFFERS("mac max_tx_rate", "vf", "list", "--sort", "ma");
	OFFERS("-mac -max_tx_rate", "vf", "list", "--sort", "-ma");
	OFFERS("vf,-mac,max_tx_rate", "vf", "list", "--sort", "vf,-mac,ma");
	OFFERS("--sort=-state", "netns", "list", "--sort=-st");
	OFFERS("mac= max_tx_rate=", "vf", "list", "--filter", "ma");
	OFFERS("vf=a,mac= vf=a,max_tx_rate=", "vf", "list", "--filter", "vf=a,ma");
	OFFERS("trust=on trust=off", "vf", "list", "--filter", "trust=");
	OFFERS("--filter=mac=x,link!=down", "vf", "list", "--filter=mac=x,link!=d");
	OFFERS("", "vf", "list", "--filter", "vlan=");
	OFFERS("trust=", "vf", "list", "--filter", "trust");
	OFFERS("", "vf", "--columns", "ma"); /* whose, is not known yet */
	LOOK("--snapshot", "");
	assert_int_equal(out.files, COMPLETE_DIRS);
	assert_int_equal(out.count, 0);
	LOOK("vf", "list", "--snapshot=/t");
	assert_int_equal(out.files, COMPLETE_DIRS);
	LOOK("vf", "create", "--timeout", "");
	assert_string_equal(out.expects, "S");
	assert_non_null(out.help);
	LOOK("vf", "create", "--wait="); /* its value is optional */
	assert_string_equal(out.expects, "S");
	LOOK("vf", "create", "--wait", "");
	assert_null(out.expects);
	HAS("eth0");
}

static void snapshot_of_the_words(void **state)
{
	(void)state;
	FIRST("--snapshot", "/tmp/a", "vf", "show", "");
	assert_string_equal(out.snapshot, "/tmp/a");
	FIRST("vf", "show", "--snapshot=/tmp/b", "eth0");
	assert_string_equal(out.snapshot, "/tmp/b");
	FIRST("vf", "show", "-snapshot", "/tmp/c", "eth0/1", "");
	assert_string_equal(out.snapshot, "/tmp/c");
	FIRST("vf", "show", "--", "--snapshot=/tmp/b", "eth0");
	assert_null(out.snapshot);
	FIRST("vf", "show", "--snapshot");
	assert_null(out.snapshot);
	FIRST("vf", "show", "--snapshot", "/t");
	assert_null(out.snapshot);
}

/* Only what matters is asked of the host. */
static void asks_only_what_is_needed(void **state)
{
	(void)state;
	FIRST("");
	assert_false(out.live);
	FIRST("vf", "");
	assert_false(out.live);
	FIRST("vf", "list", "--columns", "ma");
	assert_false(out.live);
	FIRST("vf", "set", "eth0/3", "vlan", "");
	assert_false(out.live);
	FIRST("vf", "set", "eth0/3", "vlan", "1", "sp");
	assert_false(out.live);
	FIRST("pf", "show", "");
	assert_true(out.live);
	assert_int_equal(out.needs, 0);
	FIRST("vf", "show", "");
	assert_true(out.live);
	assert_int_equal(out.needs, 0);
	FIRST("vf", "show", "eth0/");
	assert_int_equal(out.needs, NEED_VFS);
	FIRST("vf", "show", "e");
	assert_int_equal(out.needs, NEED_VFS | NEED_LEASES);
	FIRST("vf", "create", "eth0", "");
	assert_true(out.live);
	assert_int_equal(out.needs, 0);
	FIRST("vf", "bind", "eth0/3", "");
	assert_int_equal(out.needs, NEED_BINDING);
	FIRST("netns", "attach", "eth0/3", "");
	assert_int_equal(out.needs, NEED_NETNS | NEED_PROCESSES);
	/* once it is known that it is no PF */
	LOOK("vf", "show", "eth0/");
	assert_int_equal(out.needs & NEED_NETNS, 0);
	LOOK("vf", "show", "blue/");
	assert_int_equal(out.needs & NEED_NETNS, NEED_NETNS);
	LOOK("vf", "show", "bl");
	HAS("blade2");
	assert_int_equal(out.needs & NEED_NETNS, 0);
	LOOK("vf", "show", "blu");
	assert_int_equal(out.needs & NEED_NETNS, NEED_NETNS);
	LOOK("vf", "set", "eth0/3", "vl"); /* more than a VF can stand here */
	assert_int_equal(out.needs & NEED_NETNS, 0);
}

static void pfs(void **state)
{
	(void)state;
	OFFERS("help eth0 eth1 eth2", "pf", "show", "");
	assert_string_equal(find("eth0")->help, "igb, 4 VFs of 7");
	OFFERS("eth0 eth2", "pf", "show", "eth1", "");
	OFFERS("eth0", "pf", "show", "eth0");
	OFFERS("storage", "pf", "show", "s");
	OFFERS("0000:21:00.0 0000:61:00.0", "pf", "list", "0000");
	OFFERS("0000:21:00.0 0001:41:00.0 0000:61:00.0", "pf", "list", "0");
	OFFERS("21:00.0", "pf", "list", "2");
	OFFERS("", "pf", "list", "41"); /* not in domain 0 */
	OFFERS("pci/0000:21:00.0", "pf", "list", "pci/0000:2");
	OFFERS("", "pf", "list", "x");
	OFFERS("", "vf", "destroy", "eth0", "");
	OFFERS("mtu", "pf", "set", "eth0", "m");
	LOOK("vf", "create", "eth0", "");
	assert_int_equal(out.count, 0);
	assert_string_equal(out.expects, "0..7");
	LOOK("vf", "create", "nope", "");
	assert_string_equal(out.expects, "N");
	LOOK("vf", "create", "eth0", "4", "");
	assert_null(out.expects);
}

static void vfs(void **state)
{
	(void)state;
	OFFERS("help eth0/ eth1/", "vf", "show", ""); /* eth2 has none */
	OFFERS("eth0/0 eth0/1 eth0/2 eth0/3 eth0/all", "vf", "show", "eth0/");
	assert_string_equal(find("eth0/1")->help, "0000:21:10.1 igbvf eth0v1");
	OFFERS("eth1/1 eth1/10 eth1/11", "vf", "show", "eth1/1");
	OFFERS("eth0/0,1 eth0/0,2 eth0/0,3", "vf", "show", "eth0/0,");
	OFFERS("eth0/1-2,0 eth0/1-2,3", "vf", "show", "eth0/1-2,");
	OFFERS("eth0/1-2 eth0/1-3", "vf", "show", "eth0/1-");
	OFFERS("eth1/8,1-10 eth1/8,1-11", "vf", "show", "eth1/8,1-1");
	OFFERS("eth0/all", "vf", "show", "eth0/a");
	OFFERS("", "vf", "show", "eth0/all,");
	OFFERS("", "vf", "show", "eth0/9,");
	OFFERS("", "vf", "show", "eth0/9-");
	OFFERS("", "vf", "show", "eth0/x-");
	OFFERS("", "vf", "show", "eth2/");
	OFFERS("", "vf", "show", "nope/");
	OFFERS("storage/3", "vf", "show", "storage/3");
	OFFERS("storage/", "vf", "show", "st");
	OFFERS("21:00.0/1", "vf", "show", "21:00.0/1");
	OFFERS("pci/0000:21:00.0/1", "vf", "show", "pci/0000:21:00.0/1");
	OFFERS("eth0v2", "vf", "show", "eth0v2");
	OFFERS("blade2", "vf", "show", "bla");
	OFFERS("0000:21:10.3", "vf", "show", "0000:21:10.3");
	OFFERS("eth0v3", "vf", "unbind", "eth0/1", "eth0v2", "eth0v3");
	OFFERS("", "vf", "unbind", "eth0/1", "eth0v2", "eth0v2");
}

/* A PF that does not show all of them. */
static void vfs_with_gaps(void **state)
{
	(void)state;
	fixture_vf(&host, &host.pfs[0], 1)->index = 9;
	OFFERS("eth0/0 eth0/9 eth0/2 eth0/3 eth0/all", "vf", "show", "eth0/");
	OFFERS("", "vf", "show", "eth0/0-");
	OFFERS("", "vf", "show", "eth0/1-");
	OFFERS("eth0/2-3", "vf", "show", "eth0/2-");
	OFFERS("eth0/9,0 eth0/9,2 eth0/9,3", "vf", "show", "eth0/9,");
}

static void vfs_that_are_elsewhere(void **state)
{
	struct lease lease = {.netns = "pid:4711", .ifname = "net1", .id = {41, 0}};
	struct vf *vf = fixture_vf(&host, &host.pfs[0], 1);

	(void)state;
	vf->netns = "blue";
	vf->known |= VF_BIT(VF_NETNS);
	OFFERS("blue/eth0v1", "netns", "detach", "blu");
	OFFERS("blue/eth0v1", "netns", "detach", "blue/");
	OFFERS("", "netns", "detach", "eth0v1");
	LOOK("netns", "detach", "");
	LACKS("blue/eth0v1");
	vf->attached = &lease;
	OFFERS("pid:4711/net1", "netns", "detach", "pid");
	vf[1].netns = "blue"; /* another, called the same there: the first is found */
	vf[1].ifname = vf->ifname;
	vf[1].known |= VF_BIT(VF_NETNS);
	OFFERS("blue/eth0v1", "netns", "detach", "blu");
}

static void drivers(void **state)
{
	(void)state;
	OFFERS("eth0/ eth1/ default vfio-pci igbvf", "vf", "bind", "eth0/3", "");
	OFFERS("vfio-pci", "vf", "bind", "eth0/3", "eth0v1", "v");
	OFFERS("default", "vf", "bind", "eth0/3", "de");
	OFFERS("", "vf", "bind", "eth0/3", "vfio-pci", "");
	OFFERS("help eth0/ eth1/", "vf", "bind", "");
	LOOK("vf", "bind", "eth0/3", "");
	assert_string_equal(out.expects, "DRIVER");
}

static void namespaces(void **state)
{
	(void)state;
	OFFERS("eth0/ eth1/ blue", "netns", "attach", "eth0/3", "");
	OFFERS("blade2 blue", "netns", "attach", "eth0/3", "bl");
	OFFERS("/proc/9/ns/net", "netns", "attach", "eth0/3", "/");
	assert_int_equal(out.files, COMPLETE_FILES);
	OFFERS("pid:4711", "netns", "attach", "eth0/3", "pid:");
	assert_string_equal(find("pid:4711")->help, "blue");
	LOOK("netns", "attach", "eth0/3", "blue", "");
	HAS("vlan");
	HAS("owner");
	LACKS("eth0/");
	LACKS("blue");
	LOOK("netns", "attach", "eth0/3", "/run/netns/x", "");
	HAS("vlan");
	LOOK("netns", "attach", "eth0/3", "eth0/2", "");
	LACKS("vlan");
	HAS("eth0/");
	HAS("blue");
	OFFERS("owner", "netns", "detach", "eth0/3", "o");
	OFFERS("", "netns", "detach", "eth0/3", "owner", "x", "o");
}

static void settings(void **state)
{
	(void)state;
	LOOK("vf", "set", "eth0/3", "");
	HAS("eth0/");
	HAS("mac");
	HAS("name");
	HAS("up");
	HAS("down");
	LACKS("ifname");
	LACKS("address"); /* netns attach alone */
	LACKS("help");
	LACKS("bdf");
	assert_string_equal(find("name")->help, "name of the interface");
	OFFERS("autoprobe", "pf", "set", "eth0", "a");
	LOOK("vf", "set", "eth0/3", "vlan", "1", "");
	LACKS("eth0/"); /* those are behind us */
	LACKS("vlan");
	HAS("qos");
	LOOK("vf", "set", "eth0/3", "down", "");
	LACKS("up");
	LACKS("down");
	OFFERS("on off", "vf", "set", "eth0/3", "trust", "");
	OFFERS("off", "vf", "set", "eth0/3", "trust", "of");
	OFFERS("auto enable disable", "vf", "set", "eth0/3", "state", "");
	OFFERS("802.1q 802.1ad", "vf", "set", "eth0/3", "proto", "");
	OFFERS("auto", "vf", "set", "eth0/3", "mac", "");
	assert_string_equal(out.expects, "MAC");
	OFFERS("", "vf", "set", "eth0/3", "vlan", "");
	assert_string_equal(out.expects, "0..4094");
	assert_string_equal(out.help, "port VLAN, 0 for none");
	OFFERS("", "vf", "set", "eth0/3", "name", "");
	assert_string_equal(out.expects, "NAME");
	LOOK("vf", "set", "eth0/3", "max_tx_rate", "");
	assert_string_equal(out.expects, "MBIT|Ngbit");
	/* may be said again */
	OFFERS("address", "netns", "attach", "eth0/3", "blue", "address", "192.0.2.1/24", "ad");
	OFFERS("on off", "vf", "set", "--dry-run", "eth0/3", "-j", "trust", "");
}

static void nothing_behind_wrong_words(void **state)
{
	(void)state;
	OFFERS("", "nope", "");
	OFFERS("", "vf", "nope", "");
	OFFERS("", "VF", "");
	OFFERS("", "", "");
	OFFERS("", "vf", "set", "eth0/3", "vlan", "5000", "");
	OFFERS("", "vf", "set", "eth0/3", "vlan", "1", "nope", "");
	OFFERS("", "vf", "set", "eth0/3", "vlan", "1", "vlan", "2", "");
	OFFERS("", "vf", "set", "eth0/3", "nope", "");
	OFFERS("", "vf", "create", "eth0", "x", "");
	OFFERS("", "repair", "x", "");
	OFFERS("", "vf", "list", "--color=x", "");
	OFFERS("", "vf", "create", "--timeout", "x", "");
	OFFERS("", "complete", "");
	OFFERS("", "help", "complete", "");
}

/* Words that the parser would take for something else, and bytes that do harm. */
static void names_that_cannot_be_said(void **state)
{
	const char *was = host.pfs[0].ifname;
	struct vf *vf = fixture_vf(&host, &host.pfs[0], 0);
	const char *vf_was = vf->ifname;

	(void)state;
	host.pfs[0].ifname = host.pfs[0].name = "-json";
	OFFERS("help eth1 eth2", "pf", "show", "");
	OFFERS("-json", "pf", "show", "--", "-");
	host.pfs[0].ifname = host.pfs[0].name = "help";
	LOOK("pf", "show", "eth1", "");
	LACKS("help");
	host.pfs[0].ifname = host.pfs[0].name = "a\tb";
	OFFERS("help 0000:21:00.0 eth1 eth2", "pf", "show", "");
	host.pfs[0].ifname = host.pfs[0].name = "a\x9b";
	OFFERS("help 0000:21:00.0 eth1 eth2", "pf", "show", "");
	host.pfs[0].ifname = host.pfs[0].name = "a;\"$(x)'\\";
	LOOK("pf", "show", "");
	HAS("a;\"$(x)'\\");
	host.pfs[0].ifname = host.pfs[0].name = "eth1"; /* which of them? */
	OFFERS("help 0000:21:00.0 0001:41:00.0 eth2", "pf", "show", "");
	host.pfs[0].ifname = host.pfs[0].name = "count";
	OFFERS("help eth1 eth2 count/ eth1/ interval count", "stats", "");
	OFFERS("help count/ eth1/", "vf", "show", "");
	OFFERS("count/ count", "stats", "co");
	host.pfs[0].ifname = host.pfs[0].name = was;
	vf->ifname = "vlan";
	OFFERS("vlan", "vf", "set", "v");
	LOOK("vf", "set", "eth0/3", "vl");
	assert_int_equal(out.count, 1);
	assert_string_equal(find("vlan")->help, "port VLAN, 0 for none");
	vf->ifname = "eth1v1";
	OFFERS("eth1v10 eth1v11", "vf", "show", "eth1v1");
	vf->ifname = vf_was;
}

static void bare_indexes(void **state)
{
	(void)state;
	line.pf = "eth0";
	OFFERS("help 0 1 2 3 all eth0/ eth1/", "vf", "show", "");
	OFFERS("0-1 0-2 0-3", "vf", "show", "0-");
	OFFERS("0,1 0,2 0,3", "vf", "show", "0,");
	OFFERS("on off", "vf", "set", "0-2", "3", "trust", "");
	LOOK("vf", "bind", "0", "1-2", "");
	HAS("vfio-pci");
	line.pf = "nope";
	OFFERS("help eth0/ eth1/", "vf", "show", "");
	line.pf = "eth1";
	OFFERS("help eth0 eth1 eth2", "vf", "create", "");
	assert_string_equal(out.expects, "0..63");
	OFFERS("", "vf", "create", "eth0", "");
	assert_string_equal(out.expects, "0..7");
	OFFERS("help eth0 eth1 eth2 up down mtu autoprobe", "pf", "set", "");
	OFFERS("on off", "pf", "set", "autoprobe", "");
	OFFERS("up down mtu autoprobe", "pf", "set", "eth0", "");
	OFFERS("up down mtu", "pf", "set", "autoprobe", "on", "");
	OFFERS("help eth0 eth1 eth2", "pf", "show", "");
	OFFERS("eth1 eth2", "pf", "show", "eth0", "");
	line.pf = NULL;
}

static void long_lines(void **state)
{
	const char *words[202];

	(void)state;
	words[0] = "vf";
	words[1] = "set";
	for (size_t i = 2; i < 200; i++)
		words[i] = i % 2 ? "eth0/1" : "eth0v2";
	words[200] = "sp";
	words[201] = NULL;
	look(&host, words);
	assert_string_equal(offered(), "spoofchk");
	words[0] = "netns";
	words[1] = "attach";
	words[2] = "eth0/1";
	words[3] = "blue";
	for (size_t i = 4; i < 200; i++)
		words[i] = i % 2 ? "192.0.2.1/24" : "address";
	words[200] = "sp";
	look(&host, words); /* more than SETTINGS_MAX */
	assert_int_equal(out.count, 0);
	words[4 + 2 * SETTINGS_MAX] = "sp";
	words[4 + 2 * SETTINGS_MAX + 1] = NULL;
	look(&host, words); /* no more than those */
	assert_int_equal(out.count, 0);
	words[4 + 2 * SETTINGS_MAX - 2] = "sp";
	words[4 + 2 * SETTINGS_MAX - 1] = NULL;
	look(&host, words);
	assert_string_equal(offered(), "spoofchk");
}

/* Something that fits where only a description of it can be offered. */
static const char *made_up(const char *expects)
{
	static const struct {
		const char *expects, *value;
	} samples[] = {{"MAC", "52:54:00:00:00:01"}, {"GUID", "00:11:22:33:44:55:66:77"},
		{"MBIT|Ngbit", "2.5gbit"}, {"NAME", "net1"}, {"ID", "web-7"}, {"S", "2"},
		{"SECONDS", "0.5"}, {"N", "3"}, {"IP/PREFIX", "192.0.2.1/24"},
		{"IP", "192.0.2.254"}, {"DRIVER", "iavf"}, {"NETNS", "red"},
		{"LIST", "role=edge"}, {"FORMAT", "ip"}};
	const char *dots = strstr(expects, "..");

	for (size_t i = 0; i < ARRAY_SIZE(samples); i++)
		if (strcmp(samples[i].expects, expects) == 0)
			return samples[i].value;
	if (!dots)
		fail_msg("'%s' is expected: the test knows none", expects);
	return roll(2) ? dots + 2 : arena_strndup(&arena, expects, (size_t)(dots - expects));
}

/* One of what is offered for the word begun so; NULL when there is nothing. */
static const char *choose(char *const *words, size_t count, const char *begun)
{
	size_t others;

	line.words = words;
	line.count = count;
	line.word = begun;
	complete(&line, &host, &arena, &out);
	for (size_t i = 0; i < out.count; i++)
		if (!str_starts(out.items[i].word, begun))
			fail_msg("'%s' does not begin with '%s'", out.items[i].word, begun);
	others = !!out.expects + !!out.files;
	if (out.count + others == 0)
		return NULL;
	/* words that are offered are what this is about */
	if (out.count && roll(8))
		return out.items[roll((uint32_t)out.count)].word;
	if (out.files)
		return "/tmp";
	return out.expects ? made_up(out.expects) : out.items[0].word;
}

static bool is_whole(const char *word)
{
	return word[0] && !strchr("/=,", word[strlen(word) - 1]);
}

/* The next word, chosen and gone on with until it is whole. */
static const char *next_word(char *const *words, size_t count)
{
	static const char *const begun[] = {"", "", "", "-", "--", "e", "0", "eth0/", "eth1/1,"};
	const char *word = choose(words, count, begun[roll(ARRAY_SIZE(begun))]);

	while (word && (!is_whole(word) || (strrchr(word, '/') && roll(4) == 0))) {
		const char *more = choose(words, count,
			is_whole(word) ? arena_printf(&arena, "%s%s", word, roll(2) ? "," : "-")
				       : word);

		if (!more)
			return is_whole(word) ? word : NULL;
		/* "--columns=", where nothing can be listed: any value */
		word = strchr(word, '=') && !str_starts(more, word)
			       ? arena_printf(&arena, "%s%s", word, more)
			       : more;
	}
	return word;
}

/* What may be wrong with a line that has only just begun. */
static bool is_unfinished(const struct error *err)
{
	static const char *const texts[] = {"is missing", "needs a command", "needs a value",
		"a snapshot cannot be changed", "does not go with the overview"};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (strstr(err->message, texts[i]))
			return true;
	return false;
}

struct seen {
	bool commands[64], options[64], vf_settings[VF_ATTR_COUNT], lend[VF_ATTR_COUNT];
	size_t runs;
};

static void note(struct seen *seen, const struct command_line *parsed)
{
	seen->runs++;
	for (size_t i = 0; commands[i]; i++)
		seen->commands[i] |= commands[i] == parsed->command;
	for (size_t i = 0; i < option_row_count; i++)
		seen->options[i] |= parsed->given >> i & 1;
	for (size_t i = 0; i < parsed->args.setting_count; i++) {
		if (parsed->command == &cmd_vf_set)
			seen->vf_settings[parsed->args.settings[i].attr] = true;
		if (parsed->command == &cmd_netns_attach)
			seen->lend[parsed->args.settings[i].attr] = true;
	}
}

static enum parse_result parse(
	char **words, size_t count, struct command_line *parsed, struct error *err)
{
	memset(err, 0, sizeof(*err));
	return parse_with_base(commands, &(struct parse_base){.pf = line.pf}, (int)count + 1,
		words - 1, parsed, err);
}

/* Some that lack what must come look as if a word in them was wrong: a VF's interface where
 * no key is, a PF where it might be left out. Not so with what must come. */
static bool goes_on(char **words, size_t count)
{
	static const char *const ends[][2] = {{"mtu", "1500"}, {"4", NULL}};
	bool ok = false;

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		struct command_line parsed;
		char *longer[WORDS + 4] = {words[-1]};
		struct error err;

		memcpy(longer + 1, words, count * sizeof(*words));
		longer[count + 1] = (char *)(uintptr_t)ends[i][0];
		longer[count + 2] = (char *)(uintptr_t)ends[i][1];
		ok |= parse(longer + 1, count + 1 + !!ends[i][1], &parsed, &err) == PARSE_RUN ||
		      is_unfinished(&err);
		command_line_free(&parsed);
	}
	return ok;
}

static void check_line(char **words, size_t count, struct seen *seen)
{
	struct command_line parsed;
	struct error err;
	const char *text = "";

	switch (parse(words, count, &parsed, &err)) {
	case PARSE_RUN:
	case PARSE_BATCH:
		note(seen, &parsed);
		break;
	case PARSE_HELP:
	case PARSE_VERSION:
		break;
	case PARSE_ERROR:
		for (size_t i = 0; i < count; i++)
			text = arena_printf(&arena, "%s %s", text, words[i]);
		if (!is_unfinished(&err) && !goes_on(words, count))
			fail_msg("seed %llu:%s: %s", (unsigned long long)random_state(), text,
				err.message);
		break;
	}
	command_line_free(&parsed);
}

/* Lines made of nothing but what is offered: none of their words is ever refused. And in
 * the end all that the parser knows has been offered. */
static void whatever_is_offered_is_taken(void **state)
{
	struct seen seen = {.runs = 0};

	(void)state;
	random_seed(20240607);
	for (int i = 0; i < 20000; i++) {
		char *words[WORDS + 1] = {(char *)(uintptr_t) "sriovctl"};
		size_t count = 0;

		line.pf = i % 4 ? NULL : "eth0";
		for (int tries = 0; tries < 5 && count < WORDS; tries++) {
			const char *word = next_word(words + 1, count);

			if (!word)
				continue;
			tries = 0;
			words[++count] = (char *)(uintptr_t)word;
			check_line(words + 1, count, &seen);
			if (roll(12) == 0)
				break;
		}
		arena_free(&arena);
	}
	assert_true(seen.runs > 20000);
	for (size_t i = 0; commands[i]; i++)
		if (!seen.commands[i] && !commands[i]->hidden && commands[i]->name)
			fail_msg("%s is never offered", commands[i]->name);
	for (size_t i = 0; i < option_row_count; i++)
		if (!seen.options[i] && strcmp(option_rows[i].long_name, "help") != 0 &&
			strcmp(option_rows[i].long_name, "version") != 0)
			fail_msg("--%s is never offered", option_rows[i].long_name);
	for (size_t i = 0; i < VF_ATTR_COUNT; i++)
		if ((command_sets(&cmd_vf_set, i) && !seen.vf_settings[i]) ||
			(command_sets(&cmd_netns_attach, i) && !seen.lend[i]))
			fail_msg("%s is never offered", vf_type.attrs[i].key);
}

/* Every PF and VF that is offered is one, whatever was typed of it. */
static void names_are_found(void **state)
{
	static const char *const typed[] = {"", "e", "eth0", "eth0/", "eth0/1,", "eth1/1-", "0",
		"2", "21:", "0001", "s", "storage/", "b", "pci/", "pci/0000:21:00.0/"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(typed); i++) {
		struct error err = {0};
		size_t count, whole = 0;

		LOOK("vf", "show", typed[i]);
		for (size_t j = 0; j < out.count; j++) {
			const char *word = out.items[j].word;

			if (!is_whole(word) || strcmp(word, "help") == 0)
				continue;
			whole++;
			if (!select_vfs(&host, &arena, word, &count, &err))
				fail_msg("%s: %s", word, err.message);
		}
		assert_true(whole || !typed[i][0] || strchr("sp", typed[i][0]));
		LOOK("pf", "list", typed[i]);
		for (size_t j = 0; j < out.count; j++)
			if (strcmp(out.items[j].word, "help") != 0 &&
				!select_pf(&host, out.items[j].word, &err))
				fail_msg("%s: %s", out.items[j].word, err.message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(objects_and_commands, setup, teardown),
		cmocka_unit_test_setup_teardown(commands_of_an_object, setup, teardown),
		cmocka_unit_test_setup_teardown(help_at_every_level, setup, teardown),
		cmocka_unit_test_setup_teardown(options, setup, teardown),
		cmocka_unit_test_setup_teardown(commands_that_go_with_the_options, setup, teardown),
		cmocka_unit_test_setup_teardown(batches, setup, teardown),
		cmocka_unit_test_setup_teardown(values_of_options, setup, teardown),
		cmocka_unit_test_setup_teardown(snapshot_of_the_words, setup, teardown),
		cmocka_unit_test_setup_teardown(asks_only_what_is_needed, setup, teardown),
		cmocka_unit_test_setup_teardown(pfs, setup, teardown),
		cmocka_unit_test_setup_teardown(vfs, setup, teardown),
		cmocka_unit_test_setup_teardown(vfs_with_gaps, setup, teardown),
		cmocka_unit_test_setup_teardown(vfs_that_are_elsewhere, setup, teardown),
		cmocka_unit_test_setup_teardown(drivers, setup, teardown),
		cmocka_unit_test_setup_teardown(namespaces, setup, teardown),
		cmocka_unit_test_setup_teardown(settings, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_behind_wrong_words, setup, teardown),
		cmocka_unit_test_setup_teardown(names_that_cannot_be_said, setup, teardown),
		cmocka_unit_test_setup_teardown(bare_indexes, setup, teardown),
		cmocka_unit_test_setup_teardown(long_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(whatever_is_offered_is_taken, setup, teardown),
		cmocka_unit_test_setup_teardown(names_are_found, setup, teardown),
	};

	return RUN(tests);
}
