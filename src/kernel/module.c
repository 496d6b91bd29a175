/* Drivers, and the modules they come from. */
#include "kernel/change.h"

#include "kernel/sysfs.h"
#include "util/cleanup.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <libkmod.h>
#include <stdio.h>
#include <string.h>

/* libkmod brings libcrypto with it: loaded only when a module is looked for. */
struct kmod_calls {
	__typeof__(&kmod_new) new;
	__typeof__(&kmod_unref) unref;
	__typeof__(&kmod_module_new_from_lookup) lookup;
	__typeof__(&kmod_module_apply_filter) filter;
	__typeof__(&kmod_module_get_module) get_module;
	__typeof__(&kmod_module_probe_insert_module) insert;
	__typeof__(&kmod_module_unref) module_unref;
	__typeof__(&kmod_module_unref_list) unref_list;
};

static bool load_kmod(struct kmod_calls *c)
{
	void *library = dlopen("libkmod.so.2", RTLD_LAZY | RTLD_LOCAL);

	if (!library)
		return false;
#define SYMBOL(member, name) (*(void **)(void *)&c->member = dlsym(library, #name))
	return SYMBOL(new, kmod_new) && SYMBOL(unref, kmod_unref) &&
	       SYMBOL(lookup, kmod_module_new_from_lookup) &&
	       SYMBOL(filter, kmod_module_apply_filter) &&
	       SYMBOL(get_module, kmod_module_get_module) &&
	       SYMBOL(insert, kmod_module_probe_insert_module) &&
	       SYMBOL(module_unref, kmod_module_unref) &&
	       SYMBOL(unref_list, kmod_module_unref_list);
#undef SYMBOL
}

/* Look a module up by alias or name and, with `insert`, load it. 1 it is there, 0 none is
 * known or it is blacklisted, or a negative errno. */
static int find_module(const char *alias, bool insert)
{
	struct kmod_list *all = NULL, *allowed = NULL;
	struct kmod_calls c;
	struct kmod_ctx *ctx;
	int rc = 0;

	if (!load_kmod(&c))
		return -ENOENT;
	ctx = c.new(NULL, NULL);
	if (!ctx)
		return -ENOMEM;
	if (c.lookup(ctx, alias, &all) == 0 && all &&
		c.filter(ctx, KMOD_FILTER_BLACKLIST, all, &allowed) == 0 && allowed) {
		struct kmod_module *m = c.get_module(allowed);

		rc = insert ? c.insert(m, KMOD_PROBE_APPLY_BLACKLIST, NULL, NULL, NULL, NULL) : 0;
		rc = rc < 0 ? rc : 1;
		c.module_unref(m);
	}
	c.unref_list(allowed);
	c.unref_list(all);
	c.unref(ctx);
	return rc;
}

int module_load_for(const struct kernel *k, struct bdf bdf)
{
	char path[64], modalias[128];

	if (sysfs_read(k->devices, sysfs_in_device(path, sizeof(path), bdf, "modalias"), modalias,
		    sizeof(modalias)) <= 0)
		return -ENOENT;
	return find_module(modalias, true);
}

static bool is_registered(const struct kernel *k, const char *driver)
{
	char path[160];

	snprintf(path, sizeof(path), "bus/pci/drivers/%.120s", driver);
	return faccessat(k->sys, path, F_OK, 0) == 0;
}

bool driver_find(const struct kernel *k, const char *driver, bool load)
{
	if (!driver[0] || driver[0] == '.' || strchr(driver, '/')) /* a name, not a path */
		return false;
	if (is_registered(k, driver))
		return true;
	if (k->snapshot || find_module(driver, load) <= 0)
		return false;
	return !load || is_registered(k, driver);
}

void driver_now(const struct kernel *k, struct bdf bdf, char *out, size_t size)
{
	char path[64];

	if (sysfs_link_name(
		    k->devices, sysfs_in_device(path, sizeof(path), bdf, "driver"), out, size) <= 0)
		out[0] = 0;
}
