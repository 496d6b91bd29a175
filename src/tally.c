/* Counting changes that came to nothing before their first step. */
#include "run_parts.h"

#include "core/selector.h"

#include <string.h>

static struct deed *deed_of(struct asked *asked, const struct pf *pf)
{
	struct pf *kept;

	for (size_t i = 0; i < asked->count; i++)
		if (strcmp(asked->deeds[i].pf->handle, pf->handle) == 0)
			return &asked->deeds[i];
	kept = arena_alloc(&asked->arena, sizeof(*kept));
	kept->handle = arena_strdup(&asked->arena, pf->handle);
	kept->name = arena_strdup(&asked->arena, pf->name ? pf->name : pf->handle);
	asked->deeds =
		arena_push(&asked->arena, asked->deeds, &asked->count, sizeof(*asked->deeds));
	asked->deeds[asked->count - 1] = (struct deed){.pf = kept};
	return &asked->deeds[asked->count - 1];
}

static bool hands_over(const struct command_line *line)
{
	return line->command->settable & ATTR_LEND;
}

void run_note_asked(struct asked *asked, const struct request *r, const struct change *change,
	struct host *have)
{
	struct error ignored = {0};

	arena_free(&asked->arena);
	*asked = (struct asked){0};
	for (size_t i = 0; i < change->count; i++)
		deed_of(asked, change->plans[i]->pf)->failed += tally_asked(change->plans[i]);
	for (size_t i = 0; i < r->count; i++) {
		const struct args *args = &r->lines[i].args;
		const struct vf **vfs = NULL;
		size_t count = 0;

		if (hands_over(&r->lines[i]))
			vfs = select_all_vfs(have, &asked->arena, args->rest, args->rest_count,
				&count, &ignored);
		for (size_t v = 0; vfs && v < count; v++)
			if (!vfs[v]->attached)
				deed_of(asked, host_pf_of(have, vfs[v]))->failed++;
	}
}

/* The PF of "eth0" or "eth0/9"; the VF need not exist. */
static const struct pf *pf_of_object(const struct host *have, const char *object)
{
	for (size_t i = 0; i < have->pf_count; i++) {
		size_t len = strlen(have->pfs[i].name);

		if (strncmp(object, have->pfs[i].name, len) == 0 &&
			(!object[len] || object[len] == '/'))
			return &have->pfs[i];
	}
	return NULL;
}

/* That of the error, or else of the first word of a command: "eth0 has no VF 9". */
static const struct pf *pf_meant(
	const struct request *r, const struct host *have, const struct error *err)
{
	const struct pf *pf = pf_of_object(have, err->object);

	for (size_t i = 0; i < r->count && !pf; i++)
		if (r->lines[i].args.all_count)
			pf = pf_of_object(have, r->lines[i].args.all[0]);
	return pf;
}

void run_count_refusal(struct asked *asked, const struct request *r, const struct change *change,
	struct host *have, const struct error *err)
{
	const struct pf *pf = pf_meant(r, have, err);

	if (!asked->count)
		run_note_asked(asked, r, change, have);
	if (!asked->count && pf)
		deed_of(asked, pf)->failed += r->count && hands_over(&r->lines[0]);
	for (size_t i = 0; i < asked->count; i++) {
		asked->deeds[i].code = err->code;
		tally_add(&asked->deeds[i]);
	}
}
