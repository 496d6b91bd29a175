#include "plan/apply.h"

#include "plan/apply_parts.h"

#include "core/driver.h"
#include "plan/explain.h"
#include "plan/lease.h"
#include "util/clock.h"
#include "util/str.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void apply_tell(struct apply *a, const char *object, const char *doing, size_t done, size_t total)
{
	a->at = (struct progress){object, doing, done, total, a->undoing};
	watcher_tell(a->o->watcher, &a->at);
}

#define TELL_MS 200

int apply_wait(struct apply *a, int64_t deadline)
{
	for (;;) {
		int64_t soon = clock_ms() + TELL_MS;
		bool is_last = !a->o->watcher || soon >= deadline;
		int rc = events_wait(a->events, is_last ? deadline : soon, a->stop);

		if (rc != 0 || is_last)
			return rc;
		watcher_tell(a->o->watcher, &a->at);
	}
}

/* While a write lasts. */
static void meanwhile(void *arg)
{
	struct apply *a = arg;

	if (a->counts_vfs) {
		size_t now = vfs_now(a->k, a->plan->pf->bdf);

		a->at.done = !a->removes_vfs ? now : a->at.total > now ? a->at.total - now : 0;
	}
	watcher_tell(a->o->watcher, &a->at);
}

static const struct pf *look(struct apply *a, unsigned needs)
{
	struct error ignored;

	host_free(&a->own);
	a->now = &a->own;
	a->stale = false;
	if (discover(a->k, needs, &a->own, &ignored) < 0)
		return NULL;
	return host_same_pf(a->now, a->plan->pf);
}

const struct pf *apply_refresh(struct apply *a)
{
	return look(a, NEED_VFS);
}

void apply_outdate(struct apply *a)
{
	a->stale = true;
	a->attrs_valid = false;
}

const struct vf *apply_vf_now(const struct apply *a, uint32_t index)
{
	const struct pf *pf = host_same_pf(a->now, a->plan->pf);

	return pf ? host_vf(a->now, pf, index) : NULL;
}

/* Its interface did not come home: whoever has it must not get more than was given. Or its
 * driver did not take it: then there is nothing to be set. */
static void leave_vf(struct apply *a, const struct step *moved)
{
	for (struct step *s = a->plan->steps; s < a->plan->steps + a->plan->count; s++)
		if (s->vf == moved->vf && s->result == RESULT_PLANNED)
			s->result = RESULT_SKIPPED;
}

/* Take note of a failure; err is what it was, filled by the caller. */
static int failed(struct apply *a, struct step *s, const struct error *err)
{
	bool declared = a->problems && !a->undoing && s->vf >= 0;
	bool soft = s->put_back || a->undoing || (declared && !s->internal);

	s->result = RESULT_FAILED;
	if (declared)
		problem_error(a->problems, (struct origin){0}, err);
	if (declared && s->kind == STEP_VF_DRIVER)
		leave_vf(a, s);
	if (!a->soft_failure)
		*a->err = *err;
	if (!soft)
		return -1;
	a->err->code = EXIT_PARTLY;
	a->soft_failure = true;
	return 0;
}

int apply_fail(struct apply *a, struct step *s, int sys_errno, const char *extack)
{
	struct error err = {0};

	explain_step(s, sys_errno, extack, &err);
	return failed(a, s, &err);
}

int apply_fail_with(struct apply *a, struct step *s, const char *message, const char *hint)
{
	struct error err = {0};

	error_set(&err, EXIT_KERNEL, "%s", message);
	error_about(&err, s->object, s->key);
	if (hint)
		error_hint(&err, "%s", hint);
	return failed(a, s, &err);
}

static void pci_file(struct bdf bdf, const char *file, char *out, size_t size)
{
	char name[BDF_SIZE];

	bdf_format(bdf, name);
	snprintf(out, size, "bus/pci/devices/%s/%s", name, file);
}

int apply_write_vf(struct apply *a, const struct vf *vf, const char *file, const char *text)
{
	char path[128];

	pci_file(vf->bdf, file, path, sizeof(path));
	return write_sysfs(a->k, a->writer, path, text, a->deadline, a->stop);
}

static int write_pf(struct apply *a, struct step *s, const char *file, const char *text)
{
	const struct pf *pf = a->plan->pf;
	char path[128];
	int rc;

	if (pf_has(pf, PF_BDF))
		pci_file(pf->bdf, file, path, sizeof(path));
	else
		snprintf(path, sizeof(path), "class/net/%s/device/%s", pf->ifname, file);
	rc = write_sysfs(a->k, a->writer, path, text, a->deadline, a->stop);
	return rc < 0 ? explain_step(s, -rc, NULL, a->err) : 0;
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
		more = apply_wait(a, deadline) > 0;
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
	bool counted = pf_has(a->plan->pf, PF_BDF);
	size_t from = (size_t)s->old.uint, to = (size_t)s->new.uint;
	char text[16];
	int rc;

	a->removes_vfs = to < from;
	apply_tell(a, s->object, a->removes_vfs ? "removing VFs" : "creating VFs", 0,
		!counted         ? 0
		: a->removes_vfs ? from
				 : to);
	snprintf(text, sizeof(text), "%zu", to);
	a->counts_vfs = counted;
	rc = write_pf(a, s, "sriov_numvfs", text);
	a->counts_vfs = false;
	return rc < 0 ? -1 : wait_for_vfs(a, s);
}

static int apply_one(struct apply *a, struct step *s)
{
	switch (s->kind) {
	case STEP_AUTOPROBE:
		return write_pf(a, s, "sriov_drivers_autoprobe", s->new.on ? "1" : "0");
	case STEP_NUM_VFS:
		return apply_num_vfs(a, s);
	case STEP_VF_MSIX:
		return apply_vf_msix(a, s);
	case STEP_VF_OVERRIDE:
		return apply_vf_override(a, s);
	case STEP_VF_DRIVER:
		return apply_vf_driver(a, s);
	case STEP_VF_RESET:
		return apply_vf_reset(a, s);
	case STEP_VFIO_NODE:
		return apply_vfio_node(a, s);
	case STEP_LEASE:
	case STEP_IF_NETNS:
	case STEP_IF_NAME:
	case STEP_IF_MAC:
	case STEP_IF_MTU:
	case STEP_IF_UP:
	case STEP_IF_ALTNAME:
	case STEP_IF_ADDRESS:
	case STEP_IF_GATEWAY:
	case STEP_IF_ANNOUNCE:
		return apply_link(a, s);
	case STEP_VF_ATTR:
		break; /* not one by one: see apply_steps */
	}
	return 0;
}

int apply_interrupted(struct apply *a)
{
	error_set(a->err, EXIT_KERNEL, "interrupted");
	return error_about(a->err, a->plan->pf->name, NULL);
}

/* Those for which the interface must have come: all that concern it, but for its coming
 * home, and forgetting the VF. */
static bool is_late_step(const struct step *s)
{
	if (s->vf < 0)
		return false;
	switch (s->kind) {
	case STEP_IF_NAME:
	case STEP_IF_MAC:
	case STEP_IF_MTU:
	case STEP_IF_UP:
	case STEP_IF_ALTNAME:
	case STEP_IF_ADDRESS:
	case STEP_IF_GATEWAY:
	case STEP_IF_ANNOUNCE:
		return true;
	case STEP_IF_NETNS:
		return s->new.known;
	case STEP_LEASE:
		return !s->new.known;
	case STEP_AUTOPROBE:
	case STEP_NUM_VFS:
	case STEP_VF_ATTR:
	case STEP_VF_MSIX:
	case STEP_VF_OVERRIDE:
	case STEP_VF_DRIVER:
	case STEP_VF_RESET:
	case STEP_VFIO_NODE:
		break;
	}
	return false;
}

/* The steps [from, to) that are one request, or one. */
static size_t end_of_group(const struct plan *plan, size_t from)
{
	size_t end = from + 1;

	while (plan->steps[from].kind == STEP_VF_ATTR && end < plan->count &&
		plan->steps[end].kind == STEP_VF_ATTR)
		end++;
	return end;
}

/* The first steps, up to those for interfaces of VFs: *at is where they begin. */
static int apply_device_steps(struct apply *a, size_t *at)
{
	struct plan *plan = a->plan;

	while (*at < plan->count && !is_late_step(&plan->steps[*at])) {
		struct step *s = &plan->steps[*at];
		size_t end = end_of_group(plan, *at);
		int rc;

		if (stopper_count(a->stop))
			return apply_interrupted(a);
		apply_tell(a, a->plan->pf->name, "step", *at + 1, plan->count);
		rc = s->kind == STEP_VF_ATTR       ? apply_vf_attrs(a, *at, end)
		     : s->result == RESULT_PLANNED ? apply_one(a, s)
						   : 0;
		if (rc < 0 || a->stop->left_behind) {
			bool late = a->stop->left_behind || a->err->code == EXIT_TIMED_OUT;

			if (late || (s->kind != STEP_VF_ATTR && s->result == RESULT_PLANNED))
				s->result = late ? RESULT_TIMED_OUT : RESULT_FAILED;
			if (late)
				a->err->code = EXIT_TIMED_OUT;
			return -1;
		}
		if (s->result == RESULT_PLANNED)
			s->result = RESULT_DONE;
		if (s->kind != STEP_VF_ATTR && s->kind != STEP_LEASE)
			apply_outdate(a);
		if (s->kind == STEP_IF_NETNS && s->result == RESULT_FAILED)
			leave_vf(a, s);
		*at = end;
	}
	return 0;
}

/* The rest: steps for interfaces that are there; those of others are late. */
static int apply_interface_steps(struct apply *a, size_t at, bool is_late)
{
	struct plan *plan = a->plan;

	for (; at < plan->count; at++) {
		struct step *s = &plan->steps[at];
		const struct vf *vf = apply_vf_now(a, (uint32_t)s->vf);

		if (s->result != RESULT_PLANNED) /* done by the one before, or given up */
			continue;
		if (is_late && (!vf || !vf_has(vf, VF_IFNAME))) {
			s->result = RESULT_TIMED_OUT;
			continue;
		}
		if (stopper_count(a->stop))
			return apply_interrupted(a);
		apply_tell(a, a->plan->pf->name, "step", at + 1, plan->count);
		if (apply_link(a, s) < 0)
			return -1;
		apply_outdate(a);
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
	bool is_late = false;
	/* interfaces come and go */
	bool come = plan_has_step(plan, STEP_NUM_VFS) || plan_has_step(plan, STEP_VF_DRIVER);
	struct error late = {0};
	size_t at = 0;

	if (apply_device_steps(a, &at) < 0)
		return -1;
	if (come) {
		/* what a driver has not taken need not be waited for */
		if (apply_check_drivers(a, true) < 0)
			return -1;
		is_late = apply_wait_for_interfaces(a) < 0;
		if (is_late && stopper_count(a->stop))
			return -1;
		late = *a->err;
		if (apply_check_drivers(a, false) < 0)
			return -1;
		if (at < plan->count)
			apply_make_room_for_names(a, false);
	}
	/* VFs that came home by themselves may have each other's names */
	if (!come && apply_names_are_in_the_way(a))
		apply_make_room_for_names(a, false);
	if (apply_interface_steps(a, at, is_late) < 0)
		return -1;
	if (come && at < plan->count)
		apply_make_room_for_names(a, true);
	if (is_late) {
		*a->err = late;
		return -1;
	}
	return a->undoing ? 0 : apply_check_macs(a);
}

/* Are there addresses among what is to be put back? */
static bool keeps_addresses(const struct plan *plan)
{
	bool any = plan_has_step(plan, STEP_IF_ADDRESS) || plan_has_step(plan, STEP_IF_GATEWAY);

	for (size_t i = 0; i < plan->before.count; i++)
		any |= vf_has(&plan->before.vfs[i]->vf, VF_ADDRESSES) ||
		       vf_has(&plan->before.vfs[i]->vf, VF_GATEWAYS);
	return any;
}

/* Bring everything back to plan->before: a plan of its own, from what there is now. */
static int undo(struct apply *a, struct error *why)
{
	struct plan back = {.before = a->plan->before, .interrupted = true};
	struct stopper deaf = {.fd = -1};
	struct options patient = *a->o;
	struct apply b = *a;
	int rc;

	memset(&b.own, 0, sizeof(b.own));
	memset(&b.attrs, 0, sizeof(b.attrs));
	b.attrs_valid = false;
	b.places = NULL;
	b.place_count = 0;
	b.stop = &deaf; /* putting back is not to be interrupted */
	b.soft_failure = false;
	b.undoing = true;
	patient.wait_ms = -1;
	b.o = &patient;
	b.err = why;
	b.deadline =
		clock_ms() + (a->deadline - clock_ms() > 60000 ? a->deadline - clock_ms() : 60000);
	apply_forget_places(a);
	back.pf = look(&b, NEED_VFS | NEED_PLACE | NEED_BINDING | NEED_MSIX | NEED_NETNS |
				   (keeps_addresses(a->plan) ? NEED_ADDRESSES : 0));
	leases_read(&b.own, -1);
	if (!back.pf) {
		host_free(&b.own);
		return error_set(why, EXIT_KERNEL, "the PF has gone");
	}
	rc = plan_toward(&back, b.now, &a->plan->before, why);
	if (rc == 0) {
		struct host planned_from = b.own; /* back.pf points into it */

		memset(&b.own, 0, sizeof(b.own));
		b.now = &planned_from;
		b.plan = &back;
		b.writer->arg = &b;
		rc = apply_steps(&b);
		b.writer->arg = a;
		host_free(&planned_from);
	}
	apply_forget_places(&b);
	host_free(&b.own);
	host_free(&b.attrs);
	plan_free(&back);
	apply_outdate(a);
	return rc < 0 || b.soft_failure ? -1 : 0;
}

static void mark(struct plan *plan, enum step_result from, enum step_result to)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->steps[i].result == from)
			plan->steps[i].result = to;
}

static bool has_result(const struct plan *plan, enum step_result result)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->steps[i].result == result)
			return true;
	return false;
}

/* Put a plan back that was carried out in whole or in part. */
static void take_back(struct apply *a)
{
	struct plan *plan = a->plan;
	struct error why = {0};

	mark(plan, RESULT_PLANNED, RESULT_SKIPPED);
	if (plan->forward) { /* what it was lent for is over: no way back, but to try again */
		if (has_result(plan, RESULT_DONE))
			a->err->code = EXIT_PARTLY;
		plan->settled = !plan->interrupted;
		plan->changed = has_result(plan, RESULT_DONE);
		return;
	}
	/* a step that failed may have done a part of its work */
	if (!has_result(plan, RESULT_DONE) && !has_result(plan, RESULT_FAILED)) {
		plan->changed = false;
		return;
	}
	if (undo(a, &why) == 0) {
		mark(plan, RESULT_DONE, RESULT_UNDONE);
		plan->changed = false;
		return;
	}
	mark(plan, RESULT_DONE, RESULT_NOT_UNDONE);
	plan->settled = false;
	a->err->code = EXIT_PARTLY;
	plan_warn(plan, "what was there before could not be put back: %s%s%s", why.message,
		why.kernel[0] ? ": " : "", why.kernel);
}

/* The kernel may still be at it: hands off. With only the waiting left undone there is
 * nothing for anyone to put right. */
static void leave(struct plan *plan)
{
	plan->settled = has_result(plan, RESULT_DONE) && !has_result(plan, RESULT_PLANNED) &&
			!has_result(plan, RESULT_TIMED_OUT);
	mark(plan, RESULT_PLANNED, RESULT_SKIPPED);
}

/* All or nothing: what the PFs before this one got is taken back as well. */
static void handle_failure(struct apply *a, struct change *change, size_t at)
{
	bool late = a->stop->left_behind || (a->err->code == EXIT_TIMED_OUT && !a->err->sys_errno);

	for (size_t i = at + 1; i < change->count; i++) {
		mark(change->plans[i], RESULT_PLANNED, RESULT_SKIPPED);
		change->plans[i]->changed = false;
	}
	if (late) {
		leave(change->plans[at]);
		return;
	}
	for (size_t i = at + 1; i-- > 0;) {
		a->plan = change->plans[i];
		take_back(a);
	}
}

static int64_t time_for(const struct change *change, const struct options *o)
{
	int64_t vfs = 0;

	for (size_t i = 0; i < change->count; i++) {
		const struct plan *plan = change->plans[i];
		uint32_t goal = pf_has(&plan->goal.pf, PF_NUM_VFS) ? plan->goal.pf.num_vfs : 0;

		vfs += plan->pf->num_vfs > goal ? plan->pf->num_vfs : goal;
	}
	return o->timeout_ms >= 0 ? o->timeout_ms : 60000 + 2000 * vfs;
}

int change_apply(const struct kernel *k, struct change *change, const struct host *have,
	const struct options *o, struct error *err)
{
	struct stopper stop;
	struct writer writer = {.pid = 0};
	struct apply a = {.k = k,
		.writer = &writer,
		.have = have,
		.now = have,
		.o = o,
		.deadline = clock_ms() + time_for(change, o),
		.stop = &stop,
		.problems = change->problems,
		.err = err};
	int rc = 0;

	for (size_t i = 0; i < change->count; i++)
		change->plans[i]->settled = true;
	a.events = events_open();
	if (!a.events) {
		change_refused(change);
		return error_nomem(err);
	}
	if (o->watcher) {
		writer.meanwhile = meanwhile;
		writer.arg = &a;
	}
	stopper_start(&stop);
	for (size_t i = 0; i < change->count && rc == 0; i++) {
		a.plan = change->plans[i];
		a.now = have; /* nothing was done to this PF yet */
		a.stale = a.attrs_valid = false;
		rc = apply_steps(&a);
		if (rc < 0)
			handle_failure(&a, change, i);
		else
			a.plan->changed = has_result(a.plan, RESULT_DONE);
		apply_forget_places(&a);
	}
	events_close(a.events);
	host_free(&a.own);
	host_free(&a.attrs);
	writer_stop(&writer);
	watcher_tell(o->watcher, NULL);
	stopper_end(&stop);
	return rc == 0 && a.soft_failure ? -1 : rc;
}

static int no_driver(const struct step *s, const struct host *have, struct error *err)
{
	const char *driver = s->new.string;
	struct nearest near = {.word = driver};

	for (size_t i = 0; i < have->drivers.count; i++)
		nearest_try(&near, have->drivers.items[i]);
	error_set(err, EXIT_NOT_FOUND, "there is no driver '%s' on this host", driver);
	error_about(err, s->object, s->key);
	if (nearest_found(&near))
		return error_hint(err, "did you mean %s?", nearest_found(&near));
	return error_hint(err, "neither registered below /sys/bus/pci/drivers, nor a module; "
			       "'default' means whichever the kernel would choose");
}

int change_find_drivers(const struct kernel *k, const struct change *change,
	const struct host *have, bool load, struct error *err)
{
	const char *found = NULL; /* one name, as a rule */

	if (k->snapshot && !have->drivers.count) /* an old one does not say */
		return 0;
	for (size_t p = 0; p < change->count; p++) {
		const struct plan *plan = change->plans[p];

		for (size_t i = 0; i < plan->count; i++) {
			const struct step *s = &plan->steps[i];

			if (s->kind != STEP_VF_DRIVER || !s->new.known || s->put_back ||
				s->rebind || s->internal ||
				strcmp(s->new.string, DRIVER_DEFAULT) == 0 ||
				(found && strcmp(found, s->new.string) == 0))
				continue;
			if (!driver_find(k, s->new.string, load))
				return no_driver(s, have, err);
			found = s->new.string;
		}
	}
	return 0;
}
