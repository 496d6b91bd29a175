/* What a PF is like now, and what that means for those who use its VFs. */
#include "doctor/parts.h"

#include "core/quirk.h"
#include "core/usage.h"

#include <string.h>

#define STACK_MAX 4 /* a bond, its bridge, ...: how deep it is followed */

/* What its VFs are doing. */
struct business {
	size_t used;           /* by somebody; those whose users cannot be seen are not counted */
	size_t up;             /* with an interface that is switched on */
	const struct vf *mute; /* the first of those that has no link */
	const struct vf *some; /* the first that is one of these */
	const char *how;       /* and what is seen of it */
};

/* What it is used for lives in x->arena. */
static struct business business_by(
	struct examination *x, const struct user_index *index, const struct pf *pf)
{
	struct business b = {0};
	struct arena scratch = {0};

	for (size_t i = 0; i < pf->vf_count; i++) {
		const struct vf *vf = &x->host->vfs[pf->first_vf + i];
		bool up = vf_has(vf, VF_UP) && vf->up;
		struct users users;

		vf_users_by(index, vf, &scratch, &users);
		if (users.count && users.items[0].use == USE_OPAQUE)
			users.count = 0;
		b.up += up;
		if (!b.mute && up && vf_has(vf, VF_LINK) && vf->link == LINK_NO_CARRIER)
			b.mute = vf;
		b.used += users.count > 0;
		if (b.some || (!up && !users.count))
			continue;
		b.some = vf;
		b.how = users.count ? arena_strdup(&x->arena, users.items[0].brief) : "up";
	}
	arena_free(&scratch);
	return b;
}

static struct business business_of(struct examination *x, const struct pf *pf)
{
	struct arena scratch = {0};
	struct user_index index;
	struct business b;

	user_index(x->host, &scratch, &index);
	b = business_by(x, &index, pf);
	arena_free(&scratch);
	return b;
}

static void evidence_link(struct examination *x, const char *ifname, const char *value)
{
	evidence(x, arena_printf(&x->arena, "interface %s", ifname), "%s", value);
}

/* pf-down */

/* With some drivers the port stays on, and with it its VFs: i40e and ice without
 * link-down-on-close, bnxt_en once it has VFs (bnxt_hwrm_shutdown_link), mlx5_core where firmware
 * keeps the link. It matters where it is known to, or where a VF is seen to be without a link. */
static enum severity gravity_of_down(const struct quirk *quirk, const struct business *b)
{
	return quirk->mac_needs_pf_up || b->mute ? SEVERITY_WARNING : SEVERITY_INFO;
}

static void pf_down(struct examination *x, const struct pf *pf)
{
	const struct quirk *quirk = quirk_of(pf_has(pf, PF_DRIVER) ? pf->driver : NULL);
	struct business b;

	if (!pf_has(pf, PF_UP) || !pf_has(pf, PF_IFNAME) || pf->up)
		return;
	b = business_of(x, pf);
	if (b.some) {
		found(x, gravity_of_down(quirk, &b), "it is down, though its VFs are in use");
		evidence_link(x, pf->ifname, "down");
		evidence(x, b.some->name, "%s", b.how);
		if (b.mute)
			evidence(x, b.mute->name, "%s", link_state_names[b.mute->link]);
	} else if (quirk->pf_up_first && !pf->vf_count && pf_has(pf, PF_NUM_VFS)) {
		found(x, SEVERITY_INFO, "it is down, and %s makes VFs only while it is up",
			pf->driver);
		means(x, "another number of VFs is ignored, without an error");
		evidence_link(x, pf->ifname, "down");
	} else {
		return;
	}
	if (b.some && quirk->mac_needs_pf_up)
		means(x, "its VFs have no link, and their drivers, when they start, choose an "
			 "address of their own");
	remedy(x, "sriovctl pf set " DOCTOR_OBJECT " up");
}

const struct check check_pf_down = {
	.id = "pf-down",
	.severity = SEVERITY_WARNING,
	.looks_at = "a PF that is switched off while VFs need it",
	.meaning = "with many drivers its VFs have no link to the wire then; with others (i40e, "
		   "ice, bnxt_en) they mostly keep it",
	.see = "sriovctl-pf(8)",
	.pf = pf_down,
};

/* pf-exhausted */

static void remedy_exhausted(struct examination *x, const struct pf *pf)
{
	const struct nic *nic = nic_of(pf);
	const char *command = NULL;
	char bdf[BDF_SIZE];

	bdf_format(pf->bdf, bdf);
	if (pf_has(pf, PF_VENDOR_ID) && !(nic && nic->most && pf->total_vfs >= nic->most))
		command = nic_firmware_command(pf->vendor_id,
			pf_has(pf, PF_DRIVER) ? pf->driver : NULL, bdf,
			pf_has(pf, PF_IFNAME) ? pf->ifname : NULL, &x->arena);
	if (command)
		remedy(x, "give a VF back, use another PF, or have more: %s", command);
	else
		remedy(x, "give a VF back, or use another PF");
}

/* Is there another PF like it with a VF to spare, or one that none were made of yet? */
static const struct pf *stand_in(struct examination *x, const struct pf *pf)
{
	const uint64_t ids = PF_BIT(PF_VENDOR_ID) | PF_BIT(PF_DEVICE_ID);
	const struct pf *other = NULL;
	struct arena scratch = {0};
	struct user_index index;

	user_index(x->host, &scratch, &index);
	for (size_t i = 0; i < x->host->pf_count && !other; i++) {
		const struct pf *o = &x->host->pfs[i];

		if (o == pf || (pf->known & o->known & ids) != ids ||
			o->vendor_id != pf->vendor_id || o->device_id != pf->device_id)
			continue;
		if (o->vf_count ? business_by(x, &index, o).used < o->vf_count : o->total_vfs)
			other = o;
	}
	arena_free(&scratch);
	return other;
}

/* A PF whose VFs all have their users is what many hosts are for. It is a warning where the next
 * one would get none at all, or where it was asked about this PF. */
static void none_left(struct examination *x, const struct pf *pf)
{
	const struct pf *other = x->whole_host ? stand_in(x, pf) : NULL;

	found(x, other ? SEVERITY_INFO : SEVERITY_WARNING,
		"all its VFs are in use, and there can be no more");
	remedy_exhausted(x, pf);
	if (other)
		means(x, "who wants the next VF must take it of another PF, such as %s",
			other->name);
}

static void exhausted(struct examination *x, const struct pf *pf)
{
	const struct host *host = x->host;
	struct business b;

	if (!pf_has(pf, PF_BDF) || !pf_has(pf, PF_TOTAL_VFS) || !pf->vf_count)
		return;
	b = business_of(x, pf);
	if (b.used < pf->vf_count) {
		if (host->usage_unknown)
			unknown(x, "what uses VFs could not be found out");
		else
			fine(x, "%zu of %zu VFs %sin use", b.used, pf->vf_count,
				host->leases_unknown || host->holders_hidden ? "seen " : "");
		return;
	}
	if (pf->num_vfs >= pf->total_vfs) {
		none_left(x, pf);
	} else {
		uint32_t more = pf->num_vfs > pf->total_vfs / 2 ? pf->total_vfs : 2 * pf->num_vfs;

		found(x, SEVERITY_INFO, "all its VFs are in use; there can be %u", pf->total_vfs);
		means(x, "for another number of VFs the kernel takes all of them away first: those "
			 "in use must be given back for a moment");
		remedy(x, "once they are: 'sriovctl vf create " DOCTOR_OBJECT " %u'", more);
	}
	evidence(x, arena_printf(&x->arena, "users of %s/all", pf->name), "%zu of %zu VFs have one",
		b.used, pf->vf_count);
	evidence(x, device_path(x, "sriov_totalvfs"), "%u", pf->total_vfs);
}

const struct check check_pf_exhausted = {
	.id = "pf-exhausted",
	.severity = SEVERITY_WARNING,
	.looks_at = "a PF without a free VF",
	.meaning = "who wants the next VF of it gets none",
	.see = "sriovctl-vf(8)",
	.pf = exhausted,
};

/* pf-list-short */

static void list_short(struct examination *x, const struct pf *pf)
{
	if (!pf_has(pf, PF_TRUNCATED)) {
		if (x->host->incomplete)
			unknown(x, "not all interfaces could be read");
		return;
	}
	if (!pf->truncated)
		return;
	found(x, SEVERITY_WARNING, "the kernel's list of its VFs is cut short");
	evidence_link(x, pf_has(pf, PF_IFNAME) ? pf->ifname : pf->name,
		"it lists fewer VFs than it says to have");
	remedy(x, "look again; if it stays so, make fewer VFs on this PF");
}

const struct check check_pf_list_short = {
	.id = "pf-list-short",
	.severity = SEVERITY_WARNING,
	.looks_at = "a list of VFs that the kernel cuts short",
	.meaning = "settings of some VFs cannot be seen, nor judged here",
	.see = "sriovctl-vf(8)",
	.pf = list_short,
};

/* pf-in-bridge */

static const struct link *our_link(const struct host *host, int ifindex)
{
	for (size_t i = 0; i < host->link_count; i++)
		if (!host->links[i].netns && host->links[i].ifindex == ifindex)
			return &host->links[i];
	return NULL;
}

/* The bridge that the interface belongs to, itself or by way of a bond; *port: what of it is in
 * there. */
static const struct link *bridge_above(
	const struct host *host, int ifindex, const struct link **port)
{
	const struct link *l = our_link(host, ifindex);

	for (int depth = 0; l && l->master && depth < STACK_MAX; depth++) {
		*port = l;
		l = our_link(host, l->master);
		if (l && l->kind &&
			(strcmp(l->kind, "bridge") == 0 || strcmp(l->kind, "openvswitch") == 0))
			return l;
	}
	return NULL;
}

static const struct link *another_port(
	const struct host *host, const struct link *bridge, const struct link *port)
{
	for (size_t i = 0; i < host->link_count; i++) {
		const struct link *l = &host->links[i];

		if (!l->netns && l != port && l->master == bridge->ifindex)
			return l;
	}
	return NULL;
}

/* The eswitch of a PF in that mode learns what is behind the bridge from its representors. */
static bool in_switchdev(const struct host *host, const struct pf *pf)
{
	if (pf_has(pf, PF_ESWITCH_MODE))
		return strcmp(pf->eswitch_mode, "switchdev") == 0;
	for (size_t i = 0; i < pf->vf_count; i++)
		if (vf_has(&host->vfs[pf->first_vf + i], VF_REPRESENTOR))
			return true;
	return false;
}

static void in_bridge(struct examination *x, const struct pf *pf)
{
	const struct link *port = NULL, *bridge, *other;
	struct business b;

	bridge = pf_has(pf, PF_IFINDEX) ? bridge_above(x->host, pf->ifindex, &port) : NULL;
	other = bridge ? another_port(x->host, bridge, port) : NULL;
	/* alone in it: nobody is behind the bridge */
	if (!other || in_switchdev(x->host, pf))
		return;
	b = business_of(x, pf);
	if (!b.some)
		return;
	found(x, SEVERITY_WARNING, "it is in the bridge %s while VFs of it are in use",
		bridge->name);
	evidence_link(x, port->name,
		arena_printf(&x->arena, "in %s (%s), as %s is", bridge->name, bridge->kind,
			other->name));
	evidence(x, b.some->name, "%s", b.how);
	remedy(x,
		"for each address behind %s: 'bridge fdb add ADDRESS dev %s'; or have a VF on "
		"each side",
		bridge->name, pf->ifname);
}

const struct check check_pf_in_bridge = {
	.id = "pf-in-bridge",
	.severity = SEVERITY_WARNING,
	.looks_at = "a PF in a bridge beside VFs in use",
	.meaning = "the card itself switches between VFs and PF by addresses that it was told: "
		   "frames of VFs to others behind the bridge go out to the wire, and are lost; "
		   "nothing is wrong where these were told to it already ('bridge fdb show')",
	.see = "bridge(8); Documentation/networking/switchdev.rst of the kernel",
	.pf = in_bridge,
};

/* rdma-netns */

/* drivers/infiniband/core/device.c: ib_devices_shared_netns is that parameter, and what `rdma
 * system set netns` changes. Exclusive: a device is seen in one namespace alone. */
static void rdma_netns(struct examination *x, const struct pf *pf, const struct vf *vf)
{
	const char *parameter = "/sys/module/ib_core/parameters/netns_mode", *mode;
	const struct fact *devices;

	(void)pf;
	if (!vf_has(vf, VF_BDF) || !vf_has(vf, VF_NETNS))
		return;
	devices = facts_find(x->facts, "%s", device_path(x, "infiniband"));
	if (!devices || !devices->names.count)
		return;
	mode = facts_text(x->facts, "%s", parameter);
	if (!mode) {
		unknown(x, "%s was not recorded", parameter);
		return;
	}
	if (mode[0] == 'Y') {
		found(x, SEVERITY_INFO, "its RDMA device is seen in every network namespace");
		means(x, "RDMA works there; other namespaces see the device as well");
	} else {
		found(x, SEVERITY_WARNING, "its RDMA device has stayed behind");
		remedy(x, "'rdma dev set %s netns %s'", devices->names.items[0], vf->netns);
	}
	evidence(x, vf->name, "in netns %s", vf->netns);
	evidence_fact(x, "%s", device_path(x, "infiniband"));
	evidence_fact(x, "%s", parameter);
}

const struct check check_rdma_netns = {
	.id = "rdma-netns",
	.severity = SEVERITY_WARNING,
	.looks_at = "a VF in another network namespace without its RDMA device, or with one that "
		    "all see",
	.meaning = "there is no RDMA where the interface is: each namespace has its own devices",
	.see = "rdma-system(8), rdma-dev(8)",
	.vf = rdma_netns,
};
