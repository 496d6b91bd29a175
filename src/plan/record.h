/* What is remembered on disk, below the runtime directory: JSON, written whole or not at all. */
#ifndef PLAN_RECORD_H
#define PLAN_RECORD_H

#include "core/pf.h"
#include "core/vf.h"
#include "util/arena.h"
#include "util/error.h"

#include <jansson.h>

/* The attributes of a VF or PF that can be put back, by their keys: those that are known. */
void record_put_vf(json_t *j, const struct vf *vf);
void record_put_pf(json_t *j, const struct pf *pf);
/* False when something in it is no value of its attribute. */
bool record_get_vf(struct arena *arena, const json_t *j, struct vf *vf);
bool record_get_pf(struct arena *arena, const json_t *j, struct pf *pf);
/* Names are bytes, JSON wants Unicode: byte N is kept as U+00NN. NULL is null. */
json_t *record_bytes(const char *s);
const char *record_text(struct arena *arena, const json_t *root, const char *key);

/* On disk (written, synced, renamed) when this returns 0; -1 with *err. Takes over root. */
int record_write(const char *subdir, const char *name, json_t *root, struct error *err);
void record_remove(const char *subdir, const char *name);
/* NULL when it is not there or no JSON. */
json_t *record_read(const char *subdir, const char *name);

#endif
