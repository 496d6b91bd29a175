#!/usr/bin/env bats
# Inside the VM: VFs are lent to network namespaces, and come back as they were.
# shellcheck disable=SC2086,SC2154 # as in the other tests: PF0 and PF1 are words, helper's

bats_require_minimum_version 1.5.0
setup_file() { export BATS_TEST_TIMEOUT=120; }

setup() {
	load helper
	load netns
	load_libraries
	lab="$(dirname "$(command -v sriovctl)")/lab"
	shim=$lab/failwrite.so
	rm -rf /run/sriovctl
	[ -e /run/fresh ] && tidy && diff /run/fresh <(whole) && return
	bring_home
	clean_slate
	vfs $PF0 4 &
	vfs $PF1 3
	wait $!
	dress $PF0 4
	dress $PF1 3
	whole >/run/fresh
}

# Every test gets 4 VFs of eth0 and 3 of eth1, called p0v0 to p1v2, down, without settings, both
# PFs up with a link. Those of the test before are taken, unless it has failed, or has said that it
# leaves more behind than tidy puts right; detach does the most of it.
dirty() { rm -f /run/fresh; }

tidy() {
	local vf name more word
	for name in $(namespaces); do ip netns del "$name"; done
	for vf in p0v{0..3} p1v{0..2}; do
		echo "link set $vf down"
		echo "link set $vf mtu 1500"
	done | ip -batch - || return
	ip -o link | grep altname | tr -s '\\ ' ' ' | while read -r _ name more; do
		for word in ${more#*altname}; do [ $word = altname ] || echo "link property del dev ${name%:} altname $word"; done
	done | ip -batch -
}

teardown() {
	local thing
	if [ -z "$BATS_TEST_COMPLETED" ]; then
		dirty
		for thing in vlan bridge dummy; do
			ip -o link show type $thing | sed -E 's/^[0-9]*: ([^:@]*).*/link del \1/' | ip -batch -
		done
	fi
	pkill -KILL -x holder || true
	pkill -KILL -x vfio-open || true
	umount /tmp/lent-net 2>/dev/null || true
}

# two_namespaces: blue and red
two_namespaces() {
	ip netns add blue
	ip netns add red
}

# answers NETNS ADDRESS: does it? The first may get lost, and an IPv6 address is checked for a second
answers() {
	local family=
	[[ $2 != *:* ]] || family=-6
	until_true 15 ip netns exec "$1" busybox ping $family -q -c 1 -W 1 "$2" >/run/out 2>&1
}

# has_carrier NETNS IF
has_carrier() { ip -n "$1" link show dev "$2" | grep -q LOWER_UP; }

# links: the host's, all that iproute2 knows, to the byte
links() { ip -d -j link show | jq -S .; }

links_again() { links >/run/links.now; cmp -s /run/links.before /run/links.now; }

# listed VF COLUMNS: what netns list says of a VF
listed() { sriovctl --no-header netns list --columns "vf,$2" | sed -nE "s:^$1 +::; T; s/ +/ /g; s/ $//; p"; }

# namespace_of_its_own: of a process, $pid
namespace_of_its_own() {
	hold unshare -n
	pid=$!
	until_true 5 other_namespace
}
other_namespace() { [ "$(readlink /proc/self/ns/net)" != "$(readlink /proc/$pid/ns/net)" ]; }

# neighbour NETNS ADDRESS: its link layer address, as far as is known
neighbour() { ip -n "$1" -j neigh show "$2" | jq -r '.[0].lladdr'; }
knows() { [ "$(neighbour "$1" "$2")" = "$3" ]; }

@test "two namespaces talk over VFs attached with one command each; then the host is as it was, to the byte" {
	two_namespaces
	ip -n red link add storage type dummy # in the way of an alternative name
	ip link property add dev p0v0 altname a-name-longer-than-15-bytes
	ip link property add dev p0v0 altname storage
	ip link set p0v0 mtu 1400 up
	until_true 10 grep -q 1 /sys/class/net/p0v0/carrier
	links >/run/links.before
	run --separate-stderr sriovctl -j netns attach eth0/0 red name net0 vlan 100 mac 52:54:00:c0:00:01 mtu 1450 \
		address 192.0.2.1/24 address 2001:db8::1/64
	assert_success
	[ -z "$stderr" ]
	echo "$output"
	jq -e '.changed and .warnings == [] and all(.actions[]; .object == "eth0/0" and (.result == "done" or .result == "kept")) and
		([.actions[].attr] | index("lease") == 0 and index("vlan") < index("netns") and index("mac") < index("netns") and
		index("netns") < index("address") and index("address") < index("up") and index("up") < index("announce") and
		([.[] | select(. == "address")] | length == 2) and index("altname"))' <<<"$output"
	run sriovctl netns attach eth1/0 blue name net0 vlan 100 mac 52:54:00:c0:00:02 mtu 1450 \
		address 192.0.2.2/24 address 2001:db8::2/64
	assert_success
	[ "$(ip -n red -d -j link show dev net0 | jq -c '.[0] | [.address, .mtu, .operstate, .altnames]')" = \
		'["52:54:00:c0:00:01",1450,"UP",["a-name-longer-than-15-bytes"]]' ]
	[ "$(ip_vf eth0 0 'vlan_list[0].vlan') $(ip_vf eth0 0 address)" = '100 52:54:00:c0:00:01' ]
	answers blue 192.0.2.1
	answers red 192.0.2.2
	answers blue 2001:db8::1
	answers red 2001:db8::2
	run sriovctl netns detach eth0/0
	assert_success
	run sriovctl netns detach blue/net0
	assert_success
	settled
	until_true 10 links_again || diff /run/links.before /run/links.now
	[ -z "$(sriovctl -j netns list | jq -r '.[].vf')" ]
}

@test "a name that is taken inside, by a name or an alternative one: exit 1, nothing changed; the lowest free numbers" {
	ip netns add blue
	ip -n blue -batch - <<-'END'
		link add net0 type dummy
		link property add dev net0 altname disk0
		link add p0v1 type dummy
		link add net2 type dummy
	END
	keep
	while read -r name words; do
		run sriovctl netns attach $words
		assert_failure 1
		assert_output --partial "$name"
		assert_output --partial blue
	done <<-'END'
		net0  eth0/0 blue vlan 100 name net0
		disk0 eth0/0 blue vlan 100 name disk0
		p0v1  eth0/1 blue vlan 100
	END
	unchanged
	settled
	run sriovctl netns attach eth1/0 eth0/0-1 blue
	assert_success
	[ "$(ip -n blue -d -j link | jq -c '[.[] | select(.parentdev) | [.ifname, .parentdev]] | sort')" = \
		"[[\"net1\",\"$(vf_bdf $PF1 0)\"],[\"net3\",\"$(vf_bdf $PF0 0)\"],[\"net4\",\"$(vf_bdf $PF0 1)\"]]" ]
	run sriovctl netns detach eth0/all eth1/all
	assert_success
	unchanged
}

@test "the name at home is taken meanwhile: it comes home, exit 8; once it is free, all is put right" {
	ip netns add blue
	ip link set p0v0 mtu 1400
	keep
	sriovctl netns attach eth0/0 blue name net0 vlan 100 address 192.0.2.1/24
	ip link add p0v0 type dummy
	for _ in 1 2; do
		run sriovctl netns detach eth0/0
		assert_failure 8
		assert_output --partial p0v0
		at_home $PF0 0
		[ "$(vf_if $PF0 0)" != p0v0 ]
		[ "$(cat $sysfs/$PF0/virtfn0/net/*/mtu)" -eq 1400 ]
		[ "$(ip_vf eth0 0 'vlan_list[0].vlan // 0')" -eq 0 ]
		[ -n "$(leases)" ]
		[ "$(listed eth0/0 state)" = returned ]
	done
	ip link del p0v0
	run sriovctl netns detach eth0/0
	assert_success
	unchanged
	settled
}

@test "renamed, given other addresses, another MTU, set down inside: detach restores all" {
	ip netns add blue
	ip link set p0v0 mtu 1400 up
	ip link property add dev p0v0 altname storage
	keep
	sriovctl netns attach eth0/0 blue name net0 vlan 100 mac 52:54:00:c1:00:01 address 192.0.2.1/24
	ip -n blue -batch - <<-'END'
		link set net0 down
		link set net0 name web0 mtu 2000
		addr flush dev web0
		addr add 198.51.100.1/24 dev web0
		link property del dev web0 altname storage
	END
	[ "$(listed eth0/0 netns,ifname,state)" = 'blue web0 attached' ]
	# its old name is another's by now
	sriovctl netns attach eth0/2 blue name net0
	run sriovctl netns detach blue/net0
	assert_success
	[ "$(vf_if $PF0 2)" = p0v2 ]
	[ "$(listed eth0/0 state)" = attached ]
	run sriovctl netns detach blue/web0
	assert_success
	unchanged
	# the other way round: down and without a word at home, up inside; what the PF has was changed as
	# well; and the namespace is the same, whatever it is called
	sriovctl netns attach eth0/1 /run/netns/blue
	ip -n blue link set p0v1 up
	ip link set eth0 vf 1 vlan 7 spoofchk off
	run sriovctl netns detach blue/p0v1
	assert_success
	[ "$(cat /sys/class/net/p0v1/operstate)" = down ]
	[ "$(ip_vf eth0 1 address)" = "$(cat /sys/class/net/p0v1/address)" ]
	settled
}

@test "its namespace is deleted: it is shown as returned, and detach puts it right" {
	ip netns add red
	ip link set p0v0 mtu 1400 up
	ip link property add dev p0v0 altname storage
	keep
	ip netns add blue
	sriovctl netns attach eth0/0 blue name net0 vlan 100 mac 52:54:00:c2:00:01 mtu 1450 address 192.0.2.1/24
	ip netns del blue
	until_true 10 at_home $PF0 0
	[ "$(vf_if $PF0 0)" = net0 ]
	[ "$(listed eth0/0 ifname,state)" = 'net0 returned' ]
	run sriovctl netns attach eth0/0 red
	assert_failure 3
	run sriovctl netns detach eth0/0
	assert_success
	unchanged
	settled
}

@test "namespaces deleted with several VFs, of one name, and one's name at home taken: repair" {
	keep
	two_namespaces
	sriovctl netns attach eth0/0-1 blue name net vlan 100
	sriovctl netns attach eth1/0 eth0/2 red name net vlan 200 mac auto
	ip netns del blue
	ip netns del red
	for vf in 0 1 2; do until_true 10 at_home $PF0 $vf; done
	until_true 10 at_home $PF1 0
	ip link add p0v1 type dummy
	run --separate-stderr sriovctl -j repair --dry-run
	echo "$output"
	jq -e '([.actions[].object] | unique) == ["eth0/0", "eth0/1", "eth0/2", "eth1/0"]' <<<"$output"
	[ "$(leases | wc -l)" -eq 4 ]
	[ "$(vf_if $PF0 2)" != p0v2 ]
	run sriovctl repair
	assert_failure 8
	assert_output --partial p0v1
	[ "$(leases)" = "pci-$PF0-1" ]
	ip link del p0v1
	run sriovctl repair
	assert_success
	unchanged
	settled
	run --separate-stderr sriovctl -j repair
	assert_success
	jq -e '(.changed | not) and .actions == []' <<<"$output"
}

@test "the namespace of a process, by number, by path, bind mounted: it ends, and repair puts all right" {
	touch /tmp/lent-net
	ip link set p0v0 mtu 1400 up
	keep
	for how in pid: /proc/ /tmp/lent-net; do
		namespace_of_its_own
		netns=$how
		case $how in
		pid:) netns=pid:$pid ;;
		/proc/) netns=/proc/$pid/ns/net ;;
		*) mount --bind /proc/$pid/ns/net $how ;;
		esac
		run sriovctl netns attach eth0/0 $netns name lan0 vlan 100 mac 52:54:00:c3:00:01 address 192.0.2.1/24 owner c1
		assert_success
		nsenter -t $pid -n ip -o addr show dev lan0 up | grep -q 192.0.2.1/24
		nsenter -t $pid -n ip -o link show dev lan0 | grep -q 52:54:00:c3:00:01
		[ "$(listed eth0/0 state,ifname,owner,pids)" = "attached lan0 c1 $pid" ]
		[ $how != pid: ] || sriovctl repair # its namespace is there: nothing to do
		[ -n "$(leases)" ]
		[ $how != /proc/ ] || sriovctl netns detach pid:$pid/lan0 owner c1
		kill $pid
		wait $pid || true
		case $how in *lent*) # the mount keeps the namespace
			[ "$(listed eth0/0 state,netns,pids)" = "attached $how -" ]
			umount $how
			;;
		esac
		until_true 10 at_home $PF0 0
		run sriovctl repair
		assert_success
		unchanged
		settled
	done
}

@test "a namespace that has lost its name, which another one has got" {
	ip link set p0v0 mtu 1400 up
	keep
	ip netns add blue
	hold ip netns exec blue
	pid=$!
	until_true 5 other_namespace
	sriovctl netns attach eth0/0 blue vlan 100 owner c1
	ip netns del blue
	[ "$(listed eth0/0 state,pids)" = "attached $pid" ]
	ip netns add blue # another one
	run sriovctl netns attach eth0/0 blue owner c1
	assert_failure 3
	ip netns del blue
	run sriovctl netns detach eth0/0 owner c1
	assert_success
	unchanged
	settled
}

@test "a namespace that only a descriptor keeps: left alone, but made anew by detach" {
	ip link set p0v0 mtu 1400 up
	keep
	ip netns add blue
	sriovctl netns attach eth0/0 blue name net0 vlan 100 mac 52:54:00:c4:00:01
	hold 4</run/netns/blue
	ip netns del blue
	# somebody may live there: only who asks for it takes it away
	[ "$(listed eth0/0 state,ifname)" = 'attached -' ]
	run sriovctl repair
	assert_success
	[ "$(listed eth0/0 state,ifname)" = 'attached -' ]
	run sriovctl netns detach eth0/0
	assert_success
	unchanged
	settled
}

@test "its driver is restarted behind our back: a new interface at home, which detach puts right" {
	ip netns add blue
	ip link set p0v0 mtu 1400 up
	keep
	sriovctl netns attach eth0/0 blue name net0 vlan 100 mac 52:54:00:c4:00:02
	bdf=$(vf_bdf $PF0 0)
	echo $bdf >/sys/bus/pci/drivers/igbvf/unbind
	[ "$(listed eth0/0 state)" = lost ]
	echo $bdf >/sys/bus/pci/drivers_probe
	[ "$(listed eth0/0 state)" = returned ]
	run sriovctl netns detach eth0/0
	assert_success
	unchanged
	settled
}

@test "owners: detach asks for the same one; twice; late, when another has it" {
	two_namespaces
	sriovctl netns attach eth0/1 blue vlan 7 # nobody's
	keep
	sriovctl netns attach eth0/0 blue name net0 vlan 100 owner c1
	whole >/run/attached
	for words in '' 'owner c2' 'owner c'; do
		run sriovctl netns detach eth0/0 $words
		assert_failure 3
		assert_output --partial 'eth0/0'
		assert_output --partial c1
	done
	run sriovctl netns detach eth0/0-1 owner c2 # all or nothing
	assert_failure 3
	diff /run/attached <(whole)
	[ "$(sriovctl -j vf list eth0 --columns +lease | jq -c '[.[].lease]')" = '["c1","blue",null,null]' ]
	run sriovctl netns detach eth0/0 owner c1
	assert_success
	unchanged
	for words in '' 'owner c1'; do # again, when it is at home: nothing to do
		run --separate-stderr sriovctl -j netns detach eth0/0 $words
		assert_success
		jq -e '(.changed | not) and .actions == []' <<<"$output"
	done
	sriovctl netns attach eth0/0 red name net0 owner c2
	whole >/run/attached
	run sriovctl netns detach eth0/0 owner c1
	assert_failure 3
	run sriovctl netns attach eth0/0 red name net0 vlan 9 owner c1
	assert_failure 3
	diff /run/attached <(whole)
	run sriovctl netns detach eth0/0 owner c1 --force=in-use
	assert_success
	sriovctl netns detach eth0/1
	settled
}

@test "moved on with ip: exit 3, by force it comes home; attach of one that is somewhere: exit 3" {
	two_namespaces
	ip link set p0v0 mtu 1400 up
	keep
	sriovctl netns attach eth0/0 blue name net0 vlan 100 address 192.0.2.1/24
	for words in 'eth0/0 red' 'eth0/0 red --force=in-use' 'eth0/0 eth1/0 red'; do
		run sriovctl netns attach $words vlan 7
		assert_failure 3
		assert_output --partial blue
	done
	ip -n blue link set net0 netns red
	whole >/run/attached
	[ "$(listed eth0/0 state,netns,ifname)" = 'elsewhere red net0' ]
	for words in 'attach eth0/0 red name net0' 'attach eth0/0 blue name net0' 'attach eth0/0 blue name net0 --force=in-use' \
		'detach eth0/0' 'detach red/net0'; do
		run sriovctl netns $words
		assert_failure 3
	done
	diff /run/attached <(whole)
	run sriovctl netns detach eth0/0 --force=in-use
	assert_success
	unchanged
	settled
}

@test "moved by others, without a lease: shown, refused, by force it comes home under a free name" {
	two_namespaces
	ip link set p0v0 netns blue name eth0 # as a container would have it
	ip link set p0v1 netns blue
	whole >/run/attached
	[ "$(sriovctl -j netns list | jq -c '[.[] | [.vf, .netns, .ifname, .state, .owner, .since]]')" = \
		'[["eth0/0","blue","eth0","moved",null,null],["eth0/1","blue","p0v1","moved",null,null]]' ]
	for words in 'attach eth0/0 red vlan 7' 'attach eth0/0 blue name eth0 vlan 7' 'attach eth0/0 red vlan 7 --force=in-use' \
		'detach eth0/0' 'detach blue/eth0' 'detach eth0/0-1'; do
		run sriovctl netns $words
		assert_failure 3
	done
	diff /run/attached <(whole)
	run sriovctl netns detach eth0/0-1 --force=in-use
	assert_success
	at_home $PF0 0
	at_home $PF0 1
	[ "$(vf_if $PF0 1)" = p0v1 ]
	[ "$(basename $sysfs/$PF0/net/*)" = eth0 ]
	settled
	ip link set "$(vf_if $PF0 0)" name p0v0
}

@test "the same attach again: nothing; another VLAN: only that; another address; --dry-run says the same and does nothing" {
	ip netns add blue
	keep
	words=(sriovctl -j netns attach eth0/0 blue name net0 vlan 100 qos 3 mac 52:54:00:c5:00:01 mtu 1450
		address 192.0.2.1/24 address 2001:db8::1/64 gateway 192.0.2.254 owner c1)
	run --separate-stderr "${words[@]}" --dry-run
	assert_success
	jq -c '[.actions[] | [.object, .attr, .old, .new]]' <<<"$output" >/run/planned
	jq -e '(.actions | length > 5) and all(.actions[]; .result == "planned")' <<<"$output"
	unchanged
	settled
	run --separate-stderr "${words[@]}"
	assert_success
	diff /run/planned <(jq -c '[.actions[] | [.object, .attr, .old, .new]]' <<<"$output")
	whole >/run/attached
	counting "${words[@]}" >/run/out
	[ "$changes" -eq 0 ]
	[ "$(jq -c '[.changed, .actions]' /run/out)" = '[false,[]]' ]
	diff /run/attached <(whole)
	run --separate-stderr sriovctl -j netns attach eth0/0 blue vlan 200 owner c1
	assert_success
	[ "$(jq -c '[.actions[] | select(.attr != "lease") | [.attr, .old, .new]]' <<<"$output")" = '[["vlan",100,200]]' ]
	[ "$(ip_vf eth0 0 'vlan_list[0] | [.vlan, .qos] | tojson')" = '[200,3]' ]
	run --separate-stderr sriovctl -j netns attach eth0/0 blue name net0 address 192.0.2.7/24 owner c1
	assert_success
	ip -n blue addr show dev net0 | grep -q ' 192.0.2.7/24 '
	whole >/run/attached
	run --separate-stderr sriovctl -j netns detach eth0/0 owner c1 --dry-run
	assert_success
	jq -e '.actions | length > 2' <<<"$output"
	jq -c '[.actions[] | [.object, .attr, .old, .new]]' <<<"$output" >/run/planned
	diff /run/attached <(whole)
	run --separate-stderr sriovctl -j netns detach eth0/0 owner c1
	assert_success
	diff /run/planned <(jq -c '[.actions[] | [.object, .attr, .old, .new]]' <<<"$output")
	unchanged # as before the first of them, not the last
	settled
}

@test "several VFs of two PFs: net1, net2, net3, and home together" {
	ip netns add blue
	ip link set p0v1 up
	keep
	run --separate-stderr sriovctl -j netns attach eth1/2 eth0/0-1 blue vlan 100 mac auto trust on up owner c1
	assert_success
	[ "$(ip -n blue -d -j link | jq -c '[.[] | select(.parentdev) | [.ifname, .parentdev, (.flags | index("UP") != null)]] | sort')" = \
		"[[\"net1\",\"$(vf_bdf $PF1 2)\",true],[\"net2\",\"$(vf_bdf $PF0 0)\",true],[\"net3\",\"$(vf_bdf $PF0 1)\",true]]" ]
	[ "$(ip_vf eth1 2 'vlan_list[0].vlan') $(ip_vf eth0 0 trust) $(ip_vf eth0 1 'vlan_list[0].vlan')" = '100 true 100' ]
	[ "$(leases)" = "pci-$PF0-0
pci-$PF0-1
pci-$PF1-2" ]
	run sriovctl netns detach blue/net1 blue/net2 blue/net3 owner c1
	assert_success
	unchanged
	settled
}

@test "the kernel refuses any one request, or all from there on: all of both PFs is as before" {
	ip netns add blue
	ip link set p0v0 mtu 1400 up
	keep
	attach_both() {
		status=0
		FAIL_SEND=$1 LD_PRELOAD=$shim sriovctl netns attach eth0/0 eth1/0 blue vlan 100 mac auto mtu 1450 up >/run/out 2>&1 || status=$?
	}
	for ((n = 1; n < 40; n++)); do
		attach_both $n+:5
		case $status in
		0) break ;;
		2) ;;
		8) sriovctl repair >/run/out 2>&1 ;; # what it needs to put it back has failed as well
		*) cat /run/out; false ;;
		esac
		unchanged
		settled
	done
	[ $n -gt 6 ] && [ $n -lt 40 ]
	sriovctl -q netns detach eth0/0 eth1/0
	unchanged
	for ((n--; n > 1; n -= 3)); do
		attach_both $n:5
		if [ $status -eq 0 ]; then # it was tried again
			refute grep '(failed)' /run/out
			sriovctl -q netns detach eth0/0 eth1/0
		else
			[ $status -eq 2 ]
		fi
		unchanged
		settled
	done
}

@test "something that is found out only inside, late: all is as before" {
	ip netns add blue
	ip link set p0v0 mtu 1400 up
	ip netns exec blue sysctl -qw net.ipv6.conf.default.disable_ipv6=1 net.ipv6.conf.all.disable_ipv6=1
	keep
	run sriovctl netns attach eth0/0 blue name net0 vlan 100 mac 52:54:00:c6:00:01 address 192.0.2.1/24 address 2001:db8::1/64
	assert_failure
	[ $status -eq 2 ] || [ $status -eq 5 ]
	assert_output --partial 2001:db8::1
	unchanged
	settled
}

@test "a VF on vfio-pci: its node, its settings; nobody else may have it; a process that holds it" {
	ip netns add blue
	sriovctl -q vf bind eth0/3 vfio-pci
	node=$(sriovctl -j vf show eth0/3 | jq -r '.[0].vfio')
	keep
	for words in 'name net0' 'address 192.0.2.1/24' 'mtu 1400' up; do
		run sriovctl netns attach eth0/3 blue vlan 100 $words
		[ $status -eq 1 ] || [ $status -eq 5 ]
	done
	unchanged
	run --separate-stderr sriovctl -j netns attach eth0/3 blue vlan 100 mac 52:54:00:c7:00:01 owner vm1
	assert_success
	jq -e --arg node "$node" '.changed and all(.actions[]; .result == "done") and
		(.actions[] | select(.attr == "vfio") | .new == $node)' <<<"$output"
	[ "$(ip_vf eth0 3 'vlan_list[0].vlan') $(ip_vf eth0 3 address)" = '100 52:54:00:c7:00:01' ]
	[ "$(listed eth0/3 state,netns,ifname,vfio,owner,driver)" = "attached blue - $node vm1 vfio-pci" ]
	whole >/run/attached
	for words in 'bind eth0/3 igbvf' 'unbind eth0/3' 'reset eth0/3' 'destroy eth0' 'create eth0 2'; do
		run sriovctl vf $words
		assert_failure 3
		assert_output --partial 'eth0/3: refused: it is attached'
	done
	run sriovctl netns attach eth0/3 blue vlan 7 owner vm2
	assert_failure 3
	$lab/vfio-open "$node" "$(vf_bdf $PF0 3)" >/run/out 2>&1 3>&- 4>&- &
	pid=$!
	until_true 10 grep -qs open /run/out
	run sriovctl netns detach eth0/3 owner vm1
	assert_failure 3
	assert_output --partial "process $pid (vfio-open)"
	diff /run/attached <(whole)
	kill $pid
	wait $pid || true
	run sriovctl netns detach eth0/3 owner vm1
	assert_success
	unchanged
	settled
	$lab/vfio-open "$node" "$(vf_bdf $PF0 3)" >/run/out 2>&1 3>&- 4>&- &
	pid=$!
	until_true 10 grep -qs open /run/out
	run sriovctl netns attach eth0/3 blue vlan 100
	assert_failure 3
	kill $pid
	wait $pid || true
	unchanged
	settled
	sriovctl -q vf bind eth0/3 default
	ip link set "$(vf_if $PF0 3)" name p0v3
}

@test "in use at home: exit 3; --force=in-use attaches it all the same" {
	ip netns add blue
	ip link set p0v0 up
	ip addr add 203.0.113.1/24 dev p0v0
	ip link add br9 type bridge
	ip link set p0v1 master br9
	ip link add link p0v2 name p0v2.7 type vlan id 7
	ip link set p1v0 up
	ip route add 198.51.100.0/24 dev p1v0
	keep
	while read -r vf what; do
		run sriovctl netns attach $vf blue vlan 100
		assert_failure 3
		assert_output --partial "$vf: refused: it"
		assert_output --partial "$what"
		assert_output --partial --force=in-use
	done <<-'END'
		eth0/0 address 203.0.113.1/24
		eth0/1 br9 (bridge)
		eth0/2 p0v2.7 (vlan)
		eth1/0 a route to 198.51.100.0/24
	END
	run sriovctl netns attach eth0/3 eth0/0 blue vlan 100
	assert_failure 3
	unchanged
	ip link del p0v2.7
	run sriovctl netns attach eth0/0-2 eth1/0 blue vlan 100 --force=in-use
	assert_success
	[ "$(ip -n blue -o link | grep -c 'net[1-4]:')" -eq 4 ]
	ip link del br9
	run sriovctl netns detach eth0/0-2 eth1/0
	assert_success
	[ "$(vf_if $PF0 0) $(vf_if $PF0 1) $(vf_if $PF0 2) $(vf_if $PF1 0)" = 'p0v0 p0v1 p0v2 p1v0' ]
	ip -o addr show dev p0v0 | grep -q 203.0.113.1/24 # that as well
	ip addr flush dev p0v0
	settled
}

@test "neighbours with a stale entry learn the new address without asking, v4 and v6" {
	two_namespaces
	sriovctl netns attach eth1/0 red name net0 vlan 100 address 192.0.2.2/24 address 2001:db8::2/64
	until_true 5 has_carrier red net0
	ip -n red -batch - <<-'END'
		neigh replace 192.0.2.1 lladdr 52:54:00:de:ad:01 dev net0 nud stale
		neigh replace 2001:db8::1 lladdr 52:54:00:de:ad:01 dev net0 nud stale
	END
	run sriovctl netns attach eth0/0 blue name net0 vlan 100 mac 52:54:00:c8:00:01 address 192.0.2.1/24 address 2001:db8::1/64
	assert_success
	refute_output --partial warning
	until_true 3 knows red 192.0.2.1 52:54:00:c8:00:01
	until_true 3 knows red 2001:db8::1 52:54:00:c8:00:01
	# a PF without a link: it is attached all the same, and said
	sriovctl netns detach eth0/0
	ip link set eth0 down
	run sriovctl netns attach eth0/0 blue name net0 mac 52:54:00:c8:00:01 address 192.0.2.1/24
	ip link set eth0 up
	assert_success
	assert_output --partial warning
	sriovctl netns detach eth0/0 eth1/0
	until_true 5 grep -q 1 /sys/class/net/eth0/carrier
}

@test "gateways: default routes inside, also a link-local one" {
	ip netns add blue
	keep
	run sriovctl netns attach eth0/0 blue name net0 address 192.0.2.1/24 address 2001:db8::1/64 gateway 192.0.2.254 gateway 2001:db8::ff
	assert_success
	[ "$(ip -n blue -4 -j route show default | jq -c '[.[] | [.gateway, .dev]]')" = '[["192.0.2.254","net0"]]' ]
	[ "$(ip -n blue -6 -j route show default | jq -c '[.[] | [.gateway, .dev]]')" = '[["2001:db8::ff","net0"]]' ]
	sriovctl netns detach eth0/0
	run sriovctl netns attach eth0/0 blue name net0 address 2001:db8::1/64 gateway fe80::1
	assert_success
	[ "$(ip -n blue -6 -j route show default | jq -c '[.[] | [.gateway, .dev]]')" = '[["fe80::1","net0"]]' ]
	sriovctl netns detach eth0/0
	unchanged
}

@test "bad input, each of it: nothing is changed" {
	ip netns add blue
	touch /run/plain
	bdf=$(vf_bdf $PF1 2)
	echo $bdf >/sys/bus/pci/drivers/igbvf/unbind
	keep
	while IFS='|' read -r want says words; do
		run sriovctl netns attach $words
		assert_failure $want
		assert_output --partial "$says"
	done <<-END
		1|address|eth0/0 blue vlan 60 address 192.0.2.1/33
		1|address|eth0/0 blue vlan 60 address 300.0.2.1/24
		1|address|eth0/0 blue vlan 60 address 2001:db8::1/129
		1|address|eth0/0 blue vlan 60 address blue
		1|address|eth0/0-1 blue vlan 60 address 192.0.2.1/24
		1|gateway|eth0/0 blue vlan 60 address 192.0.2.1/24 gateway 198.51.100.1
		1|gateway|eth0/0 blue vlan 60 address 192.0.2.1/24 gateway 2001:db8::1
		1|gateway|eth0/0 blue vlan 60 gateway 192.0.2.254
		1|gateway|eth0/0 blue vlan 60 address 192.0.2.1/24 gateway 192.0.2.254 gateway 192.0.2.253
		1|gateway|eth0/0 blue vlan 60 address 192.0.2.1/24 gateway 192.0.2.254 down
		1|gateway|eth0/0 blue vlan 60 address 192.0.2.1/24 gateway nowhere
		1|name|eth0/0 blue vlan 60 name sixteen-bytes-xx
		1|name|eth0/0 blue vlan 60 name a/b
		1|mac|eth0/0 blue vlan 60 mac 01:00:5e:00:00:01
		1|one address cannot be that of several VFs|eth0/0-1 blue vlan 60 mac 52:54:00:aa:00:01
		1|vlan|eth0/0 blue vlan 4095
		1|MTU from 68 to 9216|eth0/0 blue vlan 60 mtu 9217
		1|colour|eth0/0 blue vlan 60 colour red
		1|vlan|eth0/0 blue vlan
		1||eth0/0
		1||blue
		4|nosuch|eth0/0 nosuch vlan 60
		4|/run/nosuch|eth0/0 /run/nosuch vlan 60
		4|999999999|eth0/0 pid:999999999 vlan 60
		1|/run/plain|eth0/0 /run/plain vlan 60
		1|/proc/self/ns/uts|eth0/0 /proc/self/ns/uts vlan 60
		1|pid:1|eth0/0 pid:1 vlan 60
		1|/proc/1/ns/net|eth0/0 /proc/1/ns/net vlan 60
		4|no VF 4|eth0/4 blue vlan 60
		4|nosuch|nosuch/0 blue vlan 60
		1|eth0|eth0 blue vlan 60
		3|driver|eth1/2 blue vlan 60
		5|proto|eth0/0 blue vlan 60 proto 802.1ad
		3|already that of eth1|eth0/0 blue vlan 60 mac 52:54:00:00:00:02
	END
	unchanged
	run sriovctl netns detach
	assert_failure 1
	run sriovctl netns detach blue/net0
	assert_failure 4
	run sriovctl netns detach nosuch/net0
	assert_failure 4
	run setpriv --reuid=65534 --regid=65534 --clear-groups "$(command -v sriovctl)" netns attach eth0/0 blue
	assert_failure 2
	unchanged
	settled
	echo $bdf >/sys/bus/pci/drivers_probe
	ip link set "$(vf_if $PF1 2)" name p1v2
	rm -rf /run/sriovctl
	ip netns del blue
	whole >/run/fresh # it has another address now
}

@test "netns list, the lease column, the holders; nothing of it is somebody's whose VFs are at home" {
	two_namespaces
	[ "$(sriovctl -j netns list)" = '[]' ]
	hold ip netns exec blue
	pid=$!
	until_true 5 other_namespace
	before=$(date +%s)
	sriovctl netns attach eth0/0 blue name net0 owner c1
	sriovctl netns attach eth1/1 red
	run --separate-stderr sriovctl -j netns list
	assert_success
	[ -z "$stderr" ]
	jq -e --arg bdf "$(vf_bdf $PF0 0)" --argjson pid $pid --argjson before $before 'length == 2 and
		(.[0] | keys_unsorted) == ["vf", "pf", "index", "bdf", "driver", "netns", "ifname", "vfio", "state", "owner", "since", "pids"] and
		(.[0] | del(.since)) == {vf: "eth0/0", pf: "eth0", index: 0, bdf: $bdf, driver: "igbvf", netns: "blue", ifname: "net0",
			vfio: null, state: "attached", owner: "c1", pids: [$pid]} and
		(.[0].since | fromdate | . >= $before and . < $before + 60) and
		(.[1] | [.vf, .netns, .ifname, .state, .owner, .pids]) == ["eth1/1", "red", "p1v1", "attached", null, []]' <<<"$output"
	run sriovctl netns list
	assert_line --regexp '^VF .*NETNS'
	assert_line --regexp '^eth0/0 .*blue .*net0 .*attached .*c1'
	[ "$(sriovctl -j vf list --columns +lease | jq -c '[.[] | select(.lease) | [.vf, .lease]]')" = '[["eth0/0","c1"],["eth1/1","red"]]' ]
	sriovctl -j vf show eth0/0 | jq -e '.[0].holders[] | select(test("^attached"))'
	sriovctl -j vf show eth0/1 | jq -e '.[0].holders == []'
	for words in 'bind eth0/0 vfio-pci' 'unbind eth0/0' 'reset eth0/0' 'destroy eth0'; do
		run sriovctl vf $words
		assert_failure 3
		assert_output --partial 'eth0/0: refused'
	done
	jq -e . /run/sriovctl/attached/* >/run/out
	[ "$(stat -c %a /run/sriovctl /run/sriovctl/attached | tr '\n' ' ')" = '700 700 ' ]
	sriovctl netns detach eth0/0 owner c1
	sriovctl netns detach eth1/1
	[ "$(sriovctl -j netns list)" = '[]' ]
}

# in_podman WORDS...: without cgroups and an overlay, which the VM has not
in_podman() { podman --storage-driver vfs --root /run/lent/storage --runroot /run/lent/run --cgroup-manager cgroupfs --events-backend none "$@"; }

@test "podman: a VF for a container without a network; back when the container is gone" {
	command -v podman >/dev/null || skip 'podman is not installed'
	keep
	mkdir -p /run/lent/root/bin
	cp "$(command -v busybox)" /run/lent/root/bin/sleep
	in_podman run -d --name lent --network none --cgroups disabled --security-opt seccomp=unconfined --rootfs /run/lent/root sleep 300 3>&-
	pid=$(in_podman inspect -f '{{.State.Pid}}' lent)
	run sriovctl netns attach eth0/0 /proc/$pid/ns/net name net0 vlan 100 address 192.0.2.1/24 owner lent
	assert_success
	nsenter -t $pid -n ip -o addr show dev net0 up | grep -q 192.0.2.1/24
	[ "$(listed eth0/0 state,ifname,owner,pids)" = "attached net0 lent $pid" ]
	in_podman rm -f -t 0 lent
	until_true 10 at_home $PF0 0
	run sriovctl repair
	assert_success
	unchanged
	settled
}

@test "repair: the leases of VFs that exist no more are dropped; others are not touched" {
	dirty
	two_namespaces
	sriovctl netns attach eth0/0 blue name net0 vlan 100
	sriovctl netns attach eth1/0-1 red vlan 200
	whole | grep -v "^\(eth1\|p1\|${PF1}\|pci-$PF1\)" >/run/attached
	echo 0 >$sysfs/$PF1/sriov_numvfs
	[ "$(sriovctl -j netns list | jq -c '[.[] | [.vf, .state]]')" = '[["eth0/0","attached"],["eth1/0","gone"],["eth1/1","gone"]]' ]
	run --separate-stderr sriovctl -j repair --dry-run
	assert_success
	jq -e '([.actions[] | [.object, .attr]] | sort) == [["eth1/0", "lease"], ["eth1/1", "lease"]]' <<<"$output"
	[ "$(leases | wc -l)" -eq 3 ]
	run --separate-stderr sriovctl -j repair
	assert_success
	jq -e '.changed and ([.actions[] | [.object, .attr]] | sort) == [["eth1/0", "lease"], ["eth1/1", "lease"]]' <<<"$output"
	[ "$(leases)" = "pci-$PF0-0" ]
	ip -n blue link show net0 >/run/out
	# one that is made anew in its place is nobody's
	sriovctl netns attach eth0/1 red
	echo 0 >$sysfs/$PF0/sriov_numvfs
	echo 2 >$sysfs/$PF0/sriov_numvfs
	[ "$(leases | wc -l)" -eq 2 ]
	run sriovctl repair
	assert_success
	settled
	run sriovctl netns attach eth0/0 blue
	assert_success
	sriovctl netns detach eth0/0
	settled
}
