#include "kernel/pci_list.h"

#include "util/cleanup.h"

#include <fcntl.h>
#include <string.h>

static int compare_names(const void *a, const void *b)
{
	const struct pci_entry *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int compare_inodes(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static bool is_known(const struct pci_memory *m, uint64_t inode)
{
	return m && m->count && bsearch(&inode, m->no_pfs, m->count, sizeof(inode), compare_inodes);
}

struct pci_entry *pci_list(const struct kernel *k, struct arena *arena, size_t *count)
{
	struct pci_entry *list = NULL;
	cleanup_dir DIR *dir = NULL;
	struct dirent *e;
	int fd;

	*count = 0;
	fd = k->devices < 0 ? -1 : openat(k->devices, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (fd >= 0 && !dir)
		close(fd);
	while (dir && (e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		list = arena_push(arena, list, count, sizeof(*list));
		list[*count - 1] = (struct pci_entry){
			arena_strdup(arena, e->d_name), e->d_ino, is_known(k->pci, e->d_ino)};
	}
	if (*count)
		qsort(list, *count, sizeof(*list), compare_names);
	return list;
}

void pci_remember(const struct kernel *k, const struct pci_entry *list, size_t count)
{
	struct pci_memory *m = k->pci;
	uint64_t *no_pfs = m && count ? malloc(count * sizeof(*no_pfs)) : NULL;

	if (!no_pfs)
		return;
	free(m->no_pfs);
	*m = (struct pci_memory){.no_pfs = no_pfs};
	for (size_t i = 0; i < count; i++)
		if (list[i].no_pf)
			m->no_pfs[m->count++] = list[i].inode;
	if (m->count)
		qsort(m->no_pfs, m->count, sizeof(*m->no_pfs), compare_inodes);
}

void pci_forget(struct pci_memory *memory)
{
	if (memory)
		free(memory->no_pfs);
	free(memory);
}
