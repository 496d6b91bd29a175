#!/usr/bin/env bats
# Inside the VM, without udev: what a policy wants, where the order of the steps matters.
# shellcheck disable=SC2154 # stderr is bats' own, PF0 that of helper

bats_require_minimum_version 1.5.0
setup_file() { export BATS_TEST_TIMEOUT=120; }

setup() {
	load helper
	load_libraries
	clean_slate
}

# apply 'pf: eth0, vfs: 2'
apply() {
	printf 'kind: SriovHost\npfs:\n- {%s}\n' "$1" >/run/policy.yaml
	run --separate-stderr sriovctl policy apply /run/policy.yaml
}

assert_nothing_left() {
	run --separate-stderr sriovctl policy diff --exit-code /run/policy.yaml
	assert_success
	assert_output ''
}

wait_for_carrier() {
	for ((i = 0; i < 100; i++)); do
		[ "$(cat /sys/class/net/eth0/carrier)" = 1 ] && return
		sleep 0.1
	done
	return 1
}

@test "a PF that is to be down gives its VFs their rates before" {
	ip link set eth0 up
	sriovctl vf create eth0 1
	wait_for_carrier
	sriovctl vf set eth0/0 max_tx_rate 100
	apply 'pf: eth0, vfs: 3, up: off, vf: {1: {max_tx_rate: 200}}'
	assert_success
	assert_equal "$(ip_vf eth0 0 'rate.max_tx')" 100
	assert_equal "$(ip_vf eth0 1 'rate.max_tx')" 200
	assert_equal "$(($(cat /sys/class/net/eth0/flags) & 1))" 0
	assert_nothing_left
}

@test "names and addresses change hands" {
	ip link set eth0 up
	sriovctl vf create eth0 2
	sriovctl vf set eth0/0 name a mac 52:54:00:00:00:a1
	sriovctl vf set eth0/1 name b mac 52:54:00:00:00:b1
	apply 'pf: eth0, vf: {0: {name: b, mac: "52:54:00:00:00:b1"}, 1: {name: a, mac: "52:54:00:00:00:a1"}}'
	assert_success
	assert_equal "$(vf_if "$PF0" 0) $(cat /sys/class/net/b/address)" "b 52:54:00:00:00:b1"
	assert_equal "$(vf_if "$PF0" 1) $(cat /sys/class/net/a/address)" "a 52:54:00:00:00:a1"
	assert_nothing_left
	# and where one of them gets another driver
	sriovctl vf set eth0/1 name c
	apply 'pf: eth0, vf: {0: {driver: vfio-pci}, 1: {name: b}}'
	assert_success
	assert_equal "$(vf_if "$PF0" 1)" b
	assert_nothing_left
}

@test "what a VF cannot give up is not free for another one" {
	ip link set eth0 up
	sriovctl vf create eth0 2
	ip link add taken type dummy
	sriovctl vf set eth0/1 name b mac 52:54:00:00:00:b1
	apply 'pf: eth0, vf: {0: {name: b, vlan: 5}, 1: {name: taken, vlan: 6}}'
	assert_equal "$status" 8
	[[ $stderr == *"another interface has the name b"* ]]
	[[ $stderr == *"another interface has the name taken"* ]]
	assert_equal "$(vf_if "$PF0" 1)" b
	assert_equal "$(ip_vf eth0 0 'vlan_list[0].vlan') $(ip_vf eth0 1 'vlan_list[0].vlan')" "5 6"
	ip link del taken
	apply 'pf: eth0, vf: {0: {name: b, vlan: 5}, 1: {name: taken, vlan: 6}}'
	assert_success
	assert_equal "$(vf_if "$PF0" 0) $(vf_if "$PF0" 1)" "b taken"
}

@test "as on a new one, also for a VF that gets its driver only now" {
	ip link set eth0 up
	sriovctl vf create eth0 1
	sriovctl vf set eth0/0 vlan 5 trust on spoofchk off
	sriovctl vf unbind eth0/0
	apply 'pf: eth0, vf: {0: {driver: default, reset: true}}'
	assert_success
	run jq -c '.[] | [.driver, .vlan, .trust, .spoofchk]' <(sriovctl --json vf list eth0)
	assert_output '["igbvf",0,false,true]'
	assert_nothing_left
}
