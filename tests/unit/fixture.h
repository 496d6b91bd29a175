/* A host made by hand: PFs and VFs as discovery would find them. */
#ifndef FIXTURE_H
#define FIXTURE_H

#include "core/host.h"
#include "plan/plan.h"

#define FIXTURE_PFS 8
#define FIXTURE_VFS 2048
#define FIXTURE_LINKS 64
#define FIXTURE_USAGES 16

void fixture_host(struct host *h);
/* A PF with an interface that is up, the driver igb, autoprobe on and no VFs; ifindex 10, 11, ...
 * Its VFs, if any, must be added before the next PF. */
struct pf *fixture_pf(struct host *h, const char *ifname, const char *bdf, uint32_t total);
/* n VFs with driver, interface (up, ifindex 100, 101, ...), MTU 1500, MAC 02:00:00:PF:00:NN,
 * spoofchk on, VLAN 0 and rate 0; nothing else is known. */
void fixture_vfs(struct host *h, struct pf *pf, uint32_t n);
struct vf *fixture_vf(struct host *h, const struct pf *pf, uint32_t index);
struct link *fixture_link(struct host *h, int ifindex, const char *name);
void fixture_usage(struct host *h, int ifindex, const char *what);
void fixture_altname(struct host *h, struct strings *names, const char *name);

/* The steps as text: "eth0 num_vfs 2>0; ..." with old and new value. Attributes that only
 * matter to few tests can be left out by their key. */
void fixture_steps(const struct plan *plan, const char *without, char *text, size_t size);

/* A directory of its own for a test that writes files, in $SRIOVCTL_RUNTIME_DIR too.
 * Group or test setup and teardown; *state is its path. */
int runtime_setup(void **state);
int runtime_teardown(void **state);

#endif
