#include "random.h"

#include <stdio.h>
#include <stdlib.h>

static uint64_t seed;

void random_seed(uint64_t s)
{
	seed = s;
}

uint64_t random_state(void)
{
	return seed;
}

/* Numerical Recipes' generator. */
uint32_t roll(uint32_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(seed >> 33) % below;
}

const char *pick(const char *const *words, size_t count)
{
	return words[roll((uint32_t)count)];
}

void say(struct text *t, const char *word)
{
	int n = snprintf(
		t->text + t->len, sizeof(t->text) - t->len, "%s%s", t->len ? " " : "", word);

	t->len += (size_t)n;
	t->count++;
	if (t->len >= sizeof(t->text))
		abort();
}
