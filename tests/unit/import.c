#include "import.h"

int shop_setup(void **state)
{
	struct shop *s = calloc(1, sizeof(*s));

	s->problems.arena = &s->arena;
	*state = s;
	return 0;
}

int shop_teardown(void **state)
{
	struct shop *s = *state;

	free(s->text);
	arena_free(&s->arena);
	free(s);
	return 0;
}

/* Into memory that ends where it ends: readers that go on are seen. */
void shop_add(struct shop *s, const char *name, const char *text)
{
	size_t len = strlen(text);

	if (s->count == IMPORT_FILES)
		abort();
	s->sources[s->count++] =
		(struct source){name, arena_copy(&s->arena, text, len ? len : 1), len};
}

int shop_import(struct shop *s, const char *format)
{
	size_t size, n = 0;
	FILE *f;
	int rc;

	free(s->text);
	s->text = NULL;
	s->err = (struct error){0};
	s->problems.count = s->problems.errors = 0;
	s->warnings[0] = 0;
	f = open_memstream(&s->text, &size);
	rc = policy_import(format, s->sources, s->count, f, &s->problems, &s->err);
	fclose(f);
	problems_sort(&s->problems);
	for (size_t i = 0; i < s->problems.count; i++) {
		const struct problem *p = &s->problems.items[i];

		assert_true(p->warning);
		n += (size_t)snprintf(s->warnings + n, sizeof(s->warnings) - n,
			"%s:%u:%u: %s%s%s\n", p->origin.source ? p->origin.source->name : "?",
			p->origin.line, p->origin.column, p->object ? p->object : "",
			p->object ? ": " : "", p->message);
	}
	return rc;
}

const char *shop_document(struct shop *s, const char *format, const char *name, const char *text)
{
	s->count = 0;
	shop_add(s, name, text);
	if (shop_import(s, format) < 0)
		fail_msg("refused: %s", s->err.message);
	return s->text;
}
