/* The doctor: who else sets up interfaces of VFs. */
#include "unit.h"

#include "doctor.h"

static void managed(void **state)
{
	struct patient *p = *state;
	struct vf *vf = world_vf(p->w, "eth1/2");
	char nm[64], nd[64], data[64];

	snprintf(nm, sizeof(nm), "/run/NetworkManager/devices/%d", vf->ifindex);
	snprintf(nd, sizeof(nd), "/run/systemd/netif/links/%d", vf->ifindex);
	silent(p, "vf-managed");
	fact(p, nm, "[device]\nmanaged=false\n");
	silent(p, "vf-managed");
	fact(p, nm, "[device]\nmanaged=true\n");
	finds(p, "vf-managed", SEVERITY_INFO, "eth1/2", "NetworkManager manages it, without");
	fact(p, nm,
		"[device]\nmanaged=true\nconnection-uuid=5f0a1b2c-3d4e-4f5f-8a9b-0c1d2e3f4a5b\n");
	finds(p, "vf-managed", SEVERITY_WARNING, "eth1/2", "NetworkManager manages it");
	/* the host uses it */
	fixture_usage(&p->w->host, vf->ifindex, "address 192.0.2.1/24");
	silent(p, "vf-managed");
	p->w->host.usage_count = 0;
	snprintf(data, sizeof(data), "/run/udev/data/n%d", vf->ifindex);
	fact(p, data, "I:4711\nE:SRIOVCTL_VF=host\nV:1");
	silent(p, "vf-managed");
	fact_gone(p, data);
	p->w->host.usage_unknown = true;
	not_known(p, "vf-managed");
	p->w->host.usage_unknown = false;
	/* it has ended */
	fact_gone(p, "/sys/fs/cgroup/system.slice/NetworkManager.service");
	silent(p, "vf-managed");
	fact(p, "/run/NetworkManager/NetworkManager.pid", "");
	finds(p, "vf-managed", SEVERITY_WARNING, "eth1/2", "NetworkManager");
	fact_gone(p, nm);
	for (const char *const *s =
			(const char *const[]){"unmanaged", "pending", "initialized", NULL};
		*s; s++) {
		char text[128];

		snprintf(text, sizeof(text), "ADMIN_STATE=%s\nNETWORK_FILE=/x.network", *s);
		fact(p, nd, text);
		silent(p, "vf-managed");
	}
	fact(p, nd, "ADMIN_STATE=configuring\nNETWORK_FILE=/etc/systemd/network/50-dhcp.network");
	finds(p, "vf-managed", SEVERITY_WARNING, "eth1/2", "networkd manages it");
	fact_gone(p, "/sys/fs/cgroup/system.slice/systemd-networkd.service");
	silent(p, "vf-managed");
	fact_forget(p, nd);
	not_known(p, "vf-managed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(managed, patient_setup, patient_teardown),
	};

	return RUN(tests);
}
