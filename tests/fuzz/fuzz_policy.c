/* Texts as policies, held against a small host. */
#include "core/link.h"
#include "plan/want.h"
#include "policy/policy.h"

#include <stdlib.h>
#include <string.h>

#define VFS 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void make_pf(struct host *h, const char *name, const char *bdf)
{
	struct pf *pf = &h->pfs[h->pf_count++];

	pf->name = pf->ifname = name;
	pf->handle = arena_printf(&h->arena, "pci/%s", bdf);
	pf->driver = "igb";
	pf->mac = (struct lladdr){6, {2, 0, 0, 0, 0, (uint8_t)h->pf_count}};
	pf->mtu = 1500;
	pf->vendor_id = 0x8086;
	pf->device_id = 0x10c9;
	pf->total_vfs = 2 * VFS;
	pf->num_vfs = pf->vf_count = VFS;
	pf->first_vf = h->vf_count;
	bdf_parse(bdf, &pf->bdf);
	pf->known = PF_BIT(PF_NAME) | PF_BIT(PF_IFNAME) | PF_BIT(PF_HANDLE) | PF_BIT(PF_BDF) |
		    PF_BIT(PF_DRIVER) | PF_BIT(PF_MAC) | PF_BIT(PF_MTU) | PF_BIT(PF_VENDOR_ID) |
		    PF_BIT(PF_DEVICE_ID) | PF_BIT(PF_TOTAL_VFS) | PF_BIT(PF_NUM_VFS);
	for (uint32_t i = 0; i < VFS; i++) {
		struct vf *vf = &h->vfs[h->vf_count++];

		vf->name = arena_printf(&h->arena, "%s/%u", name, i);
		vf->pf = name;
		vf->pf_bdf = pf->bdf;
		vf->index = i;
		vf->driver = i ? "igbvf" : "vfio-pci";
		vf->bdf = (struct bdf){0, pf->bdf.bus, (uint8_t)(0x80 + i)};
		vf->mac = (struct lladdr){6, {2, 0, 0, 1, (uint8_t)h->pf_count, (uint8_t)i}};
		vf->iommu_group = (uint32_t)h->vf_count;
		vf->known = VF_BIT(VF_NAME) | VF_BIT(VF_PF) | VF_BIT(VF_PF_BDF) | VF_BIT(VF_INDEX) |
			    VF_BIT(VF_BDF) | VF_BIT(VF_DRIVER) | VF_BIT(VF_MAC) | VF_BIT(VF_VLAN) |
			    VF_BIT(VF_QOS) | VF_BIT(VF_PROTO) | VF_BIT(VF_MAX_TX_RATE) |
			    VF_BIT(VF_MIN_TX_RATE) | VF_BIT(VF_SPOOFCHK) | VF_BIT(VF_TRUST) |
			    VF_BIT(VF_MSIX) | VF_BIT(VF_IOMMU_GROUP);
		if (!i)
			continue;
		vf->ifname = arena_printf(&h->arena, "%sv%u", name, i);
		vf->ifindex = (int32_t)(10 + h->vf_count);
		vf->if_mac = vf->mac;
		vf->known |= VF_BIT(VF_IFNAME) | VF_BIT(VF_IFINDEX) | VF_BIT(VF_IF_MAC) |
			     VF_BIT(VF_MTU) | VF_BIT(VF_UP) | VF_BIT(VF_ALTNAMES);
		h->links[h->link_count++] =
			(struct link){.ifindex = vf->ifindex, .name = vf->ifname, .addr = vf->mac};
	}
}

static void check_vf(const struct pf_intent *pf, size_t at, uint32_t limit)
{
	const struct vf_intent *vf = &pf->vfs[at];
	uint64_t seen = 0;

	require(vf->index < limit);
	require(at == 0 || pf->vfs[at - 1].index < vf->index);
	require(vf->driver || vf->reset || vf->count);
	require(vf->origin.source && vf->origin.line);
	for (size_t i = 0; i < vf->count; i++) {
		const struct setting *s = &vf->wishes[i].setting;

		require(s->attr < VF_ATTR_COUNT && !(seen & VF_BIT(s->attr)));
		seen |= VF_BIT(s->attr);
		require(vf_type.attrs[s->attr].flags & ATTR_SET);
		require(s->value.type == vf_type.attrs[s->attr].type);
		if (s->attr == VF_IFNAME)
			require(strlen(s->value.string) <= 15 && s->value.string[0]);
	}
}

/* What plan/ may rely on. */
static void check_intent(const struct intent *intent)
{
	for (size_t i = 0; i < intent->count; i++) {
		const struct pf_intent *pf = &intent->pfs[i];
		uint32_t limit = pf->has_count ? pf->num_vfs : pf->pf->num_vfs;

		require(i == 0 || intent->pfs[i - 1].pf < pf->pf);
		require(limit <= pf->pf->total_vfs);
		for (size_t j = 0; j < pf->count; j++)
			require(pf_type.attrs[pf->wishes[j].setting.attr].flags & ATTR_SET);
		for (size_t j = 0; j < pf->vf_count; j++)
			check_vf(pf, j, limit);
	}
}

static void check_problems(const struct problems *problems)
{
	size_t errors = 0;

	for (size_t i = 0; i < problems->count; i++) {
		const struct problem *p = &problems->items[i];

		errors += !p->warning;
		require(p->message[0] && p->origin.source);
		require(p->origin.line && p->origin.column);
		require(p->warning || p->code != EXIT_DONE);
	}
	require(errors == problems->errors);
}

static void check_plan(const struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct step *s = &plan->steps[i];

		require(s->object && s->key && s->vf >= -1);
		require(s->kind != STEP_VF_ATTR || s->want);
	}
}

/* What comes of it: every problem has a place. */
static void check_planning(const struct host *host, const struct intent *intent)
{
	struct arena arena = {0};
	struct problems problems = {.arena = &arena};
	struct change change = {.problems = &problems};
	struct host *planned = change_begin(&change, host);
	struct error err;

	for (size_t i = 0; i < intent->count; i++)
		want_intent(&change, planned, &intent->pfs[i], 0);
	require(change_end(&change, host, &err) == 0);
	intent_place_problems(intent, &problems);
	check_problems(&problems);
	require(change.count == intent->count);
	for (size_t i = 0; i < change.count; i++)
		check_plan(change.plans[i]);
	change_free(&change);
	arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct problems problems = {.arena = &arena};
	struct host host = {0};
	struct policy *policy;
	struct intent intent;
	struct error err;

	host.pfs = arena_alloc(&host.arena, 2 * sizeof(*host.pfs));
	host.vfs = arena_alloc(&host.arena, 2 * (size_t)VFS * sizeof(*host.vfs));
	host.links = arena_alloc(&host.arena, 2 * (size_t)VFS * sizeof(*host.links));
	host.has_iommu = true;
	make_pf(&host, "eth0", "0000:01:00.0");
	make_pf(&host, "eth1", "0000:02:00.0");
	policy = policy_new(&problems);
	if (size && data[0] == '#')
		require(policy_set_labels(policy, "a=b,c=", &err) == 0);
	policy_add(policy, "a", (const char *)data, size);
	policy_check(policy);
	policy_needs(policy);
	policy_resolve(policy, &host, &arena, &intent, &problems);
	problems_sort(&problems);
	check_problems(&problems);
	check_intent(&intent);
	check_planning(&host, &intent);
	policy_free(policy);
	arena_free(&host.arena);
	arena_free(&arena);
	return 0;
}
