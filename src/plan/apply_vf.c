/* The part of applying that deals with the VFs themselves: attributes, driver, reset. */
#include "plan/apply_parts.h"

#include "core/driver.h"
#include "core/link.h"
#include "core/quirk.h"
#include "util/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

/* How long a driver may answer "the VF is in reset, try again", or say nothing of a VF. */
#define RESET_PATIENCE_MS 5000

/* What the PF says of its VFs, without all that sysfs says of them. */
static void look_at_attributes(struct apply *a)
{
	struct buffer answer = {0};

	host_free(&a->attrs);
	if (rtnl_ask_pf(a->k->rtnl, a->plan->pf->ifindex, &answer) == 0 ||
		rtnl_ask(a->k, RTNL_LINKS, NULL, &answer) == 0)
		rtnl_decode_links(&a->attrs, NULL, answer.data, answer.len);
	buffer_free(&answer);
	a->attrs_valid = true;
}

static const struct vf *attrs_of(const struct apply *a, uint32_t index)
{
	for (size_t i = 0; i < a->attrs.link_count; i++)
		if (a->attrs.links[i].ifindex == a->plan->pf->ifindex)
			return link_vf(&a->attrs.links[i], index);
	return NULL;
}

static struct value value_now(struct apply *a, const struct step *s)
{
	const struct vf *vf;

	if (a->stale && !a->attrs_valid)
		look_at_attributes(a);
	vf = a->attrs_valid ? attrs_of(a, (uint32_t)s->vf) : apply_vf_now(a, (uint32_t)s->vf);
	if (!vf || quirk_of(a->plan->pf->driver)->not_kept >> s->attr & 1)
		return (struct value){0};
	return attr_get(&vf_type, s->attr, vf);
}

static bool holds(struct apply *a, const struct step *s)
{
	struct value v = value_now(a, s);

	return value_equal(&v, &s->new);
}

static int64_t patience(const struct apply *a, int64_t ms)
{
	int64_t until = clock_ms() + ms;

	return until < a->deadline ? until : a->deadline;
}

static int write_alone(struct apply *a, const struct step *s, char *extack, size_t size)
{
	struct vf_write w = {s->want, VF_BIT(s->attr)};
	int again = quirk_of(a->plan->pf->driver)->retry_errno;
	int64_t until = patience(a, RESET_PATIENCE_MS);
	int rc = rtnl_set_vfs(a->k->rtnl, a->plan->pf->ifindex, &w, 1, extack, size);

	while (again && rc == -again && clock_left(until) && !stopper_count(a->stop)) {
		poll(NULL, 0, 100);
		rc = rtnl_set_vfs(a->k->rtnl, a->plan->pf->ifindex, &w, 1, extack, size);
	}
	return rc;
}

/* Send the attribute steps [from, to) one by one, so that a refusal has a name. */
static int write_each(struct apply *a, size_t from, size_t to)
{
	char extack[256];

	apply_outdate(a);
	for (size_t i = from; i < to; i++) {
		struct step *s = &a->plan->steps[i];
		int rc;

		if (s->result == RESULT_KEPT || s->result == RESULT_SKIPPED)
			continue;
		/* done by the request that failed further on */
		rc = holds(a, s) ? 0 : write_alone(a, s, extack, sizeof(extack));
		s->result = RESULT_DONE;
		if (rc < 0 && apply_fail(a, s, -rc, extack) < 0)
			return -1;
	}
	return 0;
}

/* A new number of VFs takes the link of many a PF down for some seconds. */
static void wait_for_link(struct apply *a, size_t from, size_t to)
{
	const struct pf *pf = NULL;
	int64_t deadline = patience(a, 15000);
	bool rates = false;

	for (size_t i = from; i < to; i++)
		rates |= a->plan->steps[i].attr == VF_MAX_TX_RATE ||
			 a->plan->steps[i].attr == VF_MIN_TX_RATE;
	if (!rates || !a->stale || !quirk_of(a->plan->pf->driver)->rate_needs_link)
		return;
	do {
		pf = apply_refresh(a);
	} while (pf && pf->link != LINK_UP && apply_wait(a, deadline) > 0);
}

/* While a driver resets a VF (as i40e and ice do at most settings) the kernel leaves it
 * out of its list. */
static void wait_for_answers(struct apply *a, size_t from, size_t to)
{
	int64_t until = patience(a, RESET_PATIENCE_MS);
	bool unknown = true;

	while (unknown && clock_left(until) && !stopper_count(a->stop)) {
		unknown = false;
		for (size_t i = from; i < to; i++)
			unknown |= a->plan->steps[i].old.known &&
				   !value_now(a, &a->plan->steps[i]).known;
		if (!unknown)
			return;
		poll(NULL, 0, 100);
		apply_outdate(a);
	}
}

/* Is it there? Drivers may say yes and do nothing. */
static int verify(struct apply *a, size_t from, size_t to)
{
	wait_for_answers(a, from, to);
	for (size_t i = from; i < to; i++) {
		struct step *s = &a->plan->steps[i];

		if (s->result == RESULT_KEPT || s->result == RESULT_FAILED ||
			s->result == RESULT_SKIPPED)
			continue;
		s->result = RESULT_DONE;
		if (holds(a, s))
			continue;
		if (!value_now(a, s).known) {
			plan_warn(a->plan,
				"%s: the driver took %s, but does not report it: it could not be "
				"checked",
				s->object, s->key);
			continue;
		}
		if (apply_fail_with(a, s, "the driver accepted the value and did not keep it",
			    "see the kernel log for the driver's reason: dmesg") < 0)
			return -1;
	}
	return 0;
}

/* What is not there yet goes into one request. The kernel takes it in order and stops at
 * the first it refuses, without saying where: then the rest is sent one by one. */
int apply_vf_attrs(struct apply *a, size_t from, size_t to)
{
	struct vf_write *writes = arena_alloc(&a->plan->arena, (to - from) * sizeof(*writes));
	char extack[256];
	size_t count = 0;
	int rc;

	wait_for_link(a, from, to);
	if (stopper_count(a->stop)) /* while it was waited for */
		return apply_interrupted(a);
	for (size_t i = from; i < to; i++) {
		struct step *s = &a->plan->steps[i];
		bool guid = s->attr == VF_NODE_GUID || s->attr == VF_PORT_GUID;

		if (s->result == RESULT_SKIPPED)
			continue;
		if (holds(a, s)) {
			s->result = RESULT_KEPT;
			continue;
		}
		/* inside one entry the kernel has an order of its own, and stops after a GUID
		 * (net/core/rtnetlink.c, do_setvfinfo) */
		if (!count || writes[count - 1].vf->index != s->want->index || guid ||
			writes[count - 1].attrs >> s->attr)
			writes[count++] = (struct vf_write){s->want, 0};
		writes[count - 1].attrs |= VF_BIT(s->attr);
	}
	if (!count)
		return 0;
	apply_outdate(a);
	rc = rtnl_set_vfs(a->k->rtnl, a->plan->pf->ifindex, writes, count, extack, sizeof(extack));
	if (rc < 0 && write_each(a, from, to) < 0)
		return -1;
	apply_outdate(a);
	return verify(a, from, to);
}

/* driver */

static bool fits(const char *is, const char *want)
{
	if (want && strcmp(want, DRIVER_DEFAULT) == 0)
		return is && !driver_is_passthrough(is);
	return is == want || (is && want && strcmp(is, want) == 0);
}

static const char *driver_of(const struct vf *vf)
{
	return vf_has(vf, VF_DRIVER) ? vf->driver : NULL;
}

static int unbind(struct apply *a, const struct vf *vf, const char *driver)
{
	char path[160], name[BDF_SIZE];

	bdf_format(vf->bdf, name);
	snprintf(path, sizeof(path), "bus/pci/drivers/%.100s/unbind", driver);
	return write_sysfs(a->k, a->writer, path, name, a->deadline, a->stop);
}

/* By way of driver_override, which works whatever autoprobe says; it is cleared again. */
static int probe_by_override(struct apply *a, const struct step *s, const struct vf *vf)
{
	const char *after =
		s->want && vf_has(s->want, VF_DRIVER_OVERRIDE) ? s->want->driver_override : NULL;
	char name[BDF_SIZE];
	int rc;

	bdf_format(vf->bdf, name);
	rc = write_sysfs(a->k, a->writer, "bus/pci/drivers_probe", name, a->deadline, a->stop);
	if (!a->stop->left_behind)
		apply_write_vf(a, vf, "driver_override", after ? after : "\n");
	return rc;
}

/* A driver that knows the device by its id: an override would make it take any. */
static int probe_by_id(struct apply *a, const struct vf *vf, const char *driver)
{
	char path[160], name[BDF_SIZE];

	bdf_format(vf->bdf, name);
	if (strcmp(driver, DRIVER_DEFAULT) == 0) {
		module_load_for(a->k, vf->bdf);
		return write_sysfs(
			a->k, a->writer, "bus/pci/drivers_probe", name, a->deadline, a->stop);
	}
	snprintf(path, sizeof(path), "bus/pci/drivers/%.100s/bind", driver);
	return write_sysfs(a->k, a->writer, path, name, a->deadline, a->stop);
}

/* Where that costs only this VF: it is to be no worse off than before. */
static void give_back(struct apply *a, const struct step *s)
{
	struct step back = *s;

	if (!a->problems || a->undoing || s->put_back || s->rebind || !s->old.known)
		return;
	back.new = s->old;
	back.put_back = true;
	back.result = RESULT_PLANNED;
	apply_vf_driver(a, &back);
}

/* Give a VF to a driver, or take it from the one it has. */
int apply_vf_driver(struct apply *a, struct step *s)
{
	const struct vf *vf = apply_vf_now(a, (uint32_t)s->vf);
	const char *want = s->new.known ? s->new.string : NULL, *is = NULL;
	char driver[128];
	bool override;
	int rc = 0;

	if (!vf || !vf_has(vf, VF_BDF))
		return apply_fail(a, s, ENODEV, NULL);
	driver_now(a->k, vf->bdf, driver, sizeof(driver));
	if (driver[0])
		is = driver;
	if (!s->rebind && fits(is, want)) {
		s->result = RESULT_KEPT;
		return 0;
	}
	override = want && strcmp(want, DRIVER_DEFAULT) != 0 &&
		   (driver_is_passthrough(want) || s->rebind || s->put_back || s->internal ||
			   a->undoing);
	/* before the unbinding, so that nobody else takes it in between */
	if (override)
		rc = apply_write_vf(a, vf, "driver_override", want);
	if (rc == 0 && is)
		rc = unbind(a, vf, is);
	if (rc == 0 && override)
		rc = probe_by_override(a, s, vf);
	else if (rc == 0 && want)
		rc = probe_by_id(a, vf, want);
	if (rc < 0 && !a->stop->left_behind)
		give_back(a, s);
	return rc < 0 ? apply_fail(a, s, -rc, NULL) : 0;
}

/* Has the VF the driver that this step gave it? True for steps that say nothing of it. */
static bool driver_came(const struct apply *a, const struct step *s)
{
	const struct vf *vf = apply_vf_now(a, (uint32_t)s->vf);

	return s->kind != STEP_VF_DRIVER || s->result != RESULT_DONE || s->internal ||
	       (vf && fits(driver_of(vf), s->new.known ? s->new.string : NULL));
}

int apply_check_drivers(struct apply *a, bool early)
{
	int64_t until = patience(a, 2000);
	size_t came = 0, total = 1;

	/* some drivers probe in the background */
	while (came < total) {
		came = total = 0;
		apply_refresh(a);
		for (size_t i = 0; i < a->plan->count; i++) {
			const struct step *s = &a->plan->steps[i];

			if (s->kind != STEP_VF_DRIVER)
				continue;
			total++;
			came += (early && (s->put_back || a->undoing)) || driver_came(a, s);
		}
		if (came == total)
			break;
		apply_tell(a, a->plan->pf->name, "waiting for drivers", came, total);
		if (apply_wait(a, until) <= 0)
			break;
	}
	for (size_t i = 0; i < a->plan->count; i++) {
		struct step *s = &a->plan->steps[i];

		if (early && (s->put_back || a->undoing))
			continue;
		if (!driver_came(a, s)) {
			give_back(a, s);
			if (apply_fail(a, s, ENODEV, NULL) < 0)
				return -1;
		}
		/* which one "default" was */
		if (s->kind == STEP_VF_DRIVER && s->result == RESULT_DONE && s->new.known &&
			!s->internal)
			s->new.string = arena_strdup(
				&a->plan->arena, apply_vf_now(a, (uint32_t)s->vf)->driver);
	}
	return 0;
}

int apply_vf_override(struct apply *a, struct step *s)
{
	const struct vf *vf = apply_vf_now(a, (uint32_t)s->vf);
	int rc = vf && vf_has(vf, VF_BDF) ? apply_write_vf(a, vf, "driver_override",
						    s->new.known ? s->new.string : "\n")
					  : -ENODEV;

	return rc < 0 ? apply_fail(a, s, -rc, NULL) : 0;
}

/* The node appears with the group's first device; udev may still be at it. */
int apply_vfio_node(struct apply *a, struct step *s)
{
	int64_t until = patience(a, 2000);
	bool given = s > a->plan->steps && s[-1].kind == STEP_VF_DRIVER && s[-1].vf == s->vf;
	struct step *bound = given ? s - 1 : s; /* the step that gave it to vfio-pci */
	const struct vf *it = apply_vf_now(a, (uint32_t)s->vf);
	char driver[128] = "";

	if (it && vf_has(it, VF_BDF))
		driver_now(a->k, it->bdf, driver, sizeof(driver));
	if (!driver_is_vfio(driver)) { /* no use in waiting */
		if (given)
			s->result = RESULT_SKIPPED;
		return bound->result == RESULT_FAILED ? 0 : apply_fail(a, bound, ENODEV, NULL);
	}
	for (;;) {
		/* a group that came with the driver has a name only now */
		if (!s->new.known) {
			const struct vf *vf;

			apply_refresh(a);
			vf = apply_vf_now(a, (uint32_t)s->vf);
			if (vf && vf_has(vf, VF_VFIO))
				s->new = value_string(arena_strdup(&a->plan->arena, vf->vfio));
		}
		if (s->new.known && node_exists(a->k, s->new.string)) {
			if (value_equal(&s->old, &s->new))
				s->result = RESULT_KEPT;
			return 0;
		}
		if (!clock_left(until))
			return apply_fail(a, s, ENOENT, NULL);
		poll(NULL, 0, 20);
	}
}

int apply_vf_msix(struct apply *a, struct step *s)
{
	const struct vf *vf = apply_vf_now(a, (uint32_t)s->vf);
	char text[16];
	int rc;

	snprintf(text, sizeof(text), "%llu", (unsigned long long)s->new.uint);
	rc = vf && vf_has(vf, VF_BDF) ? apply_write_vf(a, vf, "sriov_vf_msix_count", text)
				      : -ENODEV;
	return rc < 0 ? apply_fail(a, s, -rc, NULL) : 0;
}

int apply_vf_reset(struct apply *a, struct step *s)
{
	const struct vf *vf = apply_vf_now(a, (uint32_t)s->vf);
	char driver[128];
	int rc;

	if (!vf || !vf_has(vf, VF_BDF))
		return apply_fail(a, s, ENODEV, NULL);
	driver_now(a->k, vf->bdf, driver, sizeof(driver));
	/* with its own driver bound it may hang: the plan has taken that away */
	rc = driver[0] && !driver_is_passthrough(driver) ? -EBUSY
							 : apply_write_vf(a, vf, "reset", "1");
	return rc < 0 ? apply_fail(a, s, -rc, NULL) : 0;
}

int apply_check_macs(struct apply *a)
{
	for (size_t i = 0; i < a->plan->count; i++) {
		struct step *s = &a->plan->steps[i];

		if (s->kind != STEP_VF_ATTR || s->attr != VF_MAC || s->result != RESULT_DONE ||
			value_is_zero(&s->new)) /* a driver may choose one then */
			continue;
		if (holds(a, s) || !value_now(a, s).known)
			continue;
		if (apply_fail_with(a, s,
			    "the VF's own driver has set another address over it, as a trusted "
			    "VF may",
			    "set its trust off first, or set the address in the VF") < 0)
			return -1;
	}
	return 0;
}
