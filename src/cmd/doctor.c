/* doctor */
#include "doctor/doctor.h"

#include "cmd/commands.h"

static bool check_row(size_t i, const char **id, const char **help)
{
	if (!checks[i])
		return false;
	*id = checks[i]->id;
	*help = checks[i]->looks_at;
	return true;
}

static const char *const examples[] = {
	"sriovctl doctor",
	"sriovctl doctor ens1f0 --details",
	"sriovctl doctor --check iommu-off,vf-no-driver",
	"sriovctl doctor --snapshot /tmp/host1 --baseline /tmp/host1-last-week",
	"sriovctl -j doctor | jq -r '.findings[].remedy // empty'",
	NULL,
};

const struct command cmd_doctor = {
	.name = "doctor",
	.summary = "say what is wrong with SR-IOV on this host, and what to do",
	.description =
		"Looks, and changes nothing. Exits 2 where there is a problem, with --strict 8\n"
		"where there are warnings alone. With PFs only these are looked at, without the\n"
		"platform. A card without SR-IOV may be named as well, to see what it lacks.",
	.examples = examples,
	.args = {{"PF", ARG_PF, true, true, "only these PFs"}},
	.service = SERVICE_DOCTOR,
	.topics = "Checks",
	.topic = check_row,
};
