# Shared by netns.bats and netns-crash.bats: what helper.bash has not.
# shellcheck shell=bash disable=SC2154 # helper's

# dress PF N: the interfaces of N new VFs of eth0 are called p0v0, p0v1, ..., of eth1 p1v0, ... Another
# MTU resets them: before, igbvf of Linux 6.1 takes no VLAN, and its PF knows no address of theirs.
dress() {
	local i path name
	for ((i = 0; i < $2; i++)); do
		[ "$1" = "$PF0" ] && name=p0v$i || name=p1v$i
		for path in "$sysfs/$1/virtfn$i/net/"*; do
			printf 'link set %s name %s mtu 1501\nlink set %s mtu 1500\n' "${path##*/}" $name $name
		done
	done | ip -batch -
}

# namespaces: those with a name
namespaces() { ip netns list | cut -d' ' -f1 | sort; }

# No jq in what each test does several times: it takes 0.25 s to start in the VM.

# bring_home: without sriovctl, the VFs' interfaces come out of the named namespaces, which are deleted
bring_home() {
	local ns name new
	for ns in $(namespaces); do
		ip -n "$ns" -d -o link | sed -nE 's/^[0-9]*: ([^:@]*).* parentdev 0000:(..):([0-9.]*).*/\1 x\2-\3/p' |
			while read -r name new; do
				ip -n "$ns" link set "$name" down
				ip -n "$ns" link set "$name" name "$new" netns 1
			done
		ip netns del "$ns"
	done
}

# whole: all that may be different after a change: of the host's interfaces, in the namespaces that have
# a name, of the VFs, the leases. Not what comes by itself: local addresses, whether an address is
# being checked, a link. As few programs as can be: this is what takes most of a test's time.
whole() {
	local ns
	{
		ip -d -o link show | sort -k 2
		for ns in /run/netns/*; do
			[ -e "$ns" ] || break
			echo "$ns:"
			ip -n "${ns##*/}" -d -batch - <<<$'addr show\nroute show default table all'
		done
		grep -H . "$sysfs"/{"$PF0","$PF1"}/{sriov_{numvfs,drivers_autoprobe},virtfn*/driver_override} /run/sriovctl/attached/*[0-9] || true
		find "$sysfs"/{"$PF0","$PF1"}/virtfn*/ -maxdepth 1 -name driver -printf '%p %l\n'
	} 2>/dev/null | sed -E '
		s/^[0-9]+: ([^<]*)<([^>]*,)?UP[,>][^\\]*(mtu [0-9]+)[^\\]*/\1UP \3/
		s/^[0-9]+: ([^<]*)<[^>]*>[^\\]*(mtu [0-9]+)[^\\]*/\1DOWN \2/
		s/promiscuity .*parentdev/parentdev/; s/ *\\ */\n\t/g
		/inet6 fe80|valid_lft| dev lo /d; s/ (tentative|optimistic|dadfailed|linkdown)//g'
}

keep() { whole >/run/kept; }
unchanged() { diff /run/kept <(whole); }

# leases, journals: the files of theirs, none when there are none; what was being written when
# someone was killed (.tmp) counts as much as if it were not there
leases() { ls -I '*.tmp' /run/sriovctl/attached 2>/dev/null || true; }
journals() { ls -I '*.tmp' /run/sriovctl/journal 2>/dev/null || true; }

# settled: nothing of sriovctl is left behind
settled() { [ -z "$(leases)$(journals)" ] || { echo "left: $(leases) $(journals)"; return 1; }; }

# until_true SECONDS COMMAND...
until_true() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -le $end ] || { echo "not in time: $*"; return 1; }
		sleep 0.1
	done
}

# at_home PF INDEX: has its interface come back (from a namespace that is no more)?
at_home() { [ -e "$sysfs/$1/virtfn$2/net/$(vf_if "$1" "$2")" ]; }
