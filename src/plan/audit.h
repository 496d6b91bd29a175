/* Who changed what: a line in the system's journal for each thing that was changed. */
#ifndef PLAN_AUDIT_H
#define PLAN_AUDIT_H

#include "plan/plan.h"

/*
 * One entry for each step that was tried, to journald with fields SRIOVCTL_COMMAND, _PF,
 * _OBJECT, _ATTR, _OLD, _NEW, _RESULT, _LOGINUID, _USER, or to syslog as one line
 * where there is no journald. Fails silently: a full log must not stop a change.
 */
void audit_change(const struct change *change);

#endif
