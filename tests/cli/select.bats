#!/usr/bin/env bats
# The names people give PFs and VFs.

# shellcheck disable=SC2016,SC2154,SC2258

load helper

pf_is() { # FIXTURE NAME BDF
	on "$1" -j pf show "$2"
	assert_exit 0
	assert_json 'length == 1 and .[0].bdf == $bdf' --arg bdf "$3"
}

vfs_are() { # FIXTURE SELECTOR JSON-ARRAY-OF-NAMES
	on "$1" -j vf show "$2"
	assert_exit 0
	assert_json '[.[].vf] == $want' --argjson want "$3"
}

@test "a PF: interface, altname, address, handle, MAC" {
	for name in ens1f0 enp33s0f0 port-a 0000:21:00.0 21:00.0 pci/0000:21:00.0 pci/21:00.0 \
		00000000:21:00.0 mac:52:54:00:00:21:00 mac:52:54:00:aa:00:21 \
		mac:52:54:00:AA:00:21; do
		pf_is basic "$name" 0000:21:00.0
	done
	pf_is basic 0000:21:00.1 0000:21:00.1
	pf_is infiniband mac:00:00:10:29:fe:80:00:00:00:00:00:00:b8:59:9f:03:00:aa:bb:00 \
		0000:81:00.0
	pf_is nvme 0000:61:00.0 0000:61:00.0
}

@test "a PF in another PCI domain" {
	pf_is ari256 10000:01:00.0 10000:01:00.0
	pf_is ari256 pci/10000:01:00.0 10000:01:00.0
	on ari256 pf show 01:00.0
	assert_exit 4
	on ari256 pf show 0000:01:00.0
	assert_exit 4
	vfs_are ari256 10000:01:00.7 '["ens9/5"]'
	vfs_are ari256 pci/10000:01:01.0 '["ens9/6"]'
	vfs_are ari256 10000:01:00.0/255 '["ens9/255"]'
}

@test "a VF: PF and index, ranges, all" {
	vfs_are basic ens1f0/2 '["ens1f0/2"]'
	vfs_are basic ens1f0/0-2 '["ens1f0/0","ens1f0/1","ens1f0/2"]'
	vfs_are basic ens1f0/all '["ens1f0/0","ens1f0/1","ens1f0/2"]'
	vfs_are basic ens1f0/2,0 '["ens1f0/0","ens1f0/2"]'
	vfs_are basic ens1f0/0-1,1-2,1 '["ens1f0/0","ens1f0/1","ens1f0/2"]'
	vfs_are basic 0000:21:00.0/1 '["ens1f0/1"]'
	vfs_are basic pci/0000:21:00.0/1 '["ens1f0/1"]'
	vfs_are basic port-a/1 '["ens1f0/1"]'
	vfs_are basic mac:52:54:00:00:21:00/1 '["ens1f0/1"]'
	vfs_are basic ens1f1/all '[]'
	on basic -j vf show ens1f0/0 ens2/all
	assert_json '[.[].vf] == ["ens1f0/0", "ens2/0", "ens2/1"]'
}

@test "a VF: its address, interface, altname" {
	vfs_are basic 0000:21:10.2 '["ens1f0/1"]'
	vfs_are basic 21:10.2 '["ens1f0/1"]'
	vfs_are basic pci/0000:21:10.2 '["ens1f0/1"]'
	vfs_are basic ens1f0v1 '["ens1f0/1"]'
	vfs_are basic guest-net '["ens1f0/2"]'
	vfs_are netns net2 '["ens1f0/2"]'
}

@test "ranges over a thousand VFs" {
	on big1024 -j vf show ens9/0-7,9,1000-1023
	assert_exit 0
	assert_json '[.[].index] == [range(8), 9, range(1000; 1024)]'
	on big1024 vf show ens9/1024
	assert_exit 4
	assert_err "ens9 has no VF 1024"
}

@test "an index that is not there is not found" {
	on basic vf show ens1f0/3
	assert_exit 4
	assert_err "ens1f0 has no VF 3"
	assert_err "VFs 0 to 2"
	on basic vf show ens1f0/1-9
	assert_exit 4
	assert_err "ens1f0 has no VF 3"
	on basic vf show ens1f0/4294967295
	assert_exit 4
	on basic vf show ens1f1/0
	assert_exit 4
	assert_err "sriovctl vf create ens1f1"
	on basic -j vf show ens1f0/0 ens1f0/9
	assert_json_error 4 "ens1f0 has no VF 9"
}

@test "a gap in the VFs is not found either" {
	on missing vf show ens3/2
	assert_exit 4
	assert_err "ens3 has no VF 2"
	on missing vf show ens3/1-3
	assert_exit 4
	vfs_are missing ens3/all '["ens3/0","ens3/1","ens3/3","ens3/4"]'
}

@test "what is no range is a usage error" {
	local range
	for range in "" , 1, ,1 1- -1 2-1 1--2 x 1x 0x1 1,all ALL "1 " "1-2-3" 1/2; do
		on basic vf show -- "ens1f0/$range"
		[[ $status -eq 1 || ($range == 1/2 && $status -eq 4) ]] || show_run | fail
		assert_output ""
	done
}

@test "a PF where a VF is wanted, and the reverse" {
	for name in ens1f0 0000:21:00.0 port-a mac:52:54:00:00:21:00; do
		on basic vf show "$name"
		assert_exit 1
		assert_err "$name is a PF, not a VF"
		assert_err "$name/0"
	done
	for name in ens1f0/1 ens1f0v1 0000:21:10.2; do
		for command in "pf show" "vf list" "vf destroy --dry-run" "pf list"; do
			# shellcheck disable=SC2086
			on basic $command "$name"
			assert_exit 1
			assert_err "$name is VF 1 of ens1f0, not a PF"
		done
	done
	on basic vf create ens1f0/1 2 --dry-run
	assert_exit 1
}

@test "a device without SR-IOV is not supported" {
	for name in eth9 0000:00:1f.6 00:1f.6 pci/0000:00:1f.6 lo; do
		on basic pf show "$name"
		assert_exit 5
		assert_err "$name has no SR-IOV capability"
		on basic vf create "$name" 2 --dry-run
		assert_exit 5
		on basic vf show "$name/0"
		assert_exit 5
		on basic vf show "$name"
		assert_exit 5
	done
	on basic -j pf show eth9
	assert_json_error 5 "no SR-IOV capability"
}

@test "what does not exist is not found, with the nearest name" {
	on basic pf show ens1f9
	assert_exit 4
	assert_err "no PF 'ens1f9'"
	assert_err "did you mean ens1f"
	on basic pf show nosuch
	assert_exit 4
	assert_err "sriovctl pf list"
	local name
	for name in 0000:99:00.0 99:00.0 10000:21:00.0 21:00 21:00.8 21:20.0 0000:21:00.0x \
		100000000:21:00.0 mac:52:54:00:00:00:77 mac: mac:xx pci/ pci/ens1f0 / //; do
		on basic pf show "$name"
		assert_exit 4
	done
	on basic vf show ens1f0v9
	assert_exit 4
	assert_err "no VF 'ens1f0v9'"
	on basic vf show nosuch/0
	assert_exit 4
	on basic -j vf list nosuch
	assert_json_error 4 "no PF 'nosuch'"
}

@test "a MAC that two PFs have is ambiguous" {
	on dupname pf show mac:52:54:00:00:21:00
	assert_exit 1
	assert_err "names more than one PF"
	assert_err "pci/0000:21:00.0"
	assert_err "pci/0000:22:00.0"
	on dupname vf destroy mac:52:54:00:00:21:00 --dry-run
	assert_exit 1
	pf_is dupname mac:52:54:00:00:22:00 0000:22:00.0
}

@test "an interface name that two namespaces have is ambiguous" {
	on dupname vf show net1
	assert_exit 1
	assert_err "ens1f0/0"
	assert_err "ens1f1/0"
	vfs_are dupname ens1f1/0 '["ens1f1/0"]'
}

@test "a VF elsewhere does not take the name of a PF here" {
	# eth0 is a PF of this namespace, and a VF's interface in another
	pf_is dupname eth0 0000:23:00.0
	on dupname vf show eth0
	assert_exit 1
	assert_err "eth0"
	vfs_are dupname eth0/0 '["eth0/0"]'
}

@test "several PFs are shown in the order given" {
	on basic -j pf show ens2 ens1f0
	assert_json '[.[].pf] == ["ens2", "ens1f0"]'
	on basic -j vf list ens2 ens1f0
	assert_json '[.[].pf] == ["ens2", "ens2", "ens1f0", "ens1f0", "ens1f0"]'
	on basic -j pf list ens2
	assert_json '[.[].pf] == ["ens2"]'
}
