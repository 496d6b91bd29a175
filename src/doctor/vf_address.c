/* MAC addresses of VFs. */
#include "core/driver.h"
#include "core/lease.h"
#include "core/overview.h"
#include "core/quirk.h"
#include "doctor/vf_parts.h"

#include <stdlib.h>
#include <string.h>

/* An address that a PF or VF has, by the PF or by its own interface. */
struct address {
	struct lladdr mac;
	const struct vf *vf; /* NULL: the PF */
};

static int compare_addresses(const void *a, const void *b)
{
	const struct address *x = a, *y = b;
	int order = memcmp(x->mac.bytes, y->mac.bytes, 6);

	return order ? order : (x->vf > y->vf) - (x->vf < y->vf);
}

static void add_address(
	struct examination *x, struct address *list, size_t *count, const struct lladdr *mac)
{
	if (mac_is_set(mac))
		list[(*count)++] = (struct address){*mac, x->vf};
}

static bool same_netns(const struct link *a, const struct link *b)
{
	return strcmp(a->netns ? a->netns : "", b->netns ? b->netns : "") == 0;
}

static const struct link *link_of(
	const struct examination *x, const struct pf *pf, const struct vf *vf)
{
	int ifindex = vf ? vf->ifindex : pf->ifindex;

	for (size_t i = 0; ifindex && i < x->host->link_count; i++) {
		const struct link *l = &x->host->links[i];

		if (l->ifindex == ifindex &&
			(vf && vf->netns ? l->netns && strcmp(l->netns, vf->netns) == 0
					 : !l->netns))
			return l;
	}
	return NULL;
}

/* Those of a bond have one address on purpose; so they may in a VM, which is not seen here.
 * Those of a bridge or a VRF have not. */
static bool is_bond(const struct examination *x, const struct link *port)
{
	for (size_t i = 0; i < x->host->link_count; i++) {
		const struct link *l = &x->host->links[i];

		if (l->ifindex == port->master && same_netns(l, port))
			return l->kind &&
			       (strcmp(l->kind, "bond") == 0 || strcmp(l->kind, "team") == 0);
	}
	return false;
}

static bool in_one_bond(
	const struct examination *x, const struct pf *pf, const struct address *list, size_t count)
{
	const struct link *first = link_of(x, pf, list[0].vf);

	for (size_t i = 1; i < count; i++) {
		const struct link *l = link_of(x, pf, list[i].vf);

		if (!first || !l || !l->master || l->master != first->master ||
			!same_netns(l, first))
			return false;
	}
	return is_bond(x, first);
}

static int compare_vlans(const void *a, const void *b)
{
	const struct vf *const *x = a, *const *y = b;

	return (int)(*x)->vlan - (int)(*y)->vlan;
}

/* In networks of their own two users may well have one address; cards tell them apart by the
 * VLAN. */
static bool in_own_vlans(struct examination *x, const struct address *list, size_t count)
{
	const struct vf **vfs = arena_alloc(&x->arena, count * sizeof(*vfs));

	for (size_t i = 0; i < count; i++) {
		vfs[i] = list[i].vf;
		if (!vfs[i] || !vf_has(vfs[i], VF_VLAN) || !vfs[i]->vlan)
			return false;
	}
	qsort(vfs, count, sizeof(*vfs), compare_vlans);
	for (size_t i = 1; i < count; i++)
		if (vfs[i]->vlan == vfs[i - 1]->vlan)
			return false;
	return true;
}

#define SHOWN 4 /* of those that share an address */

/* One keeps it: the PF, or else the first that somebody has, or the first. */
static const struct vf *keeper_of(const struct address *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!list[i].vf || vf_is_handed_out(list[i].vf))
			return list[i].vf;
	return list[0].vf;
}

static void remedy_duplicate(
	struct examination *x, const struct pf *pf, const struct address *list, size_t count)
{
	const struct vf *keeper = keeper_of(list, count);
	const struct vf **others = arena_alloc(&x->arena, count * sizeof(*others));
	const char *command;
	bool used = false;
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		if (!list[i].vf || list[i].vf == keeper)
			continue;
		others[n++] = list[i].vf;
		used |= vf_is_elsewhere(list[i].vf) || list[i].vf->open;
	}
	command = arena_printf(&x->arena, "sriovctl vf set %s mac auto",
		overview_name(&x->arena, pf->name, others, n, 0));
	if (used)
		remedy(x, "stop who uses it, or have them use another address; then '%s'", command);
	else
		remedy(x, "%s", command);
}

static void say_duplicate(struct examination *x, const struct pf *pf, const struct address *list,
	size_t count, const struct vf *vf)
{
	const char *mac = mac_text(x, &list[0].mac);
	bool apart = in_own_vlans(x, list, count);

	look_at_vf(x, vf);
	if (list[0].vf)
		found(x, apart ? SEVERITY_INFO : SEVERITY_PROBLEM, "share the address %s%s", mac,
			apart ? ", in different VLANs" : "");
	else
		found(x, SEVERITY_PROBLEM, "the address %s of its PF", mac);
	for (size_t i = 0; i < count && i < SHOWN; i++)
		if (list[i].vf)
			evidence_of_pf(x, list[i].vf, "%s", mac);
		else
			evidence(
				x, arena_printf(&x->arena, "ip link show %s", pf->name), "%s", mac);
	if (apart)
		means(x, "it does no harm as long as the card looks at the VLAN as well");
	else
		remedy_duplicate(x, pf, list, count);
	look_at_vf(x, NULL);
}

static size_t distinct(struct address *list, size_t count)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		if (!n || compare_addresses(&list[i], &list[n - 1]) != 0)
			list[n++] = list[i];
	return n;
}

static void vf_duplicate_mac(struct examination *x, const struct pf *pf)
{
	struct address *list = arena_alloc(&x->arena, (2 * pf->vf_count + 1) * sizeof(*list));
	size_t count = 0, end;

	if (pf_has(pf, PF_MAC))
		add_address(x, list, &count, &pf->mac);
	for (size_t i = 0; i < pf->vf_count; i++) {
		const struct vf *vf = vf_of(x, pf, i);

		look_at_vf(x, vf);
		if (vf_has(vf, VF_MAC))
			add_address(x, list, &count, &vf->mac);
		if (vf_has(vf, VF_IF_MAC))
			add_address(x, list, &count, &vf->if_mac);
	}
	look_at_vf(x, NULL);
	if (count)
		qsort(list, count, sizeof(*list), compare_addresses);
	count = distinct(list, count);
	for (size_t from = 0; from < count; from = end) {
		for (end = from + 1; end < count && lladdr_equal(&list[from].mac, &list[end].mac);)
			end++;
		if (end - from < 2 || in_one_bond(x, pf, &list[from], end - from))
			continue;
		for (size_t i = from; i < end; i++)
			if (list[i].vf)
				say_duplicate(x, pf, &list[from], end - from, list[i].vf);
	}
}

const struct check check_vf_duplicate_mac = {
	.id = "vf-duplicate-mac",
	.severity = SEVERITY_PROBLEM,
	.looks_at = "two VFs of a PF, or a VF and the PF, with the same address",
	.meaning =
		"the card gives frames for that address to one of them only, or to the wrong one",
	.see = "sriovctl-vf(8)",
	.pf = vf_duplicate_mac,
};

/* The address that the PF knows is not one to go by: the driver tells another one while the PF
 * is down. */
static bool waits_for_pf(const struct pf *pf)
{
	return quirk_of(pf->driver)->mac_needs_pf_up && !(pf_has(pf, PF_UP) && pf->up);
}

static void vf_no_mac(struct examination *x, const struct pf *pf, const struct vf *vf)
{
	bool mute;

	if (!vf_has(vf, VF_MAC) || vf->mac.len != 6 || mac_is_set(&vf->mac) ||
		!vf_has(vf, VF_DRIVER) || !driver_is_passthrough(vf->driver) || waits_for_pf(pf))
		return;
	mute = quirk_of(pf->driver)->spoofchk_before_no_mac && vf_has(vf, VF_SPOOFCHK) &&
	       vf->spoofchk;
	found(x, mute ? SEVERITY_WARNING : SEVERITY_INFO, "no address%s",
		mute ? ", and spoof checking is on" : " was set");
	evidence_of_pf(x, vf, "%s%s", mac_text(x, &vf->mac), mute ? ", spoof checking on" : "");
	if (mute)
		means(x, "the card drops all that it sends");
	remedy(x, "sriovctl vf set " DOCTOR_OBJECT " mac auto");
}

const struct check check_vf_no_mac = {
	.id = "vf-no-mac",
	.severity = SEVERITY_WARNING,
	.looks_at = "a VF for a VM or DPDK whose address was not set",
	.meaning = "whoever has it makes one up, another one each time",
	.see = "sriovctl-vf(8)",
	.vf = vf_no_mac,
};

static void vf_other_mac(struct examination *x, const struct pf *pf, const struct vf *vf)
{
	bool dropped, trusted = vf_has(vf, VF_TRUST) && vf->trust;

	if (!vf_has(vf, VF_MAC) || !mac_is_set(&vf->mac) || !vf_has(vf, VF_IF_MAC) ||
		!mac_is_set(&vf->if_mac) || lladdr_equal(&vf->mac, &vf->if_mac) || trusted ||
		waits_for_pf(pf))
		return;
	dropped = vf_has(vf, VF_SPOOFCHK) && vf->spoofchk && vf_has(vf, VF_UP) && vf->up;
	found(x, dropped ? SEVERITY_PROBLEM : SEVERITY_WARNING,
		"its interface has another address than the PF has for it");
	evidence_of_pf(x, vf, "%s%s", mac_text(x, &vf->mac),
		vf_has(vf, VF_SPOOFCHK)
			? vf->spoofchk ? ", spoof checking on" : ", spoof checking off"
			: "");
	evidence_of_interface(x, vf, "%s", mac_text(x, &vf->if_mac));
	if (dropped)
		means(x, "spoof checking drops what it sends, and what is sent to it does not "
			 "come");
	/* the driver takes it when the interface is switched on; elsewhere that is not ours to do
	 */
	if (vf->netns)
		remedy(x,
			"in the namespace %s set the interface down and up; if that is not enough: "
			"ip link set %s address %s",
			vf->netns, vf->ifname, mac_text(x, &vf->mac));
	else
		remedy(x, "sriovctl vf set " DOCTOR_OBJECT " mac %s", mac_text(x, &vf->mac));
}

const struct check check_vf_other_mac = {
	.id = "vf-other-mac",
	.severity = SEVERITY_PROBLEM,
	.looks_at = "a VF whose interface has another address than the PF has for it",
	.meaning =
		"what is sent to the one or the other may not come, and spoof checking would drop "
		"what it sends",
	.see = "sriovctl-vf(8)",
	.vf = vf_other_mac,
};
