#include "policy/fy.h"

#include <dlfcn.h>

static void *open_library(struct error *err)
{
	void *library = dlopen("libfyaml.so.0", RTLD_LAZY | RTLD_LOCAL);

	if (library)
		return library;
	error_set(err, EXIT_UNSUPPORTED,
		"policies need the library libfyaml, which cannot be loaded");
	error_hint(err, "install the package libfyaml0 (or libfyaml)");
	return NULL;
}

static int too_old(struct error *err)
{
	return error_set(err, EXIT_UNSUPPORTED, "this libfyaml lacks something that policies need");
}

/* POSIX: the way to do it */
#define SYMBOL(member, name) (*(void **)(void *)&fy->member = dlsym(library, #name))

int fy_reader_load(struct fy_reader *fy, struct error *err)
{
	void *library = open_library(err);

	if (!library)
		return -1;
	return SYMBOL(diag_create, fy_diag_create) && SYMBOL(diag_destroy, fy_diag_destroy) &&
			       SYMBOL(diag_set_collect_errors, fy_diag_set_collect_errors) &&
			       SYMBOL(diag_errors_iterate, fy_diag_errors_iterate) &&
			       SYMBOL(parser_create, fy_parser_create) &&
			       SYMBOL(parser_destroy, fy_parser_destroy) &&
			       SYMBOL(parser_set_string, fy_parser_set_string) &&
			       SYMBOL(parser_parse, fy_parser_parse) &&
			       SYMBOL(event_free, fy_parser_event_free) &&
			       SYMBOL(event_token, fy_event_get_token) &&
			       SYMBOL(event_anchor, fy_event_get_anchor_token) &&
			       SYMBOL(event_tag, fy_event_get_tag_token) &&
			       SYMBOL(event_mark, fy_event_start_mark) &&
			       SYMBOL(token_text, fy_token_get_text) &&
			       SYMBOL(token_style, fy_token_scalar_style)
		       ? 0
		       : too_old(err);
}

int fy_writer_load(struct fy_writer *fy, struct error *err)
{
	void *library = open_library(err);

	if (!library)
		return -1;
	return SYMBOL(document_create, fy_document_create) &&
			       SYMBOL(document_destroy, fy_document_destroy) &&
			       SYMBOL(set_root, fy_document_set_root) &&
			       SYMBOL(build, fy_node_build_from_string) &&
			       SYMBOL(create_mapping, fy_node_create_mapping) &&
			       SYMBOL(create_sequence, fy_node_create_sequence) &&
			       SYMBOL(mapping_append, fy_node_mapping_append) &&
			       SYMBOL(sequence_append, fy_node_sequence_append) &&
			       SYMBOL(emitter_create, fy_emitter_create) &&
			       SYMBOL(emitter_destroy, fy_emitter_destroy) &&
			       SYMBOL(emit_document, fy_emit_document)
		       ? 0
		       : too_old(err);
}
