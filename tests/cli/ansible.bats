#!/usr/bin/env bats
# The example playbook of contrib/ansible in check mode, against a snapshot.

load helper

setup() {
	command -v ansible-playbook >/dev/null || skip 'no ansible-playbook'
	export ANSIBLE_NOCOLOR=1 ANSIBLE_LOCALHOST_WARNING=0 ANSIBLE_HOME=$BATS_TEST_TMPDIR/ansible
	printf '#!/bin/sh\nexec %q --snapshot %q "$@"\n' "$SRIOVCTL" "$ROOT/tests/fixtures/lab14" >"$BATS_TEST_TMPDIR/sriovctl"
	chmod +x "$BATS_TEST_TMPDIR/sriovctl"
	mkdir "$BATS_TEST_TMPDIR/policy.d"
}

play() {
	run ansible-playbook -i localhost, -c local --check -e ansible_python_interpreter=/usr/bin/python3 \
		-e sriovctl="$BATS_TEST_TMPDIR/sriovctl" -e sriov_policy_dir="$BATS_TEST_TMPDIR/policy.d" "$@" \
		"$ROOT/contrib/ansible/sriov.yml"
}

@test "ansible: what differs is changed, and told; what holds is ok; what cannot be had has failed" {
	printf 'kind: SriovHost\npfs:\n- {pf: eth0, vfs: 7}\n' >"$BATS_TEST_TMPDIR/policy.d/a.yaml"
	play
	assert_success
	assert_output --regexp 'ok=1 +changed=0'
	# one that is here, and not there yet
	printf 'kind: SriovHost\npfs:\n- {pf: eth0, mtu: 3000}\n' >"$BATS_TEST_TMPDIR/b.yaml"
	play -e sriov_policy="$BATS_TEST_TMPDIR/b.yaml"
	assert_success
	assert_output --partial 'changed: [localhost]'
	assert_output --partial '"new": 3000'
	printf 'kind: SriovHost\npfs:\n- {pf: eth0, vfs: 70}\n' >"$BATS_TEST_TMPDIR/policy.d/a.yaml"
	play
	assert_failure
	assert_output --partial '7 VFs at most'
}
