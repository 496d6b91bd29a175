#include "unit.h"

#include "policy_text.h"

#include "fixture.h"

static void make_host(struct host *h)
{
	struct pf *pf;
	uint64_t ids = PF_BIT(PF_VENDOR_ID) | PF_BIT(PF_DEVICE_ID), mtu = PF_BIT(PF_MTU);

	fixture_host(h);
	pf = fixture_pf(h, "eth0", "0000:01:00.0", 8);
	fixture_altname(h, &pf->altnames, "lan0");
	fixture_vfs(h, pf, 4);
	fixture_vf(h, pf, 3)->driver = "vfio-pci";
	pf->vendor_id = 0x8086;
	pf->device_id = 0x10c9;
	pf->mtu = 1500;
	pf->known |= ids | mtu;
	pf = fixture_pf(h, "eth1", "0000:02:00.0", 8);
	pf->vendor_id = 0x15b3;
	pf->device_id = 0x1018;
	pf->mtu = 9000;
	pf->known |= ids | mtu;
	pf = fixture_pf(h, "ib0", "0000:03:00.0", 8);
	pf->mac.len = 20;
	pf = fixture_pf(h, "nothing", "0000:04:00.0", 4);
	pf->name = "0000:04:00.0";
	pf->ifname = NULL;
	pf->known &= ~(PF_BIT(PF_IFNAME) | PF_BIT(PF_UP) | PF_BIT(PF_MAC));
	fixture_vfs(h, pf, 2);
}

static const char *join(struct arena *arena, const char *text, const char *more)
{
	return arena_printf(arena, "%s%s", text, more);
}

static const char *problems_text(struct outcome *o, bool several)
{
	struct arena *a = &o->arena;
	const char *text = "";

	for (size_t i = 0; i < o->problems.count; i++) {
		const struct problem *p = &o->problems.items[i];

		text = join(a, text, text[0] ? "\n" : "");
		if (several && p->origin.source)
			text = arena_printf(a, "%s%s:", text, p->origin.source->name);
		text = arena_printf(a, "%s%u:%u ", text, p->origin.line, p->origin.column);
		if (p->warning)
			text = join(a, text, "W");
		else
			text = arena_printf(a, "%sE%d", text, (int)p->code);
		if (p->object)
			text = arena_printf(a, "%s %s", text, p->object);
		if (p->attr)
			text = arena_printf(a, "%s %s", text, p->attr);
		text = arena_printf(a, "%s: %s", text, p->message);
		if (p->hint)
			text = arena_printf(a, "%s [%s]", text, p->hint);
	}
	return text;
}

static const char *wishes_text(
	struct outcome *o, const struct record_type *type, const struct wish *wishes, size_t count)
{
	const char *text = "";

	for (size_t i = 0; i < count; i++) {
		const struct setting *s = &wishes[i].setting;
		char value[VALUE_TEXT_MAX];

		value_format(&s->value, value, sizeof(value));
		text = arena_printf(&o->arena, "%s %s=%s", text,
			attr_keyword(&type->attrs[s->attr]), s->automatic ? "auto" : value);
		assert_non_null(wishes[i].origin.source);
	}
	return text;
}

static const char *vf_text(struct outcome *o, const struct vf_intent *vf)
{
	const char *text = "";

	assert_non_null(vf->origin.source);
	if (vf->driver)
		text = arena_printf(&o->arena, " driver=%s", vf->driver);
	if (vf->reset)
		text = join(&o->arena, text, " reset");
	return join(&o->arena, text, wishes_text(o, &vf_type, vf->wishes, vf->count));
}

/* VFs of which the same is wanted as one. */
static const char *vfs_text(struct outcome *o, const struct pf_intent *pf)
{
	const char *text = "";
	size_t next;

	for (size_t i = 0; i < pf->vf_count; i = next) {
		const char *one = vf_text(o, &pf->vfs[i]);

		for (next = i + 1; next < pf->vf_count; next++)
			if (pf->vfs[next].index != pf->vfs[next - 1].index + 1 ||
				strcmp(vf_text(o, &pf->vfs[next]), one) != 0)
				break;
		text = arena_printf(&o->arena, "%s; %u", text, pf->vfs[i].index);
		if (next > i + 1)
			text = arena_printf(&o->arena, "%s-%u", text, pf->vfs[next - 1].index);
		text = join(&o->arena, text, one);
	}
	return text;
}

static const char *intent_text(struct outcome *o)
{
	const char *text = "";

	for (size_t i = 0; i < o->intent.count; i++) {
		const struct pf_intent *pf = &o->intent.pfs[i];

		text = arena_printf(&o->arena, "%s%s%s", text, i ? "\n" : "", pf->pf->name);
		if (pf->has_count)
			text = arena_printf(&o->arena, "%s vfs=%u", text, pf->num_vfs);
		text = join(&o->arena, text, wishes_text(o, &pf_type, pf->wishes, pf->count));
		text = join(&o->arena, text, vfs_text(o, pf));
	}
	return text;
}

void outcome_of(struct outcome *o, const char *const *texts, size_t count, const char *labels)
{
	static const char *const names[] = {"a", "b", "c", "d"};
	struct error err;

	memset(o, 0, sizeof(*o));
	o->problems.arena = &o->arena;
	make_host(&o->host);
	o->policy = policy_new(&o->problems);
	if (labels)
		assert_int_equal(policy_set_labels(o->policy, labels, &err), 0);
	for (size_t i = 0; i < count; i++) {
		/* not terminated, for the address sanitizer */
		size_t len = strlen(texts[i]);
		char *text = malloc(len + !len);

		memcpy(text, texts[i], len);
		policy_add(o->policy, names[i], text, len);
		free(text);
	}
	policy_check(o->policy);
	policy_resolve(o->policy, &o->host, &o->arena, &o->intent, &o->problems);
	problems_sort(&o->problems);
	o->said = problems_text(o, count > 1);
	o->wanted = intent_text(o);
}

void outcome_free(struct outcome *o)
{
	policy_free(o->policy);
	arena_free(&o->host.arena);
	arena_free(&o->arena);
}

void assert_outcome(const char *text, const char *labels, const char *said, const char *wanted)
{
	struct outcome o;

	outcome_of(&o, &text, 1, labels);
	if (said && strcmp(o.said, said) != 0)
		fail_msg("of\n%s\nit is said\n%s\nnot\n%s", text, o.said, said);
	if (wanted && strcmp(o.wanted, wanted) != 0)
		fail_msg("of\n%s\nit is wanted\n%s\nnot\n%s\n(%s)", text, o.wanted, wanted, o.said);
	outcome_free(&o);
}
