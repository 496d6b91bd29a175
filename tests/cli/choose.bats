#!/usr/bin/env bats
# --sort and --filter: which records of a list there are, and in what order.

# shellcheck disable=SC2154

load helper

# lists WANT ARG...: those of `vf list` on the fixture lab14, by name; all of them are of eth0 or
# eth1: "0/3 1/5"
lists() {
	local want=$1
	shift
	on lab14 -j vf list --columns vf "$@"
	assert_exit 0
	assert_equal "$(jq -r '[.[].vf | ltrimstr("eth")] | join(" ")' <<<"$output")" "$want"
	# text has the same in the same order
	on lab14 vf list --columns vf --no-header "$@"
	assert_exit 0
	assert_equal "$(sed 's/^eth//' <<<"$output" | paste -sd' ')" "$want"
}

@test "VFs by what is the case" {
	lists "1/5" --filter 'driver=vfio*'
	lists "0/4" --filter driver=
	lists "0/1 1/6" --filter vlan!=
	lists "0/1" --filter 'vlan>0,vlan<1k'
	lists "0/2" --filter trust=on
	lists "1/0" --filter netns!=
	lists "1/0" --filter netns=blue
	lists "" --filter 'netns!=blue'
	lists "0/3" --filter pf=eth0,index=3
	lists "0/2" --filter bdf=21:10.4
	lists "0/1" --filter mac=52:54:00:AA:00:01
	lists "" --filter vlan=9
}

@test "VFs in another order" {
	lists "1/6 1/5 1/4 1/3 1/2 1/1 1/0 0/6 0/5 0/4 0/3 0/2 0/1 0/0" --sort -vf
	lists "1/6 0/1 0/0 0/2 0/6" --sort vlan --filter 'vf=*/[0126],vf!=eth1/[012]'
	lists "0/6 1/6 0/5 1/5" --sort index,pf --filter 'index>4'
	lists "1/5 1/6 0/5 0/6" --sort -pf --filter 'index>4'
}

@test "numbers in names count as numbers" {
	on big1024 -j vf list --columns vf --sort vf --filter 'index<12'
	assert_exit 0
	assert_json '[.[].vf] == [range(12) | "ens9/\(.)"]'
	on big1024 -j vf list --columns vf --sort index --filter 'index>=1020'
	assert_json '[.[].vf] == ["ens9/1023", "ens9/1022", "ens9/1021", "ens9/1020"]'
}

@test "what is compared need not be shown, but is asked for" {
	on vfio -j vf list
	assert_json 'all(.[]; .holders == null)'
	on vfio -j vf list --columns vf --filter 'holders=*4711*'
	assert_json '. == [{"vf": "ens1f0/1"}]'
	on basic -j vf list --columns vf --filter 'rx_packets!='
	assert_json 'length > 0'
	on basic -j vf list --columns vf,rx_packets --sort rx_packets
	assert_json '[.[].rx_packets | values] | . == (sort | reverse)'
	# so that what costs much is in JSON where it is asked about
	on vfio -j vf list --filter holders!=
	assert_json 'length == 1 and (.[0].holders | length == 1)'
}

@test "every list takes them" {
	on lab14 -j pf list --sort -pf --columns pf
	assert_json '[.[].pf] == ["eth1", "eth0", "0000:01:00.0"]'
	on lab14 -j pf list --filter class=ethernet
	assert_json '[.[].pf] == ["eth0", "eth1"]'
	on lab14 -j netns list --filter state=moved --sort vf
	assert_json '[.[].vf] == ["eth1/0"]'
	on lab14 -j netns list --filter state!=moved
	assert_json '. == []'
	on lab14 -j stats --filter pf=eth1 --sort -index --columns index
	assert_json '[.[].index] == [range(7)]'
	on lab14 -j vf show eth0/all --filter driver=
	assert_json '[.[].vf] == ["eth0/4"]'
	on lab14 --filter pf=eth0
	assert_exit 1
	assert_err "--filter does not go with the overview"
	on lab14 --dry-run --sort vf vf destroy eth0
	assert_exit 1
	assert_err "--sort does not go with 'vf destroy'"
}

@test "nothing is left: no error, but an empty list" {
	on lab14 vf list --filter vlan=9
	assert_exit 0
	assert_output ""
	assert_equal "$stderr" ""
	on lab14 -j vf list --filter vlan=9
	assert_exit 0
	assert_output "[]"
}

@test "what cannot be asked is a usage error" {
	on lab14 -j vf list --filter vlna=1
	assert_json_error 1 "no column 'vlna'"
	assert_err "did you mean 'vlan'?"
	on lab14 -j vf list --sort vf,vlna
	assert_json_error 1 "no column 'vlna'"
	on lab14 -j vf list --filter vlan
	assert_json_error 1 "a filter is KEY=VALUE, not 'vlan'"
	on lab14 -j vf list --filter 'mac<52:54:00:00:00:00'
	assert_json_error 1 "mac is no number: '<' cannot be asked of it"
	on lab14 -j vf list --filter vlan=many
	assert_json_error 1 "vlan is a number, not 'many'"
	on lab14 -j vf list --filter trust=yes
	assert_json_error 1 "trust is never 'yes'"
	on lab14 -j stats interval 1 --sort rx_bytes
	assert_exit 1
	for option in --sort --filter; do
		on lab14 -j vf list $option ''
		assert_json_error 1 "$option needs a value"
		on lab14 -j vf list $option
		assert_json_error 1 "$option needs a value"
	done
}

@test "keys are offered, and the words that conditions know" {
	complete() {
		sriovctl complete -- --snapshot "$(fixture lab14)" "$@"
		output=$(cut -f1 <<<"$output")
	}
	complete vf list --sort ma
	assert_output $'mac\nmax_tx_rate'
	complete vf list --sort=vf,-ma
	assert_output $'--sort=vf,-mac\n--sort=vf,-max_tx_rate'
	complete vf list --sort -mac,ma
	assert_output -- "-mac,max_tx_rate"
	complete vf list --filter ma
	assert_output $'mac=\nmax_tx_rate='
	complete vf list --filter vlan=3,tru
	assert_output "vlan=3,trust="
	complete vf list --filter trust=
	assert_output $'trust=on\ntrust=off'
	complete vf list --filter 'link!=n'
	assert_output 'link!=no-carrier'
	complete vf list --filter=link=n
	assert_output '--filter=link=no-carrier'
	complete vf list --filter 'vlan='
	assert_output ""
	complete stats interval 1 --sort rx_b
	assert_output "rx_bps"
	complete stats --sort rx_b
	assert_output "rx_bytes"
}
