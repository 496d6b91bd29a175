#include "fixture.h"

#include "core/link.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void fixture_host(struct host *h)
{
	memset(h, 0, sizeof(*h));
	h->pfs = arena_alloc(&h->arena, FIXTURE_PFS * sizeof(*h->pfs));
	h->vfs = arena_alloc(&h->arena, FIXTURE_VFS * sizeof(*h->vfs));
	h->links = arena_alloc(&h->arena, FIXTURE_LINKS * sizeof(*h->links));
	h->pci = arena_alloc(&h->arena, (FIXTURE_PFS + FIXTURE_VFS) * sizeof(*h->pci));
	h->usages = arena_alloc(&h->arena, FIXTURE_USAGES * sizeof(*h->usages));
	h->holders = arena_alloc(&h->arena, 8 * sizeof(*h->holders));
}

struct link *fixture_link(struct host *h, int ifindex, const char *name)
{
	struct link *l = &h->links[h->link_count++];

	if (h->link_count > FIXTURE_LINKS)
		abort();
	l->ifindex = ifindex;
	l->name = name;
	return l;
}

void fixture_usage(struct host *h, int ifindex, const char *what)
{
	if (h->usage_count == FIXTURE_USAGES)
		abort();
	h->usages[h->usage_count++] = (struct usage){ifindex, what};
}

void fixture_altname(struct host *h, struct strings *names, const char *name)
{
	names->items = arena_push(&h->arena, names->items, &names->count, sizeof(*names->items));
	names->items[names->count - 1] = name;
}

struct pf *fixture_pf(struct host *h, const char *ifname, const char *bdf, uint32_t total)
{
	struct pf *pf = &h->pfs[h->pf_count];

	if (h->pf_count == FIXTURE_PFS || !bdf_parse(bdf, &pf->bdf))
		abort();
	pf->name = pf->ifname = ifname;
	pf->handle = arena_printf(&h->arena, "pci/%s", bdf);
	pf->driver = "igb";
	pf->ifindex = 10 + (int32_t)h->pf_count;
	pf->total_vfs = total;
	pf->autoprobe = true;
	pf->link = LINK_UP;
	pf->up = true;
	pf->mac = (struct lladdr){6, {0x52, 0x54, 0, 0, 0, (uint8_t)h->pf_count}};
	pf->first_vf = h->vf_count;
	pf->known = PF_BIT(PF_NAME) | PF_BIT(PF_IFNAME) | PF_BIT(PF_BDF) | PF_BIT(PF_HANDLE) |
		    PF_BIT(PF_DRIVER) | PF_BIT(PF_IFINDEX) | PF_BIT(PF_TOTAL_VFS) |
		    PF_BIT(PF_NUM_VFS) | PF_BIT(PF_AUTOPROBE) | PF_BIT(PF_MAC) | PF_BIT(PF_LINK) |
		    PF_BIT(PF_UP);
	h->pci[h->pci_count++] = pf->bdf;
	h->pf_count++;
	fixture_link(h, pf->ifindex, ifname);
	return pf;
}

void fixture_vfs(struct host *h, struct pf *pf, uint32_t n)
{
	uint8_t which = (uint8_t)(pf - h->pfs);

	for (uint32_t i = 0; i < n; i++) {
		struct vf *vf = &h->vfs[h->vf_count];

		if (h->vf_count == FIXTURE_VFS)
			abort();
		vf->index = i;
		vf->pf = pf->name;
		vf->name = arena_printf(&h->arena, "%s/%u", pf->name, i);
		vf->pf_bdf = pf->bdf;
		vf->bdf = (struct bdf){
			pf->bdf.domain, (uint8_t)(pf->bdf.bus + i / 256), (uint8_t)(0x80 + i)};
		vf->driver = "igbvf";
		vf->ifname = arena_printf(&h->arena, "%sv%u", pf->name, i);
		vf->ifindex = 100 + (int32_t)h->vf_count;
		vf->link = LINK_UP;
		vf->up = true;
		vf->mtu = 1500;
		vf->mac = (struct lladdr){6, {2, 0, 0, which, (uint8_t)(i >> 8), (uint8_t)i}};
		vf->spoofchk = true;
		vf->known = VF_BIT(VF_INDEX) | VF_BIT(VF_PF) | VF_BIT(VF_NAME) | VF_BIT(VF_PF_BDF) |
			    VF_BIT(VF_BDF) | VF_BIT(VF_DRIVER) | VF_BIT(VF_IFNAME) |
			    VF_BIT(VF_IFINDEX) | VF_BIT(VF_LINK) | VF_BIT(VF_UP) | VF_BIT(VF_MTU) |
			    VF_BIT(VF_MAC) | VF_BIT(VF_SPOOFCHK) | VF_BIT(VF_VLAN) |
			    VF_BIT(VF_QOS) | VF_BIT(VF_PROTO) | VF_BIT(VF_MAX_TX_RATE) |
			    VF_BIT(VF_MIN_TX_RATE) | VF_BIT(VF_ALTNAMES);
		h->pci[h->pci_count++] = vf->bdf;
		h->vf_count++;
		pf->vf_count++;
		if (n < 32)
			fixture_link(h, vf->ifindex, vf->ifname);
	}
	pf->num_vfs = n;
}

struct vf *fixture_vf(struct host *h, const struct pf *pf, uint32_t index)
{
	for (size_t i = 0; i < pf->vf_count; i++)
		if (h->vfs[pf->first_vf + i].index == index)
			return &h->vfs[pf->first_vf + i];
	abort();
}

void fixture_steps(const struct plan *plan, const char *without, char *text, size_t size)
{
	size_t n = 0;

	text[0] = 0;
	for (size_t i = 0; i < plan->count; i++) {
		const struct step *s = &plan->steps[i];
		char old[64], new[64];

		if (without && strcmp(s->key, without) == 0)
			continue;
		value_format(&s->old, old, sizeof(old));
		value_format(&s->new, new, sizeof(new));
		n += (size_t)snprintf(text + n, size - n, "%s%s %s %s>%s", n ? "; " : "", s->object,
			s->key, old, new);
		if (n >= size || s->result != RESULT_PLANNED)
			abort();
	}
}

int runtime_setup(void **state)
{
	/* in memory, as /run is: what is written is synced each time */
	char *dir = strdup(access("/dev/shm", W_OK) == 0 ? "/dev/shm/sriovctl-unit-XXXXXX"
							 : "/tmp/sriovctl-unit-XXXXXX");

	if (!dir || !mkdtemp(dir))
		return -1;
	setenv("SRIOVCTL_RUNTIME_DIR", dir, 1);
	*state = dir;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

int runtime_teardown(void **state)
{
	nftw(*state, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	unsetenv("SRIOVCTL_RUNTIME_DIR");
	free(*state);
	return 0;
}
