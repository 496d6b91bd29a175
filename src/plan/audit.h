/* Who changed what: a line in the system's journal for each VF or PF. */
#ifndef PLAN_AUDIT_H
#define PLAN_AUDIT_H

#include "plan/plan.h"

/*
 * One entry for each VF (or PF) that was worked on and each result. To journald with the
 * fields SRIOVCTL_COMMAND, _PF, _OBJECT, _ATTRS, _RESULT, _LOGINUID, _USER, and for each
 * attribute _OLD_attribute and _NEW_attribute; to syslog as one line where there is no
 * journald. Fails silently: a full log must not stop a change.
 */
void audit_change(const struct change *change);

#endif
