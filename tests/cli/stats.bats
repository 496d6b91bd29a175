#!/usr/bin/env bats
# stats: what is counted, what is not, and what the words around it mean.

# shellcheck disable=SC2016,SC2154

load helper

@test "what the PF counts; what it does not count is null, never 0" {
	on basic --json stats
	assert_exit 0
	assert_json 'map(.vf) == ["ens1f0/0", "ens1f0/1", "ens1f0/2", "ens2/0", "ens2/1"]'
	assert_json '.[3] | [.rx_packets, .tx_packets, .rx_bytes, .tx_bytes, .rx_dropped, .tx_dropped] == [1000, 1001, 1002, 1003, 1006, 1007]'
	# the kernel sends a block of zeros for igb, which keeps none
	assert_json '.[0] | [.rx_packets, .tx_packets, .rx_bytes, .tx_bytes, .broadcast, .multicast, .rx_dropped, .tx_dropped] | all(. == null)'
	on basic stats ens1f0/0
	assert_exit 0
	refute_output --regexp ' 0( |$)'
}

@test "the interface's own are shown where the PF counts nothing" {
	on lab14 stats eth0/0
	assert_exit 0
	assert_line --index 0 --partial 'IF-RX-PKTS'
	refute_line --index 0 --partial ' RX-PKTS'
	on basic stats ens2
	assert_line --index 0 --partial ' RX-PKTS'
	refute_line --index 0 --partial 'IF-RX-PKTS'
	on lab14 --json stats eth0/4 # on vfio-pci: nobody here can know
	assert_json '.[0] | [to_entries[] | select(.key | startswith("if_")) | .value] | length == 10 and all(. == null)'
}

@test "VFs, PFs, all; each once, in order" {
	on lab14 --json stats eth1/1 eth0/3 eth0/2-3 eth1
	assert_exit 0
	assert_json 'map(.vf) == ["eth0/2", "eth0/3", "eth1/0", "eth1/1", "eth1/2", "eth1/3", "eth1/4", "eth1/5", "eth1/6"]'
	on lab14 --json stats
	assert_json 'length == 14'
	on lab14 --json stats 0000:21:10.0
	assert_json 'map(.vf) == ["eth0/0"]'
	on netns --json stats blue/net1
	assert_json 'map([.vf, .netns]) == [["ens1f0/0", "blue"]]'
}

@test "columns, brief, one line, no header" {
	on basic stats ens2 --columns vf,rx_bytes
	assert_output $'VF     RX-BYTES\nens2/0     1002\nens2/1     2002'
	on basic stats ens2/0 --columns +multicast
	assert_line --index 0 --partial 'MCAST'
	on basic stats ens2/0 -o --columns vf,rx_packets
	assert_output 'vf ens2/0 rx_packets 1000'
	on basic stats ens2/0 --brief
	refute_output --partial VF
	on basic stats ens2/0 --columns rx_bps
	assert_exit 1
	assert_err "no column 'rx_bps'"
}

@test "what is wrong is said" {
	on basic stats ens9
	assert_exit 4
	assert_err "no PF or VF 'ens9'"
	on basic stats ens2/7
	assert_exit 4
	on basic stats intervall 3
	assert_exit 1
	assert_err "did you mean 'interval'?"
	on basic stats interval 1
	assert_exit 1
	assert_err 'a snapshot has no rates'
	local interval
	for interval in 0 -1 0.05 86401 1e3 0x10 '' abc 1,5 99999999999999999999 nan; do
		on basic stats interval "$interval"
		assert_exit 1
		assert_err "wants seconds from 0.1 to 86400, not '$interval'"
	done
	on basic stats interval
	assert_exit 1
	assert_err 'needs a value: SECONDS'
	local count
	for count in 0 -3 1.5 4294967296 ''; do
		on basic stats interval 1 count "$count"
		assert_exit 1
		assert_err "wants a number from 1 to 4294967295, not '$count'"
	done
	on basic stats count 3
	assert_exit 1
	assert_err 'count goes with an interval'
	on basic stats interval 1 interval 2
	assert_exit 1
	on basic stats -s
	assert_exit 1
	on basic --json stats ens9
	assert_exit 4
	assert_json '.error.code == 4'
}

@test "a list that came short is an error, with what there is" {
	on truncated stats
	assert_exit 2
	assert_output --partial 'VF '
}

@test "completion knows PFs, VFs, and how often" {
	run -0 "$SRIOVCTL" complete -- --snapshot "$(fixture basic)" stats ''
	assert_line --regexp '^ens2	'
	assert_line --regexp '^ens2/	'
	assert_line --regexp '^interval	'
	run -0 "$SRIOVCTL" complete -- --snapshot "$(fixture basic)" stats ens2 interval 1 ''
	assert_line --regexp '^count	'
	refute_line --regexp '^interval	'
	run -0 "$SRIOVCTL" complete -- stats interval 1 --columns drop
	assert_output --partial 'drop_share	'
	run -0 "$SRIOVCTL" complete -- stats --columns drop
	refute_output --partial 'drop_share	'
}

@test "help tells the columns of both, and nothing twice" {
	run -0 "$SRIOVCTL" stats help
	assert_line 'Columns and JSON keys:'
	assert_line 'Columns and JSON keys, with an interval:'
	assert_equal "$("$SRIOVCTL" help --json stats | jq -c '[.commands[] | [.name, .shows, .watched]]')" '[["stats","stats","rates"]]'
}

@test "on a host where nothing counts" {
	on crowd --json stats
	assert_exit 0
	on missing stats
	assert_exit 0
}
