/* NUMA nodes, as the facts have them. */
#ifndef DOCTOR_NODES_H
#define DOCTOR_NODES_H

#include "core/cpus.h"
#include "doctor/doctor.h"

enum nodes {
	NODES_UNKNOWN,
	NODES_ONE, /* has all CPUs */
	NODES_SEVERAL,
};

enum nodes nodes_of(struct examination *x);
/* The CPUs that are near a node: its own, and those of nodes as good as in the same place. False,
 * and none, where it is not known. */
bool nodes_near(struct examination *x, int32_t node, struct ints *cpus);
bool cpus_any(const struct ints *of, const struct ints *among);

#endif
