/* A SriovHost document as text. */
#ifndef POLICY_RENDER_H
#define POLICY_RENDER_H

#include "policy/draft.h"

#include <stdio.h>

/* What most VFs of a PF with a known number of them have is said once, of `all`, and by those that
 * have something else; neighbours that share the rest are one range. 0, or -1 with *err; whether
 * `out` took it is for the caller to find (ferror). */
int render(const struct draft *draft, FILE *out, struct error *err);

#endif
