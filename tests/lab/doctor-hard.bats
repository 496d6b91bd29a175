#!/usr/bin/env bats
# Inside the VM: the doctor changes and loads nothing, may be anybody, and is never kept waiting.

# shellcheck disable=SC2086,SC2154

bats_require_minimum_version 1.5.0
setup_file() { export BATS_TEST_TIMEOUT=240; }

setup() {
	load helper
	load_libraries
	clean_slate
	lab="$(dirname "$(command -v sriovctl)")/lab"
	vfs $PF0 3
}

teardown() {
	pkill -KILL -x vfio-open || true
}

nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$(command -v sriovctl)" "$@"; }
loaded() { cut -d' ' -f1,3 /proc/modules | sort; }

@test "nothing is changed, and no module loaded, by root and by nobody" {
	local policy=/run/policy
	mkdir -p $policy
	printf 'kind: SriovHost\npfs:\n- pf: eth0\n  vfs: 2\n  vf: {0: {driver: vfio-pci}}\n' >$policy/a.yaml
	ip link set "$(vf_if $PF0 0)" up
	# with igb of Linux 6.1 the VF gets its address only then, some time later
	timeout 20 sh -c "while ip link show eth0 | grep -q 'vf 0 .*00:00:00:00:00:00'; do sleep 0.2; done"
	sriovctl snapshot /run/was
	modprobe -r vfio-pci 2>/dev/null || true
	loaded >/run/loaded
	keep
	for words in '' --details 'eth0 eth1 lo' '--baseline /run/was' -j; do
		counting env SRIOVCTL_POLICY_DIR=$policy sriovctl doctor $words >/dev/null || [ $? -eq 2 ]
		[ "$changes" -eq 0 ]
		SRIOVCTL_POLICY_DIR=$policy nobody doctor $words >/dev/null || [ $? -eq 2 ]
	done
	diff /run/loaded <(loaded)
	unchanged
	[ ! -e /run/sriovctl/journal ]
}

@test "nobody finds what there is to find, and nothing else" {
	run nobody doctor --strict
	assert_success
	assert_line --index 0 --partial 'Nothing wrong: '
	assert_line --partial 'vf-release-blocked (--details says why)'
	sriovctl -q vf unbind eth0/1
	ip link set eth0 vf 2 mac 52:54:00:aa:00:06
	sriovctl -j doctor | jq '[.findings[] | select(.severity | IN("warning", "problem")) | .check, .object]' >/run/root
	run nobody doctor
	assert_failure 2
	nobody -j doctor | jq '[.findings[] | select(.severity | IN("warning", "problem")) | .check, .object]' | diff /run/root -
}

@test "while VFs cannot be destroyed everything that looks still answers" {
	local bdf node holder waiter command
	bind_vfio $PF0 1
	bdf=$(vf_bdf $PF0 1)
	node=/dev/vfio/$(basename "$(readlink "$sysfs/$bdf/iommu_group")")
	"$lab/vfio-open" "$node" "$bdf" >/run/out 2>&1 3>&- 4>&- &
	holder=$!
	timeout 10 sh -c 'until grep -qs open /run/out; do sleep 0.1; done'
	sh -c "echo 0 >$sysfs/$PF0/sriov_numvfs" 3>&- 4>&- &
	waiter=$!
	timeout 10 sh -c "until grep -q vfio_unregister_group_dev /proc/$waiter/wchan; do sleep 0.1; done"
	printf 'kind: SriovHost\npfs:\n- pf: eth0\n  vfs: 3\n' >/run/a.yaml
	rm -rf /run/shot
	for command in doctor 'doctor eth0' 'doctor --details eth1' '-j doctor' 'doctor --check irq-storm' \
		'snapshot /run/shot' '--snapshot /run/shot doctor' 'doctor --baseline /run/shot' \
		'vf list' 'vf list --columns all' '' 'pf list --details' 'pf list --columns all' 'vf show eth0/0' \
		'vf show -d eth0/all' 'pf show -d eth0' stats 'stats eth0' 'netns list' 'policy diff /run/a.yaml' \
		'policy capture'; do
		status=0
		timeout -s KILL 20 sriovctl $command >/run/out 2>&1 || status=$?
		[ $status -ne 137 ] || { echo "$command: $(cat /proc/$waiter/stack)"; return 1; }
	done
	run timeout -s KILL 20 sriovctl doctor
	assert_failure 2
	assert_line --partial '[vf-release-blocked]'
	run timeout -s KILL 20 setpriv --reuid=65534 --regid=65534 --clear-groups sriovctl doctor
	[ "$status" -ne 137 ]
	kill $holder
	wait $waiter
}
