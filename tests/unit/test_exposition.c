/* Metrics for Prometheus: what is told, of whom, and that the text is what its readers take. */
#include "unit.h"

#include "world.h"

#include "output/exposition.h"

struct told {
	struct world *w;
	struct exposition e;
	const struct pf *pfs[FIXTURE_PFS];
	struct vf_stats *stats;
	char *text;
};

/* The host's PFs and VFs as they are by now, as text. */
static const char *tell(struct told *t)
{
	struct host *host = &t->w->host;
	struct choice all = {.all = true};
	size_t size;
	FILE *out;

	free(t->text);
	for (size_t i = 0; i < host->pf_count; i++)
		t->pfs[i] = &host->pfs[i];
	t->e.host = host;
	t->e.pfs = t->pfs;
	t->e.pf_count = host->pf_count;
	t->e.version = "1.2.3";
	t->e.stats = t->stats = stats_gather(host, &all, &t->e.stat_count);
	out = open_memstream(&t->text, &size);
	exposition_write(&t->e, out);
	fclose(out);
	return t->text;
}

static int setup(void **state)
{
	struct told *t = calloc(1, sizeof(*t));

	if (!t || world_setup((void **)&t->w) < 0)
		return -1;
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct told *t = *state;

	free(t->text);
	world_teardown((void **)&t->w);
	free(t);
	return 0;
}

/* The rules of the format, version 0.0.4: one head for each metric, before its samples, which are
 * not interrupted by others; no series twice; label values closed. */
static void assert_well_formed(const char *text)
{
	char metric[128] = "", *copy = strdup(text), *save = NULL;
	const char *lines[4096];
	size_t count = 0;

	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		size_t len = strcspn(line, "{ ");

		assert_true(count < ARRAY_SIZE(lines));
		lines[count++] = line;
		if (strncmp(line, "# HELP ", 7) == 0) {
			len = strcspn(line + 7, " ");
			assert_true(len < sizeof(metric));
			snprintf(metric, sizeof(metric), "%.*s", (int)len, line + 7);
			assert_true(strlen(line) > 7 + len + 1);
		} else if (strncmp(line, "# TYPE ", 7) == 0) {
			assert_int_equal(strncmp(line + 7, metric, strlen(metric)), 0);
		} else {
			assert_int_equal(len, strlen(metric));
			assert_int_equal(strncmp(line, metric, len), 0);
			assert_true(strchr("0123456789", line[strlen(line) - 1]) != NULL);
			*strrchr(line, ' ') = 0; /* the value is no part of the series */
		}
		for (size_t i = 0; i + 1 < count; i++)
			assert_string_not_equal(lines[i], line);
	}
	assert_int_equal(text[strlen(text) - 1], '\n');
	free(copy);
}

static void the_exporters_names(void **state)
{
	struct told *t = *state;
	struct vf *vf = world_vf(t->w, "eth0/2");
	const char *text;

	vf->rx_packets = 7;
	vf->broadcast = 18446744073709551615U;
	vf->known |= VF_BIT(VF_RX_PACKETS) | VF_BIT(VF_BROADCAST);
	vf->numa_node = 1;
	vf->known |= VF_BIT(VF_NUMA_NODE);
	text = tell(t);
	assert_well_formed(text);
	assert_contains(text,
		"# HELP sriov_vf_rx_packets packets received, as the PF counts\n"
		"# TYPE sriov_vf_rx_packets untyped\n"
		"sriov_vf_rx_packets{pf=\"eth0\",vf=\"2\",bdf=\"0000:21:10.2\",numa_node=\"1\","
		"driver=\"igbvf\",owner=\"\",netns=\"\"} 7\n# ");
	assert_contains(text, "netns=\"\"} 18446744073709551615\n");
	assert_contains(text, "\nsriov_vf_rx_broadcast{");
	/* nobody counts these */
	assert_null(strstr(text, "sriov_vf_tx_packets"));
	assert_null(strstr(text, "sriovctl_vf_interface_"));
	assert_null(strstr(text, "sriovctl_vf_interrupts_total"));
}

/* Every counter there is has a metric of its own, and every metric a help. */
static void every_counter(void **state)
{
	struct told *t = *state;
	struct vf_stats s = {.pf = "eth0", .index = 3, .known = STAT_BIT(STAT_INDEX)};
	char value[40];
	size_t size;
	FILE *out;

	tell(t);
	for (unsigned i = STAT_FIRST_COUNTER; i <= STAT_LAST_COUNTER; i++) {
		s.known |= STAT_BIT(i);
		s.count[i] = 1000000 + i;
	}
	t->e.stats = &s;
	t->e.stat_count = 1;
	free(t->text);
	out = open_memstream(&t->text, &size);
	exposition_write(&t->e, out);
	fclose(out);
	assert_well_formed(t->text);
	for (unsigned i = STAT_FIRST_COUNTER; i <= STAT_LAST_COUNTER; i++) {
		snprintf(value, sizeof(value), "} %u\n", 1000000 + i);
		assert_contains(t->text, value);
	}
}

static void pfs(void **state)
{
	struct told *t = *state;
	struct pf *pf = t->w->eth1;
	const char *text;

	pf->firmware = "14.32 \"x\"";
	pf->vendor_id = 0x8086;
	pf->known |= PF_BIT(PF_FIRMWARE) | PF_BIT(PF_VENDOR_ID);
	t->w->eth0->up = false;
	t->w->eth0->known &= ~PF_BIT(PF_TOTAL_VFS);
	t->w->eth0->link = 0;
	text = tell(t);
	assert_well_formed(text);
	assert_contains(text, "sriovctl_build_info{version=\"1.2.3\"} 1\n");
	assert_contains(text,
		"sriovctl_pf_info{pf=\"eth1\",bdf=\"0000:41:00.0\",driver=\"qede\","
		"firmware=\"14.32 \\\"x\\\"\",vendor_id=\"0x8086\",device_id=\"\",numa_node=\"\"} "
		"1\n");
	assert_contains(text, "sriovctl_pf_vfs{pf=\"eth0\"} 4\n");
	assert_null(strstr(text, "sriovctl_pf_vfs_max{pf=\"eth0\"}"));
	assert_contains(text, "sriovctl_pf_vfs_max{pf=\"eth1\"} ");
	assert_contains(text, "sriovctl_pf_up{pf=\"eth0\"} 0\nsriovctl_pf_up{pf=\"eth1\"} 1\n");
	assert_contains(text, "sriovctl_pf_link_up{pf=\"eth0\"} 0\n");
	assert_contains(text, "sriovctl_pf_link_up{pf=\"eth1\"} 1\n");
}

static void states(void **state)
{
	struct told *t = *state;
	struct world *w = t->w;
	const char *text;

	w->eth0->class_name = "ethernet";
	w->eth0->known |= PF_BIT(PF_CLASS);
	text = tell(t);
	assert_contains(text, "sriovctl_vfs{pf=\"eth0\",state=\"free\"} 4\n");
	assert_contains(text, "sriovctl_vfs{pf=\"eth0\",state=\"attached\"} 0\n");
	world_lease(w, "eth0/0", "blue", "web-7");
	world_away(w, "eth0/0", "blue", "net1");
	world_away(w, "eth0/1", "red", "net1");
	fixture_usage(&w->host, world_vf(w, "eth0/2")->ifindex, "address 192.0.2.1/24");
	world_unbind(world_vf(w, "eth0/3"));
	text = tell(t);
	assert_well_formed(text);
	assert_contains(text, "sriovctl_vfs{pf=\"eth0\",state=\"free\"} 0\n");
	assert_contains(text, "sriovctl_vfs{pf=\"eth0\",state=\"attached\"} 1\n");
	assert_contains(text, "sriovctl_vfs{pf=\"eth0\",state=\"away\"} 1\n");
	assert_contains(text, "sriovctl_vfs{pf=\"eth0\",state=\"in_use\"} 1\n");
	assert_contains(text, "sriovctl_vfs{pf=\"eth0\",state=\"no_driver\"} 1\n");
	assert_contains(text, "sriovctl_vfs{pf=\"eth1\",state=\"free\"} 4\n");
}

static void whose(void **state)
{
	struct told *t = *state;
	struct vf *vf = world_vf(t->w, "eth0/0");

	world_lease(t->w, "eth0/0", "blue", "we\\b\n\"7\"");
	world_away(t->w, "eth0/0", "blue", "net1");
	vf->rx_bytes = 1;
	vf->known |= VF_BIT(VF_RX_BYTES);
	assert_contains(tell(t), ",owner=\"we\\\\b\\n\\\"7\\\"\",netns=\"blue\"} 1\n");
	assert_well_formed(t->text);
}

static void tallies(void **state)
{
	struct told *t = *state;
	struct tally tally = {.handle = "pci/0000:41:00.0",
		.name = "as it was called",
		.changes = {[EXIT_DONE] = 3, [EXIT_PARTLY] = 1},
		.vfs_created = 12,
		.setups = 3,
		.setup_ms = 61005,
		.last_setup_ms = 70,
		.failed_vfs = 2};
	struct tally gone = tally;
	const char *text = tell(t);

	/* unknown is not 0 */
	assert_null(strstr(text, "sriovctl_changes_total"));
	assert_null(strstr(text, "sriovctl_failed_allocations_total"));
	assert_contains(text, "sriovctl_scrape_incomplete{reason=\"changes\"} 1\n");
	gone.handle = "pci/0000:99:00.0";
	t->e.tallies = (struct tally[]){tally, gone};
	t->e.tally_count = 2;
	t->e.tallies_known = true;
	text = tell(t);
	assert_well_formed(text);
	assert_contains(text, "sriovctl_scrape_incomplete{reason=\"changes\"} 0\n");
	assert_contains(text, "sriovctl_changes_total{pf=\"eth0\",result=\"done\"} 0\n");
	assert_contains(text, "sriovctl_changes_total{pf=\"eth1\",result=\"done\"} 3\n");
	assert_contains(text, "sriovctl_changes_total{pf=\"eth1\",result=\"partly\"} 1\n");
	assert_contains(text, "sriovctl_changes_total{pf=\"eth1\",result=\"timed_out\"} 0\n");
	assert_contains(text, "sriovctl_vfs_created_total{pf=\"eth1\"} 12\n");
	assert_contains(text, "sriovctl_vf_setup_seconds_total{pf=\"eth1\"} 61.005\n");
	assert_contains(text, "sriovctl_vf_setup_seconds_total{pf=\"eth0\"} 0.000\n");
	assert_contains(text, "sriovctl_vf_last_setup_seconds{pf=\"eth1\"} 0.070\n");
	assert_null(strstr(text, "sriovctl_vf_last_setup_seconds{pf=\"eth0\"}"));
	assert_contains(text, "sriovctl_failed_allocations_total{pf=\"eth1\"} 2\n");
	assert_null(strstr(text, "as it was"));
	assert_null(strstr(text, "99:00"));
}

static void incomplete(void **state)
{
	struct told *t = *state;
	struct host *h = &t->w->host;

	tell(t);
	assert_contains(t->text, "sriovctl_scrape_incomplete{reason=\"vfs\"} 0\n");
	assert_contains(t->text, "sriovctl_scrape_incomplete{reason=\"uses\"} 0\n");
	t->w->eth0->truncated = true;
	h->holders_hidden = true;
	tell(t);
	assert_contains(t->text, "sriovctl_scrape_incomplete{reason=\"vfs\"} 1\n");
	assert_contains(t->text, "sriovctl_scrape_incomplete{reason=\"interfaces\"} 0\n");
	assert_contains(t->text, "sriovctl_scrape_incomplete{reason=\"uses\"} 1\n");
	assert_contains(t->text, "sriovctl_scrape_incomplete{reason=\"owners\"} 0\n");
	h->incomplete = h->leases_unknown = true;
	tell(t);
	assert_contains(t->text, "sriovctl_scrape_incomplete{reason=\"interfaces\"} 1\n");
	assert_contains(t->text, "sriovctl_scrape_incomplete{reason=\"owners\"} 1\n");
	assert_well_formed(t->text);
}

static void rename_pf(struct host *h, struct pf *pf, const char *name)
{
	pf->name = name;
	for (size_t i = 0; i < pf->vf_count; i++)
		h->vfs[pf->first_vf + i].pf = name;
}

/* What people call interfaces, and what others call them. */
static void odd_names(void **state)
{
	struct told *t = *state;
	struct host *h = &t->w->host;

	rename_pf(h, t->w->eth0, "a\\\"b\xff\x1b\xc2\x9b\xc3\xa9");
	tell(t);
	assert_well_formed(t->text);
	assert_contains(
		t->text, "{pf=\"a\\\\\\\"b\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xc3\xa9\"} 4");
	/* they look alike, but are two */
	rename_pf(h, t->w->eth0, "p\xfe");
	rename_pf(h, t->w->eth1, "p\xff");
	for (size_t i = 0; i < h->vf_count; i++)
		h->vfs[i].known = (h->vfs[i].known | VF_BIT(VF_RX_PACKETS)) & ~VF_BIT(VF_BDF);
	tell(t);
	assert_well_formed(t->text);
	assert_contains(t->text, "sriovctl_pf_vfs{pf=\"pci/0000:21:00.0\"} 4\n");
	assert_contains(t->text, "sriovctl_pf_vfs{pf=\"pci/0000:41:00.0\"} 4\n");
	assert_contains(t->text, "sriov_vf_rx_packets{pf=\"pci/0000:41:00.0\",vf=\"0\",");
	/* cut short, an umlaut would be half */
	rename_pf(h, t->w->eth0, "\xc3");
	rename_pf(h, t->w->eth1, "\xef\xbf\xbd");
	tell(t);
	assert_well_formed(t->text);
}

static void nothing_there(void **state)
{
	struct told *t = *state;

	t->w->host.pf_count = t->w->host.vf_count = 0;
	tell(t);
	assert_well_formed(t->text);
	assert_null(strstr(t->text, "sriovctl_pf_"));
	assert_null(strstr(t->text, "sriovctl_vfs"));
	assert_contains(t->text, "sriovctl_build_info");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_exporters_names),
		TEST(every_counter),
		TEST(pfs),
		TEST(states),
		TEST(whose),
		TEST(tallies),
		TEST(incomplete),
		TEST(odd_names),
		TEST(nothing_there),
	};

	return RUN(tests);
}
