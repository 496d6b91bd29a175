#include "plan/apply.h"

#include "plan/apply_parts.h"

#include "core/driver.h"
#include "core/quirk.h"
#include "kernel/change.h"
#include "plan/explain.h"
#include "util/cleanup.h"
#include "util/clock.h"

#include <errno.h>
#include <string.h>

const struct pf *apply_refresh(struct apply *a)
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
const struct vf *apply_vf_now(const struct apply *a, uint32_t index)
{
	for (size_t i = 0; i < a->now.vf_count; i++) {
		const struct vf *vf = &a->now.vfs[i];
		const struct pf *pf = host_pf_of(&a->now, vf);

		if (vf->index == index && pf && strcmp(pf->handle, a->plan->pf->handle) == 0)
			return vf;
	}
	return NULL;
}

static void pci_file(struct bdf bdf, const char *file, char *out, size_t size)
{
	char name[BDF_SIZE];

	bdf_format(bdf, name);
	snprintf(out, size, "bus/pci/devices/%s/%s", name, file);
}

static void pf_file(const struct pf *pf, const char *file, char *out, size_t size)
{
	if (pf_has(pf, PF_BDF))
		pci_file(pf->bdf, file, out, size);
	else
		snprintf(out, size, "class/net/%s/device/%s", pf->ifname, file);
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
	const struct pf *pf = apply_refresh(a);
	int64_t deadline = clock_ms() + 2000;
	bool more = true;

	if (deadline > a->deadline)
		deadline = a->deadline;
	while (pf && more && s->new.uint && pf->num_vfs != s->new.uint) {
		more = events_wait(a->events, deadline, a->stop) > 0;
		pf = apply_refresh(a);
	}
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
	const struct vf *vf = apply_vf_now(a, (uint32_t)s->vf);
	struct value v;

	if (!vf)
		return false;
	v = attr_get(&vf_type, s->attr, vf);
	return value_equal(&v, &s->new);
}

int apply_soft_fail(struct apply *a, struct step *s, int sys_errno, const char *extack)
{
	s->result = RESULT_FAILED;
	if (!a->soft_failure)
		explain_step(s, sys_errno, extack, a->err);
	a->err->code = EXIT_PARTLY;
	a->soft_failure = true;
	return 0;
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
		if (rc < 0 && a->undoing) {
			apply_soft_fail(a, s, -rc, extack);
			continue;
		}
		if (rc < 0) {
			s->result = RESULT_FAILED;
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
		pf = apply_refresh(a);
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
	apply_refresh(a);
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
		apply_refresh(a);
	for (size_t i = from; i < to; i++) {
		struct step *s = &a->plan->steps[i];

		if (s->result == RESULT_KEPT || s->result == RESULT_FAILED)
			continue;
		s->result = RESULT_DONE;
		if (holds(a, s))
			continue;
		s->result = RESULT_FAILED;
		/* the first failure is the one to tell of */
		if (!a->soft_failure) {
			error_set(a->err, EXIT_KERNEL,
				"the driver accepted the value and did not keep it");
			error_about(a->err, s->object, s->key);
		}
		if (!a->undoing)
			return -1;
		a->err->code = EXIT_PARTLY;
		a->soft_failure = true;
	}
	return 0;
}

static int write_vf(struct apply *a, const struct vf *vf, const char *file, const char *text)
{
	char path[128];

	pci_file(vf->bdf, file, path, sizeof(path));
	return change_sysfs(a->k, path, text, a->deadline, a->stop);
}

/* Give a VF to its driver: by name through driver_override, which works whatever
 * autoprobe says and is cleared again, or to whatever driver wants it. */
static int apply_vf_driver(struct apply *a, struct step *s)
{
	const struct vf *vf = apply_vf_now(a, (uint32_t)s->vf);
	const char *driver = s->want.driver;
	char name[BDF_SIZE];
	int rc = 0;

	if (!vf || !vf_has(vf, VF_BDF))
		return apply_soft_fail(a, s, ENODEV, NULL);
	if (vf_has(vf, VF_DRIVER) && (!driver || strcmp(vf->driver, driver) == 0)) {
		s->result = RESULT_KEPT;
		return 0;
	}
	bdf_format(vf->bdf, name);
	if (driver)
		rc = write_vf(a, vf, "driver_override", driver);
	if (rc == 0)
		rc = change_sysfs(a->k, "bus/pci/drivers_probe", name, a->deadline, a->stop);
	if (driver && !a->stop->left_behind)
		write_vf(a, vf, "driver_override", "\n");
	return rc < 0 ? apply_soft_fail(a, s, -rc, NULL) : 0;
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
	case STEP_VF_ATTR:
		break; /* not one by one: see apply_steps */
	}
	return 0;
}

/* The probe of a driver may fail without a word: look. */
static void check_drivers(struct apply *a)
{
	apply_refresh(a);
	for (size_t i = 0; i < a->plan->count; i++) {
		struct step *s = &a->plan->steps[i];
		const struct vf *vf;

		if (s->kind != STEP_VF_DRIVER || s->result != RESULT_DONE || !s->want.driver)
			continue;
		vf = apply_vf_now(a, (uint32_t)s->vf);
		if (!vf || !vf_has(vf, VF_DRIVER) || strcmp(vf->driver, s->want.driver) != 0)
			apply_soft_fail(a, s, ENODEV, NULL);
	}
}

static int interrupted(struct apply *a)
{
	error_set(a->err, EXIT_KERNEL, "interrupted");
	return error_about(a->err, a->plan->pf->name, NULL);
}

/* The first steps, up to those for interfaces: *at is where they begin. */
static int apply_device_steps(struct apply *a, size_t *at)
{
	struct plan *plan = a->plan;
	size_t end;

	for (size_t i = 0; i < plan->count && !is_interface_step(&plan->steps[i]); i = *at = end) {
		struct step *s = &plan->steps[i];

		end = i + 1;
		if (stopper_count(a->stop))
			return interrupted(a);
		if (s->kind == STEP_VF_ATTR) {
			while (end < plan->count && plan->steps[end].kind == STEP_VF_ATTR)
				end++;
			if (apply_vf_attrs(a, i, end) < 0)
				return -1;
			continue;
		}
		if (apply_one(a, s) < 0 || a->stop->left_behind) {
			bool late = a->stop->left_behind || a->err->code == EXIT_TIMED_OUT;

			s->result = late ? RESULT_TIMED_OUT : RESULT_FAILED;
			if (late)
				a->err->code = EXIT_TIMED_OUT;
			return -1;
		}
		if (s->result == RESULT_PLANNED)
			s->result = RESULT_DONE;
	}
	return 0;
}

/* The steps in order, up to the first hard failure. An interface that does not come in
 * time costs only itself: those that are there get what they had. */
static int apply_steps(struct apply *a)
{
	struct plan *plan = a->plan;
	struct error late;
	bool is_late;
	size_t at = 0;

	apply_refresh(a);
	if (apply_device_steps(a, &at) < 0)
		return -1;
	is_late = plan->count && apply_wait_for_interfaces(a) < 0;
	if (is_late && stopper_count(a->stop))
		return -1;
	late = *a->err;
	check_drivers(a);
	if (at < plan->count)
		apply_make_room_for_names(a, false);
	for (; at < plan->count; at++) {
		struct step *s = &plan->steps[at];
		const struct vf *vf = apply_vf_now(a, (uint32_t)s->vf);

		if (is_late && (!vf || !vf_has(vf, VF_IFNAME))) {
			s->result = RESULT_TIMED_OUT;
			continue;
		}
		if (stopper_count(a->stop))
			return interrupted(a);
		apply_link(a, s);
		if (s->result == RESULT_PLANNED)
			s->result = RESULT_DONE;
	}
	apply_refresh(a);
	apply_make_room_for_names(a, true);
	if (!is_late)
		return 0;
	*a->err = late;
	return -1;
}

/* Bring everything back to plan->before: a plan of its own, from what there is now. */
static int undo(struct apply *a, struct error *why)
{
	struct plan back = {
		.command = a->plan->command, .before = a->plan->before, .interrupted = true};
	struct stopper deaf = {.fd = -1};
	struct options patient = *a->o;
	struct apply b = *a;
	int rc;

	memset(&b.now, 0, sizeof(b.now));
	b.stop = &deaf; /* putting back is not to be interrupted */
	b.soft_failure = false;
	b.undoing = true;
	patient.wait_ms = -1;
	b.o = &patient;
	b.err = why;
	b.deadline =
		clock_ms() + (a->deadline - clock_ms() > 60000 ? a->deadline - clock_ms() : 60000);
	back.pf = apply_refresh(&b);
	if (!back.pf) {
		host_free(&b.now);
		return error_set(why, EXIT_KERNEL, "the PF has gone");
	}
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
	const struct pf *pf = apply_refresh(a);

	return anything_done(a->plan) || !pf || pf->num_vfs != a->plan->before.num_vfs;
}

static void handle_failure(struct apply *a, bool *settled)
{
	struct plan *plan = a->plan;
	struct error why;

	if (a->stop->left_behind || (a->err->code == EXIT_TIMED_OUT && !a->err->sys_errno)) {
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
	a.undoing = plan->interrupted; /* what an earlier undo could not put back stays so */
	a.events = events_open();
	if (!a.events) {
		plan_refused(plan);
		return error_nomem(err);
	}
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
