/*
 * Raw rtnetlink messages, as a snapshot holds them, through the decoders. The first byte
 * chooses which. Everything they say is then read, so that what points astray is found.
 */
#include "kernel/rtnl.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads every byte of it, for the address sanitizer. */
static void read_string(const char *s)
{
	if (s && strlen(s) == SIZE_MAX)
		abort();
}

static void read_strings(const struct strings *list)
{
	for (size_t i = 0; i < list->count; i++)
		read_string(list->items[i]);
}

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check_vfs(const struct link *l)
{
	char text[VALUE_TEXT_MAX];

	/* not against num_vfs: a message may claim one count before its list and another
	 * behind it */
	for (size_t i = 0; i < l->vf_count; i++) {
		const struct vf *vf = &l->vfs[i];

		require(i == 0 || vf->index > l->vfs[i - 1].index);
		for (unsigned a = 0; a < VF_ATTR_COUNT; a++) {
			struct value v = attr_get(&vf_type, a, vf);

			value_format(&v, text, sizeof(text));
		}
	}
}

static void check_links(const struct host *h)
{
	for (size_t i = 0; i < h->link_count; i++) {
		const struct link *l = &h->links[i];

		require(l->name != NULL && l->state <= LINK_UP);
		read_string(l->name);
		read_string(l->alias);
		read_string(l->kind);
		read_string(l->phys_port_name);
		read_string(l->parent_bus);
		read_string(l->parent_dev);
		read_strings(&l->altnames);
		require(l->addr.len <= LLADDR_MAX && l->perm_addr.len <= LLADDR_MAX);
		check_vfs(l);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct host host = {0};
	char *copy;

	if (!size)
		return 0;
	/* aligned, and ending where the allocation does */
	copy = malloc(size - 1 + (size == 1));
	memcpy(copy, data + 1, size - 1);
	switch (data[0] % 3) {
	case 0:
		rtnl_decode_links(&host, NULL, copy, size - 1);
		break;
	case 1:
		rtnl_decode_addresses(&host, copy, size - 1);
		break;
	default:
		rtnl_decode_routes(&host, copy, size - 1);
		break;
	}
	free(copy); /* nothing may point into it */
	check_links(&host);
	for (size_t i = 0; i < host.usage_count; i++)
		read_string(host.usages[i].what);
	host_free(&host);
	return 0;
}
