#!/usr/bin/env bats
# Inside the VM: who uses a VF is seen, and nothing is taken from them unasked.

bats_require_minimum_version 1.5.0
setup_file() { export BATS_TEST_TIMEOUT=180; }

setup() {
	load helper
	load_libraries
	for link in up0 master0; do ip link del $link 2>/dev/null || true; done
	lab="$(dirname "$(command -v sriovctl)")/lab"
	fresh_vfs
	name=$(vf_if $PF0 1)
	held=eth0/1
}

# Nobody stays who would keep bats or the next test waiting, whatever failed.
teardown() {
	pkill -KILL -x sriovctl || true
	pkill -KILL -x holder || true
	pkill -KILL -x vfio-open || true
}

# Two VFs of eth0, with interfaces that nobody has touched. They stay from test to test: it is the
# making of VFs that takes time. Probed once more, because igbvf of Linux 6.1 takes no VLAN before.
fresh_vfs() {
	if [ "$(cat $sysfs/$PF0/sriov_numvfs)" -ne 2 ]; then
		clean_slate
		ip link set eth0 up # igbvf has no valid MAC while its PF is down
		echo 2 >$sysfs/$PF0/sriov_numvfs
	fi
	for ns in $(ip netns list | cut -d' ' -f1); do ip netns del "$ns"; done
	for vf in 0 1; do
		bdf=$(vf_bdf $PF0 $vf)
		echo "$bdf" >"$sysfs/$bdf/driver/unbind" || true
		echo "$bdf" >/sys/bus/pci/drivers_probe
	done
}

# driver: that of the VF held
driver() { basename "$(readlink "$sysfs/$(vf_bdf $PF0 1)/driver" || echo none)"; }

# everything_refused [RUN...]: every way to take it, with $force, says $what. A shell of its own,
# because bats looks at each command here, which takes longer than the commands.
everything_refused() {
	local other=vfio-pci
	[ "$(driver)" = igbvf ] || other=igbvf
	# shellcheck disable=SC2016
	run bash -c '
		held=$1 other=$2 what=$3 force=$4
		shift 4
		for command in "bind $held $other" "unbind $held" "reset $held" "destroy eth0"; do
			output=$("$@" timeout 20 sriovctl vf $command $force 2>&1)
			status=$?
			[ $status -eq 3 ] && [[ $output == *"$held: refused: it $what"* ]] || echo "$command: $status: $output"
		done' - $held $other "$what" "$force" "$@"
	refute_output
	[ "$(cat $sysfs/$PF0/sriov_numvfs)" -eq 2 ]
}

# in_use VERB WHAT [RUN...]: so says vf show, and each command that would take it refuses
in_use() {
	local what="$1 $2" was
	was=$(driver)
	jq -e --arg what "$2" '.[0].holders[0] == $what' <<<"$("${@:3}" sriovctl -j vf show $held)"
	force='' everything_refused "${@:3}"
	[ "$(driver)" = "$was" ]
}

# taken_by_force: it can be had all the same, and then has nobody left who uses it
taken_by_force() {
	run timeout 30 sriovctl vf bind $held vfio-pci --force=in-use
	assert_success
	assert_line --partial "$held: vfio /dev/vfio/"
	jq -e '.[0].holders == []' <<<"$(sriovctl -j vf show $held)"
	sriovctl -q vf bind $held igbvf
	name=$(vf_if $PF0 1)
}

# hidden COMMAND...: where neither the processes nor the named namespaces of the host are seen
hidden() {
	# shellcheck disable=SC2016
	unshare --pid --mount --fork --mount-proc sh -c 'mount -t tmpfs none /run/netns && exec "$@"' - "$@"
}

# ancestor SESSION COMMAND...: COMMAND has a grandparent with SSH_CONNECTION, and none itself
ancestor() {
	# shellcheck disable=SC2016
	SSH_CONNECTION=$1 sh -c 'env -u SSH_CONNECTION sh -c '\''"$@"; exit $?'\'' - "$@"; exit $?' - "${@:2}"
}

export -f hidden ancestor

@test "nobody: [] in show, null in a plain list, and an interface that is up is nobody" {
	ip link set "$name" up
	jq -e '.[0].holders == []' <<<"$(sriovctl -j vf show $held)"
	jq -e 'all(.holders == null)' <<<"$(sriovctl -j vf list eth0)"
	refute [ -n "$(sriovctl vf show $held | grep -i holders)" ]
	ip addr add 192.0.2.1/24 dev "$name"
	jq -e 'all(.holders == null)' <<<"$(sriovctl -j vf list eth0)"
	run sriovctl vf show $held
	assert_line --regexp 'holders +address 192.0.2.1/24'
	jq -e '[.[].holders] == [[], ["address 192.0.2.1/24"]]' <<<"$(sriovctl -j vf show eth0/all)"
}

@test "addresses and routes" {
	ip link set "$name" up
	ip addr add 192.0.2.1/24 dev "$name"
	in_use has 'address 192.0.2.1/24'
	taken_by_force
	ip link set "$name" up
	ip addr add 2001:db8::1/64 dev "$name" nodad
	in_use has 'address 2001:db8::1/64'
	ip addr flush dev "$name" scope global
	ip route add 198.51.100.0/24 dev "$name"
	in_use has 'a route to 198.51.100.0/24'
	ip route flush dev "$name"
	ip -6 route add 2001:db8:1::/48 dev "$name"
	in_use has 'a route to 2001:db8:1::/48'
	ip -6 route flush 2001:db8:1::/48
	ip addr add 192.0.2.1/24 dev "$name"
	ip route add default via 192.0.2.254 dev "$name"
	in_use carries 'the default route'
	jq -e '.[0].holders | length > 1' <<<"$(sriovctl -j vf show $held)"
	# one that is not held is not in the way of itself
	run sriovctl vf unbind eth0/0
	assert_success
	taken_by_force
}

@test "a bond, a bridge, a VRF" {
	while read -r kind options; do
		# shellcheck disable=SC2086
		ip link add master0 type $kind $options
		ip link set "$name" down master master0
		in_use 'belongs to' "master0 ($kind)"
		taken_by_force
		ip link del master0
	done <<-'END'
		vrf table 10
		bridge
		bond
	END
}

@test "a VLAN and a macvlan on top, also in a container" {
	ip netns add blue
	while read -r kind options; do
		# shellcheck disable=SC2086
		ip link add link "$name" name up0 type $kind $options
		in_use carries "up0 ($kind)"
		ip link set up0 netns blue
		in_use carries "up0 ($kind) in blue"
		taken_by_force
		[ -z "$(ip -n blue -o link show type "$kind")" ]
	done <<-'END'
		vlan id 7
		macvlan
	END
}

@test "a network namespace, with and without a name, and one that cannot be seen" {
	ip netns add blue
	ip link set "$name" netns blue
	in_use 'is in' "the network namespace blue, as $name"
	in_use 'has its interface in' 'a network namespace that cannot be seen' hidden
	taken_by_force
	hold unshare -n
	sleep 0.5
	ip link set "$name" netns $!
	in_use 'is in' "the network namespace pid:$!, as $name"
	taken_by_force
	kill $!
}

@test "the session of whoever asks, over ssh" {
	ip link set "$name" up
	ip addr add 192.0.2.1/24 dev "$name"
	session='203.0.113.5 50000 192.0.2.1 22'
	in_use carries 'your SSH session' env "SSH_CONNECTION=$session"
	# sudo, cron and the like do not pass it on: an ancestor has it
	in_use carries 'your SSH session' ancestor "$session"
	jq -e '.[0].holders == ["address 192.0.2.1/24"]' <<<"$(
		SSH_CONNECTION='203.0.113.5 50000 192.0.2.9 22' sriovctl -j vf show $held)"
	ip addr flush dev "$name"
	ip addr add 2001:db8::1/64 dev "$name" nodad
	in_use carries 'your SSH session' env 'SSH_CONNECTION=2001:db8::2 50000 2001:db8:0::1 22'
	SSH_CONNECTION='2001:db8::2 50000 2001:db8::1 22' taken_by_force
}

@test "a process that has it open through vfio is never overridden, seen or not" {
	sriovctl vf bind eth0/0-1 vfio-pci
	node=$(sriovctl -j vf show $held | jq -r '.[0].vfio')
	"$lab/vfio-open" "$node" "$(vf_bdf $PF0 1)" >/run/out 2>&1 3>&- 4>&- &
	timeout 10 sh -c 'until grep -qs open /run/out; do sleep 0.1; done'
	in_use 'is held by' "process $! (vfio-open) through $node"
	for force in --force --force=in-use; do
		what="is held by process $! (vfio-open)" everything_refused
	done
	in_use 'is open through' "$node, by a process that cannot be seen" unshare --pid --fork --mount-proc
	for force in --force --force=in-use; do
		what="is open through $node, by a process that cannot be seen" everything_refused unshare --pid --fork --mount-proc
	done
	# its neighbour is free
	run sriovctl vf bind eth0/0 igbvf
	assert_success
	[ "$(driver)" = vfio-pci ]
	kill $!
	wait $! || true
	run sriovctl vf bind $held igbvf
	assert_success
}

@test "one that only has the group's node open is seen as well" {
	sriovctl vf bind $held vfio-pci
	node=$(sriovctl -j vf show $held | jq -r '.[0].vfio')
	hold 4<>"$node"
	sleep 0.3
	in_use 'is held by' "process $! (holder) through $node"
	kill $!
	wait $! || true
}

@test "several in use: the gravest is named, the rest counted, and nothing is done to any" {
	ip addr add 192.0.2.1/24 dev "$(vf_if $PF0 0)"
	sriovctl vf bind $held vfio-pci
	node=$(sriovctl -j vf show $held | jq -r '.[0].vfio')
	hold 4<>"$node"
	sleep 0.3
	run sriovctl vf unbind eth0/all --force=in-use
	assert_failure 3
	assert_output --partial "$held: refused: it is held by process $!"
	run sriovctl vf unbind eth0/all
	assert_failure 3
	assert_output --partial "$held: refused: it is held by process $! (holder) through $node, and 1 more VF is in use"
	[ "$(driver)" = vfio-pci ]
	[ -n "$(vf_if $PF0 0)" ]
	kill $!
	wait $! || true
	run --separate-stderr sriovctl -j vf unbind eth0/all
	assert_failure 3
	jq -e '.changed == false and .error.code == 3 and .error.object == "eth0/0" and all(.actions[]; .result == "skipped")' <<<"$output"
	[ "$(driver)" = vfio-pci ]
}
