/* libfyaml, loaded on first use: most commands need none of it. */
#ifndef POLICY_FY_H
#define POLICY_FY_H

#include "util/error.h"

#include <libfyaml.h>

struct fy_reader {
	__typeof__(&fy_diag_create) diag_create;
	__typeof__(&fy_diag_destroy) diag_destroy;
	__typeof__(&fy_diag_set_collect_errors) diag_set_collect_errors;
	__typeof__(&fy_diag_errors_iterate) diag_errors_iterate;
	__typeof__(&fy_parser_create) parser_create;
	__typeof__(&fy_parser_destroy) parser_destroy;
	__typeof__(&fy_parser_set_string) parser_set_string;
	__typeof__(&fy_parser_parse) parser_parse;
	__typeof__(&fy_parser_event_free) event_free;
	__typeof__(&fy_event_get_token) event_token;
	__typeof__(&fy_event_get_anchor_token) event_anchor;
	__typeof__(&fy_event_get_tag_token) event_tag;
	__typeof__(&fy_event_start_mark) event_mark;
	__typeof__(&fy_token_get_text) token_text;
	__typeof__(&fy_token_scalar_style) token_style;
};

struct fy_writer {
	__typeof__(&fy_document_create) document_create;
	__typeof__(&fy_document_destroy) document_destroy;
	__typeof__(&fy_document_set_root) set_root;
	__typeof__(&fy_node_build_from_string) build;
	__typeof__(&fy_node_create_mapping) create_mapping;
	__typeof__(&fy_node_create_sequence) create_sequence;
	__typeof__(&fy_node_mapping_append) mapping_append;
	__typeof__(&fy_node_sequence_append) sequence_append;
	__typeof__(&fy_emitter_create) emitter_create;
	__typeof__(&fy_emitter_destroy) emitter_destroy;
	__typeof__(&fy_emit_document) emit_document;
};

/* 0, or -1 with *err: EXIT_UNSUPPORTED when the library is not there. */
int fy_reader_load(struct fy_reader *fy, struct error *err);
int fy_writer_load(struct fy_writer *fy, struct error *err);

#endif
