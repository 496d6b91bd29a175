#include "core/host.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void host_free(struct host *host)
{
	arena_free(&host->arena);
	memset(host, 0, sizeof(*host));
}

void host_warn(struct host *host, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	host->warnings = arena_push(
		&host->arena, host->warnings, &host->warning_count, sizeof(*host->warnings));
	host->warnings[host->warning_count - 1] = arena_strdup(&host->arena, text);
}

const struct pf *host_pf_by_bdf(const struct host *host, struct bdf bdf)
{
	for (size_t i = 0; i < host->pf_count; i++)
		if (pf_has(&host->pfs[i], PF_BDF) && bdf_compare(host->pfs[i].bdf, bdf) == 0)
			return &host->pfs[i];
	return NULL;
}

const struct pf *host_pf_of(const struct host *host, const struct vf *vf)
{
	size_t at = (size_t)(vf - host->vfs);

	for (size_t i = 0; i < host->pf_count; i++)
		if (at - host->pfs[i].first_vf < host->pfs[i].vf_count)
			return &host->pfs[i];
	return NULL;
}

const struct pf *host_same_pf(const struct host *host, const struct pf *pf)
{
	for (size_t i = 0; i < host->pf_count; i++)
		if (strcmp(host->pfs[i].handle, pf->handle) == 0)
			return &host->pfs[i];
	return NULL;
}

const struct vf *link_vf(const struct link *l, uint32_t index)
{
	/* lists without a gap, as nearly all are, have it at its own index */
	if (l && index < l->vf_count && l->vfs[index].index == index)
		return &l->vfs[index];
	for (size_t i = 0; l && i < l->vf_count; i++)
		if (l->vfs[i].index == index)
			return &l->vfs[i];
	return NULL;
}

const struct vf *host_vf(const struct host *host, const struct pf *pf, uint32_t index)
{
	/* nearly always at its own index */
	if (index < pf->vf_count && host->vfs[pf->first_vf + index].index == index)
		return &host->vfs[pf->first_vf + index];
	for (size_t i = 0; i < pf->vf_count; i++)
		if (host->vfs[pf->first_vf + i].index == index)
			return &host->vfs[pf->first_vf + i];
	return NULL;
}

const struct link *host_link(const struct host *host, const char *name)
{
	for (size_t i = 0; i < host->link_count; i++) {
		const struct link *l = &host->links[i];

		if (l->netns)
			continue;
		if (strcmp(l->name, name) == 0 || strings_has(&l->altnames, name))
			return l;
	}
	return NULL;
}

bool host_truncated(const struct host *host)
{
	for (size_t i = 0; i < host->pf_count; i++)
		if (host->pfs[i].truncated)
			return true;
	return host->incomplete;
}
