/* Who else sets up interfaces of VFs: NetworkManager, systemd-networkd. */
#include "doctor/config.h"
#include "doctor/parts.h"

#include "core/usage.h"

#include <string.h>

#define UDEV_RULES "80-sriovctl-vf.rules"
#define NETWORK_FILE "10-sriovctl-vf.network"

/* Their files stay when they end; the cgroup of their unit, by systemd, or the file with the number
 * of the process, without it, does not. */
static bool runs(const struct examination *x, const char *unit, const char *pid_file)
{
	static const char *const cgroups[] = {
		"/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd"};

	for (size_t i = 0; i < sizeof(cgroups) / sizeof(cgroups[0]); i++)
		if (facts_text(x->facts, "%s/system.slice/%s", cgroups[i], unit))
			return true;
	return pid_file && facts_text(x->facts, "%s", pid_file);
}

#define OFFERED "from /usr/local/share/sriovctl (or /usr/share/sriovctl) "
#define TELL_UDEV "'udevadm control --reload', 'udevadm trigger --settle -s net'"

/* NetworkManager writes the state of each device that it knows when that changes:
 * nm_manager_write_device_state() of its src/core/nm-manager.c. Without a connection it only
 * switches the interface on. */
static void look_at_networkmanager(struct examination *x, const char *path, const char *state)
{
	const char *managed = config_value(&x->arena, state, "managed");
	const char *uuid = config_value(&x->arena, state, "connection-uuid");

	if (!managed || strcmp(managed, "true") != 0)
		return;
	found(x, uuid ? SEVERITY_WARNING : SEVERITY_INFO, "NetworkManager manages it%s",
		uuid ? "" : ", without a connection");
	evidence(x, path, "managed=true");
	if (uuid)
		evidence(x, path, "connection-uuid=%s", uuid);
	else
		means(x, "it switches the interface on, and a connection for any device would take "
			 "it");
	/* it looks at NM_UNMANAGED= with each event of udev */
	remedy(x, "if the host does not use it itself: link " UDEV_RULES " " OFFERED
		  "into /etc/udev/rules.d, then " TELL_UDEV);
}

/* "unmanaged", "pending" and "initialized" are of those it leaves alone, or does not yet know what
 * to do with: link_state_table of systemd's src/network/networkd-link.c. */
static void look_at_networkd(struct examination *x, const char *path, const char *state)
{
	static const char *const at_work[] = {"configuring", "configured", "failed"};
	const char *admin = config_value(&x->arena, state, "ADMIN_STATE");
	const char *file = config_value(&x->arena, state, "NETWORK_FILE");
	bool managed = false;

	for (size_t i = 0; admin && i < sizeof(at_work) / sizeof(at_work[0]); i++)
		managed |= strcmp(admin, at_work[i]) == 0;
	if (!managed || !file)
		return;
	found(x, SEVERITY_WARNING, "systemd-networkd manages it");
	evidence(x, path, "ADMIN_STATE=%s", admin);
	evidence(x, path, "NETWORK_FILE=%s", file);
	remedy(x, "if the host does not use it itself: link " UDEV_RULES " and " NETWORK_FILE
		  " " OFFERED "into /etc/udev/rules.d and /etc/systemd/network, then " TELL_UDEV
		  ", 'systemctl restart systemd-networkd'");
}

struct managers {
	bool networkmanager, networkd;
	struct user_index users;
};

/* By its own doing, or because a rule says so: see contrib/udev. */
static bool is_used(struct examination *x, const struct managers *m)
{
	const char *data = facts_text(x->facts, "/run/udev/data/n%d", x->vf->ifindex);
	const char *said = data ? config_value(&x->arena, data, "E:SRIOVCTL_VF") : NULL;
	struct users users = {0};

	if (said && strcmp(said, "host") == 0)
		return true;
	vf_users_by(&m->users, x->vf, &x->arena, &users);
	return users.count > 0;
}

/* False: its state was not recorded. */
static bool look_at(struct examination *x, const struct managers *m)
{
	const char *nm = arena_printf(&x->arena, "/run/NetworkManager/devices/%d", x->vf->ifindex);
	const char *nd = arena_printf(&x->arena, "/run/systemd/netif/links/%d", x->vf->ifindex);
	const char *nm_state = facts_text(x->facts, "%s", nm);
	const char *nd_state = facts_text(x->facts, "%s", nd);

	if (!facts_find(x->facts, "%s", nm) || !facts_find(x->facts, "%s", nd))
		return false;
	if ((nm_state || nd_state) && is_used(x, m))
		return true;
	if (nm_state && m->networkmanager)
		look_at_networkmanager(x, nm, nm_state);
	if (nd_state && m->networkd)
		look_at_networkd(x, nd, nd_state);
	return true;
}

static void vf_managed(struct examination *x, const struct pf *pf)
{
	struct managers m = {0};
	bool known = true;

	if (x->host->usage_unknown) {
		unknown(x, "who uses what could not be found out");
		return;
	}
	user_index(x->host, &x->arena, &m.users);
	m.networkmanager =
		runs(x, "NetworkManager.service", "/run/NetworkManager/NetworkManager.pid");
	m.networkd = runs(x, "systemd-networkd.service", NULL);
	for (size_t i = 0; i < pf->vf_count; i++) {
		x->vf = &x->host->vfs[pf->first_vf + i];
		if (vf_has(x->vf, VF_IFINDEX) && !x->vf->netns)
			known &= look_at(x, &m);
	}
	x->vf = NULL;
	if (!known)
		unknown(x, "the state of NetworkManager and systemd-networkd was not recorded");
}

const struct check check_vf_managed = {
	.id = "vf-managed",
	.severity = SEVERITY_WARNING,
	.looks_at = "an unused VF that NetworkManager or systemd-networkd has taken",
	.meaning = "it asks for addresses over it, and may set it up anew just when it comes back "
		   "from "
		   "a container",
	.see = "sriovctl-policy(8), BOOT",
	.pf = vf_managed,
};
