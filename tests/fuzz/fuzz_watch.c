/*
 * Raw messages as the kernel sends them unasked, through the decoders, and what they say into a
 * scene. The first byte chooses the decoder.
 */
#include "kernel/watch.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* A PF with one VF, which messages may be about. */
static struct host small_host(void)
{
	struct host h = {0};
	struct pf *pf;
	struct vf *vf;

	h.pfs = arena_push(&h.arena, h.pfs, &h.pf_count, sizeof(*h.pfs));
	h.vfs = arena_push(&h.arena, h.vfs, &h.vf_count, sizeof(*h.vfs));
	pf = h.pfs;
	*pf = (struct pf){.name = "eth0",
		.ifname = "eth0",
		.handle = "pci/0000:21:00.0",
		.ifindex = 7,
		.total_vfs = 7,
		.vf_offset = 128,
		.vf_stride = 2,
		.vf_count = 1};
	pf->known = PF_BIT(PF_NAME) | PF_BIT(PF_IFNAME) | PF_BIT(PF_IFINDEX) | PF_BIT(PF_BDF) |
		    PF_BIT(PF_VF_OFFSET) | PF_BIT(PF_VF_STRIDE) | PF_BIT(PF_TOTAL_VFS);
	bdf_parse("0000:21:00.0", &pf->bdf);
	vf = h.vfs;
	*vf = (struct vf){.known = VF_BIT(VF_INDEX) | VF_BIT(VF_BDF)};
	bdf_parse("0000:21:10.0", &vf->bdf);
	return h;
}

static void check(const struct scene *s)
{
	char text[VALUE_TEXT_MAX];
	size_t vfs = 0;

	for (size_t i = 0; i < s->host.pf_count; i++) {
		require(s->host.pfs[i].first_vf == vfs);
		vfs += s->host.pfs[i].vf_count;
	}
	require(vfs == s->host.vf_count);
	for (size_t i = 0; i < s->told_count; i++) {
		for (size_t a = 0; a < event_type.count; a++) {
			struct value v = attr_get(&event_type, a, &s->told[i]);

			value_format(&v, text, sizeof(text));
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct host host = small_host();
	struct news_list news = {0};
	struct arena arena = {0};
	struct scene scene;
	char *copy;

	if (!size) {
		host_free(&host);
		return 0;
	}
	scene_start(&scene, &host);
	scene.looks[0].asked = true;
	scene.looks[0].seq = 1;
	/* aligned, and ending where the allocation does */
	copy = malloc(size - 1 + (size == 1));
	memcpy(copy, data + 1, size - 1);
	switch (data[0] % 3) {
	case 0:
		watch_decode_route(&arena, data[0] & 4 ? 1 : -1, 1, copy, size - 1, &news);
		break;
	case 1:
		watch_decode_uevent(&arena, copy, size - 1, &news);
		break;
	default:
		watch_decode_devlink(&arena, copy, size - 1, &news);
		break;
	}
	free(copy); /* nothing may point into it */
	for (size_t i = 0; i < news.count; i++)
		scene_take(&scene, &news.items[i]);
	arena_free(&arena); /* nor into that */
	check(&scene);
	scene_forget_told(&scene);
	check(&scene);
	scene_free(&scene);
	return 0;
}
