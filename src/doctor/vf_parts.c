#include "doctor/vf_parts.h"

#include "core/driver.h"

#include <stdarg.h>
#include <stdio.h>

bool vf_is_handed_out(const struct vf *vf)
{
	return vf->netns || vf->unseen || vf->attached || vf->open ||
	       (vf_has(vf, VF_DRIVER) && driver_is_passthrough(vf->driver));
}

const struct nic *nic_of_vfs(const struct pf *pf)
{
	const struct nic *nic = pf_is_nic(pf) ? nic_of(pf) : NULL;

	if (!nic && pf_is_nic(pf) && pf_has(pf, PF_VENDOR_ID) && pf_has(pf, PF_VF_DEVICE_ID))
		nic = nic_of_vf(pf->vendor_id, pf->vf_device_id);
	return nic;
}

bool mac_is_set(const struct lladdr *mac)
{
	return mac->len == 6 && !lladdr_is_zero(mac);
}

const char *mac_text(struct examination *x, const struct lladdr *mac)
{
	const struct value v = {.known = true, .type = VALUE_LLADDR, .lladdr = *mac};
	char text[VALUE_TEXT_MAX];

	value_format(&v, text, sizeof(text));
	return arena_strdup(&x->arena, text);
}

void evidence_of_pf(struct examination *x, const struct vf *vf, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	evidence(x, arena_printf(&x->arena, "ip link show %s, vf %u", vf->pf, vf->index), "%s",
		text);
}

void evidence_of_interface(struct examination *x, const struct vf *vf, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	evidence(x,
		arena_printf(&x->arena, "ip link show %s%s%s", vf->ifname,
			vf->netns ? ", in the namespace " : "", vf->netns ? vf->netns : ""),
		"%s", text);
}
