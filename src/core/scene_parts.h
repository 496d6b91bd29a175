/* What scene*.c share; nobody else includes it. */
#ifndef CORE_SCENE_PARTS_H
#define CORE_SCENE_PARTS_H

#include "core/scene.h"

/* A PF, or one of its VFs. Indexes: arrays move as they grow. */
struct subject {
	bool found;
	size_t pf;
	bool is_vf;
	size_t vf; /* in host.vfs */
};

struct pf *subject_pf(struct scene *s, struct subject who);
struct vf *subject_vf(struct scene *s, struct subject who);
struct event *scene_tell(struct scene *s, struct subject who, enum event_kind kind);
struct event *scene_tell_change(struct scene *s, struct subject who, enum event_kind kind,
	const char *attr, struct value old, struct value new);
/* A string that lives as long as the scene. */
const char *scene_keep(struct scene *s, const char *text);
/* Ask the PF, with something in mind that an answer under way may not tell of. */
void scene_want(struct scene *s, size_t pf);
struct subject scene_vf(struct scene *s, size_t pf, uint32_t index);

/* The same steps, whether messages or a new picture tell of them. */
struct subject take_created(struct scene *s, size_t pf, uint32_t index, const struct bdf *bdf);
void take_destroyed(struct scene *s, struct subject who);
void take_driver(struct scene *s, struct subject who, const char *driver);
/* How many differences that is. */
size_t take_interface(struct scene *s, struct subject who, const struct link *l);
void take_no_interface(struct scene *s, struct subject who, const char *why);
/* What the PF has of a VF: how many differences that is. found: nobody has told of them. */
size_t take_vf_settings(struct scene *s, struct subject who, const struct vf *now, bool found);
void take_gone(struct scene *s, size_t pf);

#endif
