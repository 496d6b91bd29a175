/* The checks there are, in the order in which they are listed. */
#include "doctor/parts.h"

#include "util/str.h"

#include <string.h>

const struct check *const checks[] = {
	/* of the platform */
	&check_iommu_off,
	&check_iommu_translated,
	&check_irq_remapping,
	&check_vfio_missing,
	&check_lockdown,
	&check_kernel_old,
	&check_hugepages,
	&check_vf_bars,
	&check_bus_numbers,
	&check_shared_group,
	/* of a PF */
	&check_no_pf,
	&check_no_sriov,
	&check_pf_no_driver,
	&check_pf_driver_no_vfs,
	&check_pf_firmware_off,
	&check_pf_total_capped,
	&check_pf_down,
	&check_pf_exhausted,
	&check_pf_in_bridge,
	&check_pf_list_short,
	&check_pf_autoprobe_off,
	&check_pf_unknown_nic,
	&check_pf_firmware_differs,
	&check_rdma_netns,
	/* of a VF */
	&check_vf_no_driver,
	&check_vf_wrong_driver,
	&check_vf_no_interface,
	&check_vf_driver_override,
	&check_vf_duplicate_mac,
	&check_vf_other_mac,
	&check_vf_no_mac,
	&check_vf_stray,
	&check_vf_leftover,
	&check_vf_weak,
	&check_vf_held,
	&check_vf_release_blocked,
	/* of interrupts and NUMA nodes */
	&check_irq_storm,
	&check_irq_one_cpu,
	&check_irq_far_cpus,
	&check_numa_far_user,
	&check_numa_unknown,
	/* of names, and of who else configures interfaces */
	&check_rename_failed,
	&check_name_given_twice,
	&check_name_disputed,
	&check_address_by_link,
	&check_vf_managed,
	/* of what was declared or recorded */
	&check_policy_wrong,
	&check_policy_differs,
	&check_baseline_gone,
	&check_baseline_kernel,
	&check_baseline_firmware,
	&check_baseline_driver,
	&check_baseline_count,
	&check_baseline_vf,
	NULL,
};

const struct check *check_find(const char *id)
{
	for (size_t i = 0; checks[i]; i++)
		if (strcmp(checks[i]->id, id) == 0)
			return checks[i];
	return NULL;
}

static int unknown_check(const char *id, struct error *err)
{
	struct nearest near = {.word = id};

	for (size_t i = 0; checks[i]; i++)
		nearest_try(&near, checks[i]->id);
	error_set(err, EXIT_USAGE, "no check is called '%s'", id);
	if (nearest_found(&near))
		return error_hint(err, "did you mean %s?", nearest_found(&near));
	return error_hint(err, "'sriovctl doctor help' lists them");
}

const struct check **checks_choose(const char *ids, struct arena *arena, struct error *err)
{
	const struct check **chosen = NULL;
	size_t count = 0;

	for (size_t i = 0; !ids && checks[i]; i++) {
		chosen = arena_push(arena, chosen, &count, sizeof(const struct check *));
		chosen[count - 1] = checks[i];
	}
	while (ids) {
		size_t len = strcspn(ids, ",");
		const char *id = arena_strndup(arena, ids, len);

		chosen = arena_push(arena, chosen, &count, sizeof(const struct check *));
		chosen[count - 1] = check_find(id);
		if (!chosen[count - 1]) {
			unknown_check(id, err);
			return NULL;
		}
		ids = ids[len] ? ids + len + 1 : NULL;
	}
	chosen = arena_push(arena, chosen, &count, sizeof(const struct check *));
	chosen[count - 1] = NULL;
	return chosen;
}
