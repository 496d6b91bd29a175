#include "output/exposition.h"

#include "util/str.h"

#include <inttypes.h>
#include <string.h>

enum metric_type {
	METRIC_COUNTER,
	METRIC_GAUGE,
	METRIC_UNTYPED
};

static const char *const type_names[] = {
	[METRIC_COUNTER] = "counter",
	[METRIC_GAUGE] = "gauge",
	[METRIC_UNTYPED] = "untyped",
};

/*
 * What is counted for a VF; the help is that of its attribute. The first names are those of
 * k8snetworkplumbingwg/sriov-network-metrics-exporter (collectors/sriovdev.go), whose dashboards
 * ask for them. It calls them counters, but those should end in _total (`promtool check
 * metrics`), so they have no type here; rate() does not care.
 */
static const struct {
	enum stat_attr attr;
	enum metric_type type;
	const char *name;
} vf_metrics[] = {
	{STAT_RX_PACKETS, METRIC_UNTYPED, "sriov_vf_rx_packets"},
	{STAT_TX_PACKETS, METRIC_UNTYPED, "sriov_vf_tx_packets"},
	{STAT_RX_BYTES, METRIC_UNTYPED, "sriov_vf_rx_bytes"},
	{STAT_TX_BYTES, METRIC_UNTYPED, "sriov_vf_tx_bytes"},
	{STAT_BROADCAST, METRIC_UNTYPED, "sriov_vf_rx_broadcast"},
	{STAT_MULTICAST, METRIC_UNTYPED, "sriov_vf_rx_multicast"},
	{STAT_RX_DROPPED, METRIC_UNTYPED, "sriov_vf_rx_dropped"},
	{STAT_TX_DROPPED, METRIC_UNTYPED, "sriov_vf_tx_dropped"},
	{STAT_IF_RX_PACKETS, METRIC_COUNTER, "sriovctl_vf_interface_rx_packets_total"},
	{STAT_IF_TX_PACKETS, METRIC_COUNTER, "sriovctl_vf_interface_tx_packets_total"},
	{STAT_IF_RX_BYTES, METRIC_COUNTER, "sriovctl_vf_interface_rx_bytes_total"},
	{STAT_IF_TX_BYTES, METRIC_COUNTER, "sriovctl_vf_interface_tx_bytes_total"},
	{STAT_IF_MULTICAST, METRIC_COUNTER, "sriovctl_vf_interface_multicast_total"},
	{STAT_IF_RX_DROPPED, METRIC_COUNTER, "sriovctl_vf_interface_rx_dropped_total"},
	{STAT_IF_TX_DROPPED, METRIC_COUNTER, "sriovctl_vf_interface_tx_dropped_total"},
	{STAT_IF_RX_MISSED, METRIC_COUNTER, "sriovctl_vf_interface_rx_missed_total"},
	{STAT_IF_RX_ERRORS, METRIC_COUNTER, "sriovctl_vf_interface_rx_errors_total"},
	{STAT_IF_TX_ERRORS, METRIC_COUNTER, "sriovctl_vf_interface_tx_errors_total"},
	{STAT_TX_SPOOFED, METRIC_COUNTER, "sriovctl_vf_tx_spoofed_total"},
	{STAT_RX_NO_BUFFER, METRIC_COUNTER, "sriovctl_vf_rx_no_buffer_total"},
	{STAT_RX_ALLOC_FAILED, METRIC_COUNTER, "sriovctl_vf_rx_alloc_failed_total"},
	{STAT_INTERRUPTS, METRIC_COUNTER, "sriovctl_vf_interrupts_total"},
	{STAT_REMOTE_INTERRUPTS, METRIC_COUNTER, "sriovctl_vf_remote_interrupts_total"},
};

static const struct {
	enum pf_attr attr;
	const char *name;
} pf_metrics[] = {
	{PF_NUM_VFS, "sriovctl_pf_vfs"},
	{PF_TOTAL_VFS, "sriovctl_pf_vfs_max"},
	{PF_UP, "sriovctl_pf_up"},
	{PF_LINK, "sriovctl_pf_link_up"},
};

/* The labels of sriovctl_pf_info, called as the attributes are. */
static const enum pf_attr pf_labels[] = {
	PF_BDF, PF_DRIVER, PF_FIRMWARE, PF_VENDOR_ID, PF_DEVICE_ID, PF_NUMA_NODE};

/* The state of a VF, from what the overview says of it. */
static const char *const states[] = {
	[REMARK_STRAY] = "stray",
	[REMARK_NO_DRIVER] = "no_driver",
	[REMARK_NO_INTERFACE] = "no_interface",
	[REMARK_HELD] = "held",
	[REMARK_ATTACHED] = "attached",
	[REMARK_AWAY] = "away",
	[REMARK_MASTER] = "in_use",
	[REMARK_UPPER] = "in_use",
	[REMARK_VITAL] = "in_use",
	[REMARK_ADDRESS] = "in_use",
	[REMARK_OPAQUE] = "unknown",
	[REMARK_UNBOUND] = "unbound",
	[REMARK_NONE] = "free",
};

/* The metric being written: its head comes with its first sample. */
struct metric {
	FILE *out;
	const char *name;
	enum metric_type type;
	const char *help;
	bool begun;
	bool labelled; /* the sample has a label already */
};

struct names {
	const struct host *host;
	const char **labels; /* of host->pfs, in their order */
};

static void put_help(FILE *out, const char *help)
{
	for (; *help; help++) {
		if (*help == '\\')
			fputs("\\\\", out);
		else if (*help == '\n')
			fputs("\\n", out);
		else
			fputc(*help, out);
	}
}

static void begin_sample(struct metric *m)
{
	if (!m->begun) {
		fprintf(m->out, "# HELP %s ", m->name);
		put_help(m->out, m->help);
		fprintf(m->out, "\n# TYPE %s %s\n", m->name, type_names[m->type]);
	}
	m->begun = true;
	m->labelled = false;
	fputs(m->name, m->out);
}

static void end_labels(struct metric *m)
{
	fputs(m->labelled ? "} " : " ", m->out);
}

static void end_sample(struct metric *m, uint64_t value)
{
	end_labels(m);
	fprintf(m->out, "%" PRIu64 "\n", value);
}

/* printf's decimal point depends on the locale. */
static void end_seconds(struct metric *m, uint64_t ms)
{
	end_labels(m);
	fprintf(m->out, "%" PRIu64 ".%03u\n", ms / 1000, (unsigned)(ms % 1000));
}

/* Control characters would reach terminals; C1 ones are U+0080 to U+009F. */
static bool is_control(const char *s, size_t len)
{
	unsigned char c = (unsigned char)s[0];

	return c < 0x20 || c == 0x7f || (len == 2 && c == 0xc2 && (unsigned char)s[1] < 0xa0);
}

/* Valid UTF-8, without control characters. */
static const char *clean(struct arena *arena, const char *s)
{
	char *text = arena_alloc(arena, 3 * strlen(s) + 1), *p = text;

	while (*s) {
		size_t len = str_utf8_len(s);
		bool as_is = len && (*s == '\n' || !is_control(s, len));
		size_t n = as_is ? len : 3;

		memcpy(p, as_is ? s : "\xef\xbf\xbd", n); /* U+FFFD */
		p += n;
		s += len ? len : 1;
	}
	return text;
}

/* A label, escaped; the text is clean. An empty one is to Prometheus as none. */
static void put_clean(struct metric *m, const char *name, const char *text)
{
	fprintf(m->out, "%s%s=\"", m->labelled ? "," : "{", name);
	m->labelled = true;
	for (; *text; text++) {
		if (*text == '\n')
			fputs("\\n", m->out);
		else if (*text == '\\' || *text == '"')
			fprintf(m->out, "\\%c", *text);
		else
			fputc(*text, m->out);
	}
	fputc('"', m->out);
}

static void put_label(struct metric *m, const char *name, const char *text)
{
	struct arena arena = {0};

	put_clean(m, name, clean(&arena, text));
	arena_free(&arena);
}

static void put_value(struct metric *m, const char *name, const struct value *v)
{
	char text[VALUE_TEXT_MAX];

	value_format(v, text, sizeof(text));
	put_label(m, name, text);
}

/* Names that differ as bytes may look the same when cleaned; handles always differ, and from
 * names, too: those have no slash. */
static void name_pfs(struct names *n, const struct host *host, struct arena *arena)
{
	n->host = host;
	n->labels = arena_alloc(arena, (host->pf_count + 1) * sizeof(*n->labels));
	for (size_t i = 0; i < host->pf_count; i++)
		n->labels[i] = clean(arena, host->pfs[i].name);
	for (size_t i = 0; i < host->pf_count; i++) {
		const char *label = n->labels[i];
		bool twice = false;

		for (size_t j = i + 1; j < host->pf_count; j++) {
			if (strcmp(n->labels[j], label) != 0)
				continue;
			n->labels[j] = clean(arena, host->pfs[j].handle);
			twice = true;
		}
		if (twice)
			n->labels[i] = clean(arena, host->pfs[i].handle);
	}
}

static const char *label_of(const struct names *n, const struct pf *pf)
{
	return n->labels[pf - n->host->pfs];
}

/* Of the PF that is called so; names are unique. */
static const char *label_of_name(const struct names *n, const char *name)
{
	for (size_t i = 0; i < n->host->pf_count; i++)
		if (strcmp(n->host->pfs[i].name, name) == 0)
			return n->labels[i];
	return "";
}

static void put_version(const struct exposition *e, FILE *out)
{
	struct metric m = {.out = out,
		.name = "sriovctl_build_info",
		.type = METRIC_GAUGE,
		.help = "the version of sriovctl that wrote this; always 1"};

	begin_sample(&m);
	put_label(&m, "version", e->version);
	end_sample(&m, 1);
}

static void put_incomplete(const struct exposition *e, FILE *out)
{
	const struct host *h = e->host;
	const struct {
		const char *reason;
		bool is;
	} reasons[] = {
		{"vfs", host_truncated(h) && !h->incomplete},
		{"interfaces", h->incomplete},
		{"uses", h->usage_unknown || h->holders_hidden},
		{"owners", h->leases_unknown},
		{"changes", !e->tallies_known},
	};
	struct metric m = {.out = out,
		.name = "sriovctl_scrape_incomplete",
		.type = METRIC_GAUGE,
		.help = "whether some of this could not be read, and is missing or a guess"};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		begin_sample(&m);
		put_label(&m, "reason", reasons[i].reason);
		end_sample(&m, reasons[i].is);
	}
}

static void put_pf_info(const struct exposition *e, const struct names *names, FILE *out)
{
	struct metric m = {.out = out,
		.name = "sriovctl_pf_info",
		.type = METRIC_GAUGE,
		.help = "what the physical function is; always 1"};

	for (size_t p = 0; p < e->pf_count; p++) {
		begin_sample(&m);
		put_clean(&m, "pf", label_of(names, e->pfs[p]));
		for (size_t i = 0; i < sizeof(pf_labels) / sizeof(pf_labels[0]); i++) {
			struct value v = attr_get(&pf_type, pf_labels[i], e->pfs[p]);

			put_value(&m, pf_type.attrs[pf_labels[i]].key, &v);
		}
		end_sample(&m, 1);
	}
}

static uint64_t number_of(enum pf_attr attr, const struct value *v)
{
	if (attr == PF_LINK)
		return v->uint == LINK_UP;
	return v->type == VALUE_BOOL ? v->on : v->uint;
}

static void put_pfs(const struct exposition *e, const struct names *names, FILE *out)
{
	for (size_t i = 0; i < sizeof(pf_metrics) / sizeof(pf_metrics[0]); i++) {
		enum pf_attr attr = pf_metrics[i].attr;
		struct metric m = {.out = out,
			.name = pf_metrics[i].name,
			.type = METRIC_GAUGE,
			.help = attr == PF_LINK ? "whether the interface is up and has a link"
						: pf_type.attrs[attr].help};

		for (size_t p = 0; p < e->pf_count; p++) {
			struct value v = attr_get(&pf_type, attr, e->pfs[p]);

			if (!v.known)
				continue;
			begin_sample(&m);
			put_clean(&m, "pf", label_of(names, e->pfs[p]));
			end_sample(&m, number_of(attr, &v));
		}
	}
}

static bool is_first_of_its_name(size_t kind)
{
	return !kind || strcmp(states[kind], states[kind - 1]) != 0;
}

static void put_states(
	const struct exposition *e, const struct names *names, struct arena *arena, FILE *out)
{
	const size_t kinds = sizeof(states) / sizeof(states[0]);
	struct overview o;
	struct metric m = {.out = out,
		.name = "sriovctl_vfs",
		.type = METRIC_GAUGE,
		.help = "VFs of the physical function, by what they are in use for"};

	overview_look(e->host, e->pfs, e->pf_count, arena, &o);
	for (size_t p = 0; p < e->pf_count; p++) {
		const struct pf *pf = e->pfs[p];

		for (size_t kind = 0; kind < kinds; kind++) {
			uint64_t n = 0;

			if (!is_first_of_its_name(kind))
				continue;
			for (size_t i = 0; i < pf->vf_count; i++) {
				const struct remark *r = &o.vf_remarks[pf->first_vf + i];

				n += strcmp(states[r->kind], states[kind]) == 0;
			}
			begin_sample(&m);
			put_clean(&m, "pf", label_of(names, pf));
			put_label(&m, "state", states[kind]);
			end_sample(&m, n);
		}
	}
}

/* What sriovctl did: of a PF that it never touched, nothing. */
static const struct tally *tally_of(const struct exposition *e, const struct pf *pf)
{
	static const struct tally none;

	for (size_t i = 0; i < e->tally_count; i++)
		if (strcmp(e->tallies[i].handle, pf->handle) == 0)
			return &e->tallies[i];
	return &none;
}

static const struct {
	const char *name;
	enum metric_type type;
	size_t offset;
	bool ms;       /* to be told in seconds */
	bool if_setup; /* only where there was one */
	const char *help;
} tally_metrics[] = {
	{"sriovctl_vfs_created_total", METRIC_COUNTER, offsetof(struct tally, vfs_created), false,
		false, "VFs that sriovctl made, also those made anew for another number of them"},
	{"sriovctl_vf_setups_total", METRIC_COUNTER, offsetof(struct tally, setups), false, false,
		"changes that made VFs"},
	{"sriovctl_vf_setup_seconds_total", METRIC_COUNTER, offsetof(struct tally, setup_ms), true,
		false, "how long those took, from their first step to their last"},
	{"sriovctl_vf_last_setup_seconds", METRIC_GAUGE, offsetof(struct tally, last_setup_ms),
		true, true, "how long the last of them took"},
	{"sriovctl_failed_allocations_total", METRIC_COUNTER, offsetof(struct tally, failed_vfs),
		false, false,
		"VFs that were to be made, or handed to a namespace, and could not be had"},
};

static void put_changes(const struct exposition *e, const struct names *names, FILE *out)
{
	struct metric m = {.out = out,
		.name = "sriovctl_changes_total",
		.type = METRIC_COUNTER,
		.help = "commands that changed something of the physical function, or were to, by "
			"result"};

	for (size_t p = 0; p < e->pf_count; p++) {
		for (size_t code = 0; code < TALLY_CODES; code++) {
			begin_sample(&m);
			put_clean(&m, "pf", label_of(names, e->pfs[p]));
			put_label(&m, "result", tally_result_names[code]);
			end_sample(&m, tally_of(e, e->pfs[p])->changes[code]);
		}
	}
}

static void put_tallies(const struct exposition *e, const struct names *names, FILE *out)
{
	put_changes(e, names, out);
	for (size_t i = 0; i < sizeof(tally_metrics) / sizeof(tally_metrics[0]); i++) {
		struct metric m = {.out = out,
			.name = tally_metrics[i].name,
			.type = tally_metrics[i].type,
			.help = tally_metrics[i].help};

		for (size_t p = 0; p < e->pf_count; p++) {
			const struct tally *t = tally_of(e, e->pfs[p]);
			uint64_t value;

			if (tally_metrics[i].if_setup && !t->setups)
				continue;
			memcpy(&value, (const char *)t + tally_metrics[i].offset, sizeof(value));
			begin_sample(&m);
			put_clean(&m, "pf", label_of(names, e->pfs[p]));
			if (tally_metrics[i].ms)
				end_seconds(&m, value);
			else
				end_sample(&m, value);
		}
	}
}

static void put_vf_labels(struct metric *m, const struct vf_stats *s, const char *pf)
{
	static const struct {
		const char *name;
		enum stat_attr attr;
	} labels[] = {
		{"vf", STAT_INDEX},
		{"bdf", STAT_BDF},
		{"numa_node", STAT_NUMA_NODE},
		{"driver", STAT_DRIVER},
		{"owner", STAT_OWNER},
		{"netns", STAT_NETNS},
	};

	put_clean(m, "pf", pf);
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		struct value v = attr_get(&stat_type, labels[i].attr, s);

		put_value(m, labels[i].name, &v);
	}
}

static void put_vfs(const struct exposition *e, const struct names *names, FILE *out)
{
	for (size_t i = 0; i < sizeof(vf_metrics) / sizeof(vf_metrics[0]); i++) {
		enum stat_attr attr = vf_metrics[i].attr;
		struct metric m = {.out = out,
			.name = vf_metrics[i].name,
			.type = vf_metrics[i].type,
			.help = stat_type.attrs[attr].help};

		for (size_t v = 0; v < e->stat_count; v++) {
			const struct vf_stats *s = &e->stats[v];

			if (!stat_has(s, attr))
				continue;
			begin_sample(&m);
			put_vf_labels(&m, s, label_of_name(names, s->pf));
			end_sample(&m, s->count[attr]);
		}
	}
}

void exposition_write(const struct exposition *e, FILE *out)
{
	struct arena arena = {0};
	struct names names;

	name_pfs(&names, e->host, &arena);
	put_version(e, out);
	put_incomplete(e, out);
	put_pf_info(e, &names, out);
	put_pfs(e, &names, out);
	put_states(e, &names, &arena, out);
	if (e->tallies_known)
		put_tallies(e, &names, out);
	put_vfs(e, &names, out);
	arena_free(&arena);
}

void exposition_drift(
	const struct host *host, const struct drift *drifts, size_t count, size_t errors, FILE *out)
{
	struct metric differences = {.out = out,
		.name = "sriovctl_policy_differences",
		.type = METRIC_GAUGE,
		.help = "settings of the PF and its VFs that are not what the policy says"};
	struct metric wrong = {.out = out,
		.name = "sriovctl_policy_errors",
		.type = METRIC_GAUGE,
		.help = "what is wrong with the policy, or cannot be had"};
	struct arena arena = {0};
	struct names names;

	if (host)
		name_pfs(&names, host, &arena);
	for (size_t i = 0; i < count; i++) {
		begin_sample(&differences);
		put_clean(&differences, "pf", label_of(&names, drifts[i].pf));
		end_sample(&differences, drifts[i].differences);
	}
	begin_sample(&wrong);
	end_sample(&wrong, errors);
	arena_free(&arena);
}
