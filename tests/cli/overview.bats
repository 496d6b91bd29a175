#!/usr/bin/env bats
# What `sriovctl` alone shows: on screens of several sizes, in a pipe, of crowds and of nothing.

# shellcheck disable=SC2016,SC2154,SC2258

load helper

# screen WIDTH[xROWS] FIXTURE ARG...: the overview there, without colour.
screen() {
	local size=$1 dir
	dir=$(fixture "$2")
	shift 2
	run on_terminal "$size" "$SRIOVCTL" --color=never --snapshot "$dir" "$@"
}

# The NAME column of the last run, without the lines of the tree; no heading, no hint.
names() {
	sed '1d; $d; s/^[├└]─//; s/ .*//' <<<"$output"
}

hint() {
	tail -n 1 <<<"$output"
}

@test "screens of 80 and of 200 columns" {
	for name in basic lent change vfio switchdev infiniband nvme noiface evilalias evilname wide crowd; do
		screen 80 "$name"
		assert_exit 0
		golden "overview/$name-80.txt"
		screen 200 "$name"
		assert_exit 0
		golden "overview/$name-200.txt"
	done
}

@test "a list that came short: said in the tree, in the last line, and by the exit status" {
	on truncated
	assert_exit 2
	assert_line --partial '8 of 63 VFs, list cut short'
	[[ $(hint) == "ens1f0: the kernel's list of its VFs is cut short;"* ]]
	screen 80 truncated
	golden overview/truncated-80.txt
}

@test "colour says what matters, and nothing else" {
	local dir
	for name in lent change basic; do
		dir=$(fixture "$name")
		run on_terminal 80 "$SRIOVCTL" --snapshot "$dir"
		golden "overview/$name-80-color.txt"
	done
	red=$'\033[31m' cyan=$'\033[36m' magenta=$'\033[35m'
	on change --color
	assert_line --regexp "eth0/3 .*${red//[/\\[}- .*${red//[/\\[}no driver"
	assert_line --partial "${magenta}vfio-pci"
	assert_line --partial "${cyan}held by pid 4711 (qemu-system-x86)"
	on lent --color
	assert_line --partial "${red}lost, was sent to blue"
	assert_line --partial "${cyan}attached to red"
	on inuse --color
	assert_line --partial "${cyan}2 of 63 VFs, in br0 (bridge)"
	# what is as it is meant to be has none
	on nvme --color
	refute_output --partial $'\033'
}

@test "no colour in a pipe, with NO_COLOR, or with never" {
	local dir
	dir=$(fixture lent)
	on lent
	refute_output --partial $'\033'
	NO_COLOR=1 run on_terminal 80 "$SRIOVCTL" --snapshot "$dir"
	refute_output --partial $'\033'
	run on_terminal 80 "$SRIOVCTL" --snapshot "$dir" --color=never
	refute_output --partial $'\033'
	run on_terminal 80 "$SRIOVCTL" --snapshot "$dir"
	assert_output --partial $'\033[36m'
}

@test "the tree fits every screen, and names are never cut" {
	local width name vf vfs line
	for name in $(mkfixture --list) lab14; do
		on "$name" -j
		mapfile -t vfs < <(jq -r '.[] | .pf, .vfs[].vf' <<<"$output")
		for width in 200 132 100 80 64 50; do
			screen "${width}x9999" "$name"
			output=$(sed '/^sriovctl:/,$d' <<<"$output") # what stderr says
			while read -r line; do
				[[ $line != *"'"* ]] || continue # a command is not broken
				((${#line} <= width)) || fail "$name $width: $line"
			done <<<"$output"
			(($(grep -v "'" <<<"$output" | wc -L) <= width)) || fail "$name $width: $output"
			((${#vfs[@]} < 100)) || continue # those are summarised
			for vf in "${vfs[@]}"; do
				[[ $vf =~ ^[[:alnum:]/:.]+$ ]] || continue # evilname: shown as \xNN
				grep -qE "^([├└]─)?$vf( |$)" <<<"$output" || fail "$name $width: no $vf: $output"
			done
		done
	done
}

@test "what is left out first: addresses, then VLAN, link, interface, driver" {
	local -A heading=([200]="NAME BDF DRIVER INTERFACE LINK MAC VLAN NOTE"
		[100]="NAME BDF DRIVER INTERFACE LINK VLAN NOTE"
		[90]="NAME DRIVER INTERFACE LINK VLAN NOTE"
		[60]="NAME DRIVER INTERFACE LINK NOTE"
		[50]="NAME DRIVER INTERFACE NOTE"
		[40]="NAME DRIVER NOTE"
		[30]="NAME NOTE" [12]="NAME")
	for width in "${!heading[@]}"; do
		screen "${width}x99" lent
		assert_equal "$width $(head -n 1 <<<"$output" | tr -s ' ' | sed 's/ $//')" "$width ${heading[$width]}"
	done
}

@test "an interface that is called as its PF is not repeated where room is short" {
	screen 200 switchdev
	assert_line --regexp '^enp8s0f0np0 .* enp8s0f0np0 '
	screen 62 switchdev
	assert_line --regexp '^enp8s0f0np0 +mlx5_core enp8s0f0np0 +up'
	# nothing but repetition: the column goes
	screen 48 basic overview ens1f1
	refute_output --partial INTERFACE
	assert_line --regexp '^ens1f1 .*0000:21:00.1 igb .*no-carrier .*0 of 7 VFs'
	screen 200 basic overview ens1f1
	assert_line --regexp '^ens1f1 +0000:21:00.1 igb +ens1f1 '
}

@test "in a pipe nothing is cut, whatever COLUMNS and LINES say" {
	export COLUMNS=20 LINES=5
	on lent
	assert_line --regexp '^NAME +BDF +DRIVER +INTERFACE +LINK +MAC +VLAN NOTE$'
	assert_line --regexp '^├─eth0/12 0000:21:13.0 ixgbevf +net12 +up +52:54:00:00:21:0d - +is back, was sent to green, address 192.0.2.12/24$'
	assert_equal "${#lines[@]}" 20
	on basic
	refute_output --regexp ' ($|'$'\n)'
}

@test "--no-header and -q: no last line, but the tree" {
	on basic
	assert_equal "${#lines[@]}" 10
	on basic -q
	assert_equal "${#lines[@]}" 9
	assert_line --index 8 --partial 'ens2/1'
	on basic --no-header
	assert_equal "${#lines[@]}" 8
	assert_line --index 7 --partial 'ens2/1'
}

@test "a crowd is summarised; every VF is in one row, whose name a command takes" {
	local name note total=0
	on crowd
	assert_exit 0
	golden overview/crowd.txt
	# the rows of VFs, and how many each says it is
	while read -r name note; do
		on crowd -j vf list --columns vf
		on crowd -j vf show "$name" --columns vf
		assert_exit 0
		total=$((total + $(jq length <<<"$output")))
		[[ $name == ens3/0 ]] || assert_json 'length == $n' --argjson n "$note"
	done < <("$SRIOVCTL" --snapshot "$(fixture crowd)" |
		sed -nE 's/^[├└]─([^ ]*) .* ([0-9]+) VFs.*/\1 \2/p; s/^[├└]─(ens3\/0) .*/\1 1/p')
	assert_equal "$total" 401
}

@test "a summary on a terminal: short names say that they are not all" {
	screen 80 crowd
	assert_line --regexp '^├─ens1/0-149,204-209,\.\.\. .* 206 VFs'
	on crowd vf show 'ens1/0-149,204-209,...'
	assert_exit 1
}

@test "--details shows every VF, and the last line says so" {
	on crowd
	[[ $(hint) == *"; 'sriovctl -d' shows every VF" ]]
	for option in -d --details; do
		on crowd $option
		assert_equal "${#lines[@]}" $((1 + 3 + 401 + 1))
		refute_output --partial "sriovctl -d"
	done
	screen 80x10 crowd -d
	assert_equal "${#lines[@]}" $((1 + 3 + 401 + 1))
}

@test "summarised: beyond 100 VFs, or where the terminal has too few rows" {
	on crowd overview ens2
	assert_equal "${#lines[@]}" 103
	on crowd overview ens2 ens3
	assert_equal "${#lines[@]}" 6
	assert_line --regexp '^└─ens2/0-99 .* 100 VFs$'
	# 3 PFs and 5 VFs, heading, last line, prompt
	screen 80x11 basic
	assert_equal "${#lines[@]}" 10
	screen 80x10 basic
	assert_line --regexp '^└─ens2/0-1 .* 2 VFs'
	assert_line --regexp '^└─ens1f0/0-1 .* 2 VFs'
	assert_line --regexp '^├─ens1f0/2 .*down'
	# at 40 columns the last line takes two
	screen 40x11 basic
	assert_output --partial '2 VFs'
}

@test "a PF takes a few rows in a summary, however different its VFs are" {
	screen 80x12 lent overview eth0
	assert_equal "$(grep -c '─eth0/' <<<"$output")" 6
	assert_line --regexp '4 VFs of several kinds, 1 in use$'
}

@test "only these PFs: in their order on the host, once each" {
	on basic overview ens2 0000:21:00.1 ens2
	assert_exit 0
	assert_equal "$(names | paste -sd ' ')" "ens1f1 ens2 ens2/0 ens2/1"
	on basic overview
	local all=$output
	on basic
	assert_equal "$output" "$all"
	on basic -j overview ens2
	assert_json '[.[].pf] == ["ens2"] and (.[0].vfs | length) == 2'
	on basic overview ens9
	assert_exit 4
	assert_output ""
	on basic overview ens2v0
	assert_exit 1
	assert_err 'ens2v0 is VF 0 of ens2'
}

@test "the word: help, and what is nearly it" {
	sriovctl help
	assert_line --regexp '^  overview \[PF\.\.\.\] +every PF'
	refute_output --partial '(nothing)'
	sriovctl overview help
	assert_exit 0
	assert_line '  sriovctl overview [PF...]'
	sriovctl help overview
	assert_line '  sriovctl overview [PF...]'
	sriovctl overvew
	assert_exit 1
	assert_err "did you mean 'overview'?"
}

@test "the last line: the first of these that holds" {
	mkdir -p "$BATS_TEST_TMPDIR/none/sys/bus/pci/devices"
	at "$BATS_TEST_TMPDIR/none"
	assert_exit 0
	assert_output "this host has no device with SR-IOV; on many, the firmware or BIOS must turn it on"
	assert_equal "$stderr" ""
	on lent
	assert_equal "$(hint)" "6 VFs are not where they were sent; 'sriovctl netns list' shows them, 'sriovctl repair' puts it right"
	on change
	assert_equal "$(hint)" "2 VFs have no driver; 'sriovctl vf bind eth0/3 eth1/0 default' gives them one"
	on change overview eth1
	assert_equal "$(hint)" "1 VF has no driver; 'sriovctl vf bind eth1/0 default' gives it one"
	on basic
	assert_equal "$(hint)" "ens2 is down, though it has VFs; 'sriovctl pf set ens2 up' switches it on"
	on vfio
	assert_equal "$(hint)" "5 VFs on 2 PFs, 1 held by pid 4711 (qemu-system-x86)"
	on inuse
	assert_equal "$(hint)" "30 VFs on 15 PFs, 6 seen in use"
	on basic overview ens1f1
	assert_equal "$(hint)" "no VFs; make some with 'sriovctl vf create ens1f1 N', 7 at most"
	on nodriver
	assert_equal "$(hint)" "no VFs"
	on basic overview ens1f0
	assert_equal "$(hint)" "3 VFs on 1 PF, none seen in use"
}

@test "the commands of the last line do what it says" {
	on change vf bind eth0/3 eth1/0 default --dry-run
	assert_exit 0
	on basic pf set ens2 up --dry-run
	assert_exit 0
	assert_output --partial 'ens2'
	on lent repair --dry-run
	assert_exit 0
	on lent netns list
	assert_exit 0
}

@test "a name that a shell would read otherwise is not handed to it" {
	local dir
	dir=$(copy_fixture change)
	# eth1 -> a;b1, in netlink and sysfs alike
	sed -i 's/eth1\x00/a;b1\x00/g' "$dir"/netlink/*
	mv "$dir/sys/class/net/eth1" "$dir/sys/class/net/a;b1" 2>/dev/null || true
	at "$dir" overview 'a;b1'
	assert_equal "$(hint)" "1 VF has no driver; 'sriovctl vf bind 0000:41:00.0/0 default' gives it one"
}

@test "what is known to root alone is not denied" {
	local dir
	dir=$(copy_fixture lent)
	if [[ $EUID -eq 0 ]]; then
		chown -R 65534 "$dir" "$BATS_TEST_TMPDIR"
	fi
	chmod 0 "$dir/run/sriovctl/attached"
	run --separate-stderr powerless "$SRIOVCTL" --snapshot "$dir" overview eth1
	chmod 700 "$dir/run/sriovctl/attached"
	assert_exit 0
	assert_equal "$(hint)" "2 VFs on 1 PF, none in use as far as can be seen"
	at "$dir" overview eth1
	assert_equal "$(hint)" "2 VFs on 1 PF, none seen in use"
}

@test "routes are not even read: there may be a million of them" {
	local dir
	dir=$(copy_fixture inuse)
	rm "$dir/netlink/route4" "$dir/netlink/route6"
	mkfifo "$dir/netlink/route4" "$dir/netlink/route6" # whoever reads these knows that they are none
	run --separate-stderr timeout 20 "$SRIOVCTL" --snapshot "$dir"
	assert_exit 0
	assert_line --regexp 'addr4/1 .* address 192.0.2.1/24'
	at "$dir" -j vf list --columns holders
	assert_json 'all(.[]; .holders == null)'
}

@test "JSON has all of it, whatever the tree leaves out" {
	on crowd -j
	assert_json '([.[].vfs[]] | length) == 401'
	on crowd -j overview ens1
	assert_json '[.[].vfs[].holders] | unique == [null]'
	# costly columns only when they are asked for
	on change -j -d
	assert_json '.[0].vfs[4].holders == ["process 4711 (qemu-system-x86) through /dev/vfio/24"]'
}
