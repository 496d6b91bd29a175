/* What policy.c and policy_files.c share; nobody else includes it. */
#ifndef POLICY_PARTS_H
#define POLICY_PARTS_H

#include "policy/policy.h"

/* Read the files, directories of files, or "-"; without any, those of this host
 * ($SRIOVCTL_POLICY_DIR, else /etc/sriovctl/policy.d). 0, or -1 with *err. */
int policy_read(struct policy *policy, char *const *names, size_t count, struct error *err);

#endif
