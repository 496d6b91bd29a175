/* A host of two PFs with four VFs each, and commands that plan a change of it. */
#ifndef WORLD_H
#define WORLD_H

#include "fixture.h"

#include "plan/want.h"

struct world {
	struct host host;
	/* eth0 and eth1, at 0000:21:00.0 and 0000:41:00.0: no quirks, all VF attributes
	 * known, links with addresses; each VF in an IOMMU group of its own, 10, 11, ... */
	struct pf *eth0, *eth1;
	struct change change;
	struct error err;
	char text[32768];
};

int world_setup(void **state);
int world_teardown(void **state);

/* Everything about VFs that a kernel of today tells of a NIC with every feature. */
#define WORLD_VF_KNOWN                                                                             \
	(VF_BIT(VF_TRUST) | VF_BIT(VF_STATE) | VF_BIT(VF_QUERY_RSS) | VF_BIT(VF_IF_MAC) |          \
		VF_BIT(VF_IOMMU_GROUP) | VF_BIT(VF_MSIX))

/* No driver, and so no interface. */
void world_unbind(struct vf *vf);
/* Bound to vfio-pci. */
void world_vfio(struct host *h, struct vf *vf);
/* A VF by its name, a link by its name. */
struct vf *world_vf(struct world *w, const char *name);
struct link *world_link(struct world *w, const char *name);

/*
 * The words of a command, planned from scratch: 0, or -1 with w->err. Several selectors or
 * settings are separated by blanks. What was planned before is forgotten, unless it is what
 * a journal said (plan->interrupted).
 */
int world_set(struct world *w, const char *vfs, const char *settings, unsigned force);
int world_set_pf(struct world *w, const char *pf, const char *settings);
int world_bind(struct world *w, const char *vfs, const char *driver, unsigned force);
int world_reset(struct world *w, const char *vfs);
int world_create(struct world *w, const char *pf, uint64_t n);

/* The same for whole command lines, "netns attach eth0/0 blue vlan 5". There are the network
 * namespaces blue (also pid:4711) and red, and "home" is ours. */
int world_words(struct world *w, const char *text);
/* What `repair` would do to a PF. */
int world_repair(struct world *w, const struct pf *pf);
/* Who would lose something by what is planned, as `change_check` says. */
int world_check(struct world *w, unsigned force);

/* The interface of the VF is in that namespace; what it has there is still to be set. */
void world_away(struct world *w, const char *vf, const char *netns, const char *ifname);
/* It was handed to that namespace just as it is now (owner NULL: none). */
struct lease *world_lease(struct world *w, const char *vf, const char *netns, const char *owner);
/* Another interface in that namespace. */
struct link *world_link_in(struct world *w, const char *netns, const char *name);

/* The steps of all plans, as fixture_steps() writes them. */
const char *world_steps(struct world *w);
/* The only plan. */
struct plan *world_plan(struct world *w);
/* All warnings, one a line. */
const char *world_warnings(struct world *w);

/* The plan is exactly this; the command was refused with this. */
#define assert_plans(w, planned, text)                                                             \
	do {                                                                                       \
		if ((planned) < 0)                                                                 \
			fail_msg("refused: %s", (w)->err.message);                                 \
		assert_string_equal(world_steps(w), text);                                         \
	} while (0)
#define assert_refuses(w, planned, exit_code, about, key, words)                                   \
	do {                                                                                       \
		if ((planned) == 0)                                                                \
			fail_msg("planned: %s", world_steps(w));                                   \
		assert_contains((w)->err.message, words);                                          \
		assert_int_equal((w)->err.code, exit_code);                                        \
		assert_string_equal((w)->err.object, about);                                       \
		assert_string_equal((w)->err.attr, key);                                           \
	} while (0)

#endif
