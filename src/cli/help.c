/* Help at every level, from the descriptors. */
#include "cli/command.h"
#include "cli/option_table.h"

#include <string.h>

#define SCREEN 80
#define LABEL 22

/* "  LABEL   text", the text wrapped into its own column. */
static void print_row(FILE *out, const char *label, const char *text)
{
	size_t room = SCREEN - LABEL - 4;

	fprintf(out, "  %-*s", LABEL, label);
	if (strlen(label) > LABEL)
		fprintf(out, "\n  %*s", LABEL, "");
	while (strlen(text) > room) {
		size_t cut = room;

		while (cut > 0 && text[cut] != ' ')
			cut--;
		fprintf(out, " %.*s\n  %*s", (int)cut, text, LABEL, "");
		text += cut + 1;
	}
	fprintf(out, " %s\n", text);
}

static void print_usage(FILE *out, const struct command *c, const char *indent)
{
	fprintf(out, "%ssriovctl", indent);
	if (c->object)
		fprintf(out, " %s", c->object);
	if (command_name(c))
		fprintf(out, " %s", command_name(c));
	for (size_t i = 0; i < ARGS_MAX && c->args[i].name; i++)
		fprintf(out, " %s%s%s%s", c->args[i].optional ? "[" : "", c->args[i].name,
			c->args[i].many ? "..." : "", c->args[i].optional ? "]" : "");
	fputc('\n', out);
}

static void print_options(FILE *out, const struct command *c)
{
	fputs("\nOptions (before or after the command):\n", out);
	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];
		char name[48];

		if (!option_applies(row, c))
			continue;
		snprintf(name, sizeof(name), "%s%s%s--%s%s%s%s", row->short_name ? "-" : "",
			row->short_name ? row->short_name : "", row->short_name ? ", " : "    ",
			row->long_name,
			row->value_optional ? "[="
			: row->value_name   ? " "
					    : "",
			row->value_name ? row->value_name : "", row->value_optional ? "]" : "");
		print_row(out, name, row->help);
	}
}

static void print_list(FILE *out, const struct command *const *commands, const char *object)
{
	for (size_t i = 0; commands[i]; i++) {
		const struct command *c = commands[i];
		char words[64] = "";
		size_t n = 0;

		if (c->hidden || (object && (!c->object || strcmp(c->object, object) != 0)))
			continue;
		n = (size_t)snprintf(words, sizeof(words), "%s%s%s", c->object ? c->object : "",
			c->object && command_name(c) ? " " : "",
			command_name(c) ? command_name(c) : "");
		for (size_t a = 0; a < ARGS_MAX && c->args[a].name && n < sizeof(words); a++)
			n += (size_t)snprintf(words + n, sizeof(words) - n, " %s%s%s%s",
				c->args[a].optional ? "[" : "", c->args[a].name,
				c->args[a].many ? "..." : "", c->args[a].optional ? "]" : "");
		print_row(out, words, c->summary);
	}
}

/* What KEY VALUE can be. */
static void print_settings(FILE *out, const struct command *c)
{
	const struct record_type *type = command_takes(c);

	fputs("\nSettings (KEY VALUE):\n", out);
	for (size_t i = 0; i < type->count; i++) {
		const struct attr *a = &type->attrs[i];
		char label[120], syntax[80];

		if (!command_sets(c, i))
			continue;
		attr_syntax(a, syntax, sizeof(syntax));
		snprintf(label, sizeof(label), "%s%s%s", attr_keyword(a), a->off ? "|" : " ",
			a->off ? a->off : syntax);
		print_row(out, label, a->set_help ? a->set_help : a->help);
	}
}

static void print_columns(FILE *out, const struct record_type *type, const char *when)
{
	fprintf(out, "\nColumns and JSON keys%s:\n", when);
	for (size_t i = 0; i < type->count; i++)
		print_row(out, type->attrs[i].key, type->attrs[i].help);
}

static void print_topics(FILE *out, const struct command *c)
{
	const char *name, *help;

	fprintf(out, "\n%s:\n", c->topics);
	for (size_t i = 0; c->topic(i, &name, &help); i++)
		print_row(out, name, help);
}

static void print_command(FILE *out, const struct command *c)
{
	fprintf(out, "%s\n\nUsage:\n", c->summary);
	print_usage(out, c, "  ");
	if (c->args[0].name)
		fputc('\n', out);
	for (size_t i = 0; i < ARGS_MAX && c->args[i].name; i++)
		print_row(out, c->args[i].name, c->args[i].help);
	if (c->description)
		fprintf(out, "\n%s\n", c->description);
	if (c->examples) {
		fputs("\nExamples:\n", out);
		for (size_t i = 0; c->examples[i]; i++)
			fprintf(out, "  %s\n", c->examples[i]);
	}
	for (size_t i = 0; i < ARGS_MAX; i++)
		if (c->args[i].name && c->args[i].type == ARG_SETTINGS)
			print_settings(out, c);
	print_options(out, c);
	if (c->topics)
		print_topics(out, c);
	if (command_shows(c))
		print_columns(out, c->type, "");
	if (c->watched)
		print_columns(out, c->watched, ", with an interval");
}

void help_print(FILE *out, const struct command *const *commands, const char *object,
	const struct command *command)
{
	if (command) {
		print_command(out, command);
		return;
	}
	if (object) {
		fprintf(out, "Usage: sriovctl [OPTIONS] %s COMMAND ...\n\nCommands:\n", object);
		print_list(out, commands, object);
		fprintf(out, "\n'sriovctl %s COMMAND help' explains one. See sriovctl-%s(8).\n",
			object, object);
		return;
	}
	fputs("Usage: sriovctl [OPTIONS] OBJECT COMMAND [SELECTOR...] [KEY VALUE]...\n\n"
	      "Owns the life of the SR-IOV virtual functions (VFs) of this host's\n"
	      "physical functions (PFs).\n\nCommands:\n",
		out);
	print_list(out, commands, NULL);
	fputs("\nPF: interface name, alternative name, PCI address, mac:ADDR\n"
	      "VF: PF/3, PF/0-7,9, PF/all, PCI address, interface name of the VF\n",
		out);
	print_options(out, NULL);
	fputs("\n'sriovctl OBJECT COMMAND help' explains one command. See sriovctl(8).\n", out);
}
