#!/usr/bin/env bats
# Inside the VM with systemd (vmrun -S -p doctor-names-prepare): what the doctor says of names that
# udev gives, and of networkd. NetworkManager's files are known from its sources alone.
# shellcheck disable=SC2086,SC2154

bats_require_minimum_version 1.5.0
setup_file() {
	export BATS_TEST_TIMEOUT=240
	udevadm settle
}

setup() {
	load helper
	load_libraries
	checks=rename-failed,name-given-twice,name-disputed,address-by-link,vf-managed
	rules=/etc/udev/rules.d/70-lab.rules
	link=/etc/systemd/network/10-lab.link
	until_true [ -e $sysfs/$PF0/net ]
	echo 0 >$sysfs/$PF0/sriov_numvfs
	ip link set "$(basename $sysfs/$PF0/net/*)" up
	rm -rf $rules $link /run/snap
}

# until_true COMMAND...: within 30 s
until_true() {
	local end=$((SECONDS + 30))
	until "$@"; do
		[ $SECONDS -lt $end ] || { echo "not within 30 s: $*" >&2; return 1; }
		sleep 0.2
	done
}

# make_vfs N: and udev and networkd have seen to all that there is
has_interfaces() { [ "$(find $sysfs/$PF0/virtfn*/net/ -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)" -eq "$1" ]; }
has_state() { grep -qs -e '^NETWORK_FILE' -e unmanaged "/run/systemd/netif/links/$(cat "$1/ifindex")"; }
make_vfs() { # [unfinished]: whatever networkd does
	local i
	udevadm control --reload
	echo "$1" >$sysfs/$PF0/sriov_numvfs
	until_true has_interfaces "$1"
	udevadm settle
	for ((i = 0; i < $1 && ${#2} == 0; i++)); do
		until_true has_state "$sysfs/$PF0/virtfn$i/net/$(vf_if $PF0 $i)"
	done
}

# doctor STATUS WANT: "SEVERITY OBJECT CHECK" of each finding but those of `without`; its snapshot
# says the same
doctor() {
	local said again
	run --separate-stderr sriovctl -j doctor
	[ $status -eq $1 ] || { echo "status $status: $output $stderr"; return 1; }
	said=$(found <<<"$output")
	rm -rf /run/snap
	sriovctl -q snapshot /run/snap
	again=$(sriovctl --snapshot /run/snap -j doctor | found)
	[ "$said" = "$2" ] || { echo "$said"; return 1; }
	[ "$again" = "$2" ] || { echo "snapshot: $again"; return 1; }
}
found() {
	jq -r --arg without "${without-}" '.findings[] | select(.severity | IN("warning", "problem"))
		| select(.check != $without) | "\(.severity) \(.object // "host") \(.check)"'
}

# says LINE: a part of what it says in words
says() { sriovctl doctor --check $checks | tr -s ' \n' ' ' | grep -qF -e "$1"; }

without_networkd() { systemctl stop systemd-networkd.socket systemd-networkd.service; }

@test "networkd takes VFs that nobody uses; the rules that are offered keep it off" {
	make_vfs 3
	local pf addr
	pf=$(basename $sysfs/$PF0/net/*)
	doctor 0 "warning $pf/0 vf-managed
warning $pf/1 vf-managed
warning $pf/2 vf-managed"
	says "$pf/0-2: systemd-networkd manages it [vf-managed]"
	says 'NETWORK_FILE=/etc/systemd/network/50-dhcp.network'
	# one that the host uses, one that somebody says is the host's
	addr=192.0.2.1/24
	ip addr add $addr dev "$(vf_if $PF0 1)"
	echo "SUBSYSTEM==\"net\", KERNELS==\"$(vf_bdf $PF0 2)\", ENV{SRIOVCTL_VF}=\"host\"" >$rules
	udevadm control --reload
	udevadm trigger --settle -s net
	doctor 0 "warning $pf/0 vf-managed"
	ip addr del $addr dev "$(vf_if $PF0 1)"
	rm $rules
	# what it says to do
	ln -s /usr/local/share/sriovctl/80-sriovctl-vf.rules /etc/udev/rules.d/
	ln -s /usr/local/share/sriovctl/10-sriovctl-vf.network /etc/systemd/network/
	udevadm control --reload
	udevadm trigger --settle -s net
	systemctl restart systemd-networkd
	until_true eval "doctor 0 '' >/dev/null"
	rm /etc/udev/rules.d/80-sriovctl-vf.rules /etc/systemd/network/10-sriovctl-vf.network
}

@test "networkd that has ended manages nothing, whatever it has left" {
	make_vfs 1
	cp -r /run/systemd/netif/links /run/links
	without_networkd
	mkdir -p /run/systemd/netif/links
	cp /run/links/* /run/systemd/netif/links/
	grep -q configuring "/run/systemd/netif/links/$(cat $sysfs/$PF0/virtfn0/net/*/ifindex)"
	doctor 0 ''
}

@test "a rule that gives all VFs one name: the second is left as it was" {
	local pf
	pf=$(basename $sysfs/$PF0/net/*)
	echo 'SUBSYSTEM=="net", ACTION=="add", DRIVERS=="igbvf", NAME="lan0"' >$rules
	make_vfs 2 unfinished
	run --separate-stderr sriovctl -j doctor --check rename-failed
	[ $status -eq 2 ]
	local bad
	bad=$(jq -r '.findings[] | select(.severity == "problem") | .object' <<<"$output")
	[ "$(vf_if $PF0 ${bad#*/})" != lan0 ]
	doctor 2 "problem $bad rename-failed
warning $pf name-given-twice"
	says "the same name, lan0, is given to $pf/0-1"
	says "$rules:1: SUBSYSTEM==\"net\", ACTION==\"add\", DRIVERS==\"igbvf\", NAME=\"lan0\""
	# each its own, and the one that has none gets one
	echo "SUBSYSTEM==\"net\", ACTION==\"add\", KERNELS==\"$(vf_bdf $PF0 0)\", NAME=\"lan0\"" >$rules
	doctor 2 "problem $bad rename-failed"
	sriovctl vf set $bad name lan1
	udevadm settle
	doctor 0 ''
}

@test "the same by a .link file; a rule that says otherwise wins over it" {
	local pf
	pf=$(basename $sysfs/$PF0/net/*)
	printf '[Match]\nDriver=igbvf\n[Link]\nName=lan0\n' >$link
	make_vfs 2 unfinished
	without=rename-failed doctor 2 "warning $pf name-given-twice"
	says "$link: Name=lan0"
	echo 0 >$sysfs/$PF0/sriov_numvfs
	printf '[Match]\nPath=pci-%s\n[Link]\nName=lan0\n' 0000:21:10.0 >$link
	make_vfs 2 unfinished
	[ "$(vf_if $PF0 0)" = lan0 ]
	doctor 0 ''
	echo 0 >$sysfs/$PF0/sriov_numvfs
	echo 'SUBSYSTEM=="net", ACTION=="add", KERNELS=="0000:21:10.0", NAME="wan0"' >$rules
	make_vfs 2 unfinished
	[ "$(vf_if $PF0 0)" = wan0 ]
	doctor 0 "warning $pf/0 name-disputed"
	says "$pf/0: named lan0 by one file and wan0 by another"
}

@test "a rule for another device, by a program, or hidden, is nothing to speak of" {
	{
		echo 'SUBSYSTEM=="net", ACTION=="add", DRIVERS=="igc", NAME="lan0"'
		echo 'SUBSYSTEM=="net", ACTION=="add", DRIVERS=="igbvf", TEST=="/not-there", NAME="lan0"'
	} >$rules
	make_vfs 2 unfinished
	doctor 0 ''
	mkdir -p /run/udev/rules.d
	echo 'SUBSYSTEM=="net", ACTION=="add", DRIVERS=="igbvf", NAME="lan0"' >/run/udev/rules.d/70-lab.rules
	: >$rules
	doctor 0 ''
	rm /run/udev/rules.d/70-lab.rules
}

@test "a .link file that gives VFs random addresses, against what their PF says" {
	local pf bdf
	pf=$(basename $sysfs/$PF0/net/*)
	bdf=0000:21:10.0
	printf '[Match]\nDriver=igbvf\n[Link]\nNamePolicy=path\nMACAddressPolicy=random\n' >$link
	make_vfs 2 unfinished
	doctor 0 '' # the driver's own are random already
	ip link set $pf vf 0 mac 52:54:00:00:10:00
	echo $bdf >/sys/bus/pci/drivers/igbvf/unbind
	echo $bdf >/sys/bus/pci/drivers/igbvf/bind
	until_true [ -e $sysfs/$bdf/net ]
	udevadm settle
	doctor 0 "warning $pf/0 address-by-link"
	printf '[Match]\nDriver=igbvf\n[Link]\nNamePolicy=path\nMACAddressPolicy=none\n' >$link
	doctor 0 ''
}

@test "a VF that comes back from a container to find its name taken" {
	local pf name
	pf=$(basename $sysfs/$PF0/net/*)
	make_vfs 2 unfinished
	name=$(vf_if $PF0 1)
	ip netns add blue
	ip link set $name netns blue
	ip -n blue link set $name name $pf
	ip netns del blue
	until_true has_interfaces 2
	udevadm settle
	[[ $(vf_if $PF0 1) == dev[0-9]* ]]
	doctor 2 "problem $pf/1 rename-failed"
	sriovctl vf set $pf/1 name lan7
	udevadm settle
	doctor 0 ''
}
