#include "policy/draft.h"

#include "util/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct draft_pf *draft_find_pf(const struct draft *draft, const char *name)
{
	for (size_t i = 0; i < draft->count; i++)
		if (strcmp(draft->pfs[i]->pf, name) == 0)
			return draft->pfs[i];
	return NULL;
}

struct draft_pf *draft_pf(struct draft *draft, const char *name, struct origin origin)
{
	struct draft_pf *pf = draft_find_pf(draft, name);
	struct bdf bdf;

	if (pf)
		return pf;
	pf = arena_alloc(draft->arena, sizeof(*pf));
	pf->pf = arena_strdup(draft->arena, name);
	pf->ifname = strchr(name, ':') || bdf_parse(name, &bdf) ? NULL : pf->pf;
	pf->origin = origin;
	draft->pfs = arena_push(draft->arena, draft->pfs, &draft->count, sizeof(*draft->pfs));
	return draft->pfs[draft->count - 1] = pf;
}

/* They mostly come in order, so the place is looked for from the end. */
struct draft_vf *draft_vf(struct draft *draft, struct draft_pf *pf, uint32_t index)
{
	struct draft_vf *vf;
	size_t at = pf->count;

	while (at && pf->vfs[at - 1]->index > index)
		at--;
	if (at && pf->vfs[at - 1]->index == index)
		return pf->vfs[at - 1];
	vf = arena_alloc(draft->arena, sizeof(*vf));
	vf->index = index;
	pf->vfs = arena_push(draft->arena, pf->vfs, &pf->count, sizeof(*pf->vfs));
	memmove(&pf->vfs[at + 1], &pf->vfs[at], (pf->count - 1 - at) * sizeof(*pf->vfs));
	return pf->vfs[at] = vf;
}

bool draft_can_say(const char *text)
{
	size_t len = 0;

	for (; *text; text += len)
		if (!(len = str_utf8_len(text)))
			return false;
	return true;
}

void draft_note(struct draft *draft, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	draft->notes =
		arena_push(draft->arena, draft->notes, &draft->note_count, sizeof(*draft->notes));
	draft->notes[draft->note_count - 1] = arena_strdup(draft->arena, text);
}
