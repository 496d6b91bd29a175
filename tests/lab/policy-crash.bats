#!/usr/bin/env bats
# Inside the VM: SIGKILL at each point of `policy apply` where something is about to be written, by it or
# by a child of it, and of the way back, which is another policy. Afterwards the same policy is applied,
# or the other one, and the host must be what that says, with nothing left of what was cut off.
# With LAB_ALL at each point all of that, else at some of them, and at others on the other kernel.
# shellcheck disable=SC2086,SC2154 # as in the other tests: PF0 and PF1 are words, helper's

bats_require_minimum_version 1.5.0
setup_file() { export BATS_TEST_TIMEOUT=3000; }

setup() {
	load helper
	load policy
	load_libraries
	shim="$(dirname "$(command -v sriovctl)")/lab/failwrite.so"
	clean_slate
	rm -rf /run/policy /run/crash
	mkdir /run/policy /run/crash
}

teardown() { pkill -KILL -x sriovctl || true; }

p=/run/policy/p.yaml q=/run/policy/q.yaml

# cut_off N COMMAND...: kill it at the Nth point; false when it came to its end before
cut_off() {
	head -c 8 /dev/zero >/run/count
	# setsid: the shim kills the process group
	{ KILL_AT=$1 KILL_COUNT=/run/count LD_PRELOAD=$shim setsid -w "${@:2}" >/run/crash/out 2>&1 3>&- || true; } 2>/dev/null
	[ "$(od -An -td4 -N4 /run/count)" -ge "$1" ]
}

apply_to() { sriovctl policy apply $1 >/run/crash/out 2>&1 3>&- || { echo "point $n: status $? of $1"; cat /run/crash/out; return 1; }; }

# is NAME: the host is as p or q say, as they see it as well, and nothing is left
is() {
	facts_any >/run/crash/now
	if diff /run/crash/$1 /run/crash/now && sriovctl policy diff --exit-code /run/policy/$1.yaml && [ -z "$(journals)" ]; then return; fi
	echo "point $n, cut off on the way to $to: $1; $(journals)"
	cat /run/crash/out
	return 1
}

# but for one that was never finished: whoever writes it the next time, or repair, takes it away
journals() { find /run/sriovctl/journal -type f ! -name '*.tmp'; }

# what is cut off, and which of the two is applied then; each begins where the one before it ended
ways='p:p q:p q:q p:q'

# sweep NAME EVERY: between what $q says and what $p says; at every EVERYth point one of the ways
sweep() {
	local n=0 every=$2 first=1 to=- way turn=() ended=''
	[ -z "${LAB_ALL-}" ] || every=1
	[[ $(uname -r) != 6.1.* ]] || [ $every = 1 ] || first=2
	apply_to $q
	facts_any >/run/crash/q
	apply_to $p
	facts_any >/run/crash/p
	! cmp -s /run/crash/p /run/crash/q
	apply_to $q
	is q
	for ((n = first; ${#ended} < 2; n += every)); do
		[ ${#turn[@]} -gt 0 ] || read -ra turn <<<"$ways"
		if [ -n "${LAB_ALL-}" ]; then read -ra turn <<<"$ways"; fi
		while [ ${#turn[@]} -gt 0 ]; do
			way=${turn[0]} turn=("${turn[@]:1}")
			to=${way%:*}
			if [[ $ended != *$to* ]]; then cut_off $n sriovctl policy apply /run/policy/$to.yaml || ended+=$to; fi
			apply_to /run/policy/${way#*:}.yaml
			is ${way#*:}
			[ -n "${LAB_ALL-}" ] || break
		done
	done
	[ $n -gt 5 ]
	run sriovctl repair
	assert_success
	nothing_left
	echo "# $1: to point $((n - every)), one in $every" >&3
}

@test "one PF: attributes, drivers, names, MTU" {
	cat >$q <<-'END'
		kind: SriovHost
		pfs:
		- pf: eth0
		  vfs: 3
		  up: on
		  vf:
		    0: {mac: 52:54:00:aa:00:00, vlan: 1, qos: 0, name: a0, mtu: 1400, up: on, driver: default}
		    1: {mac: 52:54:00:aa:00:01, vlan: 0, driver: vfio-pci}
		    2: {mac: 52:54:00:aa:00:02, trust: off, name: a2, driver: default}
	END
	cat >$p <<-'END'
		kind: SriovHost
		pfs:
		- pf: eth0
		  vfs: 3
		  mtu: 1500
		  vf:
		    0: {mac: 52:54:00:aa:00:10, vlan: 2, qos: 3, name: a2, mtu: 1500, driver: default}
		    1: {mac: 52:54:00:aa:00:01, vlan: 5, driver: default, name: a1}
		    2: {mac: 52:54:00:aa:00:02, trust: on, driver: vfio-pci}
	END
	sweep 'one PF' 5
}

@test "one PF: another number of VFs" {
	cat >$q <<-'END'
		kind: SriovHost
		pfs:
		- pf: eth0
		  vfs: 1
		  up: on
		  vf: {0: {mac: 52:54:00:aa:00:00, vlan: 1, name: a0, mtu: 1400}}
	END
	cat >$p <<-'END'
		kind: SriovHost
		pfs:
		- pf: eth0
		  vfs: 2
		  vf:
		    0: {vlan: 2, name: b0}
		    1: {mac: 52:54:00:aa:00:01, driver: vfio-pci}
	END
	apply_to $q
	ip link set eth0 vf 0 trust on # of which neither speaks
	sweep 'another number' 9
}

@test "two PFs at once" {
	cat >$q <<-'END'
		kind: SriovHost
		pfs:
		- pf: [eth0, eth1]
		  vfs: 2
		  up: on
		  vf:
		    all: {mac: auto, vlan: 1, driver: default, name: "{pf}v{vf}"}
	END
	cat >$p <<-'END'
		kind: SriovHost
		pfs:
		- pf: [eth0, eth1]
		  vfs: 2
		  vf:
		    all: {mac: auto, vlan: 2}
		    0: {driver: vfio-pci}
		    1: {name: "{pf}w{vf}"}
	END
	sweep 'two PFs' 7
}

@test "--rollback-after, cut off: rollback and repair put it back" {
	local n to='a rollback' every=7 taken=0
	[ -z "${LAB_ALL-}" ] || every=1
	cat >$q <<-'END'
		kind: SriovHost
		pfs:
		- pf: eth0
		  vfs: 2
		  up: on
		  vf: {all: {mac: auto, name: "a{vf}", driver: default, vlan: 1}}
	END
	sed 's/vlan: 1/vlan: 2/; s/driver: default/driver: vfio-pci/; s/name: "[^"]*", //' $q >$p
	apply_to $q
	facts_any >/run/crash/q
	for ((n = 1; ; n += every)); do
		cut_off $n sriovctl policy apply --rollback-after 600 $p || break
		pkill -KILL -x sriovctl || true # who waits
		facts_any >/run/crash/now
		sriovctl policy rollback >/run/crash/out 2>&1 && taken=$((taken + 1)) || [ $? -eq 4 ]
		sriovctl repair >>/run/crash/out 2>&1
		is q
	done
	pkill -KILL -x sriovctl
	sriovctl policy rollback
	is q
	echo "# rollback: cut off at up to $((n - every)) points, one in $every; taken back $taken times" >&3
}
