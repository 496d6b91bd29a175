/* Policies against a small host, and what comes of it as text. */
#ifndef POLICY_TEXT_H
#define POLICY_TEXT_H

#include "policy/policy.h"

/*
 * The host: eth0 (also lan0), 0000:01:00.0, 8086:10c9, MTU 1500, has 4 of 8 VFs, VF 3 with
 * vfio-pci; eth1, 0000:02:00.0, 15b3:1018, MTU 9000, has none of 8 VFs; ib0, InfiniBand,
 * 0000:03:00.0, has none of 8; 0000:04:00.0, which has no interface, and 2 of 4 VFs.
 */
struct outcome {
	struct arena arena;
	struct host host;
	struct problems problems;
	struct policy *policy;
	struct intent intent;
	const char *said; /* a line each: "3:5 E1 eth0/1 vlan: message [hint]", W for a warning */
	/* a line for each PF: "eth0 vfs=8 mtu=9000; 0-3 driver=vfio-pci vlan=100; 4 trust=on" */
	const char *wanted;
};

/* The files are read in this order, as a, b, ...; where there are several, said names them. labels
 * may be NULL. */
void outcome_of(struct outcome *o, const char *const *texts, size_t count, const char *labels);
void outcome_free(struct outcome *o);

/* One text; NULL: that is not looked at. */
void assert_outcome(const char *text, const char *labels, const char *said, const char *wanted);

#endif
