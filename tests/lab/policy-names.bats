#!/usr/bin/env bats
# Inside the VM, without udev: names of interfaces while both PFs are changed side by side. The
# kernel gives whoever comes first what is free, also what a VF of the other PF had until then.
# shellcheck disable=SC2086,SC2154 # as in the other tests: PF0 and PF1 are words, helper's

bats_require_minimum_version 1.5.0
setup_file() { export BATS_TEST_TIMEOUT=120; }

setup() {
	load helper
	load_libraries
	clean_slate
}

names() { sriovctl --json vf list | jq -r '.[] | "\(.vf) \(.ifname)"'; }

# policy N ADDRESS: N VFs of each PF, with addresses that begin so
policy() {
	echo 'kind: SriovHost'
	echo 'pfs:'
	for pf in $PF0 $PF1; do
		printf -- '- pf: %s\n  vfs: %s\n  up: on\n  vf:\n' $pf $1
		for ((vf = 0; vf < $1; vf++)); do
			echo "    $vf: {trust: on, mac: \"$2:${pf:5:2}:0$vf\"}"
		done
	done
}

@test "VFs of both PFs that are rebound, and made anew, keep their names" {
	ip link set eth0 up
	ip link set eth1 up
	sriovctl vf create eth0 7
	sriovctl vf create eth1 7
	names >/run/before
	for address in 02:00:00:00 02:00:00:01; do
		run --separate-stderr sriovctl policy apply - <<<"$(policy 7 $address)"
		assert_success
		diff /run/before <(names)
	done
	# fewer: all go, and those that stay come again
	run --separate-stderr sriovctl policy apply - <<<"$(policy 5 02:00:00:01)"
	assert_success
	diff <(grep -v '/[56] ' /run/before) <(names)
	run ! compgen -G "/sys/class/net/sriovvf*"
}
