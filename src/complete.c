/* What could come next on a command line: `sriovctl complete -- WORD...`. */
#include "run_parts.h"

#include "cli/complete.h"
#include "util/str.h"

/* What is on the host, as far as it matters at the cursor. That may depend on what there is:
 * then it is asked twice. Where it cannot be asked, the tables alone have to do. */
static void ask(
	const struct completing *c, struct host *host, struct arena *arena, struct completion *out)
{
	struct error ignored = {0};
	unsigned needs;
	struct kernel k;

	if (kernel_open(&k, out->snapshot, &ignored) < 0)
		return;
	do {
		needs = out->needs;
		host_free(host);
		if (run_look_at(&k, needs, host, &ignored) < 0)
			break;
		complete(c, host, arena, out);
	} while (out->needs & ~needs);
	kernel_close(&k);
}

static void print(const struct completion *out, FILE *f)
{
	static const char *const files[] = {[COMPLETE_FILES] = "files", [COMPLETE_DIRS] = "dirs"};
	char help[1024];

	for (size_t i = 0; i < out->count; i++) {
		const struct candidate *item = &out->items[i];

		if (item->word[0] == ':') /* a line like those below */
			continue;
		str_printable(help, sizeof(help), item->help ? item->help : "");
		fprintf(f, "%s\t%s\n", item->word, help);
	}
	if (out->expects) {
		str_printable(help, sizeof(help), out->help ? out->help : "");
		fprintf(f, ":expects\t%s%s%s\n", out->expects, help[0] ? "  " : "", help);
	}
	if (out->files != COMPLETE_NO_FILES)
		fprintf(f, ":%s\n", files[out->files]);
}

/* Whoever types must never see an error of this. */
int run_complete(struct session *s, const struct command_line *line)
{
	const struct args *args = &line->args;
	struct completing c = {.commands = s->commands, .words = args->rest, .word = ""};
	struct completion out;
	struct arena arena = {0};
	struct host host = {0};

	if (args->rest_count) {
		c.count = args->rest_count - 1;
		c.word = args->rest[c.count];
	}
	complete(&c, NULL, &arena, &out);
	if (out.live)
		ask(&c, &host, &arena, &out);
	print(&out, s->out);
	arena_free(&arena);
	host_free(&host);
	return 0;
}
