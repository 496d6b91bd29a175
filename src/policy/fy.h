/* The part of libfyaml that writes YAML, loaded on first use: most commands need none of it. */
#ifndef POLICY_FY_H
#define POLICY_FY_H

#include "util/error.h"

#include <libfyaml.h>

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

/* 0, or -1 with *err: EXIT_NOT_FOUND when the library is not there. */
int fy_writer_load(struct fy_writer *c, struct error *err);

#endif
