#!/usr/bin/env bats
# Inside the VM, with netdevsim: policies on real drivers. What a host has come to is asked of
# iproute2 and sysfs.
# shellcheck disable=SC2086,SC2154 # as in the other tests: PF0 and PF1 are words, helper's

bats_require_minimum_version 1.5.0
setup_file() { export BATS_TEST_TIMEOUT=120; }

setup() {
	load helper
	load policy
	load_libraries
	shim="$(dirname "$(command -v sriovctl)")/lab/failwrite.so"
	clean_slate
	rm -rf /run/policy
	mkdir /run/policy
}

teardown() { pkill -KILL -x sriovctl || true; }

@test "both PFs from nothing: counts, addresses, VLANs, rates, drivers, names, MTU; again: nothing; drifted: exactly that" {
	both_pfs >/run/policy/p.yaml
	run sriovctl policy check /run/policy/p.yaml
	assert_success
	sriovctl -j policy apply --dry-run /run/policy/p.yaml >/run/planned
	jq -e '.changed and all(.actions[]; .result == "planned") and .errors == []' /run/planned
	[ ! -e /run/sriovctl ] # not even a lock
	apply 0 p
	jq -e '.changed and .errors == [] and .warnings == [] and all(.actions[]; .result == "done" or .result == "kept")' <<<"$output"
	diff <(both_facts) <(facts)
	# what was said before is what was done
	diff <(jq '[.actions[] | del(.result)]' /run/planned) <(jq '[.actions[] | del(.result)]' <<<"$output")
	# again: nothing is written at all
	counting sriovctl -j policy apply /run/policy/p.yaml >/run/out
	[ "$changes" -eq 0 ]
	jq -e '. == {changed: false, actions: [], errors: [], warnings: []}' /run/out
	run sriovctl policy diff --exit-code /run/policy/p.yaml
	assert_success
	refute_output
	# by hand
	ip link set eth0 vf 3 vlan 7
	ip link set eth0 vf 2 spoofchk on
	ip link set eth0v2 mtu 1700
	ip link set wire0 down
	ip link set wire2 down # before Linux 6.2 one that is up cannot be renamed
	ip link set wire2 name other up
	ip link set eth1 mtu 1500
	vf_bdf $PF0 0 >/sys/bus/pci/drivers/vfio-pci/unbind
	run sriovctl policy diff --exit-code /run/policy/p.yaml
	assert_failure 9
	diff - <(sed "s/vfio.[0-9]*  /vfio\/N  /" <<<"$output" | sort) <<-'END'
		eth0/0: driver vfio-pci  (planned)
		eth0/0: vfio /dev/vfio/N  (planned)
		eth0/2: mtu 1700 -> 1800  (planned)
		eth0/2: spoofchk on -> off  (planned)
		eth0/3: vlan 7 -> 300  (planned)
		eth1/0: up off -> on  (planned)
		eth1/2: ifname other -> wire2  (planned)
		eth1: mtu 1500 -> 1600  (planned)  [interrupts the PF]
	END
	apply 0 p
	jq -e '.changed and (.actions | length) == 8' <<<"$output"
	diff <(both_facts) <(facts)
	settled p
}

@test "what a driver refuses for one VF costs only that, also when it says so in the end; where it stands in the file" {
	policy p <<-'END'
		pfs:
		- pf: eth0
		  vfs: 3
		  up: on
		  vf:
		    all: {mac: auto, trust: on}
		    1: {vlan: 10, state: disable, max_tx_rate: 100}
		- pf: eth1
		  vfs: 1
		  vf: {all: {vlan: 20, min_tx_rate: 5}}
	END
	apply 8 p
	jq -e '.changed and .error.code == 8 and [.errors[] | [.code, .object, .attr, .file, .line, .column]] ==
		[[5, "eth0/1", "state", "/run/policy/p.yaml", 8, 26], [5, "eth1/0", "min_tx_rate", "/run/policy/p.yaml", 11, 37]]' <<<"$output"
	cat >/run/want <<-'END'
		eth0 1500 up
		eth0/0 igbvf M 0/0 0 spoofchk on trust on ethN 1500 down
		eth0/1 igbvf M 10/0 100 spoofchk on trust on ethN 1500 down
		eth0/2 igbvf M 0/0 0 spoofchk on trust on ethN 1500 down
		eth1 1500 down
		eth1/0 igbvf M 20/0 0 spoofchk on trust off ethN 1500 down uses another
	END
	diff /run/want <(facts_any)
	# the same again: the same errors, and nothing to be done
	apply 8 p
	jq -e '.changed == false and .actions == [] and (.errors | length) == 2' <<<"$output"
	# in text: once, with the place
	run --separate-stderr sriovctl policy apply /run/policy/p.yaml
	assert_failure 8
	[ "$(grep -c 'p.yaml:8:26: eth0/1: state' <<<"$stderr")" -eq 1 ]
	# one that nobody could know of
	sed -i 's/state: disable, //; s/, min_tx_rate: 5//; s/vlan: 10/vlan: 11/; s/trust: on/trust: off/' /run/policy/p.yaml
	FAIL_SEND=vf1:22 LD_PRELOAD=$shim apply 8 p
	jq -e '.changed and all(.errors[]; .object == "eth0/1" and .code == 2 and .line != null) and (.errors | length) > 0' <<<"$output"
	sed -i '/eth0/s/trust on/trust off/; s/^\(eth0.1 .*\)trust off/\1trust on/' /run/want
	diff /run/want <(facts_any)
	apply 0 p
	settled p
}

@test "3 VFs become 7: survivors keep what they have, the new ones get what is said" {
	policy p <<-'END'
		pfs:
		- pf: eth0
		  vfs: 3
		  up: on
		  vf:
		    0: {mac: 52:54:00:aa:00:00, vlan: 10, name: data0, mtu: 1400, up: on}
		    1: {driver: vfio-pci, mac: auto}
		    2: {mac: auto}
	END
	apply 0 p
	ip link property add dev data0 altname data0-net
	ip link set eth0 vf 2 trust on # nobody speaks of that
	sed -i 's/vfs: 3/vfs: 7/' /run/policy/p.yaml
	echo '    3-6: {mac: auto, vlan: 40}' >>/run/policy/p.yaml
	apply 0 p
	diff - <(facts_any) <<-'END'
		eth0 1500 up
		eth0/0 igbvf 52:54:00:aa:00:00 10/0 0 spoofchk on trust off data0 1400 up
		eth0/1 vfio-pci M 0/0 0 spoofchk on trust off
		eth0/2 igbvf M 0/0 0 spoofchk on trust on ethN 1500 down
		eth0/3 igbvf M 40/0 0 spoofchk on trust off ethN 1500 down
		eth0/4 igbvf M 40/0 0 spoofchk on trust off ethN 1500 down
		eth0/5 igbvf M 40/0 0 spoofchk on trust off ethN 1500 down
		eth0/6 igbvf M 40/0 0 spoofchk on trust off ethN 1500 down
		eth1 1500 down
	END
	ip link show data0-net
	settled p
}

@test "what is in use is not taken away, which costs only that PF; VFs elsewhere are left as they are" {
	vfs $PF0 3 &
	vfs $PF1 1
	wait $!
	bind_vfio $PF0 2
	"$(dirname "$shim")/vfio-open" "$(sriovctl -j vf show eth0/2 | jq -r '.[0].vfio')" "$(vf_bdf $PF0 2)" 3>&- &
	holder=$!
	ip netns add blue
	ip link set "$(vf_if $PF0 0)" netns blue
	policy p <<-'END'
		pfs:
		- pf: eth0
		  vfs: 1
		- pf: eth1
		  vfs: 2
		  vf: {all: {vlan: 5}}
	END
	facts_any | grep eth0 >/run/before
	apply 8 p
	jq -e '.changed and (.errors | length) == 1 and (.errors[0] | .code == 3 and .line == 4) and
		([.actions[] | select(.result == "done") | .object | .[:4]] | unique) == ["eth1"]' <<<"$output"
	diff /run/before <(facts_any | grep eth0)
	diff - <(facts_any | grep eth1) <<-'END'
		eth1 1500 up
		eth1/0 igbvf M 5/0 0 spoofchk on trust off ethN 1500 down
		eth1/1 igbvf M 5/0 0 spoofchk on trust off ethN 1500 down
	END
	run sriovctl policy apply /run/policy/p.yaml --pf eth0
	assert_failure 3
	assert_output --regexp 'eth0/2: refused: it is held by .*\(vfio-open\) through /dev/vfio/[0-9]+, and 1 more VF is in use'
	# it is not taken from whoever holds it either
	policy q <<-'END'
		pfs:
		- pf: eth0
		  vf:
		    1: {vlan: 9}
		    2: {driver: default}
	END
	apply 8 q
	jq -e '[.errors[] | [.code, .object, .line]] == [[3, "eth0/2", 6]]' <<<"$output"
	[ "$(ip_vf eth0 1 'vlan_list[0].vlan')" -eq 9 ]
	# those in a namespace, brought there by hand or lent: a warning, and nothing else
	sriovctl -q netns attach eth0/1 blue vlan 30
	policy q <<-'END'
		pfs:
		- pf: eth0
		  vfs: 3
		  vf: {all: {vlan: 77, name: "x{vf}", trust: on}}
	END
	ip -n blue -d -o link show >/run/blue
	apply 0 q
	jq -e '.warnings | length == 1 and (.[0] | test("eth0/0.*blue.*1 more"))' <<<"$output"
	diff /run/blue <(ip -n blue -d -o link show)
	[ "$(ip -j link show eth0 | jq -c '[.[0].vfinfo_list[] | [.vlan_list[0].vlan, .trust]]')" = '[[null,false],[30,false],[77,true]]' ]
	# when it is home again it gets what is said
	sriovctl -q netns detach eth0/1
	kill $holder
	wait $holder || true
	apply 0 q
	[ "$(ip -j link show eth0 | jq -c '[.[0].vfinfo_list[] | [.vlan_list[0].vlan, .trust]]')" = '[[null,false],[77,true],[77,true]]' ]
	[ -e /sys/class/net/x1 ]
}

@test "a driver that is not there costs the VFs that want it; one PF alone by --pf; reset: true; two at once" {
	policy p <<-'END'
		pfs:
		- pf: eth0
		  vfs: 3
		  vf:
		    0-1: {driver: igbvff, vlan: 3}
		    2: {vlan: 4}
		- pf: eth1
		  vfs: 1
	END
	run --separate-stderr sriovctl policy apply /run/policy/p.yaml --pf eth0
	assert_failure 8
	[[ $stderr == *"there is no driver 'igbvff' on this host"*'did you mean igbvf?'* ]]
	[ "$(cat $sysfs/$PF0/sriov_numvfs)" -eq 3 ]
	[ "$(ip_vf eth0 2 'vlan_list[0].vlan')" -eq 4 ]
	[ "$(cat $sysfs/$PF1/sriov_numvfs)" -eq 0 ] # not meant
	run sriovctl policy apply /run/policy/p.yaml --pf nosuch
	assert_failure 4
	# reset
	sriovctl -q vf set eth0/0 mac 52:54:00:aa:00:10 vlan 5 qos 2 spoofchk off trust on
	ip link set eth0 vf 1 vlan 6 trust on
	policy p <<-'END'
		pfs:
		- pf: eth0
		  vf:
		    0: {reset: true, vlan: 8}
		    1: {trust: off}
	END
	apply 0 p
	jq -e '.changed' <<<"$output"
	[ "$(ip -j link show eth0 | jq -c '[.[0].vfinfo_list[:2][] | [.vlan_list[0].vlan, .vlan_list[0].qos, .spoofchk, .trust]]')" = '[[8,null,true,false],[6,null,true,false]]' ]
	settled p
	# two at the same time
	both_pfs >/run/policy/p.yaml
	sriovctl -j policy apply /run/policy/p.yaml >/run/first 3>&- &
	apply 0 p
	wait $!
	jq -se 'any(.changed) and all(.errors == [])' /run/first - <<<"$output"
	diff <(both_facts) <(facts)
	settled p
}

@test "--rollback-after: all is put back unless committed; at once by rollback, also when nobody waits any more" {
	policy p <<-'END'
		pfs:
		- pf: eth0
		  vfs: 2
		  mtu: 1600
		  up: on
		  vf: {all: {mac: auto, vlan: 5, name: "r{vf}"}}
		- pf: eth1
		  vfs: 1
	END
	facts >/run/before
	run sriovctl policy apply --rollback-after 2 /run/policy/p.yaml 3>&-
	assert_success
	facts >/run/after
	run ! cmp -s /run/before /run/after
	run sriovctl policy apply --rollback-after 2 /run/policy/p.yaml 3>&-
	assert_failure 3
	assert_output --partial 'sriovctl policy commit'
	for _ in $(seq 100); do [ -e /run/sriovctl/rollback/pending ] || break; sleep 0.1; done
	diff /run/before <(facts)
	nothing_left
	run sriovctl policy commit
	assert_failure 4
	# committed
	apply 0 p --rollback-after 2
	run sriovctl policy commit
	assert_success
	facts >/run/after
	nothing_left
	sleep 3
	diff /run/after <(facts)
	run sriovctl policy rollback
	assert_failure 4
	# changed again, of what is there now; nobody waits any more
	sed -i 's/vlan: 5/vlan: 6/; s/vfs: 1/vfs: 0/; s/mtu: 1600/mtu: 1700/' /run/policy/p.yaml
	apply 0 p --rollback-after 300
	pkill -KILL -x sriovctl
	run sriovctl policy rollback --dry-run
	assert_success
	assert_output --partial 'eth0/0: vlan 6 -> 5'
	run sriovctl policy rollback
	assert_success
	diff <(grep -v eth1/0 /run/after) <(facts | grep -v eth1/0)
	[ "$(cat $sysfs/$PF1/sriov_numvfs)" -eq 1 ]
	nothing_left
	# where nothing was changed there is nothing to take back, and nobody waits
	sed -i 's/vlan: 6/vlan: 5/; s/vfs: 0/vfs: 1/; s/mtu: 1700/mtu: 1600/' /run/policy/p.yaml
	apply 0 p --rollback-after 300
	nothing_left
	run ! pgrep -x sriovctl
}

@test "the operator's policies: vfio-pci for pfNames [eth0#0-3], the rest to the network driver" {
	cat >/run/policy/p.yaml <<-'END'
		apiVersion: sriovnetwork.openshift.io/v1
		kind: SriovNetworkNodePolicy
		metadata: {name: dpdk, namespace: sriov-network-operator}
		spec:
		  resourceName: dpdk
		  numVfs: 7
		  priority: 10
		  mtu: 2000
		  nicSelector: {pfNames: ["eth0#0-3"]}
		  deviceType: vfio-pci
		---
		apiVersion: sriovnetwork.openshift.io/v1
		kind: SriovNetworkNodePolicy
		metadata: {name: net, namespace: sriov-network-operator}
		spec:
		  resourceName: net
		  numVfs: 7
		  mtu: 1800
		  nicSelector: {vendor: "8086", pfNames: ["eth0#4-6"]}
		  deviceType: netdevice
	END
	apply 0 p
	facts_any >/run/now
	diff - /run/now <<-'END'
		eth0 2000 up
		eth0/0 vfio-pci M 0/0 0 spoofchk on trust off
		eth0/1 vfio-pci M 0/0 0 spoofchk on trust off
		eth0/2 vfio-pci M 0/0 0 spoofchk on trust off
		eth0/3 vfio-pci M 0/0 0 spoofchk on trust off
		eth0/4 igbvf M 0/0 0 spoofchk on trust off ethN 1800 down
		eth0/5 igbvf M 0/0 0 spoofchk on trust off ethN 1800 down
		eth0/6 igbvf M 0/0 0 spoofchk on trust off ethN 1800 down
		eth1 1500 down
	END
	settled p
}

@test "512 VFs with an address each" {
	echo '1 1' >/sys/bus/netdevsim/new_device
	for _ in $(seq 50); do compgen -G '/sys/bus/netdevsim/devices/netdevsim1/net/*' >/dev/null && break; sleep 0.1; done
	echo 512 >/sys/kernel/debug/netdevsim/netdevsim1/max_vfs
	pf=$(basename /sys/bus/netdevsim/devices/netdevsim1/net/*)
	{
		printf '%s\n' 'kind: SriovHost' 'pfs:' "- pf: $pf" '  vfs: 512' '  vf:' '    all: {spoofchk: on}'
		for ((i = 0; i < 512; i++)); do
			printf '    %d: {mac: 52:54:00:bb:%02x:%02x, vlan: %d}\n' $i $((i / 256)) $((i % 256)) $((i + 1))
		done
	} >/run/policy/p.yaml
	start=$(date +%s%N)
	apply 0 p
	middle=$(date +%s%N)
	settled p
	echo "# 512 VFs: $(((middle - start) / 1000000)) ms, again $((($(date +%s%N) - middle) / 1000000)) ms" >&3
	sriovctl -j vf list "$pf" | jq -e 'length == 512 and all(.vlan == .index + 1 and .spoofchk) and .[511].mac == "52:54:00:bb:01:ff" and
		([.[].mac] | unique | length) == 512'
	echo 1 >/sys/bus/netdevsim/del_device
}

@test "no root, a runtime directory that is read-only or full: said clearly, and nothing is changed" {
	both_pfs >/run/policy/p.yaml
	facts >/run/before
	unprivileged() { setpriv --reuid=65534 --regid=65534 --clear-groups "$(command -v sriovctl)" "$@"; }
	run unprivileged policy diff /run/policy/p.yaml
	assert_success
	assert_output --partial 'eth0: num_vfs 0 -> 6'
	mkdir -m 700 /run/sriovctl
	run unprivileged policy apply /run/policy/p.yaml
	assert_failure 2
	assert_output --partial 'sudo'
	diff /run/before <(facts)
	for how in ro size=1; do
		mount -t tmpfs -o $how t /run/sriovctl
		[ $how = ro ] || head -c 100000 /dev/zero >/run/sriovctl/full 2>/dev/null || true
		run sriovctl policy apply /run/policy/p.yaml
		umount /run/sriovctl
		assert_failure 2
		assert_output --partial '/run/sriovctl'
		refute_output --partial IOMMU # which is found by a look that is thorough
		diff /run/before <(facts)
	done
}

@test "a PF that is down, and rates without a link" {
	policy p <<-'END'
		pfs:
		- pf: eth0
		  vfs: 2
		  vf: {all: {mac: auto, vlan: 5}, 1: {max_tx_rate: 100}}
	END
	apply 8 p
	jq -e '[.errors[] | [.object, .attr]] == [["eth0/1", "max_tx_rate"]]' <<<"$output"
	diff - <(facts_any) <<-'END'
		eth0 1500 down
		eth0/0 igbvf M 5/0 0 spoofchk on trust off ethN 1500 down uses another
		eth0/1 igbvf M 5/0 0 spoofchk on trust off ethN 1500 down uses another
		eth1 1500 down
	END
	# the driver of the VFs cannot ask for the address now: it is not started again and again for that
	apply 8 p
	jq -e '.changed == false and .actions == []' <<<"$output"
	sed -i 's/vfs: 2/up: on/' /run/policy/p.yaml
	apply 0 p
	diff - <(facts_any) <<-'END'
		eth0 1500 up
		eth0/0 igbvf M 5/0 0 spoofchk on trust off ethN 1500 down
		eth0/1 igbvf M 5/0 100 spoofchk on trust off ethN 1500 down
		eth1 1500 down
	END
	settled p
}

@test "interrupted: what was begun is taken back, of both PFs, and it is said" {
	both_pfs >/run/policy/p.yaml
	facts >/run/before
	for signal in TERM INT; do
		# env: what runs in the background has SIGINT ignored
		setsid env --default-signal=INT sriovctl policy apply /run/policy/p.yaml >/run/out 2>&1 3>&- &
		for _ in $(seq 200); do [ "$(cat $sysfs/$PF0/sriov_numvfs)" -gt 0 ] && break; sleep 0.02; done
		if [ $signal = INT ]; then kill -INT -- -$!; else kill -TERM $!; fi # INT: to all of them
		wait $! && status=0 || status=$?
		cat /run/out
		[ $status -eq 2 ]
		grep -q interrupted /run/out
		diff /run/before <(facts)
		nothing_left
	done
	# killed alone, it leaves those at work, who come to their end, and whoever applies next waits for them
	sriovctl policy apply /run/policy/p.yaml >/run/out 2>&1 3>&- &
	for _ in $(seq 200); do [ "$(cat $sysfs/$PF0/sriov_numvfs)" -gt 0 ] && break; sleep 0.02; done
	kill -KILL $!
	wait $! || true
	pgrep -x sriovctl
	apply 0 p
	jq -e '.errors == []' <<<"$output"
	diff <(both_facts) <(facts)
	settled p
}

@test "a warning about a PF with nothing to do is said while another is changed" {
	printf 'kind: SriovHost\npfs:\n- {pf: [eth0, eth1], vfs: 2, vf: {all: {vlan: 6}}}\n' >/run/policy/p.yaml
	apply 0 p
	ip netns add blue
	sriovctl netns attach eth0/1 blue vlan 3
	ip link set eth1 vf 0 vlan 9
	apply 0 p
	jq -e '.changed and .warnings == ["eth0/1 is with blue: left as it is until it comes back"]' <<<"$output"
}
