#!/usr/bin/env bats
# policy diff --prometheus: does the host still match, for monitoring.
# shellcheck disable=SC2154

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export SRIOVCTL_RUNTIME_DIR=$BATS_TEST_TMPDIR/run
	ln -s "$(fixture lab14)" lab14
	"$SRIOVCTL" policy capture --snapshot lab14 eth0 >same.yaml
	sed 's/vlan: 100/vlan: 101/; s/^  mtu: 1500/  mtu: 1400/' same.yaml >other.yaml
}

drift() { run --separate-stderr "$SRIOVCTL" policy diff --prometheus --snapshot lab14 "$@"; }

@test "a host that matches: 0, and not a word" {
	drift same.yaml
	assert_exit 0
	assert_line 'sriovctl_policy_differences{pf="eth0"} 0'
	assert_line 'sriovctl_policy_errors 0'
	assert_equal "$stderr" ""
}

@test "one that does not: how many settings, and one line that names them" {
	drift other.yaml --exit-code
	assert_exit 9
	assert_line 'sriovctl_policy_differences{pf="eth0"} 2'
	assert_equal "$stderr" "sriovctl: the host differs from its policy: eth0 mtu, eth0/1 vlan"
	drift other.yaml
	assert_exit 0
}

@test "a number of VFs is one difference, and many are not all named" {
	printf 'kind: SriovHost\npfs:\n- pf: eth0\n  vfs: 6\n  vf: {0-5: {vlan: 9}}\n' >many.yaml
	drift many.yaml
	assert_line 'sriovctl_policy_differences{pf="eth0"} 7'
	assert_equal "${#stderr_lines[@]}" 1
	assert_equal "$stderr" "sriovctl: the host differs from its policy: eth0 num_vfs, eth0/0 vlan, eth0/1 vlan, eth0/2 vlan and 3 more"
}

@test "what is wrong with the policy is a number, too" {
	printf 'kind: SriovHost\npfs:\n- pf: eth0\n  vf: {0: {state: enable}}\n' >state.yaml
	drift state.yaml
	assert_exit 8
	assert_line 'sriovctl_policy_errors 1'
	printf 'kind: SriovHost\npfs: 1\n' >wrong.yaml
	drift wrong.yaml
	assert_exit 1
	assert_line 'sriovctl_policy_errors 1'
	refute_line --partial 'sriovctl_policy_differences{'
}

@test "into a file, whole; nothing on standard output" {
	drift other.yaml --output drift.prom
	assert_exit 0
	assert_output ""
	run cat drift.prom
	assert_line 'sriovctl_policy_differences{pf="eth0"} 2'
	drift other.yaml --output none/drift.prom
	assert_exit 4
	run --separate-stderr "$SRIOVCTL" policy diff --output x.prom --snapshot lab14 same.yaml
	assert_exit 1
	drift same.yaml --json
	assert_exit 1
}

@test "promtool takes it" {
	local promtool
	promtool=$("$ROOT/tests/tools/promtool" --cached 2>/dev/null) || skip 'promtool is not here: tests/tools/promtool fetches it'
	drift other.yaml --output drift.prom
	run "$promtool" check metrics <drift.prom
	assert_exit 0
	assert_output ""
}
