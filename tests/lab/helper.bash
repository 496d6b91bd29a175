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
	pkill -KILL -x 'holder|vfio-open' || true # see hold
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
