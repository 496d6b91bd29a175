#include "kernel/pci.h"

#include "kernel/blocked.h"
#include "kernel/sysfs.h"
#include "util/cleanup.h"
#include "util/str.h"

#include <dlfcn.h>
#include <pci/pci.h>
#include <setjmp.h>
#include <string.h>

/* libpci and what it pulls in cost more to load than everything else a listing does, so
 * only the commands that show names or configuration space pay for it. */
#define LIBPCI "libpci.so.3"

struct pci {
	void *library;
	struct pci_access *access;
	__typeof__(&pci_alloc) alloc;
	__typeof__(&pci_init) init;
	__typeof__(&pci_cleanup) cleanup;
	__typeof__(&pci_set_param) set_param;
	__typeof__(&pci_set_name_list_path) set_name_list_path;
	__typeof__(&pci_get_dev) get_dev;
	__typeof__(&pci_free_dev) free_dev;
	__typeof__(&pci_find_cap) find_cap;
	__typeof__(&pci_read_word) read_word;
	__typeof__(&pci_read_long) read_long;
	__typeof__(&pci_lookup_name) lookup_name;
	__typeof__(&pci_free_name_list) free_name_list;
	char *ids_path; /* of pci.ids while it is not read yet, else NULL */
	int captured;   /* the devices of a snapshot, else -1 */
};

/* libpci's error callback must not return; this is where it goes. One thread, and set
 * anew before every call that can fail. */
static _Thread_local jmp_buf on_error;

static void fail(char *fmt, ...) __attribute__((noreturn));
static void fail(char *fmt, ...)
{
	(void)fmt;
	longjmp(on_error, 1);
}

static void ignore(char *fmt, ...)
{
	(void)fmt;
}

static bool load(struct pci *p)
{
	p->library = dlopen(LIBPCI, RTLD_LAZY | RTLD_LOCAL);
	if (!p->library)
		return false;
#define SYMBOL(member, name)                                                                       \
	(*(void **)(void *)&p->member = dlsym(p->library, #name)) /* POSIX: the way to do it */
	return SYMBOL(alloc, pci_alloc) && SYMBOL(init, pci_init) && SYMBOL(cleanup, pci_cleanup) &&
	       SYMBOL(set_param, pci_set_param) &&
	       SYMBOL(set_name_list_path, pci_set_name_list_path) && SYMBOL(get_dev, pci_get_dev) &&
	       SYMBOL(free_dev, pci_free_dev) && SYMBOL(find_cap, pci_find_cap) &&
	       SYMBOL(read_word, pci_read_word) && SYMBOL(read_long, pci_read_long) &&
	       SYMBOL(lookup_name, pci_lookup_name) && SYMBOL(free_name_list, pci_free_name_list);
#undef SYMBOL
}

/* libpci opens what it finds: in a captured host it may be a FIFO. */
static bool is_file(int dir, const char *path)
{
	cleanup_close int fd = sysfs_open(dir, path);

	return fd >= 0;
}

/* Its configuration cannot be read: no capability is found. */
static struct pci_dev *get_dev(struct pci *pci, struct bdf bdf)
{
	char path[BDF_SIZE + 8];

	if (pci->captured >= 0 &&
		!is_file(pci->captured, sysfs_in_device(path, sizeof(path), bdf, "config")))
		return NULL;
	return pci->get_dev(pci->access, (int)bdf.domain, bdf.bus, bdf.devfn >> 3, bdf.devfn & 7);
}

struct pci *pci_open(const struct kernel *k, const char *sysfs_path, const char *ids_path)
{
	struct pci *volatile p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	if (!load(p)) {
		pci_close(p);
		return NULL;
	}
	p->captured = k->snapshot ? k->devices : -1;
	p->access = p->alloc();
	p->access->error = fail;
	p->access->warning = ignore;
	p->access->debug = ignore;
	p->access->method = PCI_ACCESS_SYS_BUS_PCI;
	if (setjmp(on_error)) {
		pci_close(p);
		return NULL;
	}
	if (k->snapshot) {
		p->set_param(p->access, (char *)"sysfs.path", (char *)sysfs_path);
		p->set_name_list_path(p->access,
			is_file(k->root, "pci.ids") ? (char *)ids_path : (char *)"/dev/null", 0);
		p->access->id_lookup_mode = PCI_LOOKUP_NO_HWDB;
	} else {
		p->ids_path = strdup(p->access->id_file_name);
		p->set_name_list_path(p->access, (char *)"/dev/null", 0);
	}
	p->init(p->access);
	return p;
}

void pci_close(struct pci *pci)
{
	if (!pci)
		return;
	if (pci->access && !setjmp(on_error))
		pci->cleanup(pci->access);
	free(pci->ids_path);
	/* the library stays loaded: unloading buys nothing before the end */
	free(pci);
}

static bool lookup_in(struct pci *pci, char *buf, size_t size, int flags, const struct pf *pf)
{
	const char *name;

	if (setjmp(on_error))
		return false;
	name = pci->lookup_name(pci->access, buf, (int)size, flags | PCI_LOOKUP_NO_NUMBERS,
		(int)pf->vendor_id, (int)pf->device_id);
	if (!name || !name[0])
		return false;
	if (name != buf)
		snprintf(buf, size, "%s", name);
	return true;
}

/* systemd's hwdb is mapped, pci.ids (1.5 MB) has to be parsed. libpci wants the latter
 * first, so it is given an empty one until hwdb lacks a name. */
static bool lookup(struct pci *pci, char *buf, size_t size, int what, const struct pf *pf)
{
	if (lookup_in(pci, buf, size, what, pf))
		return true;
	if (!pci->ids_path)
		return false;
	pci->free_name_list(pci->access);
	pci->set_name_list_path(pci->access, pci->ids_path, 1);
	pci->ids_path = NULL;
	return lookup_in(pci, buf, size, what, pf);
}

void pci_names(struct pci *pci, struct arena *arena, struct pf *pf)
{
	char buf[256];

	if (!pf_has(pf, PF_VENDOR_ID) || !pf_has(pf, PF_DEVICE_ID))
		return;
	if (lookup(pci, buf, sizeof(buf), PCI_LOOKUP_VENDOR, pf)) {
		pf->vendor_name = arena_strdup(arena, buf);
		pf->known |= PF_BIT(PF_VENDOR_NAME);
	}
	if (lookup(pci, buf, sizeof(buf), PCI_LOOKUP_DEVICE, pf)) {
		pf->device_name = arena_strdup(arena, buf);
		pf->known |= PF_BIT(PF_DEVICE_NAME);
	}
}

/* A register that is there says so by its type, or has an address; one for 32-bit memory that
 * nobody gave an address is like one that is not there. */
static unsigned vf_bars(struct pci *pci, struct pci_dev *dev, int cap)
{
	unsigned mask = 0;

	for (int i = 0; i < 6; i++) {
		uint32_t bar = pci->read_long(dev, cap + PCI_IOV_BAR_BASE + 4 * i);

		if (bar)
			mask |= 1U << i;
		if ((bar & PCI_BASE_ADDRESS_MEM_TYPE_MASK) == PCI_BASE_ADDRESS_MEM_TYPE_64)
			i++; /* the next is its upper half */
	}
	return mask;
}

void pci_config(struct pci *pci, struct pf *pf)
{
	struct pci_dev *volatile dev = NULL;
	struct pci_cap *cap;

	if (!setjmp(on_error)) {
		dev = get_dev(pci, pf->bdf);
		/* beyond the first 64 bytes only root may read: no capability is found */
		cap = dev ? pci->find_cap(dev, PCI_EXT_CAP_ID_SRIOV, PCI_CAP_EXTENDED) : NULL;
		if (cap) {
			uint16_t control = pci->read_word(dev, (int)cap->addr + PCI_IOV_CTRL);

			pf->initial_vfs = pci->read_word(dev, (int)cap->addr + PCI_IOV_INITIALVF);
			pf->ari = control & PCI_IOV_CTRL_ARI;
			pf->vf_bars = vf_bars(pci, dev, (int)cap->addr);
			pf->known |= PF_BIT(PF_INITIAL_VFS) | PF_BIT(PF_ARI);
		}
	}
	if (dev)
		pci->free_dev(dev);
}

/* "../../../devices/pci0000:20/0000:20:00.0/0000:21:00.0": the one before the last. On a root
 * bus that is no device. */
bool pci_find_bridge(const struct kernel *k, struct bdf bdf, struct bdf *bridge)
{
	char name[BDF_SIZE], target[512];
	ssize_t n;
	char *end;

	bdf_format(bdf, name);
	n = readlinkat(k->devices, name, target, sizeof(target) - 1);
	if (n <= 0)
		return false;
	target[n] = 0;
	end = strrchr(target, '/');
	if (!end)
		return false;
	*end = 0;
	end = strrchr(target, '/');
	return end && bdf_parse(end + 1, bridge);
}

void pci_bridge(struct pci *pci, const struct kernel *k, const struct host *host, struct pf *pf)
{
	struct pci_dev *volatile dev = NULL;
	struct pci_cap *cap;

	pf->has_bridge = pci_find_bridge(k, pf->bdf, &pf->bridge);
	if (pf->has_bridge && !blocked_config(host, pf->bridge) && !setjmp(on_error)) {
		dev = get_dev(pci, pf->bridge);
		cap = dev ? pci->find_cap(dev, PCI_EXT_CAP_ID_ACS, PCI_CAP_EXTENDED) : NULL;
		if (cap)
			pf->bridge_acs = pci->read_word(dev, (int)cap->addr + PCI_ACS_CTRL) &
							 PCI_ACS_CTRL_REQ_RED
						 ? ACS_ON
						 : ACS_OFF;
		else if (dev && pci->find_cap(dev, PCI_EXT_CAP_ID_AER, PCI_CAP_EXTENDED))
			pf->bridge_acs = ACS_NONE; /* others can be read */
	}
	if (dev)
		pci->free_dev(dev);
}

void pci_msix(struct pci *pci, struct vf *vf)
{
	struct pci_dev *volatile dev = NULL;
	struct pci_cap *cap;

	if (!setjmp(on_error)) {
		dev = get_dev(pci, vf->bdf);
		cap = dev ? pci->find_cap(dev, PCI_CAP_ID_MSIX, PCI_CAP_NORMAL) : NULL;
		if (cap) {
			uint16_t flags = pci->read_word(dev, (int)cap->addr + PCI_MSI_FLAGS);

			vf->msix = (flags & PCI_MSIX_TABSIZE) + 1U;
			vf->known |= VF_BIT(VF_MSIX);
		}
	}
	if (dev)
		pci->free_dev(dev);
}

static bool seen_before(const struct host *host, size_t at, bool device_too)
{
	const struct pf *pf = &host->pfs[at];

	for (size_t i = 0; i < at; i++)
		if (host->pfs[i].vendor_id == pf->vendor_id &&
			(!device_too || host->pfs[i].device_id == pf->device_id))
			return true;
	return false;
}

void pci_write_ids(struct pci *pci, const struct host *host, FILE *out)
{
	char name[256];

	for (size_t v = 0; v < host->pf_count; v++) {
		const struct pf *vendor = &host->pfs[v];

		if (seen_before(host, v, false) ||
			!lookup(pci, name, sizeof(name), PCI_LOOKUP_VENDOR, vendor))
			continue;
		fprintf(out, "%04x  %s\n", vendor->vendor_id, name);
		for (size_t d = v; d < host->pf_count; d++) {
			const struct pf *pf = &host->pfs[d];

			if (pf->vendor_id == vendor->vendor_id && !seen_before(host, d, true) &&
				lookup(pci, name, sizeof(name), PCI_LOOKUP_DEVICE, pf))
				fprintf(out, "\t%04x  %s\n", pf->device_id, name);
		}
	}
}
