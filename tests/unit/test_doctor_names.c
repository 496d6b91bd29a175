/* The doctor: names and addresses that udev gives. */
#include "unit.h"

#include "doctor.h"

#include "doctor/config.h"

#define RULES "/etc/udev/rules.d/70-lan.rules"
#define LINK "/etc/systemd/network/10-lan.link"
#define RULE "SUBSYSTEM==\"net\", ACTION==\"add\", "

static void same_name(void **state)
{
	struct patient *p = *state;

	silent(p, "name-given-twice");
	fact(p, RULES, RULE "KERNELS==\"0000:21:10.*\", NAME=\"lan0\"");
	assert_contains(finds(p, "name-given-twice", SEVERITY_WARNING, "eth0", "eth0/0-3")
				->evidence[0]
				.source,
		RULES ":1");
	fact(p, RULES, RULE "KERNELS==\"0000:21:10.0\", NAME=\"lan0\"");
	silent(p, "name-given-twice");
	/* two lines, one of them in two parts */
	fact(p, RULES,
		RULE "KERNELS==\"0000:21:10.0\", NAME=\"lan0\"\n# a comment\n\n" RULE
		     "\\\n  KERNELS==\"0000:21:10.1\", \\\n  NAME=\"lan0\"");
	assert_string_equal(finds(p, "name-given-twice", SEVERITY_WARNING, "eth0", "eth0/0-1")
				    ->evidence[1]
				    .source,
		RULES ":4");
	/* of two PFs: told once */
	fact(p, RULES, RULE "KERNELS==\"0000:[24]1:10.0\", NAME=\"lan0\"");
	finds(p, "name-given-twice", SEVERITY_WARNING, "eth0", "eth0/0, eth1/0");
	/* the later rule has the last word, unless := has been said */
	fact(p, RULES,
		RULE "KERNELS==\"0000:21:10.*\", NAME=\"lan0\"\n" RULE
		     "KERNELS==\"0000:21:10.*\", NAME=\"lan%n\"");
	silent(p, "name-given-twice");
	fact(p, RULES,
		RULE "KERNELS==\"0000:21:10.*\", NAME:=\"lan0\"\n" RULE
		     "KERNELS==\"0000:21:10.*\", NAME=\"lan%n\"");
	finds(p, "name-given-twice", SEVERITY_WARNING, "eth0", "lan0");
	fact_forget(p, "/etc/udev/rules.d");
	fact_forget(p, "/usr/lib/udev/rules.d");
	not_known(p, "name-given-twice");
}

/* What a rule may ask, and whether it is for all VFs of eth0. */
static void rules_that_match(void **state)
{
	static const char *const match[] = {
		"DRIVERS==\"igbvf\"",
		"DRIVERS==\"?*\", ATTR{type}==\"1\", KERNEL==\"eth*\", KERNELS==\"0000:21:10.?\"",
		"ATTR{address}==\"02:00:00:21:00:0?\"",
		"ATTRS{address}==\"02:00:00:21:00:00|02:00:00:21:00:01\"",
		"ATTR{dev_id}==\"0x0\", SUBSYSTEMS==\"pci\", DRIVERS==\"igbvf\", "
		"OPTIONS+=\"watch\"",
		"ACTION!=\"remove\", ATTRS{vendor}==\"0x8086\", ATTRS{device}==\"0x10ca\"",
		"ATTR{device/device}==\"0x10ca\", ENV{X}=\"1\"",
	};
	static const char *const other[] = {
		"DRIVERS==\"igb\"",
		"DRIVERS==\"igbvf\", SUBSYSTEM==\"block\"",
		"DRIVERS==\"igbvf\", ACTION==\"change\"",
		"DRIVERS==\"igbvf\", ACTION!=\"add\"",
		"DRIVERS==\"igbvf\", KERNEL==\"wl*\"",
		"DRIVERS==\"igbvf\", SUBSYSTEMS==\"usb\"",
		"DRIVERS==\"igbvf\", ATTR{phys_port_name}==\"p0\"",
		"DRIVERS==\"igbvf\", ATTR{address}!=\"02:*\"",
		/* who knows? */
		"DRIVERS==\"igbvf\", PROGRAM==\"/bin/x\"",
		"DRIVERS==\"igbvf\", ENV{ID_MODEL}==\"x\"",
		"DRIVERS==\"igbvf\", TEST==\"x\"",
		"DRIVERS==\"igbvf\", KERNEL==\"eth3\"",
		"DRIVERS==\"igbvf\", ATTR{x}==\"y\"",
		"DRIVERS==\"igbvf\", KERNELS!=\"0000:00:01.0\"",
		"DRIVERS==i\"igbvf\"",
		"DRIVERS==\"igbvf\", TAG==\"x\"",
		"DRIVERS==\"pcieport\"",
		"DRIVERS==\"igbvf\", what",
	};
	struct patient *p = *state;
	char text[256];

	p->w->eth0->vf_device_id = 0x10ca;
	p->w->eth0->vendor_id = 0x8086;
	p->w->eth0->known |= PF_BIT(PF_VF_DEVICE_ID) | PF_BIT(PF_VENDOR_ID);
	for (size_t i = 0; i < p->w->host.vf_count; i++)
		p->w->host.vfs[i].driver = i < 4 ? "igbvf" : "other";
	for (size_t i = 0; i < 4; i++)
		p->w->host.vfs[i].if_mac = (struct lladdr){6, {2, 0, 0, 0x21, 0, (uint8_t)i}};
	for (size_t i = 0; i < sizeof(match) / sizeof(match[0]); i++) {
		snprintf(text, sizeof(text), RULE "%s, NAME=\"lan0\"", match[i]);
		fact(p, RULES, text);
		finds(p, "name-given-twice", SEVERITY_WARNING, "eth0", "lan0");
	}
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		snprintf(text, sizeof(text), "SUBSYSTEM==\"net\", %s, NAME=\"lan0\"", other[i]);
		fact(p, RULES, text);
		silent(p, "name-given-twice");
	}
}

static void jumps(void **state)
{
	struct patient *p = *state;
	const char *all = "KERNELS==\"0000:21:10.*\", NAME=\"lan0\"\n";
	char text[512];

	snprintf(text, sizeof(text), "SUBSYSTEM!=\"net\", GOTO=\"end\"\n%sLABEL=\"end\"\n", all);
	fact(p, RULES, text);
	finds(p, "name-given-twice", SEVERITY_WARNING, "eth0", "lan0");
	snprintf(text, sizeof(text), "SUBSYSTEM==\"net\", GOTO=\"end\"\n%sLABEL=\"end\"\n", all);
	fact(p, RULES, text);
	silent(p, "name-given-twice");
	snprintf(text, sizeof(text), "TEST==\"x\", GOTO=\"end\"\n%sLABEL=\"end\"\n", all);
	fact(p, RULES, text);
	silent(p, "name-given-twice");
	snprintf(text, sizeof(text), "SUBSYSTEM==\"net\", GOTO=\"on\"\nLABEL=\"on\"\n%s", all);
	fact(p, RULES, text);
	finds(p, "name-given-twice", SEVERITY_WARNING, "eth0", "lan0");
	/* one that leads nowhere does not leave its file */
	fact(p, "/etc/udev/rules.d/60-nowhere.rules",
		"SUBSYSTEM==\"net\", GOTO=\"nowhere\"\nNAME==\"x\", NAME=\"y\"");
	finds(p, "name-given-twice", SEVERITY_WARNING, "eth0", "lan0");
	fact_forget(p, "/etc/udev/rules.d/60-nowhere.rules");
	/* the file of this name in /run is not read, nor are empty ones */
	fact(p, "/run/udev/rules.d/70-lan.rules", text);
	fact(p, RULES, "");
	silent(p, "name-given-twice");
	/* it may not be read: it may say anything, but what comes behind it counts */
	fact_forget(p, "/run/udev/rules.d/70-lan.rules");
	fact_forget(p, RULES);
	fact(p, "/etc/udev/rules.d/60-lan.rules", text);
	finds(p, "name-given-twice", SEVERITY_WARNING, "eth0", "lan0");
	facts_add_error(&p->facts, RULES, 13);
	silent(p, "name-given-twice");
}

static void link_file_names(void **state)
{
	struct patient *p = *state;

	fact(p, LINK, "[Match]\nDriver=igbvf\nPath=pci-0000:21:*\n[Link]\nName=lan0\n");
	finds(p, "name-given-twice", SEVERITY_WARNING, "eth0", "lan0");
	fact(p, LINK,
		"[Match]\nPath=pci-0000:21:10.0 \\\n pci-0000:21:10.1\n\n[Link]\nName = lan0");
	finds(p, "name-given-twice", SEVERITY_WARNING, "eth0", "eth0/0-1");
	fact(p, LINK,
		"[Match]\nPath=!pci-0000:21:10.*\nDriver=!x\nKind=!veth\nType=ether\n[Link]\nName="
		"lan0");
	finds(p, "name-given-twice", SEVERITY_WARNING, "eth0", "eth0, eth1, eth1/0-3");
	/* the policy goes first, unless it is switched off */
	fact(p, LINK, "[Match]\nOriginalName=*\n[Link]\nNamePolicy=path\nName=lan0");
	silent(p, "name-given-twice");
	fact(p, "/proc/cmdline", "quiet net.ifnames=0");
	finds(p, "name-given-twice", SEVERITY_WARNING, "eth0", "lan0");
	/* keys that are not known, an earlier file that may be for it, drop-ins */
	fact(p, LINK, "[Match]\nOriginalName=*\nHost=x\n[Link]\nName=lan0");
	silent(p, "name-given-twice");
	fact(p, LINK, "[Match]\nOriginalName=eth3\n[Link]\nName=lan0");
	silent(p, "name-given-twice");
	fact(p, "/usr/lib/systemd/network/20-lan.link", "[Match]\nDriver=qede\n[Link]\nName=lan0");
	silent(p, "name-given-twice");
	fact(p, LINK, "");
	finds(p, "name-given-twice", SEVERITY_WARNING, "eth0", "lan0");
	fact_names(p, "/run/systemd/network", "20-lan.link.d");
	silent(p, "name-given-twice");
}

static void link_file_addresses(void **state)
{
	struct patient *p = *state;
	struct vf *vf = world_vf(p->w, "eth0/1");
	char bdf[BDF_SIZE], path[128], text[128];

	bdf_format(vf->bdf, bdf);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/net/%s/addr_assign_type", bdf,
		vf->ifname);
	vf->if_mac = (struct lladdr){6, {0x52, 0x54, 0, 0xaa, 0xbb, 1}};
	world_vf(p->w, "eth0/2")->if_mac = vf->if_mac;
	snprintf(text, sizeof(text), "[Match]\nMACAddress=52-54-00-AA-BB-01\n[Link]\nName=lan0");
	fact(p, LINK, text);
	finds(p, "name-given-twice", SEVERITY_WARNING, "eth0", "eth0/1-2");
	/* it has been changed since it came */
	fact(p, path, "3");
	silent(p, "name-given-twice");
	fact_forget(p, path);
	silent(p, "name-given-twice");
	fact(p, path, "0");
	fact(p, LINK, "[Match]\nPermanentMACAddress=52:54:00:aa:bb:01\n[Link]\nName=lan0");
	silent(p, "name-given-twice");
}

static void two_names(void **state)
{
	struct patient *p = *state;
	const struct finding *f;

	silent(p, "name-disputed");
	fact(p, LINK, "[Match]\nPath=pci-0000:21:10.1\n[Link]\nName=lan0");
	silent(p, "name-disputed");
	fact(p, RULES, RULE "KERNELS==\"0000:21:10.1\", NAME=\"wan0\"");
	f = finds(
		p, "name-disputed", SEVERITY_WARNING, "eth0/1", "named lan0 by one file and wan0");
	assert_string_equal(f->evidence[0].source, LINK);
	assert_string_equal(f->evidence[1].source, RULES ":1");
	/* behind that of systemd: the same */
	fact_forget(p, RULES);
	fact(p, "/etc/udev/rules.d/99-lan.rules",
		RULE "ENV{ID_PATH}==\"pci-0000:21:10.1\", NAME=\"wan0\"");
	finds(p, "name-disputed", SEVERITY_WARNING, "eth0/1", "named lan0 by one file and wan0");
	fact(p, "/etc/udev/rules.d/99-lan.rules", RULE "KERNELS==\"0000:21:10.1\", NAME=\"lan0\"");
	silent(p, "name-disputed");
	/* without that of systemd .link files name nothing */
	fact(p, "/usr/lib/udev/rules.d/80-net-setup-link.rules", "");
	fact_forget(p, "/etc/udev/rules.d/99-lan.rules");
	silent(p, "name-disputed");
	fact_forget(p, "/etc/udev/rules.d");
	fact_forget(p, "/usr/lib/udev/rules.d");
	not_known(p, "name-disputed");
}

/* The policy comes after udev. */
static void names_of_policy(void **state)
{
	struct patient *p = *state;
	const struct source source = {.name = "host.yaml"};
	struct wish wish = {.origin = {&source, 5, 1}, .setting = {.attr = VF_IFNAME}};
	struct vf_intent vf = {.index = 1, .wishes = &wish, .count = 1};
	struct pf_intent pf = {.pf = p->w->eth0, .vfs = &vf, .vf_count = 1};

	wish.setting.value = value_string("pod1");
	p->intent = (struct intent){&pf, 1};
	p->has_policy = true;
	silent(p, "name-given-twice,name-disputed");
	fact(p, LINK, "[Match]\nPath=pci-0000:21:10.1\n[Link]\nName=lan0");
	assert_string_equal(
		finds(p, "name-disputed", SEVERITY_WARNING, "eth0/1", "lan0 by one file and pod1")
			->evidence[1]
			.source,
		"host.yaml:5:1");
	fact(p, LINK, "[Match]\nPath=pci-0000:21:10.2\n[Link]\nName=pod1");
	silent(p, "name-disputed");
	finds(p, "name-given-twice", SEVERITY_WARNING, "eth0", "pod1, is given to eth0/1-2");
}

static void addresses(void **state)
{
	struct patient *p = *state;
	struct vf *vf = world_vf(p->w, "eth0/1");
	char bdf[BDF_SIZE], path[128];

	bdf_format(vf->bdf, bdf);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/net/%s/addr_assign_type", bdf,
		vf->ifname);
	silent(p, "address-by-link");
	fact(p, LINK, "[Match]\nPath=pci-0000:21:10.1\n[Link]\nMACAddressPolicy=random");
	finds(p, "address-by-link", SEVERITY_WARNING, "eth0/1", "random address");
	fact(p, path, "1"); /* its own driver has made it up: left alone */
	silent(p, "address-by-link");
	fact(p, path, "0");
	vf->mac = (struct lladdr){6, {0}};
	silent(p, "address-by-link");
	vf->mac = (struct lladdr){6, {2, 0, 0, 0, 0, 1}};
	fact(p, LINK, "[Match]\nPath=pci-0000:21:10.1\n[Link]\nMACAddress=02:00:00:00:00:02");
	finds(p, "address-by-link", SEVERITY_WARNING, "eth0/1", "fixed address");
	fact(p, LINK, "[Match]\nPath=pci-0000:21:10.1\n[Link]\nMACAddress=02:00:00:00:00:01");
	silent(p, "address-by-link");
	fact(p, LINK,
		"[Match]\nPath=pci-0000:21:10.1\n[Link]\nMACAddress=02:00:00:00:00:02\n"
		"MACAddressPolicy=persistent");
	silent(p, "address-by-link");
	fact_forget(p, "/usr/lib/systemd/network");
	not_known(p, "address-by-link");
}

static void renames(void **state)
{
	struct patient *p = *state;
	struct vf *vf = world_vf(p->w, "eth0/2");
	const char *was = vf->ifname;
	char path[64];

	silent(p, "rename-failed");
	vf->ifname = arena_printf(&p->w->host.arena, "dev%d", vf->ifindex);
	finds(p, "rename-failed", SEVERITY_PROBLEM, "eth0/2", "makeshift");
	vf->ifname = "rename4711";
	finds(p, "rename-failed", SEVERITY_PROBLEM, "eth0/2", "makeshift");
	vf->netns = "blue";
	silent(p, "rename-failed");
	vf->netns = NULL;
	for (const char *const *name = (const char *const[]){"dev4711", "dev", "device102",
		     "rename", "renamed0", NULL};
		*name; name++) {
		vf->ifname = *name;
		silent(p, "rename-failed");
	}
	vf->ifname = was;
	snprintf(path, sizeof(path), "/run/udev/data/n%d", vf->ifindex);
	fact(p, path, "E:ID_RENAMING=1\nV:1");
	finds(p, "rename-failed", SEVERITY_PROBLEM, "eth0/2", "could not rename");
	fact(p, path, "I:4711\nE:ID_NET_NAME=eth2\nV:1");
	silent(p, "rename-failed");
	p->w->eth1->ifname = "rename3";
	finds(p, "rename-failed", SEVERITY_PROBLEM, "eth1", "makeshift");
	p->w->eth1->ifname = "eth1";
	fact_forget(p, path);
	not_known(p, "rename-failed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(same_name, patient_setup, patient_teardown),
		cmocka_unit_test_setup_teardown(rules_that_match, patient_setup, patient_teardown),
		cmocka_unit_test_setup_teardown(jumps, patient_setup, patient_teardown),
		cmocka_unit_test_setup_teardown(link_file_names, patient_setup, patient_teardown),
		cmocka_unit_test_setup_teardown(
			link_file_addresses, patient_setup, patient_teardown),
		cmocka_unit_test_setup_teardown(two_names, patient_setup, patient_teardown),
		cmocka_unit_test_setup_teardown(names_of_policy, patient_setup, patient_teardown),
		cmocka_unit_test_setup_teardown(addresses, patient_setup, patient_teardown),
		cmocka_unit_test_setup_teardown(renames, patient_setup, patient_teardown),
	};

	return RUN(tests);
}
