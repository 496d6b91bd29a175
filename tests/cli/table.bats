#!/usr/bin/env bats
# What people read: tables, details, one line, columns, colour.

# shellcheck disable=SC2016,SC2154,SC2258

load helper

@test "the overview, as it is" {
	on basic
	assert_exit 0
	golden basic-overview.txt
}

# 7+7 VFs in mixed states, recorded in the lab; the golden files are what the program
# printed there, live.
@test "a host recorded in the lab prints what it printed there" {
	on lab14
	assert_exit 0
	golden lab14-overview.txt
	on lab14 -p
	golden lab14-overview.json
}

@test "the lists, as they are" {
	on basic pf list
	golden basic-pf-list.txt
	on basic vf list
	golden basic-vf-list.txt
	on vfio vf list
	golden vfio-vf-list.txt
	on netns vf list
	golden netns-vf-list.txt
}

@test "details, as they are" {
	on basic pf show ens1f0
	golden basic-pf-show.txt
	on basic vf show ens2/1 ens1f0/0
	golden basic-vf-show.txt
	on basic pf show ens1f1 --details
	golden basic-pf-show-details.txt
}

@test "the usual tables fit a terminal of 80 columns" {
	local dir line
	for name in basic vfio noiface nvme; do
		dir=$(fixture "$name")
		for words in "pf list" "vf list"; do
			# shellcheck disable=SC2086
			run on_terminal 80 "$SRIOVCTL" --color=never --snapshot "$dir" $words
			assert_exit 0
			for line in "${lines[@]}"; do
				((${#line} <= 80)) || fail "$name $words: ${#line}: $line"
			done
		done
	done
}

@test "a narrow terminal never cuts the names that commands take" {
	local dir
	dir=$(fixture basic)
	for width in 80 60 40; do
		run on_terminal $width "$SRIOVCTL" --color=never --snapshot "$dir" vf list \
			--columns vf,pf,bdf,ifname,netns,driver,if_mac,mac,representor,state
		assert_output --regexp 'ens1f0/2 +ens1f0 +0000:21:10\.4 +ens1f0v2 '
		run on_terminal $width "$SRIOVCTL" --color=never --snapshot "$dir" vf list \
			--columns all
		assert_output --regexp 'ens1f0/2 +ens1f0 +2 +0000:21:10\.4 +igbvf +ens1f0v2 '
	done
}

@test "no table is cut in a pipe, whatever COLUMNS says" {
	export COLUMNS=20
	on basic vf list --columns all
	assert_line --partial "ens1f0/2 ens1f0     2 0000:21:10.4 igbvf  ens1f0v2"
}

@test "--brief: few columns, no heading" {
	on basic pf list --brief
	assert_equal "$(tr -s ' ' <<<"$output")" "ens1f0 0000:21:00.0 3 7
ens1f1 0000:21:00.1 0 7
ens2 0000:41:00.0 2 64"
	on netns vf list -br
	assert_line --regexp '^ens1f0/0 0000:21:10\.0 ixgbevf net1 +blue *$'
	on basic pf show ens2 --brief
	assert_equal "${#lines[@]}" 1
}

@test "--no-header" {
	# the words only: libsmartcols 2.41 no longer makes room for headings that are not there
	on basic pf list
	local body
	body=$(tr -s ' ' <<<"${lines[*]:1}")
	on basic pf list --no-header
	assert_equal "$(tr -s ' ' <<<"${lines[*]}")" "$body"
	on basic --no-header
	refute_output --partial NAME
}

@test "--oneline: a line each, KEY VALUE, nothing unknown" {
	on basic pf list --oneline
	assert_equal "${#lines[@]}" 3
	assert_line --index 0 --partial "pf ens1f0 bdf 0000:21:00.0 driver igb"
	on basic -o pf show ens1f1
	assert_equal "${#lines[@]}" 1
	refute_output --partial "firmware"
	refute_output --partial "speed"
	on basic -o vf show ens1f0/all
	assert_equal "${#lines[@]}" 3
}

@test "the overview is what it is: options that choose what to show are refused" {
	for option in --oneline --brief --columns=pf --statistics; do
		sriovctl --snapshot "$(fixture basic)" $option
		assert_exit 1
		assert_err 'does not go with the overview'
	done
}

@test "--details shows what is not known as -" {
	on basic pf show ens1f1
	refute_output --partial "firmware"
	on basic pf show ens1f1 -d
	assert_line --regexp '^firmware +-$'
	assert_line --regexp '^speed +-$'
	on basic pf list -d
	assert_line --index 0 --partial "FIRMWARE"
}

@test "--columns: a list, in its order, once each" {
	on basic pf list --columns num_vfs,pf,pf,num_vfs --no-header
	assert_line --index 0 --regexp '^ *3 ens1f0 *$'
	on basic pf list --columns PF,Total_VFs
	assert_line --index 0 --regexp '^PF +TOTAL$'
	on basic pf list --columns vfs,permanent-mac
	assert_line --index 0 --regexp '^VFS PERMANENT-MAC *$'
	on basic -j pf list --columns pf,mtu
	assert_json '.[2] == {"pf": "ens2", "mtu": 9000}'
	on basic vf show ens2/0 --columns vf,lease
	assert_line --regexp '^lease +-$'
}

@test "--columns: a column asked for is there though it is empty" {
	on basic vf list --columns vf,netns,vfio
	assert_line --index 0 --regexp '^VF +NETNS VFIO *$'
}

@test "--columns +list adds to the usual ones" {
	on basic pf list --columns +device_name,mtu
	assert_line --index 0 --regexp '^PF +BDF +DRIVER .*TOTAL DEVICE +MTU$'
	assert_line --index 3 --partial "Ethernet Controller X710 for 10GbE SFP+"
	on basic pf list --columns +pf
	local plain=$output
	on basic pf list
	assert_equal "$output" "$plain"
}

@test "--columns all" {
	on basic pf list --columns all
	assert_line --index 0 --partial "RDMA"
	on basic vf list --columns all
	refute_output --partial "RX-PKTS"
	on basic -s vf list --columns all
	assert_line --index 0 --partial "TX-DROP"
	on basic vf list --columns vf,rx_packets
	assert_line --regexp '^ens2/1 +2000$'
}

@test "--columns: what is no column" {
	on basic pf list --columns pf,num_vf
	assert_exit 1
	assert_err "no column 'num_vf'"
	assert_err "did you mean 'num_vfs'?"
	on basic vf list --columns xyzzy
	assert_exit 1
	assert_err "sriovctl vf list help"
	for list in , pf, ,pf pf,,mac + +, "pf mac" pf+mac all,xyzzy; do
		on basic pf list --columns "$list"
		assert_exit 1
		assert_err "no column"
		assert_output ""
	done
	on basic -j pf list --columns xyzzy
	assert_json_error 1 "no column 'xyzzy'"
}

@test "columns that say nothing are left out of the usual list" {
	on noiface vf list
	for heading in VLAN MAX-TX NETNS VFIO; do
		refute_output --partial $heading
	done
	on vfio vf list
	assert_line --index 0 --partial VFIO
}

@test "statistics are columns with -s" {
	on basic -s vf list ens2
	assert_line --index 0 --partial "RX-PKTS"
	assert_line --index 2 --regexp '2000 +2001 +2002 +2003 +2004 +2005 +2006 +2007$'
	on basic -s vf list ens1f0
	assert_line --index 1 --regexp '( +-){8}$'
}

@test "colour: never in a pipe, unless always" {
	on basic
	refute_output --partial $'\033'
	on basic --color
	assert_output --partial $'\033[32mup'
	on basic pf list --color=always
	assert_output --partial $'\033[33mno-carrier'
	on basic pf show ens2 -c
	assert_output --partial $'\033[31mdown\033[0m'
	on basic pf list --color=auto
	refute_output --partial $'\033'
	on basic -o pf list --color=always
	refute_output --partial $'\033'
	on basic -j pf list --color=always
	refute_output --partial $'\033'
}

@test "colour: on a terminal, unless NO_COLOR, TERM=dumb or never" {
	local dir
	dir=$(fixture basic)
	run on_terminal 80 "$SRIOVCTL" --snapshot "$dir" pf list
	assert_output --partial $'\033[32mup'
	run on_terminal 80 "$SRIOVCTL" --snapshot "$dir" pf list --color=never
	refute_output --partial $'\033'
	NO_COLOR=1 run on_terminal 80 "$SRIOVCTL" --snapshot "$dir" pf list
	refute_output --partial $'\033'
	NO_COLOR='' run on_terminal 80 "$SRIOVCTL" --snapshot "$dir" pf list
	assert_output --partial $'\033'
	TERM=dumb run on_terminal 80 "$SRIOVCTL" --snapshot "$dir" pf list
	refute_output --partial $'\033'
	NO_COLOR=1 run on_terminal 80 "$SRIOVCTL" --snapshot "$dir" pf list --color=always
	assert_output --partial $'\033[32mup'
}

@test "no line of a list ends in blanks" {
	for words in "pf list" "vf list" "vf list --columns vf,netns"; do
		# shellcheck disable=SC2086
		on basic $words
		refute_output --regexp ' ($|'$'\n)'
	done
}

@test "text is the same in the C locale, but for the tree's lines" {
	on basic pf list
	local utf8=$output
	LC_ALL=C on basic pf list
	assert_equal "$output" "$utf8"
	LC_ALL=C on basic
	assert_exit 0
	assert_line --partial 'ens1f0/2 '
	refute_output --regexp '[^[:print:][:space:]]'
}
