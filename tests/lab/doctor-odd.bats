#!/usr/bin/env bats
# Inside the VM: what happens on hosts that nobody thought of, and the doctor in the midst of it. It
# names what is wrong, nothing else, and what it says is to be done helps.

bats_require_minimum_version 1.5.0
setup_file() { export BATS_TEST_TIMEOUT=240; }

setup() {
	load helper
	load_libraries
	clean_slate
	ip link del br0 2>/dev/null || true
	rm -rf /etc/sriovctl/policy.d # a record has no other one
	mkdir -p /etc/sriovctl/policy.d
	lab="$(dirname "$(command -v sriovctl)")/lab"
	vfs $PF0 3
}

# says FINDINGS [OPTIONS]: these problems and warnings, of this host and of a record of it; the NVMe
# controller without a driver apart
says() {
	local wanted=0 want=$1 from answer
	shift
	[[ $want != *problem* ]] || wanted=2
	rm -rf /run/shot
	sriovctl snapshot /run/shot
	for from in '' '--snapshot /run/shot'; do
		# shellcheck disable=SC2086 # two words, or none
		run --separate-stderr timeout 20 sriovctl -j $from doctor "$@"
		[ "$status" -eq "$wanted" ]
		answer=$(jq -r '.findings[] | select(.severity | IN("warning", "problem"))
			| "\(.severity) \(.check) \(.object // "host")"' <<<"$output")
		assert_equal "$answer" "$want"
	done
}

# remedy CHECK: what is to be done
remedy() { sriovctl -j doctor --check "$1" | jq -r 'first(.findings[] | select(.remedy) | .remedy)'; }

@test "the module of VFs is kept from loading" {
	echo 0 >$sysfs/$PF0/sriov_numvfs
	rmmod igbvf
	echo 2 >$sysfs/$PF0/sriov_numvfs
	says $'warning vf-no-driver eth0/0\nwarning vf-no-driver eth0/1'
	run remedy vf-no-driver
	assert_output --partial "'modprobe igbvf'"
	modprobe igbvf
	says ''
}

@test "a driver_override for a driver that does not exist" {
	bdf=$(vf_bdf $PF0 1)
	echo "$bdf" >/sys/bus/pci/drivers/igbvf/unbind
	echo nosuch >"$sysfs/$bdf/driver_override"
	echo "$bdf" >/sys/bus/pci/drivers_probe
	says 'problem vf-no-driver eth0/1'
	$(remedy vf-no-driver)
	says ''
}

@test "VFs made while autoprobe was off" {
	echo 0 >$sysfs/$PF0/sriov_numvfs
	echo 0 >$sysfs/$PF0/sriov_drivers_autoprobe
	echo 2 >$sysfs/$PF0/sriov_numvfs
	says ''
	echo 1 >$sysfs/$PF0/sriov_drivers_autoprobe
	says $'warning vf-no-driver eth0/0\nwarning vf-no-driver eth0/1'
	sriovctl -q vf bind eth0/all default
	says ''
}

@test "a container has a VF, and its PF goes down" {
	ip netns add blue
	ip link set "$(vf_if $PF0 1)" netns blue
	says ''
	ip link set eth0 down
	says 'warning pf-down eth0'
	$(remedy pf-down)
	says ''
}

@test "an address that is set on a VF whose interface is in a container" {
	ip netns add blue
	name=$(vf_if $PF0 1)
	ip link set "$name" netns blue
	ip -n blue link set "$name" up
	ip link set eth0 vf 1 mac 52:54:00:aa:00:09
	says 'problem vf-other-mac eth0/1'
	run remedy vf-other-mac
	assert_output --partial 'in the namespace blue set the interface down and up'
	ip -n blue link set "$name" down
	ip -n blue link set "$name" up
	says ''
}

@test "VFs with one address: in a bridge, and in VMs" {
	ip link add br0 type bridge
	for i in 0 1; do
		ip link set eth0 vf $i mac 52:54:00:aa:00:01
		bdf=$(vf_bdf $PF0 $i)
		echo "$bdf" >/sys/bus/pci/drivers/igbvf/unbind
		echo "$bdf" >/sys/bus/pci/drivers/igbvf/bind
		ip link set "$(vf_if $PF0 $i)" master br0
	done
	says $'problem vf-duplicate-mac eth0/0\nproblem vf-duplicate-mac eth0/1'
	ip link del br0
	$(remedy vf-duplicate-mac)
	says ''
	[ "$(ip_vf eth0 0 address)" = 52:54:00:aa:00:01 ]
	# each in a network of its own
	sriovctl -q vf bind eth0/0-1 vfio-pci
	ip link set eth0 vf 1 mac 52:54:00:aa:00:01
	says $'problem vf-duplicate-mac eth0/0\nproblem vf-duplicate-mac eth0/1'
	ip link set eth0 vf 0 vlan 7
	ip link set eth0 vf 1 vlan 8
	says ''
	sriovctl -q vf bind eth0/0-1 default
}

@test "a policy, and VFs that were given away with settings of their own" {
	cat >/etc/sriovctl/policy.d/host.yaml <<-'END'
		kind: SriovHost
		pfs: [{pf: eth0, vfs: 3, vf: {1: {vlan: 5}, 2: {driver: vfio-pci, trust: on, spoofchk: off}}}]
	END
	sriovctl -q policy apply
	says ''
	ip netns add blue
	sriovctl -q netns attach eth0/1 blue vlan 100
	says ''
	sriovctl -q policy diff --exit-code
	sriovctl -q netns detach eth0/1
	says ''
	sriovctl snapshot /run/base
	sriovctl -q netns attach eth0/1 blue vlan 100
	says 'warning baseline-vf eth0/1' --baseline /run/base --check baseline-vf
	sriovctl -q netns detach eth0/1
	rm -rf /run/base
	sriovctl -q vf bind eth0/2 default
	rm /etc/sriovctl/policy.d/host.yaml
}

@test "a holder that does not run any more, and one who takes its VF away meanwhile" {
	ip link set eth0 vf 1 mac 52:54:00:aa:00:01
	bind_vfio $PF0 1
	bdf=$(vf_bdf $PF0 1)
	"$lab/vfio-open" "/dev/vfio/$(basename "$(readlink "$sysfs/$bdf/iommu_group")")" "$bdf" >/run/out 2>&1 3>&- 4>&- &
	holder=$!
	timeout 10 sh -c 'until grep -qs open /run/out; do sleep 0.1; done'
	kill -STOP $holder
	says ''
	sh -c "echo 0 >$sysfs/$PF0/sriov_numvfs" 3>&- 4>&- &
	waiter=$!
	timeout 10 sh -c "until grep -q vfio_unregister_group_dev /proc/$waiter/wchan; do sleep 0.1; done"
	says 'problem vf-release-blocked eth0'
	run remedy vf-release-blocked
	assert_output --partial "stop pid $holder (vfio-open)"
	kill -KILL $holder
	wait $waiter
	says ''
}

@test "a PF on vfio-pci comes back as it is said" {
	echo 0 >$sysfs/$PF0/sriov_numvfs
	modprobe vfio-pci
	echo $PF0 >/sys/bus/pci/drivers/igb/unbind
	echo vfio-pci >$sysfs/$PF0/driver_override
	echo $PF0 >/sys/bus/pci/drivers_probe
	says ''
	says "warning pf-driver-no-vfs $PF0" $PF0
	mapfile -t commands < <(sriovctl -j doctor $PF0 --check pf-driver-no-vfs | jq -r '.findings[0].remedy' | grep -o "'echo [^']*'" | head -3 | tr -d "'")
	[ "${#commands[@]}" -eq 3 ]
	for command in "${commands[@]}"; do eval "$command"; done
	[ "$(basename "$(readlink "$sysfs/$PF0/driver")")" = igb ]
	says ''
}
