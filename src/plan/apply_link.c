/* The part of applying that sets interfaces, in whichever namespace they are. */
#include "plan/apply_parts.h"

#include "core/lease.h"
#include "plan/lease.h"
#include "plan/lock.h"
#include "util/cleanup.h"
#include "util/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAME_TRIES 8 /* for a name that others are given again and again */

/* Where the interface of a VF is right now, and what it has there. */
struct place {
	uint32_t index;
	struct rtnl there; /* in another namespace; unused when it is here */
	struct vf vf;
};

/* Whom to ask about it: the kernel, in the namespace where it is. */
static struct rtnl *reach(const struct apply *a, struct place *p)
{
	return p->there.netns < 0 ? a->k->rtnl : &p->there;
}

/* It is in that namespace (a descriptor, which is the place's from now on), or (-1) here. */
static void put_place(struct place *p, int netns)
{
	rtnl_close(&p->there);
	if (p->there.netns >= 0)
		close(p->there.netns);
	p->there.netns = netns;
}

static struct place *find_place(struct apply *a, uint32_t index)
{
	for (size_t i = 0; i < a->place_count; i++)
		if (a->places[i].index == index)
			return &a->places[i];
	return NULL;
}

void apply_forget_places(struct apply *a)
{
	for (size_t i = 0; i < a->place_count; i++)
		put_place(&a->places[i], -1);
	a->place_count = 0;
	a->places = NULL;
}

/* A descriptor of the namespace, if the name still means the same one. */
static int open_netns(const char *name, struct netns_id id)
{
	int fd = netns_open(name);

	if (fd < 0)
		return fd;
	if (netns_same(netns_identify(fd), name, id, name))
		return fd;
	close(fd);
	return -ENOENT;
}

/* Ask for the interface anew: by its index, or, where that may be another one, by name. */
static int look_at_link(struct apply *a, struct place *p, int ifindex, const char *name)
{
	struct buffer answer = {0};
	struct host seen = {0};
	int rc = rtnl_ask_link(reach(a, p), ifindex, name, &answer);

	if (rc == 0) {
		rtnl_decode_links(&seen, NULL, answer.data, answer.len);
		rc = seen.link_count ? 0 : -ENODEV;
	}
	if (rc == 0) {
		const struct link *l = &seen.links[0];
		struct arena *arena = &a->plan->arena;

		p->vf.ifindex = l->ifindex;
		p->vf.ifname = arena_strdup(arena, l->name);
		p->vf.mtu = l->mtu;
		p->vf.up = l->admin_up;
		p->vf.link = l->state;
		p->vf.if_mac = l->addr;
		p->vf.altnames = (struct strings){0};
		for (size_t i = 0; i < l->altnames.count; i++) {
			p->vf.altnames.items = arena_push(arena, p->vf.altnames.items,
				&p->vf.altnames.count, sizeof(*p->vf.altnames.items));
			p->vf.altnames.items[i] = arena_strdup(arena, l->altnames.items[i]);
		}
		p->vf.known |= VF_BIT(VF_IFNAME) | VF_BIT(VF_IFINDEX) | VF_BIT(VF_MTU) |
			       VF_BIT(VF_UP) | VF_BIT(VF_IF_MAC) | VF_BIT(VF_ALTNAMES);
	}
	host_free(&seen);
	buffer_free(&answer);
	return rc;
}

static struct place *add_place(struct apply *a, const struct vf *vf, int fd)
{
	struct place *p;

	a->places = arena_push(&a->plan->arena, a->places, &a->place_count, sizeof(*a->places));
	p = &a->places[a->place_count - 1];
	*p = (struct place){.index = vf->index, .there = RTNL_IN(fd), .vf = *vf};
	return p;
}

/* The interface of a VF; NULL with a negative errno in *rc when it cannot be reached. One
 * that was here all the time is looked up anew each time. */
static struct place *place_of(struct apply *a, uint32_t index, struct place *here, int *rc)
{
	struct place *p = find_place(a, index);
	const struct vf *vf = p ? NULL : apply_vf_now(a, index);
	int fd;

	*rc = -ENODEV;
	if (p) {
		*rc = look_at_link(a, p, p->vf.ifindex, NULL);
		return *rc < 0 ? NULL : p;
	}
	if (!vf || !vf_has(vf, VF_IFNAME))
		return NULL;
	*here = (struct place){.index = index, .there = RTNL_IN(-1), .vf = *vf};
	if (!vf_has(vf, VF_NETNS)) {
		*rc = look_at_link(a, here, vf->ifindex, NULL);
		return *rc < 0 ? NULL : here;
	}
	fd = open_netns(vf->netns, vf->netns_id);
	if (fd < 0) {
		*rc = fd;
		return NULL;
	}
	return add_place(a, vf, fd);
}

/* one setting */

static bool link_holds(const struct step *s, const struct vf *vf)
{
	switch (s->kind) {
	case STEP_IF_NAME:
		return strcmp(vf->ifname, s->new.string) == 0;
	case STEP_IF_MTU:
		return vf->mtu == s->new.uint;
	case STEP_IF_UP:
		return vf_has(vf, VF_UP) && vf->up == s->new.on;
	case STEP_IF_ALTNAME:
		return s->new.known ? strings_has(&vf->altnames, s->new.string)
				    : !strings_has(&vf->altnames, s->old.string);
	case STEP_IF_MAC:
		return lladdr_equal(&vf->if_mac, &s->new.lladdr);
	case STEP_IF_NETNS:
	case STEP_IF_ADDRESS:
	case STEP_IF_GATEWAY:
	case STEP_IF_ANNOUNCE:
		return false;
	case STEP_LEASE:
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
	return true;
}

int apply_rename_down(struct rtnl *r, int ifindex, const char *name, char *extack, size_t size)
{
	struct link_write down = {.down = true}, rename = {.name = name}, up = {.up = true};
	int rc = write_link(r, ifindex, &down, extack, size);

	if (rc == 0)
		rc = write_link(r, ifindex, &rename, extack, size);
	return write_link(r, ifindex, &up, extack, size) < 0 && rc == 0 ? -EIO : rc;
}

/* Make the VF's driver start its device anew: down and up, or, where it is down, another
 * MTU and back, which leaves nothing behind and which nobody sees. */
static void bounce(const struct apply *a, struct place *p)
{
	struct link_write there = {.down = true}, back = {.up = true};
	char extack[256];

	if (!p->vf.up) {
		there = (struct link_write){
			.mtu = p->vf.mtu > 1000 ? p->vf.mtu - 1 : p->vf.mtu + 1};
		back = (struct link_write){.mtu = p->vf.mtu};
	}
	write_link(reach(a, p), p->vf.ifindex, &there, extack, sizeof(extack));
	write_link(reach(a, p), p->vf.ifindex, &back, extack, sizeof(extack));
}

/* An address that the interface does not take from us (igbvf, once the PF has set one) it
 * takes from its PF when its device starts anew. 0 or a negative errno. */
static int set_mac(struct apply *a, struct step *s, struct place *p, char *extack, size_t size)
{
	struct link_write address = {.address = &s->new.lladdr};
	int rc = write_link(reach(a, p), p->vf.ifindex, &address, extack, size);

	if (rc == 0 && look_at_link(a, p, p->vf.ifindex, NULL) == 0 && link_holds(s, &p->vf))
		return 0;
	bounce(a, p);
	if (look_at_link(a, p, p->vf.ifindex, NULL) == 0 && link_holds(s, &p->vf))
		return 0;
	return rc < 0 ? rc : -EADDRNOTAVAIL;
}

/* An IP address or a gateway: to be there (new), or not (old alone). */
static int set_ip(
	const struct apply *a, const struct step *s, struct place *p, char *extack, size_t size)
{
	const char *text = s->new.known ? s->new.string : s->old.string;
	int rc;
	struct ip ip;

	if (!ip_parse(text, &ip))
		return -EINVAL;
	if (s->kind == STEP_IF_ADDRESS && s->new.known &&ip.family == AF_INET6)
		announce_ipv6(p->there.netns, p->vf.ifname);
	rc = s->kind == STEP_IF_ADDRESS
		     ? write_address(reach(a, p), p->vf.ifindex, &ip, s->new.known, extack, size)
		     : write_gateway(reach(a, p), p->vf.ifindex, &ip, s->new.known, extack, size);
	if (rc == -EADDRNOTAVAIL && !s->new.known)
		return 0; /* it has gone with its network */
	return rc == -ESRCH && !s->new.known ? 0 : rc;
}

static int set_link(struct apply *a, struct step *s, struct place *p)
{
	struct link_write w = {0};
	cleanup_close int naming = -1;
	char extack[256] = "";
	int rc;

	if (s->kind == STEP_IF_MAC) {
		rc = set_mac(a, s, p, extack, sizeof(extack));
	} else if (s->kind == STEP_IF_ADDRESS || s->kind == STEP_IF_GATEWAY) {
		rc = set_ip(a, s, p, extack, sizeof(extack));
		if (rc == -EEXIST && (s->kind == STEP_IF_ADDRESS || s->old.known)) {
			s->result = RESULT_KEPT;
			return 0;
		}
	} else {
		if (s->kind == STEP_IF_NAME)
			w.name = s->new.string;
		else if (s->kind == STEP_IF_ALTNAME && s->new.known)
			w.altname = s->new.string;
		else if (s->kind == STEP_IF_ALTNAME)
			w.drop_altname = s->old.string;
		else if (s->kind == STEP_IF_MTU)
			w.mtu = (uint32_t)s->new.uint;
		else if (s->new.on)
			w.up = true;
		else
			w.down = true;
		/* whoever takes a name from another looks first whose it is */
		naming = w.name ? lock_naming() : -1;
		rc = write_link(reach(a, p), p->vf.ifindex, &w, extack, sizeof(extack));
		/* udev gives names as well */
		if (rc == -EEXIST && look_at_link(a, p, p->vf.ifindex, NULL) == 0 &&
			link_holds(s, &p->vf)) {
			s->result = RESULT_KEPT;
			return 0;
		}
		for (int i = 0; rc == -EEXIST && w.name && i < NAME_TRIES; i++) {
			if (!apply_take_name(a, w.name))
				break;
			rc = write_link(reach(a, p), p->vf.ifindex, &w, extack, sizeof(extack));
		}
		if (rc == -EBUSY && w.name) /* before Linux 6.2 one that is up keeps its name */
			rc = apply_rename_down(
				reach(a, p), p->vf.ifindex, w.name, extack, sizeof(extack));
	}
	if (rc == -EEXIST && s->kind == STEP_IF_ALTNAME && a->plan->forward) {
		plan_warn(a->plan, "%s: its alternative name %s belongs to another interface now",
			s->object, s->new.string);
		s->result = RESULT_SKIPPED;
		return 0;
	}
	return rc < 0 ? apply_fail(a, s, -rc, extack) : 0;
}

/* moving */

/* The step that gives the VF a name where it goes; NULL: it keeps its own. */
static struct step *name_after(const struct apply *a, const struct step *move)
{
	for (struct step *s = a->plan->steps; s < a->plan->steps + a->plan->count; s++)
		if (s > move && s->kind == STEP_IF_NAME && s->vf == move->vf)
			return s;
	return NULL;
}

/* Has another interface here that name? */
static bool is_taken_here(const struct apply *a, const char *name, int ifindex)
{
	struct buffer answer = {0};
	struct host seen = {0};
	bool taken = false;

	if (rtnl_ask_link(a->k->rtnl, 0, name, &answer) == 0 &&
		!rtnl_decode_links(&seen, NULL, answer.data, answer.len))
		taken = seen.link_count && seen.links[0].ifindex != ifindex;
	host_free(&seen);
	buffer_free(&answer);
	return taken;
}

/* Alternative names that others have here must not keep it from coming home; what can be
 * put back of them is a step of its own. */
static int come_home(
	const struct apply *a, struct place *p, struct link_write *w, char *extack, size_t size)
{
	int rc = write_link(reach(a, p), p->vf.ifindex, w, extack, size);

	for (size_t i = 0; rc == -EEXIST && i < p->vf.altnames.count; i++) {
		struct link_write drop = {.drop_altname = p->vf.altnames.items[i]};

		if (!is_taken_here(a, drop.drop_altname, -1))
			continue;
		write_link(reach(a, p), p->vf.ifindex, &drop, extack, size);
		rc = write_link(reach(a, p), p->vf.ifindex, w, extack, size);
	}
	return rc;
}

/* In one request with its new name, so that its old one cannot be in anybody's way. */
static int move(struct apply *a, struct step *s, struct place *p, int to, char *extack, size_t size)
{
	struct step *rename = name_after(a, s);
	const char *name = rename ? rename->new.string : p->vf.ifname;
	struct link_write w = {.move = true, .to = to, .name = name};
	bool home = !s->new.known;
	char fallback[32];
	int rc;

	/* then at least under a name that is free: the step for the name says the rest */
	snprintf(fallback, sizeof(fallback), "sriovvf%d", p->vf.ifindex);
	if (home && is_taken_here(a, name, -1))
		name = w.name = fallback;
	rc = home ? come_home(a, p, &w, extack, size)
		  : write_link(reach(a, p), p->vf.ifindex, &w, extack, size);
	if (rc < 0 && (rc != -EEXIST || look_at_link(a, p, p->vf.ifindex, NULL) == 0))
		return rc;
	/* moved all the same, but still under its old name */
	if (rc < 0)
		name = p->vf.ifname;
	put_place(p, home ? -1 : fcntl(to, F_DUPFD_CLOEXEC, 0));
	if (look_at_link(a, p, 0, name) < 0) /* its index may be another one as well */
		return rc < 0 ? rc : -ENODEV;
	if (rc == 0 && rename && strcmp(name, rename->new.string) == 0)
		rename->result = RESULT_DONE;
	return rc;
}

/* What stands on it there (VLANs, macvlans) would stay behind, with a way into the network that
 * it has at home. It goes, as it would if the VF vanished. */
static void drop_uppers(struct apply *a, const struct step *s, struct place *p)
{
	struct buffer answer = {0};
	struct host seen = {0};
	char extack[256];

	if (rtnl_ask(a->k, RTNL_LINKS, reach(a, p), &answer) == 0)
		rtnl_decode_links(&seen, NULL, answer.data, answer.len);
	for (size_t i = 0; i < seen.link_count; i++) {
		const struct link *l = &seen.links[i];

		if (!l->kind || l->lower != p->vf.ifindex || l->lower_elsewhere)
			continue;
		if (delete_link(reach(a, p), l->ifindex, extack, sizeof(extack)) == 0)
			plan_warn(a->plan, "%s: %s (%s), which stood on it in %s, was deleted",
				s->object, l->name, l->kind, s->old.known ? s->old.string : "?");
	}
	host_free(&seen);
	buffer_free(&answer);
}

int apply_move(struct apply *a, struct step *s)
{
	cleanup_close int to = -1;
	struct place here, *p;
	char extack[256] = "";
	int rc;

	p = place_of(a, (uint32_t)s->vf, &here, &rc);
	if (!p)
		return apply_fail(a, s, -rc, NULL);
	to = s->new.known ? open_netns(s->new.string, s->want->netns_id) : netns_open(HERE);
	if (to < 0)
		return apply_fail(a, s, -to, NULL);
	if (p == &here)
		p = add_place(a, &here.vf, -1);
	if (!s->new.known && p->there.netns >= 0)
		drop_uppers(a, s, p);
	rc = move(a, s, p, to, extack, sizeof(extack));
	return rc < 0 ? apply_fail(a, s, -rc, extack) : 0;
}

/* announcing */

#define CARRIER_PATIENCE_MS 1000

static int announce_all(struct apply *a, struct step *s, struct place *p)
{
	int64_t until = clock_ms() + CARRIER_PATIENCE_MS;
	struct ip ip;
	int rc = 0;

	while (p->vf.link != LINK_UP && clock_left(until) && !stopper_count(a->stop)) {
		poll(NULL, 0, 10);
		if (look_at_link(a, p, p->vf.ifindex, NULL) < 0)
			return -ENODEV;
	}
	if (p->vf.link != LINK_UP) {
		s->result = RESULT_SKIPPED;
		plan_warn(a->plan,
			"%s: it has no link yet, so its addresses were not announced: neighbours "
			"find out by themselves",
			s->object);
		return 0;
	}
	for (size_t i = 0; i < s->want->addresses.count && rc == 0; i++)
		if (ip_parse(s->want->addresses.items[i], &ip))
			rc = announce(p->there.netns, p->vf.ifindex, &p->vf.if_mac, &ip);
	return rc;
}

int apply_lease(struct apply *a, struct step *s)
{
	struct error err = {0};

	for (struct step *other = a->plan->steps; other < s; other++)
		if (other->vf == s->vf && other->result == RESULT_FAILED) {
			s->result = RESULT_SKIPPED; /* it is still needed */
			return 0;
		}
	if (s->new.known && lease_write(s->want->attached, &err) < 0)
		return apply_fail_with(a, s, err.message, err.kernel);
	if (!s->new.known)
		lease_remove(a->plan->pf->handle, (uint32_t)s->vf);
	return 0;
}

int apply_link(struct apply *a, struct step *s)
{
	struct place here, *p;
	int rc = -ENODEV;

	if (s->kind == STEP_LEASE)
		return apply_lease(a, s);
	if (s->kind == STEP_IF_NETNS)
		return apply_move(a, s);
	if (s->vf < 0) {
		here = (struct place){.there = RTNL_IN(-1), .vf.ifindex = a->plan->pf->ifindex};
		return set_link(a, s, &here);
	}
	p = place_of(a, (uint32_t)s->vf, &here, &rc);
	if (!p)
		return apply_fail(a, s, -rc, NULL);
	if (s->kind == STEP_IF_ANNOUNCE) {
		rc = announce_all(a, s, p);
		return rc < 0 ? apply_fail(a, s, -rc, NULL) : 0;
	}
	if (link_holds(s, &p->vf)) {
		s->result = RESULT_KEPT;
		return 0;
	}
	return set_link(a, s, p);
}
