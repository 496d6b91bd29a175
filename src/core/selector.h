/*
 * The names people give PFs and VFs, resolved against one picture of the host.
 *   PF: interface, alternative name, [pci/]BDF, mac:ADDR
 *   VF: PF/3, PF/0-7,9, PF/all, [pci/]BDF, interface of the VF, NETNS/INTERFACE
 */
#ifndef CORE_SELECTOR_H
#define CORE_SELECTOR_H

#include "core/host.h"
#include "util/error.h"

#define RANGE_ALL "all"

/* NULL with *err set: not found (4), ambiguous or a VF (1), no SR-IOV device (5). */
const struct pf *select_pf(const struct host *host, const char *text, struct error *err);

/* The VFs meant, allocated in the arena, in order and without repeats; NULL with *err. */
const struct vf **select_vfs(const struct host *host, struct arena *arena, const char *text,
	size_t *count, struct error *err);

/* Those that all the texts name, each once. */
const struct vf **select_all_vfs(struct host *host, struct arena *arena, char *const *texts,
	size_t text_count, size_t *count, struct error *err);

/* Marks the indexes of "0-7,9" or "all" in set[0..size). 0, or -1 when the text is no
 * range, -2 when an index (put in *bad) is not below size. */
int range_parse(const char *text, bool *set, size_t size, uint64_t *bad);
/* The next of "0-7,9", which *text is moved behind: 1 when another follows, 0 when none
 * does, -1 when this is no range. "all" is none. */
int range_next(const char **text, uint64_t *from, uint64_t *to);

#endif
