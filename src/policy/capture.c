/* A host as the document that describes it. */
#include "policy/policy.h"

#include "core/driver.h"
#include "core/mac.h"
#include "core/quirk.h"
#include "policy/render.h"

#include <string.h>

struct capture {
	const struct host *host;
	struct draft draft;
	struct mac_set macs; /* of VFs that were captured */
};

static const struct origin nowhere;

/* As a policy says it. False for what a policy could not say: a value that only the driver may
 * have. */
static bool say(struct capture *c, const struct record_type *type, size_t i, const void *record,
	const char *object, struct draft_text *out)
{
	const struct attr *a = &type->attrs[i];
	struct value v = attr_get(type, i, record);
	char text[VALUE_TEXT_MAX];
	struct setting setting;
	struct error err = {0};

	if (attr_is_blank(a, &v))
		return false;
	value_format(&v, text, sizeof(text));
	/* `up` takes any word but its opposite */
	if (!a->off && attr_parse(a, text, &setting, &err) < 0) {
		draft_note(&c->draft, "%s: %s %s is left out: %s", object, attr_keyword(a), text,
			err.message);
		return false;
	}
	if (!draft_can_say(text)) {
		draft_note(&c->draft, "%s: %s %s is left out: it is no UTF-8", object,
			attr_keyword(a), text);
		return false;
	}
	out->text = arena_strdup(c->draft.arena, text);
	return true;
}

/* A driver that it would not have by itself. One that it only is to have is no matter: it would
 * be bound. */
static void capture_driver(struct capture *c, const struct vf *vf, struct draft_vf *out)
{
	if (!vf_has(vf, VF_DRIVER) || !vf->driver)
		return;
	if (driver_is_passthrough(vf->driver) ||
		(vf_has(vf, VF_DRIVER_OVERRIDE) && vf->driver_override &&
			strcmp(vf->driver_override, vf->driver) == 0))
		out->set[VF_DRIVER].text = arena_strdup(c->draft.arena, vf->driver);
}

/* Two VFs of one address are a mistake that no policy makes. */
static void capture_mac(struct capture *c, const struct vf *vf, struct draft_vf *out)
{
	const char *owner = mac_set_owner(&c->macs, &vf->mac);

	/* its driver took none since: with a policy that would be a difference */
	if (vf_has(vf, VF_IF_MAC) && !vf->trust && !lladdr_equal(&vf->if_mac, &vf->mac)) {
		out->set[VF_MAC].text = NULL;
		draft_note(&c->draft, "%s: its address is left out: its interface has another",
			vf->name);
		return;
	}
	if (!owner) {
		mac_set_add(&c->macs, &vf->mac, vf->name);
		return;
	}
	out->set[VF_MAC].text = NULL;
	draft_note(&c->draft, "%s: its address is left out: %s has the same", vf->name, owner);
}

static bool is_here(struct capture *c, const struct vf *vf)
{
	enum whereabouts where = vf_whereabouts(c->host, vf);

	if (!vf->unseen && (where == WHERE_HOME || where == WHERE_RETURNED))
		return true;
	if (vf->netns)
		draft_note(&c->draft,
			"%s is in namespace %s: name, mtu and up of its interface are not said",
			vf->name, vf->netns);
	else
		draft_note(&c->draft,
			"%s was handed out: name, mtu and up of its interface are not said",
			vf->name);
	return false;
}

static void capture_vf(
	struct capture *c, const struct pf *pf, const struct vf *vf, struct draft_pf *into)
{
	static const enum vf_attr of_interface[] = {VF_IFNAME, VF_MTU, VF_UP};
	uint64_t silent = quirk_unsupported(pf) | quirk_not_kept(pf);
	struct draft_vf *out = draft_vf(&c->draft, into, vf->index);

	for (size_t i = 0; i < VF_ATTR_COUNT; i++) {
		unsigned flags = vf_type.attrs[i].flags;

		if (flags & ATTR_KEEP && flags & ATTR_SET && !(silent & VF_BIT(i)))
			say(c, &vf_type, i, vf, vf->name, &out->set[i]);
	}
	if (out->set[VF_MAC].text)
		capture_mac(c, vf, out);
	capture_driver(c, vf, out);
	if (!is_here(c, vf) || !vf_has(vf, VF_IFNAME))
		return;
	for (size_t i = 0; i < sizeof(of_interface) / sizeof(of_interface[0]); i++)
		say(c, &vf_type, of_interface[i], vf, vf->name, &out->set[of_interface[i]]);
}

/* By its PCI address where its interface has a name that no text could have. */
static const char *name_of(struct capture *c, const struct pf *pf)
{
	char bdf[BDF_SIZE];

	if (draft_can_say(pf->name) || !pf_has(pf, PF_BDF))
		return pf->name;
	bdf_format(pf->bdf, bdf);
	return arena_strdup(c->draft.arena, bdf);
}

static void capture_pf(struct capture *c, const struct pf *pf)
{
	struct draft_pf *out = draft_pf(&c->draft, name_of(c, pf), nowhere);

	out->ifname = pf->ifname;
	out->has_count = pf_has(pf, PF_NUM_VFS);
	out->num_vfs = pf->num_vfs;
	for (size_t i = 0; i < PF_ATTR_COUNT; i++)
		if (pf_type.attrs[i].flags & ATTR_SET && (i != PF_AUTOPROBE || !pf->autoprobe))
			say(c, &pf_type, i, pf, pf->name, &out->set[i]);
	if (pf->unseen)
		draft_note(&c->draft,
			"%s: its interface is in another namespace: what its VFs have is not known",
			pf->name);
	if (pf->truncated)
		draft_note(&c->draft, "%s: the kernel did not tell of all its VFs", pf->name);
	for (size_t i = 0; i < pf->vf_count; i++)
		capture_vf(c, pf, &c->host->vfs[pf->first_vf + i], out);
}

int policy_capture(const struct host *host, const struct pf *const *pfs, size_t count, FILE *out,
	struct error *err)
{
	struct arena arena = {0};
	struct capture c = {.host = host, .draft.arena = &arena};
	int rc;

	mac_set_init(&c.macs, &arena, host->vf_count);
	for (size_t i = 0; i < count; i++)
		capture_pf(&c, pfs[i]);
	rc = render(&c.draft, out, err);
	arena_free(&arena);
	return rc;
}
