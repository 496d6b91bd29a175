# Shared by the tests of policies that run inside the lab's VM.
# shellcheck disable=SC2086,SC2154

# policy NAME: standard input as a SriovHost
policy() { { echo 'kind: SriovHost'; cat; } >/run/policy/$1.yaml; }

# apply STATUS NAME OPTIONS...: with JSON, which ends with this status
apply() {
	run --separate-stderr sriovctl -j policy apply "/run/policy/$2.yaml" "${@:3}" 3>&-
	[ $status -eq $1 ] && return
	echo "status $status: $output $stderr"
	return 1
}

nothing_left() {
	local left
	# either may be missing
	left=$(find /run/sriovctl/journal /run/sriovctl/rollback -type f 2>/dev/null || true)
	[ -z "$left" ] || { echo "left: $left"; return 1; }
}

# settled NAME: nothing is to be done, nothing is left
settled() {
	apply 0 $1
	jq -e '.changed == false and .actions == [] and .errors == []' <<<"$output"
	nothing_left
}

# facts: both PFs, with sriov_drivers_autoprobe where that is 0, and their VFs, as iproute2 and sysfs have
# them: name, driver, address, VLAN/QoS, rate,
# and of the interface name, MTU, UP, and its address where that is another one
facts() {
	local off
	off=$(grep -l 0 $sysfs/{$PF0,$PF1}/sriov_drivers_autoprobe || true)
	find $sysfs/{$PF0,$PF1}/virtfn*{,/driver} -maxdepth 0 -printf '%p %l\n' 2>/dev/null | sed "s|^$sysfs/||" >/run/links
	ip -j -d link show | jq -r --rawfile links /run/links --arg pfs "$PF0 $PF1" --arg off "$off" '
		def updown: if .flags | index("UP") then "up" else "down" end;
		def onoff: if . then "on" else "off" end;
		. as $all | ($links | split("\n") | map(select(. != "") | split(" ") | {(.[0]): (.[1] | split("/") | last)}) | add // {}) as $at |
		$all[] | select(.parentdev as $p | $pfs | split(" ") | index($p)) | . as $pf |
		"\(.ifname) \(.mtu) \(updown)" + if .parentdev as $p | $off | contains($p) then " autoprobe off" else "" end,
		((.vfinfo_list // [])[] | "\($pf.parentdev)/virtfn\(.vf)" as $vf | [$all[] | select(.parentdev == $at[$vf])][0] as $netdev |
			"\($pf.ifname)/\(.vf) \($at[$vf + "/driver"] // "-") \(.address) \(.vlan_list[0].vlan // 0)/\(.vlan_list[0].qos // 0)" +
			" \(.rate.max_tx) spoofchk \(.spoofchk | onoff) trust \(.trust | onoff)" +
			if $netdev then " \($netdev.ifname) \($netdev.mtu) \($netdev | updown)" else "" end +
			if $netdev and $netdev.address != .address then " uses \($netdev.address)" else "" end)'
}

# facts_any: the same, where names that the kernel gave and addresses that no policy says in full may be any
facts_any() { facts | sed -E '/52:54:00:aa/!s/ ([0-9a-f]{2}:){5}[0-9a-f]{2} / M /; s/ uses .*/ uses another/; s/ eth[0-9]+ / ethN /'; }

# both_pfs: a policy for both, with something of all
both_pfs() {
	cat <<-'END'
		apiVersion: sriovctl/v1
		kind: SriovHost
		metadata: {name: lab}
		defaults:
		  trust: off
		pfs:
		- pf: eth0
		  vfs: 6
		  mtu: 2000
		  up: on
		  vf:
		    all: {spoofchk: off, name: "{pf}v{vf}"}
		    0-1: {driver: vfio-pci, vlan: 100}
		    0: {mac: 52:54:00:aa:00:00}
		    1: {mac: 52:54:00:aa:00:01}
		    2: {mac: 52:54:00:aa:00:02, vlan: 200, qos: 3, max_tx_rate: 100, mtu: 1800, up: on}
		    3: {mac: 52:54:00:aa:00:03, vlan: 300}
		    4: {mac: 52:54:00:aa:00:04, vlan: 300}
		    5: {mac: 52:54:00:aa:00:05, vlan: 300}
		- pf: 0000:41:00.0
		  vfs: 3
		  mtu: 1600
		  up: on
		  vf:
		    all: {mtu: 1550, up: on, name: "wire{vf}"}
		    0: {mac: 52:54:00:aa:01:00}
		    1: {mac: 52:54:00:aa:01:01, trust: on, max_tx_rate: 0.2gbit}
		    2: {mac: 52:54:00:aa:01:02}
	END
}

# both_facts: what facts says where that holds
both_facts() {
	cat <<-'END'
		eth0 2000 up
		eth0/0 vfio-pci 52:54:00:aa:00:00 100/0 0 spoofchk off trust off
		eth0/1 vfio-pci 52:54:00:aa:00:01 100/0 0 spoofchk off trust off
		eth0/2 igbvf 52:54:00:aa:00:02 200/3 100 spoofchk off trust off eth0v2 1800 up
		eth0/3 igbvf 52:54:00:aa:00:03 300/0 0 spoofchk off trust off eth0v3 1500 down
		eth0/4 igbvf 52:54:00:aa:00:04 300/0 0 spoofchk off trust off eth0v4 1500 down
		eth0/5 igbvf 52:54:00:aa:00:05 300/0 0 spoofchk off trust off eth0v5 1500 down
		eth1 1600 up
		eth1/0 igbvf 52:54:00:aa:01:00 0/0 0 spoofchk on trust off wire0 1550 up
		eth1/1 igbvf 52:54:00:aa:01:01 0/0 200 spoofchk on trust on wire1 1550 up
		eth1/2 igbvf 52:54:00:aa:01:02 0/0 0 spoofchk on trust off wire2 1550 up
	END
}
