#include "unit.h"
#include "world.h"
#include "core/options.h"

static void show(struct world *w, const char *text)
{
	int rc = world_words(w, text);
	printf("%s\n  => %d %s\n", text, rc, rc ? "" : world_steps(w));
	if (rc) printf("     %d %s/%s: %s [%s]\n", w->err.code, w->err.object, w->err.attr, w->err.message, w->err.hint);
	else { rc = world_check(w, 0); if (rc) printf("   check %d %s: %s [%s]\n", w->err.code, w->err.object, w->err.message, w->err.hint); printf("%s", world_warnings(w)); }
}
static void t1(void **state)
{
	struct world *w = *state;
	show(w, "netns attach eth0/0 blue");
	show(w, "netns attach eth0/0 blue name net0 vlan 100 qos 3 mac 52:54:00:00:00:99 mtu 1450 address 192.0.2.1/24 address 2001:DB8::1/64 gateway 192.0.2.254 gateway fe80::1 owner c1");
	show(w, "netns attach eth0/0-2 eth1/1 blue");
	show(w, "netns attach eth0/0-2 eth1/1 blue name x up");
	show(w, "netns attach eth0/0 home");
	show(w, "netns attach eth0/0 blue name");
	show(w, "netns attach eth0/0 blue down");
	show(w, "netns attach eth0/0 blue vlna 5");
	show(w, "netns attach eth0/0 blue address 192.0.2.1/24 down");
	show(w, "netns attach eth0/0 blue address 192.0.2.1/24 gateway 192.0.2.2 down");
	world_lease(w, "eth0/0", "blue", "c1");
	world_away(w, "eth0/0", "blue", "net0");
	w->host.leases[0].ifname = "net0";
	show(w, "netns attach eth0/0 blue owner c1");
	show(w, "netns attach eth0/0 blue vlan 7 owner c1");
	show(w, "netns attach eth0/0 blue address 192.0.2.1/24 owner c1");
	show(w, "netns attach eth0/0 pid:4711 name net0 owner c1");
	show(w, "netns attach eth0/0 blue");
	show(w, "netns attach eth0/0 red");
	show(w, "netns detach eth0/0");
	show(w, "netns detach eth0/0 owner c1");
	show(w, "netns detach blue/net0 owner c1");
	show(w, "vf set eth0/0 vlan 7");
	show(w, "vf bind eth0/0 vfio-pci");
	show(w, "vf reset eth0/0");
	show(w, "vf create eth0 0");
	show(w, "vf create eth0 8");
	show(w, "netns detach eth0/1");
	world_vfio(&w->host, world_vf(w, "eth0/3"));
	show(w, "netns attach eth0/3 blue vlan 7 owner x");
	show(w, "netns attach eth0/3 blue up");
	show(w, "netns attach eth0/1-3 blue");
}
int main(void) { const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(t1, world_setup, world_teardown)}; return RUN(tests); }
