#!/usr/bin/env bats
# Inside the VM: --rollback-after, whatever becomes of whoever called it.
# shellcheck disable=SC2154 # helper's and run's

bats_require_minimum_version 1.5.0
setup_file() { export BATS_TEST_TIMEOUT=120; }

setup() {
	load helper
	load_libraries
	clean_slate
	doc=$BATS_TEST_TMPDIR/host.yaml
	kept=/run/sriovctl/rollback
	printf 'kind: SriovHost\npfs:\n- {pf: eth0, vfs: 2, vf: {all: {vlan: 5}}}\n' >"$doc"
}

teardown() {
	echo 1 >/sys/bus/pci/rescan # the PF that a test has removed
	clean_slate
}

num_vfs() { cat "$sysfs/$PF0/sriov_numvfs"; }

# until_taken_back: nothing waits any more
until_taken_back() {
	local i
	for ((i = 0; i < 300; i++)); do
		[ -z "$(ls -A "$kept")" ] && return
		sleep 0.1
	done
	fail "$(ls "$kept") is still there"
}

@test "nobody reads what it says" {
	sriovctl policy apply "$doc" --rollback-after 2 3>&- | true
	assert_equal "$(num_vfs)" 2
	[ -e "$kept/pending" ]
	until_taken_back
	assert_equal "$(num_vfs)" 0
}

@test "killed in the middle of it" {
	sriovctl policy apply "$doc" --rollback-after 1 3>&- &
	until [ -e "$kept/pci-$PF0" ]; do sleep 0.01; done
	kill -KILL $!
	until_taken_back
	assert_equal "$(num_vfs)" 0
	run -0 sriovctl policy diff --exit-code <(echo 'kind: SriovHost')
	run -4 sriovctl policy commit
}

@test "of two at the same time one is refused" {
	local first second=0
	sriovctl policy apply "$doc" --rollback-after 100 3>&- &
	first=$!
	sriovctl policy apply "$doc" --rollback-after 100 3>&- || second=$?
	wait $first && first=0 || first=$?
	# the second may also have found that all was done
	[[ $first$second == @(03|30|00) ]] || fail "$first $second"
	run -0 sriovctl policy rollback
	assert_equal "$(num_vfs)" 0
}

@test "a PF that has gone" {
	sriovctl policy apply "$doc" --rollback-after 100 3>&-
	echo 1 >"$sysfs/$PF0/remove"
	run -4 --separate-stderr sriovctl policy rollback
	assert_equal "${stderr%%$'\n'*}" "sriovctl: no PF that was changed is there any more"
	run -0 sriovctl policy commit
	assert_equal "$(ls -A "$kept")" ""
	run -4 sriovctl policy rollback
}
