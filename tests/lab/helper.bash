# Shared by the tests that run inside the lab's VM.

load_libraries() {
	bats_load_library bats-support
	bats_load_library bats-assert
	PF0=0000:21:00.0 PF1=0000:41:00.0
	sysfs=/sys/bus/pci/devices
}

# Every test starts from no VFs, no namespaces, PFs down, and an empty journal.
clean_slate() {
	local ns pf
	pkill -KILL -x sriovctl || true
	pkill -KILL -x 'holder' || true # see hold
	pkill -KILL -x 'vfio-open' || true
	ip -n blue link set eth0 netns 1 2>/dev/null || true # a PF does not come back by itself under its name
	for ns in $(ip netns list | cut -d' ' -f1); do ip netns del "$ns"; done
	for pf in $PF0 $PF1; do
		echo 0 >"$sysfs/$pf/sriov_numvfs"
		echo 1 >"$sysfs/$pf/sriov_drivers_autoprobe"
	done
	ip link set eth0 down mtu 1500
	ip link set eth1 down mtu 1500
	rm -rf /run/sriovctl
}

# hold COMMAND...: a program called "holder", which clean_slate ends whatever happens
hold() {
	[ -x /run/holder ] || cp "$(command -v sleep)" /run/holder
	"$@" /run/holder 300 3>&- &
}

# vf_bdf PF INDEX: its address, from sysfs
vf_bdf() { basename "$(readlink "$sysfs/$1/virtfn$2")"; }

# bind_vfio PF INDEX: give a VF to vfio-pci
bind_vfio() {
	local bdf
	bdf=$(vf_bdf "$1" "$2")
	modprobe vfio-pci
	echo "$bdf" >/sys/bus/pci/drivers/igbvf/unbind
	echo vfio-pci >"$sysfs/$bdf/driver_override"
	echo "$bdf" >/sys/bus/pci/drivers_probe
}

# vf_if PF INDEX: its interface, from sysfs
vf_if() { basename "$sysfs/$1/virtfn$2/net/"*; }

# ip_vf PF INDEX KEY: what iproute2 says of a VF
ip_vf() { ip -j link show "$1" | jq -r ".[0].vfinfo_list[$2].$3"; }

# vfs PF N: N new VFs without sriovctl; the PF is up and has a link, they have their interfaces
vfs() {
	local pf=$sysfs/$1 i
	ip link set "$(basename "$pf"/net/*)" up
	echo "$2" >"$pf/sriov_numvfs"
	for ((i = 0; i < 200; i++)); do
		[ "$(find "$pf"/virtfn*/net/ -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)" -eq "$2" ] &&
			[ "$(cat "$pf"/net/*/carrier)" = 1 ] && return
		sleep 0.05
	done
	echo "$1: no $2 interfaces, or no link" >&2
	return 1
}

# picture: all that may be set on the PFs, their VFs, and interfaces, as text to be compared;
# not what comes and goes by itself (carrier, counters), nor the numbers of interfaces
picture() {
	ip -d -o link show | sed -E 's/^[0-9]+: //; s/<([^>]*,)?UP[,>][^\\]*(mtu [0-9]+)[^\\]*/UP \2/
		s/<[^>]*>[^\\]*(mtu [0-9]+)[^\\]*/DOWN \1/; s/promiscuity .*parentdev/parentdev/' | sort | sed 's/ *\\ */\n\t/g'
	(cd "$sysfs" && grep -H . {"$PF0","$PF1"}/sriov_{numvfs,drivers_autoprobe} {"$PF0","$PF1"}/virtfn*/driver_override
	find {"$PF0","$PF1"}/virtfn*/ -maxdepth 1 -name driver -printf '%p %f %l\n') 2>/dev/null | sort
}

# unchanged: is all as the last call of `keep` saw it?
keep() { picture >/run/kept; }
unchanged() { diff /run/kept <(picture); }

# counting COMMAND...: with the shim; how many changing calls it made is in $changes
# shellcheck disable=SC2034,SC2154 # the caller's
counting() {
	head -c 8 /dev/zero >/run/count
	KILL_COUNT=/run/count LD_PRELOAD=$shim "$@"
	local status=$?
	changes=$(od -An -td4 -N4 /run/count | tr -d ' ')
	return $status
}
