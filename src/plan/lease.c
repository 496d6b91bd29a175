#include "plan/lease.h"

#include "plan/lock.h"
#include "plan/record.h"
#include "util/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SUBDIR "attached"
/* Namespaces, and what is remembered of them, do not outlive the boot. */
static const char *boot_id(char *out, size_t size)
{
	cleanup_file FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	out[0] = 0;
	if (f && fgets(out, (int)size, f))
		out[strcspn(out, "\n")] = 0;
	return out;
}

static void file_name(const char *pf_handle, uint32_t index, char *out, size_t size)
{
	struct pf pf = {.handle = pf_handle};
	char name[64];

	pf_file_name(&pf, name, sizeof(name));
	snprintf(out, size, "%s-%u", name, index);
}

static json_t *encode(const struct lease *l)
{
	json_t *root = json_object(), *home = json_object();
	char text[64];

	json_object_set_new(root, "pf", json_string(l->pf));
	json_object_set_new(root, "index", json_integer(l->home.index));
	json_object_set_new(root, "vf", record_bytes(l->vf));
	if (vf_has(&l->home, VF_BDF)) {
		bdf_format(l->home.bdf, text);
		json_object_set_new(root, "bdf", json_string(text));
	}
	json_object_set_new(root, "netns", record_bytes(l->netns));
	json_object_set_new(root, "netns_inode", json_integer((json_int_t)l->id.inode));
	json_object_set_new(root, "netns_cookie", json_integer((json_int_t)l->id.cookie));
	json_object_set_new(root, "ifname", record_bytes(l->ifname));
	json_object_set_new(root, "owner", record_bytes(l->owner));
	json_object_set_new(root, "since", json_integer(l->since ? l->since : time(NULL)));
	json_object_set_new(root, "boot", json_string(boot_id(text, sizeof(text))));
	record_put_vf(home, &l->home);
	json_object_set_new(root, "home", home);
	return root;
}

static uint64_t number(const json_t *root, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(root, key));
}

static bool decode(struct arena *arena, const json_t *root, struct lease *l)
{
	const char *bdf = json_string_value(json_object_get(root, "bdf"));

	*l = (struct lease){.pf = record_text(arena, root, "pf"),
		.vf = record_text(arena, root, "vf"),
		.netns = record_text(arena, root, "netns"),
		.id = {number(root, "netns_inode"), number(root, "netns_cookie")},
		.owner = record_text(arena, root, "owner"),
		.ifname = record_text(arena, root, "ifname"),
		.since = (int64_t)number(root, "since")};
	l->home.index = (uint32_t)number(root, "index");
	l->home.known = VF_BIT(VF_INDEX);
	if (bdf && bdf_parse(bdf, &l->home.bdf))
		l->home.known |= VF_BIT(VF_BDF);
	return l->pf && l->vf && l->netns &&
	       record_get_vf(arena, json_object_get(root, "home"), &l->home);
}

static void read_one(struct host *host, int dir, const char *name, bool live)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	cleanup_file FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	char boot[64];
	json_error_t ignored;
	const char *its;
	struct lease lease;
	json_t *root;

	if (fd >= 0 && !f)
		close(fd);
	if (!f)
		return;
	root = json_loadf(f, 0, &ignored); /* json_loadfd reads byte by byte */
	its = json_string_value(json_object_get(root, "boot"));
	if (live && its && strcmp(its, boot_id(boot, sizeof(boot))) != 0) {
		json_decref(root);
		return;
	}
	if (decode(&host->arena, root, &lease)) {
		host->leases =
			arena_push(&host->arena, host->leases, &host->lease_count, sizeof(lease));
		host->leases[host->lease_count - 1] = lease;
	} else {
		host_warn(host, "%s/" SUBDIR "/%s is damaged; what it says of a VF is lost",
			live ? runtime_dir() : "run/sriovctl", name);
	}
	json_decref(root);
}

/* Another device may be there by now. */
static bool is_of(const struct lease *l, const struct vf *vf)
{
	return !vf_has(vf, VF_BDF) || !vf_has(&l->home, VF_BDF) ||
	       bdf_compare(vf->bdf, l->home.bdf) == 0;
}

static void join(struct host *host)
{
	for (size_t i = 0; i < host->lease_count; i++) {
		const struct lease *l = &host->leases[i];
		const struct pf named = {.handle = l->pf}, *pf = host_same_pf(host, &named);

		for (size_t v = 0; pf && v < pf->vf_count; v++) {
			struct vf *vf = &host->vfs[pf->first_vf + v];

			if (vf->index != l->home.index || !is_of(l, vf))
				continue;
			vf->attached = l;
			vf->lease = l->owner ? l->owner : l->netns;
			vf->known |= VF_BIT(VF_LEASE);
		}
	}
}

static int open_directory(int root)
{
	char path[512];

	if (root >= 0)
		return openat(root, "run/sriovctl/" SUBDIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	snprintf(path, sizeof(path), "%s/" SUBDIR, runtime_dir());
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int compare(const void *a, const void *b)
{
	const struct lease *x = a, *y = b;
	int order = strcmp(x->pf, y->pf);

	return order ? order : (x->home.index > y->home.index) - (x->home.index < y->home.index);
}

bool leases_read(struct host *host, int root)
{
	int fd = open_directory(root);
	bool unreadable = fd < 0 && errno == EACCES;
	cleanup_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (fd >= 0 && !dir)
		close(fd);
	while (dir && (e = readdir(dir)))
		if (e->d_name[0] != '.' && !strstr(e->d_name, ".tmp"))
			read_one(host, fd, e->d_name, root < 0);
	if (host->lease_count)
		qsort(host->leases, host->lease_count, sizeof(*host->leases), compare);
	join(host);
	return !unreadable;
}

int lease_write(const struct lease *lease, struct error *err)
{
	char name[96];

	file_name(lease->pf, lease->home.index, name, sizeof(name));
	return record_write(SUBDIR, name, encode(lease), err);
}

void lease_remove(const char *pf_handle, uint32_t index)
{
	char name[96];

	file_name(pf_handle, index, name, sizeof(name));
	record_remove(SUBDIR, name);
}
