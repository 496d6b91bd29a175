/* Chance, the same everywhere for the same seed, and words made of it. */
#ifndef RANDOM_H
#define RANDOM_H

#include <stddef.h>
#include <stdint.h>

void random_seed(uint64_t seed);
uint64_t random_state(void);
/* From 0, below that. */
uint32_t roll(uint32_t below);
const char *pick(const char *const *words, size_t count);
#define PICK(...)                                                                                  \
	pick((const char *const[]){__VA_ARGS__}, ARRAY_SIZE(((const char *const[]){__VA_ARGS__})))

/* A command, word by word. */
struct text {
	char text[512];
	size_t len, count;
};

void say(struct text *t, const char *word);

#endif
