#include "plan/apply.h"

#include "core/driver.h"
#include "core/quirk.h"
#include "kernel/change.h"
#include "plan/explain.h"
#include "util/cleanup.h"
#include "util/clock.h"

#include <errno.h>
#include <string.h>

struct apply {
	const struct kernel *k;
	struct plan *plan;
	const struct options *o;
	int64_t deadline;
	struct stopper *stop;
	struct events *events;
	struct host now; /* looked at again as steps go on */
	bool soft_failure;
	struct error *err;
};

static const struct pf *refresh(struct apply *a)
{
	struct error ignored;

	host_free(&a->now);
	if (discover(a->k, NEED_VFS, &a->now, &ignored) < 0)
		return NULL;
	for (size_t i = 0; i < a->now.pf_count; i++)
		if (strcmp(a->now.pfs[i].handle, a->plan->pf->handle) == 0)
			return &a->now.pfs[i];
	return NULL;
}

/* The VF as last looked at, or NULL. */
static const struct vf *vf_now(const struct apply *a, uint32_t index)
{
	for (size_t i = 0; i < a->now.vf_count; i++) {
		const struct vf *vf = &a->now.vfs[i];
		const struct pf *pf = host_pf_of(&a->now, vf);

		if (vf->index == index && pf && strcmp(pf->handle, a->plan->pf->handle) == 0)
			return vf;
	}
	return NULL;
}

static void pf_file(const struct pf *pf, const char *file, char *out, size_t size)
{
	char name[BDF_SIZE];

	if (pf_has(pf, PF_BDF)) {
		bdf_format(pf->bdf, name);
		snprintf(out, size, "bus/pci/devices/%s/%s", name, file);
	} else {
		snprintf(out, size, "class/net/%s/device/%s", pf->ifname, file);
	}
}

static void vf_file(const struct vf *vf, const char *file, char *out, size_t size)
{
	char name[BDF_SIZE];

	bdf_format(vf->bdf, name);
	snprintf(out, size, "bus/pci/devices/%s/%s", name, file);
}

static int write_pf(struct apply *a, struct step *s, const char *file, const char *text)
{
	char path[128];
	int rc;

	pf_file(a->plan->pf, file, path, sizeof(path));
	rc = change_sysfs(a->k, path, text, a->deadline, a->stop);
	return rc < 0 ? explain_step(s, -rc, NULL, a->err) : 0;
}

static int apply_autoprobe(struct apply *a, struct step *s)
{
	return write_pf(a, s, "sriov_drivers_autoprobe", s->new.on ? "1" : "0");
}

/* The write comes back when the driver is through; some buses (s390x hotplug) show the
 * VFs only later, and some drivers enable fewer than asked and say nothing. */
static int wait_for_vfs(struct apply *a, struct step *s)
{
	const struct pf *pf = refresh(a);

	while (pf && pf->num_vfs != s->new.uint &&
		s->new.uint &&events_wait(a->events,
			a->deadline < clock_ms() + 2000 ? a->deadline : clock_ms() + 2000,
			a->stop) > 0)
		pf = refresh(a);
	if (!pf)
		return explain_step(s, ENODEV, NULL, a->err);
	if (pf->num_vfs == s->new.uint)
		return 0;
	error_set(a->err, EXIT_KERNEL, "asked for %llu VFs, the driver made %u",
		(unsigned long long)s->new.uint, pf->num_vfs);
	error_about(a->err, s->object, s->key);
	return error_hint(a->err, "see the kernel log for the driver's reason: dmesg");
}

static int apply_num_vfs(struct apply *a, struct step *s)
{
	char text[16];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)s->new.uint);
	return write_pf(a, s, "sriov_numvfs", text) < 0 ? -1 : wait_for_vfs(a, s);
}

static bool holds(const struct apply *a, const struct step *s)
{
	const struct vf *vf = vf_now(a, (uint32_t)s->vf);
	struct value v;

	if (!vf)
		return false;
	v = attr_get(&vf_type, s->attr, vf);
	return value_equal(&v, &s->new);
}

/* Send the attribute steps [from, to) one by one, so that a refusal has a name. */
static int write_each(struct apply *a, size_t from, size_t to)
{
	char extack[256];

	for (size_t i = from; i < to; i++) {
		struct step *s = &a->plan->steps[i];
		struct vf_write w = {&s->want, VF_BIT(s->attr)};
		int rc;

		if (s->result == RESULT_KEPT)
			continue;
		rc = rtnl_set_vfs(a->plan->pf->ifindex, &w, 1, extack, sizeof(extack));
		if (rc < 0) {
			s->result = rc == -ETIMEDOUT ? RESULT_TIMED_OUT : RESULT_FAILED;
			return explain_step(s, -rc, extack, a->err);
		}
		s->result = RESULT_DONE;
	}
	return 0;
}

/* A new number of VFs takes the link of many a PF down for some seconds. */
static void wait_for_link(struct apply *a, size_t from, size_t to)
{
	const struct pf *pf = NULL;
	int64_t deadline = clock_ms() + 15000;
	bool rates = false;

	for (size_t i = from; i < to; i++)
		rates |= a->plan->steps[i].attr == VF_MAX_TX_RATE ||
			 a->plan->steps[i].attr == VF_MIN_TX_RATE;
	if (!rates || !quirk_of(a->plan->pf->driver)->rate_needs_link)
		return;
	if (deadline > a->deadline)
		deadline = a->deadline;
	do {
		pf = refresh(a);
	} while (pf && pf->link != LINK_UP && events_wait(a->events, deadline, a->stop) > 0);
}

/* All attribute steps [from, to) in one request, as far as they do not hold already. The
 * kernel takes them in order and stops at the first it refuses, without saying where:
 * then each is sent alone (those that were done are done again, to the same effect). */
static int apply_vf_attrs(struct apply *a, size_t from, size_t to)
{
	struct vf_write *writes = arena_alloc(&a->plan->arena, (to - from) * sizeof(*writes));
	char extack[256];
	size_t count = 0;

	wait_for_link(a, from, to);
	refresh(a);
	for (size_t i = from; i < to; i++) {
		struct step *s = &a->plan->steps[i];

		if (holds(a, s)) {
			s->result = RESULT_KEPT;
			continue;
		}
		if (!count || writes[count - 1].vf->index != s->want.index)
			writes[count++] = (struct vf_write){&s->want, 0};
		writes[count - 1].attrs |= VF_BIT(s->attr);
	}
	if (count &&
		rtnl_set_vfs(a->plan->pf->ifindex, writes, count, extack, sizeof(extack)) < 0 &&
		write_each(a, from, to) < 0)
		return -1;
	if (count)
		refresh(a);
	for (size_t i = from; i < to; i++) {
		struct step *s = &a->plan->steps[i];

		if (s->result == RESULT_KEPT)
			continue;
		s->result = RESULT_DONE;
		if (holds(a, s))
			continue;
		s->result = RESULT_FAILED;
		error_set(a->err, EXIT_KERNEL, "the driver accepted the value and did not keep it");
		return error_about(a->err, s->object, s->key);
	}
	return 0;
}

static int soft_fail(struct apply *a, struct step *s, int sys_errno, const char *extack)
{
	s->result = RESULT_FAILED;
	if (!a->soft_failure)
		explain_step(s, sys_errno, extack, a->err);
	a->err->code = EXIT_PARTLY;
	a->soft_failure = true;
	return 0;
}

static int write_vf(struct apply *a, const struct vf *vf, const char *file, const char *text)
{
	char path[128];

	vf_file(vf, file, path, sizeof(path));
	return change_sysfs(a->k, path, text, a->deadline, a->stop);
}

/* Give a VF to its driver: by name through driver_override, which works whatever
 * autoprobe says and is cleared again, or to whatever driver wants it. */
static int apply_vf_driver(struct apply *a, struct step *s)
{
	const struct vf *vf = vf_now(a, (uint32_t)s->vf);
	const char *driver = s->want.driver;
	char name[BDF_SIZE];
	int rc = 0;

	if (!vf || !vf_has(vf, VF_BDF))
		return soft_fail(a, s, ENODEV, NULL);
	if (vf_has(vf, VF_DRIVER) && (!driver || strcmp(vf->driver, driver) == 0)) {
		s->result = RESULT_KEPT;
		return 0;
	}
	bdf_format(vf->bdf, name);
	if (driver)
		rc = write_vf(a, vf, "driver_override", driver);
	if (rc == 0)
		rc = change_sysfs(a->k, "bus/pci/drivers_probe", name, a->deadline, a->stop);
	if (driver)
		write_vf(a, vf, "driver_override", "\n");
	return rc < 0 ? soft_fail(a, s, -rc, NULL) : 0;
}

/* waiting for interfaces */

static const struct vf *survivor(const struct apply *a, uint32_t index)
{
	for (size_t i = 0; i < a->plan->before.vf_count; i++)
		if (a->plan->before.vfs[i]->index == index)
			return a->plan->before.vfs[i];
	return NULL;
}

/* Is an interface to come for this VF? */
static bool expects_interface(const struct apply *a, const struct vf *vf)
{
	const struct vf *had = survivor(a, vf->index);

	if (!pf_has(a->plan->pf, PF_IFNAME) || !vf_has(vf, VF_BDF))
		return false;
	if (vf_has(vf, VF_DRIVER) && driver_is_passthrough(vf->driver))
		return false;
	if (had)
		return vf_has(had, VF_IFNAME);
	return !a->o->no_wait && a->plan->before.autoprobe_known && a->plan->before.autoprobe;
}

/* No driver took the VF: is there a module that would? */
static bool no_driver_will(struct apply *a, const struct vf *vf)
{
	return !vf_has(vf, VF_DRIVER) && module_load_for(a->k, vf->bdf) <= 0;
}

/* Count the VFs whose interface is still to come; *first is one of them. */
static size_t still_missing(struct apply *a, bool *without_driver, uint32_t *first)
{
	size_t missing = 0;

	for (size_t i = 0; i < a->now.vf_count; i++) {
		const struct vf *vf = &a->now.vfs[i];

		if (vf_now(a, vf->index) != vf || !expects_interface(a, vf))
			continue;
		if (vf_has(vf, VF_IFNAME) && udev_is_done(a->k, vf->ifindex))
			continue;
		if (!vf_has(vf, VF_DRIVER) && !*without_driver)
			*without_driver = no_driver_will(a, vf);
		if (!vf_has(vf, VF_DRIVER) && *without_driver)
			continue;
		if (!missing++)
			*first = vf->index;
	}
	return missing;
}

static int wait_for_interfaces(struct apply *a)
{
	int64_t deadline = a->deadline;
	bool without_driver = false;
	uint32_t first = 0;
	size_t missing;
	int rc;

	if (a->o->wait_ms >= 0 && clock_ms() + a->o->wait_ms < deadline)
		deadline = clock_ms() + a->o->wait_ms;
	for (;;) {
		refresh(a);
		missing = still_missing(a, &without_driver, &first);
		if (!missing)
			break;
		rc = events_wait(a->events, deadline, a->stop);
		if (rc > 0)
			continue;
		error_set(a->err, EXIT_TIMED_OUT,
			"%s %zu of its VFs have no interface yet, VF %u among them",
			rc < 0 ? "interrupted while waiting:" : "waited in vain:", missing, first);
		error_about(a->err, a->plan->pf->name, NULL);
		return error_hint(a->err,
			"the VFs are there; look with 'sriovctl vf list', or wait longer "
			"with --timeout S");
	}
	if (without_driver)
		plan_warn(a->plan, "%s: this host has no driver for its VFs; they stay unbound",
			a->plan->pf->name);
	return 0;
}

/* interfaces of surviving VFs */

static bool link_holds(const struct step *s, const struct vf *vf)
{
	switch (s->kind) {
	case STEP_IF_NAME:
		return strcmp(vf->ifname, s->new.string) == 0;
	case STEP_IF_MTU:
		return vf->mtu == s->new.uint;
	case STEP_IF_UP:
		return vf_has(vf, VF_LINK) && vf->link != LINK_DOWN;
	case STEP_IF_ALTNAME:
		for (size_t i = 0; i < vf->altnames.count; i++)
			if (strcmp(vf->altnames.items[i], s->new.string) == 0)
				return true;
		return false;
	case STEP_AUTOPROBE:
	case STEP_NUM_VFS:
	case STEP_VF_ATTR:
	case STEP_VF_DRIVER:
		break;
	}
	return true;
}

/* The name a VF is to have, NULL when its name is free to choose. */
static const char *wanted_name(const struct apply *a, uint32_t index)
{
	for (size_t i = 0; i < a->plan->count; i++) {
		const struct step *s = &a->plan->steps[i];

		if (s->kind == STEP_IF_NAME && s->vf == (int32_t)index)
			return s->new.string;
	}
	return NULL;
}

static bool is_wanted_by_any(const struct apply *a, const char *name)
{
	for (size_t i = 0; i < a->plan->count; i++)
		if (a->plan->steps[i].kind == STEP_IF_NAME &&
			strcmp(a->plan->steps[i].new.string, name) == 0)
			return true;
	return false;
}

/*
 * The kernel hands out names in the order of probing, so that one VF may stand on
 * another's name. Interfaces of this PF's VFs that are in the way get a name of their own
 * first. `final`: those that nobody wants a name for get one from the kernel again.
 */
static void make_room_for_names(struct apply *a, bool final)
{
	char name[32], extack[256];

	for (size_t i = 0; i < a->now.vf_count; i++) {
		const struct vf *vf = &a->now.vfs[i];
		const char *wanted = wanted_name(a, vf->index);
		struct link_write w = {.name = name};

		if (vf_now(a, vf->index) != vf || !vf_has(vf, VF_IFNAME) || vf_has(vf, VF_NETNS))
			continue;
		snprintf(name, sizeof(name), "sriovvf%d", vf->ifindex);
		if (final && !wanted && strcmp(vf->ifname, name) == 0)
			snprintf(name, sizeof(name), "eth%%d");
		else if (final || !is_wanted_by_any(a, vf->ifname) ||
			 (wanted && strcmp(vf->ifname, wanted) == 0))
			continue;
		change_link(vf->ifindex, &w, extack, sizeof(extack));
	}
	refresh(a);
}

static int apply_link(struct apply *a, struct step *s)
{
	const struct vf *vf = vf_now(a, (uint32_t)s->vf);
	struct link_write w = {0};
	char extack[256];
	int rc;

	if (!vf || !vf_has(vf, VF_IFNAME))
		return soft_fail(a, s, ENODEV, NULL);
	if (link_holds(s, vf)) {
		s->result = RESULT_KEPT;
		return 0;
	}
	if (s->kind == STEP_IF_NAME)
		w.name = s->new.string;
	else if (s->kind == STEP_IF_ALTNAME)
		w.altname = s->new.string;
	else if (s->kind == STEP_IF_MTU)
		w.mtu = (uint32_t)s->new.uint;
	else
		w.up = true;
	rc = change_link(vf->ifindex, &w, extack, sizeof(extack));
	return rc < 0 ? soft_fail(a, s, -rc, extack) : 0;
}

/* the whole */

static bool is_interface_step(const struct step *s)
{
	return s->kind == STEP_IF_NAME || s->kind == STEP_IF_MTU || s->kind == STEP_IF_UP ||
	       s->kind == STEP_IF_ALTNAME;
}

static int apply_one(struct apply *a, struct step *s)
{
	switch (s->kind) {
	case STEP_AUTOPROBE:
		return apply_autoprobe(a, s);
	case STEP_NUM_VFS:
		return apply_num_vfs(a, s);
	case STEP_VF_DRIVER:
		return apply_vf_driver(a, s);
	case STEP_IF_NAME:
	case STEP_IF_MTU:
	case STEP_IF_UP:
	case STEP_IF_ALTNAME:
		return apply_link(a, s);
	case STEP_VF_ATTR:
		break; /* in groups: see apply_steps */
	}
	return 0;
}

/* The steps in order, up to the first hard failure. */
static int apply_steps(struct apply *a)
{
	struct plan *plan = a->plan;
	bool waited = false;

	for (size_t i = 0; i < plan->count; i++) {
		struct step *s = &plan->steps[i];
		size_t end = i + 1;

		if (stopper_count(a->stop)) {
			error_set(a->err, EXIT_KERNEL, "interrupted");
			return error_about(a->err, plan->pf->name, NULL);
		}
		if (s->kind == STEP_VF_ATTR) {
			while (end < plan->count && plan->steps[end].kind == STEP_VF_ATTR)
				end++;
			if (apply_vf_attrs(a, i, end) < 0)
				return -1;
			i = end - 1;
			continue;
		}
		if (is_interface_step(s) && !waited) {
			if (wait_for_interfaces(a) < 0)
				return -1;
			make_room_for_names(a, false);
			waited = true;
		}
		if (apply_one(a, s) < 0) {
			s->result =
				a->err->code == EXIT_TIMED_OUT ? RESULT_TIMED_OUT : RESULT_FAILED;
			return -1;
		}
		if (s->result == RESULT_PLANNED)
			s->result = RESULT_DONE;
	}
	if (!waited)
		return plan->count ? wait_for_interfaces(a) : 0;
	refresh(a);
	make_room_for_names(a, true);
	return 0;
}

/* Bring everything back to plan->before: a plan of its own, from what there is now. */
static int undo(struct apply *a, struct error *why)
{
	struct plan back = {
		.command = a->plan->command, .before = a->plan->before, .interrupted = true};
	struct stopper deaf = {.fd = -1};
	struct apply b = *a;
	int rc;

	memset(&b.now, 0, sizeof(b.now));
	b.plan = a->plan;
	b.stop = &deaf; /* putting back is not to be interrupted */
	b.soft_failure = false;
	b.err = why;
	b.deadline =
		clock_ms() + (a->deadline - clock_ms() > 60000 ? a->deadline - clock_ms() : 60000);
	back.pf = refresh(&b);
	if (!back.pf)
		return error_set(why, EXIT_KERNEL, "the PF has gone");
	rc = plan_vf_count(&back, &b.now, a->plan->before.num_vfs, why);
	if (rc == 0) {
		struct host planned_from = b.now; /* back.pf points into it */

		memset(&b.now, 0, sizeof(b.now));
		b.plan = &back;
		rc = apply_steps(&b);
		host_free(&planned_from);
	}
	host_free(&b.now);
	plan_free(&back);
	return rc < 0 || b.soft_failure ? -1 : 0;
}

static void mark(struct plan *plan, enum step_result from, enum step_result to)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->steps[i].result == from)
			plan->steps[i].result = to;
}

static bool anything_done(const struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->steps[i].result == RESULT_DONE)
			return true;
	return false;
}

/* Is there anything to put back? A step that failed may have done a part of its work. */
static bool differs_from_before(struct apply *a)
{
	const struct pf *pf = refresh(a);

	return anything_done(a->plan) || (pf && pf->num_vfs != a->plan->before.num_vfs);
}

static void handle_failure(struct apply *a, bool *settled)
{
	struct plan *plan = a->plan;
	struct error why;

	if (a->err->code == EXIT_TIMED_OUT || a->err->sys_errno == EINTR) {
		/* the kernel may still be at it: hands off. With only the waiting left undone
		 * there is nothing for anyone to put right. */
		*settled = false;
		for (size_t i = 0; i < plan->count; i++)
			*settled |= plan->steps[i].result == RESULT_DONE;
		for (size_t i = 0; i < plan->count; i++)
			*settled &= plan->steps[i].result != RESULT_PLANNED &&
				    plan->steps[i].result != RESULT_TIMED_OUT;
		mark(plan, RESULT_PLANNED, RESULT_SKIPPED);
		return;
	}
	mark(plan, RESULT_PLANNED, RESULT_SKIPPED);
	if (!differs_from_before(a)) {
		plan->changed = false;
		return;
	}
	if (undo(a, &why) == 0) {
		mark(plan, RESULT_DONE, RESULT_UNDONE);
		plan->changed = false;
		return;
	}
	mark(plan, RESULT_DONE, RESULT_NOT_UNDONE);
	*settled = false;
	a->err->code = EXIT_PARTLY;
	plan_warn(plan, "what was there before could not be put back: %s%s%s", why.message,
		why.kernel[0] ? ": " : "", why.kernel);
}

int plan_apply(const struct kernel *k, struct plan *plan, const struct options *o, bool *settled,
	struct error *err)
{
	int64_t vfs = plan->want_vfs > plan->pf->num_vfs ? plan->want_vfs : plan->pf->num_vfs;
	int64_t timeout = o->timeout_ms >= 0 ? o->timeout_ms : 60000 + 2000 * vfs;
	struct apply a = {
		.k = k, .plan = plan, .o = o, .deadline = clock_ms() + timeout, .err = err};
	struct stopper stop;
	int rc;

	*settled = true;
	a.stop = &stop;
	a.events = events_open();
	if (!a.events)
		return error_nomem(err);
	stopper_start(&stop);
	rc = apply_steps(&a);
	if (rc < 0)
		handle_failure(&a, settled);
	else
		plan->changed = anything_done(plan);
	if (rc == 0 && a.soft_failure)
		rc = -1;
	events_close(a.events);
	host_free(&a.now);
	stopper_end(&stop);
	return rc;
}
