/* Files of other tools as policies, which must be such then. The first byte says whose. */
#include "policy/import.h"
#include "policy/policy.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {"a.link", "b.network", "a.link.d/c.conf", "-"};

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check_warnings(const struct problems *problems)
{
	for (size_t i = 0; i < problems->count; i++) {
		const struct problem *p = &problems->items[i];

		require(p->warning && p->message[0]);
		require(p->origin.source && p->origin.line && p->origin.column);
	}
	require(problems->errors == 0);
}

/* Two VFs may have been given one address, or values that do not go together; but it can be
 * read, and every key and value is one. */
static void check_document(const char *text, size_t len)
{
	struct arena arena = {0};
	struct problems problems = {.arena = &arena};
	struct policy *policy = policy_new(&problems);

	policy_add(policy, "imported", text, len);
	require(policy_documents(policy) == 1);
	for (size_t i = 0; i < problems.count; i++)
		require(strstr(problems.items[i].message, "no key") == NULL &&
			strstr(problems.items[i].message, "wants ") == NULL);
	policy_free(policy);
	arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct problems problems = {.arena = &arena};
	struct source sources[2];
	struct error err = {0};
	char *text = NULL;
	size_t len = 0, half;
	FILE *out;
	int rc;

	if (!size)
		return 0;
	half = (size - 1) / 2;
	sources[0] = (struct source){names[data[0] >> 2 & 3], (const char *)data + 1, half};
	sources[1] = (struct source){
		names[data[0] >> 4 & 3], (const char *)data + 1 + half, size - 1 - half};
	if (data[0] & 64) { /* all of it in one file */
		sources[0].len = size - 1;
		sources[1].len = 0;
	}
	out = open_memstream(&text, &len);
	rc = policy_import(import_format(data[0] & 3)->name, sources, 2, out, &problems, &err);
	fclose(out);
	check_warnings(&problems);
	require(rc == 0 || (err.code == EXIT_NOT_FOUND && err.message[0] == 'n'));
	if (rc == 0)
		check_document(text, len);
	free(text);
	arena_free(&arena);
	return 0;
}
