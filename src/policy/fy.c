#include "policy/fy.h"

#include <dlfcn.h>
#include <stdbool.h>

static bool find_all(struct fy_writer *c, void *library)
{
#define SYMBOL(member, name) (*(void **)(void *)&c->member = dlsym(library, #name))
	return SYMBOL(document_create, fy_document_create) &&
	       SYMBOL(document_destroy, fy_document_destroy) &&
	       SYMBOL(set_root, fy_document_set_root) && SYMBOL(build, fy_node_build_from_string) &&
	       SYMBOL(create_mapping, fy_node_create_mapping) &&
	       SYMBOL(create_sequence, fy_node_create_sequence) &&
	       SYMBOL(mapping_append, fy_node_mapping_append) &&
	       SYMBOL(sequence_append, fy_node_sequence_append) &&
	       SYMBOL(emitter_create, fy_emitter_create) &&
	       SYMBOL(emitter_destroy, fy_emitter_destroy) &&
	       SYMBOL(emit_document, fy_emit_document);
#undef SYMBOL
}

int fy_writer_load(struct fy_writer *c, struct error *err)
{
	void *library = dlopen("libfyaml.so.0", RTLD_LAZY | RTLD_LOCAL);

	if (library && find_all(c, library))
		return 0;
	error_set(err, EXIT_NOT_FOUND, "policies need libfyaml, which is not installed");
	return error_hint(err, "install the package libfyaml0, or libfyaml");
}
