#!/usr/bin/env bats
# policy check, diff, apply --dry-run: what is said about files, and what would be done on a
# captured host.

# shellcheck disable=SC2016,SC2154,SC2258

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export SRIOVCTL_POLICY_DIR=$BATS_TEST_TMPDIR/policy.d SRIOVCTL_RUNTIME_DIR=$BATS_TEST_TMPDIR/run
	ln -s "$(fixture lab14)" lab14
}

yaml() { cat >"$1.yaml"; } # NAME

# host NAME: a SriovHost with these PFs
host() {
	{ printf 'kind: SriovHost\npfs:\n'; cat; } >"$1.yaml"
}

check() { run --separate-stderr "$SRIOVCTL" policy check "$@"; }

# One that has a warning, not more.
warns() {
	yaml "$1" <<'END'
apiVersion: sriovnetwork.openshift.io/v1
kind: SriovNetworkNodePolicy
metadata: {name: net}
spec: {resourceName: net, numVfs: 7, isRdma: true, nicSelector: {pfNames: [eth0]}}
END
}

# What policy says of PF 1 alone: fine on lab14, with something to do
easy() {
	host "$1" <<'END'
- pf: eth1
  vf:
    1-2: {vlan: 5}
    3: {trust: on}
END
}

# A policy with an error on its third line.
wrong() { host "$1" <<<'- {pf: eth0, vfs: x}'; }

@test "nothing wrong" {
	easy good
	check good.yaml
	assert_exit 0
	assert_output "1 document, nothing wrong"
	assert_equal "$stderr" ""
	check good.yaml -q
	assert_exit 0
	assert_output ""
	check good.yaml -j
	assert_json '. == {"valid": true, "documents": 1, "errors": [], "warnings": []}'
	printf 'kind: SriovHost\n---\nkind: SriovHost\n...\n---\n# nothing\n' >many.yaml
	check many.yaml good.yaml
	assert_output "3 documents, nothing wrong"
	echo '{"kind": "SriovHost", "pfs": [{"pf": "eth0", "vf": {"0": {"trust": true}}}]}' >one.json
	check one.json
	assert_output "1 document, nothing wrong"
}

@test "all that is wrong is said, where it is, with the nearest word" {
	host bad <<'END'
- pf: eth0
  vfz: 4
  mtu: 90000
  vf:
    all: {vlna: 100}
    0-3: {driver: vfio-pci, mac: 52:54:00:aa:00:04}
    5-: {reset: maybe}
END
	check bad.yaml
	assert_exit 1
	assert_output ""
	assert_equal "$stderr" "sriovctl: bad.yaml:4:3: a PF has no key 'vfz'
      vfz: 4
      ^
  did you mean vfs?
sriovctl: bad.yaml:5:8: mtu: wants a number from 68 to 65535, not '90000'
      mtu: 90000
           ^
sriovctl: bad.yaml:7:11: a VF has no key 'vlna'
        all: {vlna: 100}
              ^
  did you mean vlan?
sriovctl: bad.yaml:8:34: mac: one address for several VFs
        0-3: {driver: vfio-pci, mac: 52:54:00:aa:00:04}
                                     ^
  'auto' gives each its own
sriovctl: bad.yaml:9:5: '5-' is no VF range
        5-: {reset: maybe}
        ^
  write 3, 0-7,9 or all
sriovctl: bad.yaml:9:17: reset: wants true or false, not 'maybe'
        5-: {reset: maybe}
                    ^
  reset: true: what is not said is to be as on a new VF
sriovctl: 6 errors"
	check bad.yaml -j
	assert_exit 1
	assert_equal "$stderr" "sriovctl: 6 errors"
	assert_json '(.valid | not) and .documents == 1 and .error.code == 1 and .error.message == "6 errors"'
	assert_json '[.errors[] | [.line, .column]] == [[4, 3], [5, 8], [7, 11], [8, 34], [9, 5], [9, 17]]'
	assert_json 'all(.errors[]; .file == "bad.yaml" and
		keys == ["attr", "code", "column", "file", "hint", "kernel", "line", "message", "object"])'
	assert_json '.errors[0] == {"code": 1, "object": null, "attr": null, "message": "a PF has no key '"'vfz'"'",
		"kernel": null, "hint": "did you mean vfs?", "file": "bad.yaml", "line": 4, "column": 3}'
}

@test "what is no policy" {
	local name
	printf 'kind: SriovHots\n' >kind.yaml
	printf 'pfs: []\n' >nokind.yaml
	printf -- '- a\n' >list.yaml
	printf 'kind: SriovHost\npfs:\n\t- pf: eth0\n' >tab.yaml
	printf 'kind: [SriovHost\n' >open.yaml
	printf 'kind: ConfigMap\n' >map.yaml
	for name in 'kind 1:7 SriovHost?' 'nokind 1:1 kind:' 'list 1:1 kind:' 'tab 3:1 YAML' 'open 2:1 YAML' 'map 1:7 SriovHost'; do
		read -ra name <<<"$name"
		check "${name[0]}.yaml"
		assert_exit 1
		assert_err "${name[0]}.yaml:${name[1]}: "
		assert_err "${name[2]}"
		assert_err $'\nsriovctl: 1 error'
	done
	: >empty.yaml
	check empty.yaml
	assert_exit 0
	assert_output "0 documents, nothing wrong"
}

@test "several files, directories and standard input" {
	local dir=$SRIOVCTL_POLICY_DIR
	mkdir policy.d
	easy policy.d/20-second
	host policy.d/10-first <<<'- {pf: eth1, vf: {2: {vlan: 6}}}'
	wrong policy.d/.hidden
	wrong policy.d/wrong && mv policy.d/wrong.yaml policy.d/wrong.txt
	for where in '' "$dir" policy.d "policy.d/10-first.yaml policy.d/20-second.yaml"; do
		# shellcheck disable=SC2086
		check $where
		assert_exit 1
		assert_err "20-second.yaml:5:17: eth1/2: vlan: 5 here, but 6 in "
		assert_err "10-first.yaml, line 3"
		assert_err $'\nsriovctl: 1 error'
	done
	check policy.d/20-second.yaml - <policy.d/10-first.yaml
	assert_err "sriovctl: -:3:29: eth1/2: vlan: 6 here, but 5 in policy.d/20-second.yaml, line 5"
	check - <policy.d/20-second.yaml
	assert_exit 0
	mv policy.d/10-first.yaml 10-first.yml
	mv policy.d/20-second.yaml policy.d/20-second.yml
	check
	assert_output "1 document, nothing wrong"
	check policy.d policy.d
	assert_output "2 documents, nothing wrong" # what is said twice is said once
}

@test "files that are not there, or cannot be read" {
	check nosuch.yaml
	assert_exit 4
	assert_equal "$stderr" "sriovctl: cannot read nosuch.yaml: No such file or directory"
	check nosuch.yaml -j
	assert_json_error 4 "cannot read nosuch.yaml"
	check
	assert_exit 4
	assert_err "cannot read $SRIOVCTL_POLICY_DIR: No such file or directory"
	assert_err "policy capture"
	mkdir policy.d
	check
	assert_exit 4
	assert_equal "$stderr" "sriovctl: there is no policy in $SRIOVCTL_POLICY_DIR
  a file NAME.yaml is one; 'sriovctl policy capture' writes what the host has now as a first"
	for command in diff 'apply --dry-run'; do
		# shellcheck disable=SC2086
		at lab14 policy $command
		assert_exit 4
		assert_err "there is no policy in"
	done
	check /dev/zero
	assert_exit 1
	assert_err "more than 4 MiB"
	head -c 1100000 /dev/zero | tr '\0' '#' >big.yaml
	check big.yaml
	assert_exit 1
	assert_err "big.yaml:1:1: "
	easy secret
	chmod 0 secret.yaml
	run --separate-stderr powerless "$SRIOVCTL" policy check secret.yaml
	if [[ $EUID -eq 0 ]]; then
		run --separate-stderr as_nobody "$SRIOVCTL" policy check "$PWD/secret.yaml"
	fi
	assert_exit 2
	assert_err "secret.yaml: Permission denied"
	assert_err "try sudo"
}

@test "a host is asked with --snapshot only, and then said of its PFs" {
	host some <<'END'
- {pf: eth0, vfs: 8}
- {pf: nosuch, vfs: 1}
- {pf: nosuch2, vfs: 1, optional: true}
- {pf: eth1, vf: {7: {vlan: 1}}}
END
	check some.yaml
	assert_exit 0
	check --snapshot lab14 some.yaml
	assert_exit 1
	assert_equal "$stderr" "sriovctl: some.yaml:3:19: eth0: vfs: it can have 7 VFs at most, not 8
    - {pf: eth0, vfs: 8}
                      ^
  some cards can have more after a change of their firmware settings
sriovctl: some.yaml:4:8: no PF 'nosuch'
    - {pf: nosuch, vfs: 1}
           ^
  'sriovctl pf list' shows what there is
sriovctl: some.yaml:6:19: eth1: no VF 7: it has 7 VFs
    - {pf: eth1, vf: {7: {vlan: 1}}}
                      ^
  vfs: 8 would make it
sriovctl: 3 errors"
	check --snapshot lab14 some.yaml --pf eth1
	assert_exit 1
	assert_err "sriovctl: 1 error"
	refute_err nosuch
	check some.yaml --pf eth1
	assert_exit 1
	assert_err "--pf goes with --snapshot DIR"
	warns note
	check note.yaml
	assert_exit 0
	assert_equal "$stderr" "sriovctl: note.yaml:4:46: warning: isRdma is for the device plugin of Kubernetes: nothing is done for it on this host
    spec: {resourceName: net, numVfs: 7, isRdma: true, nicSelector: {pfNam...
                                                 ^"
	check note.yaml -q
	assert_exit 0
	assert_equal "$stderr" ""
	check note.yaml -j --snapshot lab14
	assert_json '.valid and (.warnings | length == 1) and (.warnings[0] | startswith("note.yaml:4:46: isRdma "))'
}

@test "diff: what would be done, what it costs, and whether anything differs" {
	easy good
	at lab14 policy diff good.yaml
	assert_exit 0
	assert_output "eth1/1: vlan 0 -> 5  (planned)
eth1/2: vlan 0 -> 5  (planned)
eth1/3: trust off -> on  (planned)"
	at lab14 policy diff good.yaml --exit-code
	assert_exit 9
	assert_equal "$stderr" ""
	at lab14 -q policy diff good.yaml --exit-code
	assert_exit 9
	assert_output ""
	at lab14 -j policy diff good.yaml --exit-code
	assert_exit 9
	assert_json '. == {"changed": true, "errors": [], "warnings": [], "actions": [
		{"object": "eth1/1", "attr": "vlan", "old": 0, "new": 5, "result": "planned", "disruption": "none"},
		{"object": "eth1/2", "attr": "vlan", "old": 0, "new": 5, "result": "planned", "disruption": "none"},
		{"object": "eth1/3", "attr": "trust", "old": false, "new": true, "result": "planned", "disruption": "none"}]}'
	cp good.yaml all.yaml
	at lab14 --dry-run policy apply good.yaml
	assert_exit 0
	assert_output --partial "eth1/3: trust off -> on  (planned)"
	at lab14 policy apply good.yaml
	assert_exit 1
	assert_err "a snapshot cannot be changed"
	# nothing differs
	host same <<<'- {pf: eth0, vfs: 7, vf: {1: {vlan: 100}, 2: {trust: on}}}'
	at lab14 policy diff same.yaml --exit-code
	assert_exit 0
	assert_output ""
	at lab14 -j --dry-run policy apply same.yaml
	assert_json '. == {"changed": false, "actions": [], "errors": [], "warnings": []}'
	[[ ! -e run ]]
}

@test "the price of each step" {
	host dear <<'END'
- {pf: eth0, vf: {0: {driver: vfio-pci}}}
- {pf: eth1, vfs: 3}
END
	at lab14 -j policy apply --dry-run --force=in-use dear.yaml
	assert_exit 0
	assert_json '[.actions[] | select(.disruption != "none") | [.object, .attr, .disruption]] ==
		[["eth0/0", "driver", "vf_reset"], ["eth0/0", "driver", "vf_reset"], ["eth1", "num_vfs", "vfs_destroyed"]]'
	at lab14 policy apply --dry-run --force=in-use dear.yaml
	assert_line "eth0/0: driver igbvf -> vfio-pci  (planned)  [resets the VF]"
	assert_line "eth1: num_vfs 7 -> 0  (planned)  [destroys VFs]"
}

@test "what cannot be had costs itself alone" {
	host mixed <<'END'
- {pf: [eth0, eth1], vfs: 3}
- {pf: nosuch, vfs: 1}
END
	at lab14 policy diff mixed.yaml
	assert_exit 8
	assert_line "eth0: num_vfs 7 -> 0  (planned)  [destroys VFs]"
	refute_line --partial "eth1: "
	assert_err "sriovctl: mixed.yaml:3:27: eth1/0: refused: it is in the network namespace blue, as inside
    - {pf: [eth0, eth1], vfs: 3}
                              ^"
	assert_err "sriovctl: mixed.yaml:4:8: no PF 'nosuch'"
	assert_err "sriovctl: 2 of what the policy says could not be had"
	at lab14 -j policy diff mixed.yaml --exit-code
	assert_exit 8 # that there is a difference is the least of it
	assert_json '.changed and .error.code == 8 and [.errors[] | [.code, .object, .file, .line, .column]] ==
		[[3, "eth1/0", "mixed.yaml", 3, 27], [4, null, "mixed.yaml", 4, 8]]'
	at lab14 policy diff mixed.yaml --pf eth1
	assert_exit 3
	assert_output ""
	refute_err nosuch
	at lab14 policy diff mixed.yaml --pf 0000:21:00.0
	assert_exit 0
	assert_equal "$stderr" ""
	at lab14 policy diff mixed.yaml --pf pci/0000:01:00.0 # it says nothing of this one
	assert_exit 0
	assert_output ""
	at lab14 policy diff mixed.yaml --pf nosuch
	assert_exit 4
	assert_err "no PF 'nosuch'"
}

@test "what is wrong with several VFs in one place is said once" {
	host many <<'END'
- pf: ens1f1
  vfs: 5
  autoprobe: off
  vf:
    0-3: {driver: vfio-pci}
    4: {name: data}
END
	at "$(fixture basic)" policy diff many.yaml
	assert_exit 8
	assert_err "sriovctl: many.yaml:7:19: ens1f1/0 and 3 more: driver: this host has no IOMMU at work, and vfio-pci needs one
        0-3: {driver: vfio-pci}
                      ^"
	assert_err "sriovctl: many.yaml:8:15: ens1f1/4: name: it has no interface: no driver has it
        4: {name: data}
                  ^
  give it one there: driver: default"
	assert_err "sriovctl: 5 of what the policy says could not be had"
	assert_equal "$(grep -c '^sriovctl' <<<"$stderr")" 3
	at "$(fixture basic)" -j policy diff many.yaml
	assert_json '[.errors[].object] == ["ens1f1/0", "ens1f1/1", "ens1f1/2", "ens1f1/3", "ens1f1/4"]'
}

@test "VFs that are elsewhere are left as they are" {
	host away <<<'- {pf: eth1, vf: {all: {vlan: 7}}}'
	at lab14 policy diff away.yaml
	assert_exit 0
	assert_equal "$stderr" "sriovctl: warning: eth1/0 is with blue: left as it is until it comes back"
	refute_line --partial "eth1/0"
	assert_line "eth1/6: vlan 4094 -> 7  (planned)"
	at lab14 policy diff away.yaml -q
	assert_equal "$stderr" ""
	at lab14 -j policy diff away.yaml
	assert_json '.warnings == ["eth1/0 is with blue: left as it is until it comes back"]'
}

@test "wrong files: nothing at all is done" {
	local command
	easy good
	wrong bad
	for command in diff 'apply --dry-run' apply; do
		# shellcheck disable=SC2086
		at lab14 policy $command good.yaml bad.yaml
		assert_exit 1
		assert_output ""
		[[ $command != apply ]] || continue
		assert_err "bad.yaml:3:19: vfs: wants a number"
		# shellcheck disable=SC2086
		at lab14 -j policy $command good.yaml bad.yaml
		assert_exit 1
		assert_json '.changed == false and .actions == [] and .error.code == 1 and
			[.errors[] | [.file, .line, .column]] == [["bad.yaml", 3, 19]]'
	done
}

@test "labels of the host, for nodeSelector" {
	yaml label <<'END'
kind: SriovNetworkNodePolicy
apiVersion: sriovnetwork.openshift.io/v1
metadata: {name: one}
spec:
  resourceName: one
  nodeSelector: {role: edge}
  numVfs: 7
  nicSelector: {pfNames: [eth0]}
  deviceType: vfio-pci
END
	at lab14 policy diff label.yaml
	assert_exit 0
	assert_err "nodeSelector is ignored"
	assert_output --partial vfio-pci
	at lab14 policy diff label.yaml --node-labels role=edge,x=y
	assert_equal "$stderr" ""
	assert_output --partial vfio-pci
	at lab14 policy diff label.yaml --node-labels role=core
	assert_exit 0
	assert_output ""
	at lab14 policy diff label.yaml --node-labels role
	assert_exit 1
	assert_err "'role' is no label"
}

@test "options go with their commands" {
	local command option
	easy good
	while read -r command option; do
		# shellcheck disable=SC2086
		sriovctl policy $command $option
		assert_exit 1
		option=${option%% *}
		assert_err "${option%%=*} does not go with 'policy $command'"
	done <<'END'
check --dry-run
check --exit-code
check --rollback-after 5
check --force
diff --dry-run
diff --rollback-after 5
diff --force=in-use
apply --exit-code
commit --pf eth0
commit --rollback-after 5
commit --dry-run
rollback --pf eth0
rollback --exit-code
rollback --node-labels a=b
END
	sriovctl vf list --pf eth0
	assert_exit 1
	assert_err "--pf does not go with 'vf list'"
	sriovctl policy apply --pf
	assert_exit 1
	assert_err "--pf needs a value"
	for option in x -1 ''; do
		sriovctl policy apply "--rollback-after=$option"
		assert_exit 1
	done
	sriovctl policy
	assert_exit 1
	sriovctl policy aply
	assert_exit 1
	assert_err "did you mean 'policy apply'?"
}

@test "commit and rollback when nothing waits" {
	for command in commit rollback; do
		sriovctl policy $command
		assert_exit 4
		assert_err "nothing waits to be committed or taken back"
		sriovctl -j policy $command
		assert_json_error 4 "nothing waits"
		sriovctl policy $command extra
		assert_exit 1
	done
}

@test "without the library for YAML" {
	mkdir none
	: >none/libfyaml.so.0
	easy good
	LD_LIBRARY_PATH=none check good.yaml
	assert_exit 1
	assert_equal "$stderr" "sriovctl: policies need the library libfyaml, which cannot be loaded
  install the package libfyaml0 (or libfyaml)
sriovctl: 1 error"
	LD_LIBRARY_PATH=none at lab14 policy apply --dry-run good.yaml
	assert_exit 1
	assert_output ""
}

@test "what a file has in it does nothing to a terminal" {
	local evil
	printf 'kind: SriovHost\npfs:\n- pf: "e\\x1b[31mth\\u009b0"\n  vfz: "\\e]0;x\\a"\n  vfs: "\\e[2J"\n  vf: {0: {mac: "\\r\\n\\t"}}\n' >1.yaml
	printf 'kind: SriovHost\npfs:\n- pf: e\033[31mth0\n- {pf: "\x7f", vfs: "\xc2\x9b", mtu: x}\n' >2.yaml
	printf '%%YAML 1.2\r\n---\r\nkind: SriovHost\r\npfs:\r\n- pf: eth0\r\n  vfs: x\r\n' >3.yaml
	printf 'kind: SriovHost\npfs:\n- {pf: "a\xff\xfe", vfs: x}\n' >4.yaml
	head -c 5000 /dev/zero >5.yaml
	printf '\xff\xfek\0i\0' >6.yaml
	printf 'kind: "\\e[31mSriovHost"\n' >7.yaml
	printf 'kind: SriovHost\npfs: &\033[31m [*\033[31m, !<\033[31m> x]\n' >8.yaml
	cp 1.yaml $'evil\e[31m\nname.yaml'
	for evil in ?.yaml $'evil\e[31m\nname.yaml' $'nosuch\e[31m\n.yaml'; do
		clean policy check "$evil"
		[[ $status -eq 1 || $status -eq 4 ]]
		clean --snapshot lab14 policy diff "$evil" --color=always
		[[ $status -ne 0 ]]
		clean -j policy check "$evil"
		assert_json '.error.code > 0'
		# a problem is one line, whatever it is about
		while IFS= read -r line; do
			[[ $line == 'sriovctl: '* || $line == '  '* ]] || fail "a line '$line'"
		done <<<"$stderr"
	done
	check 3.yaml
	assert_err $'3.yaml:6:8: vfs: wants a number from 0 to 65535, not \'x\'\n      vfs: x\n           ^\n'
}

@test "what cannot be read ends no policy in silence" {
	local bytes
	for bytes in '\xff' '\0' '\xc0\x80' '\xed\xa0\x80'; do
		printf 'kind: SriovHost\npfs:\n- pf: eth0\n  vfs: 3 # %b\n- pf: eth1\n  vfz: 3\n' "$bytes" >cut.yaml
		check cut.yaml
		assert_exit 1
		assert_err "cut.yaml:4:12: "
		printf '%bkind: SriovHost\n' "$bytes" >cut.yaml
		check cut.yaml
		assert_exit 1
		assert_err "cut.yaml:1:1: "
	done
}

@test "the mark is below the place" {
	# tabs, other characters, what is shown in another way, lines of any length
	printf 'kind: SriovHost\npfs:\n- {pf: eth0,\tmtu:\tx}\n- {pf: "äöü€", mtu: x}\n- {pf: "\x1b", mtu: x}\n' >mark.yaml
	check mark.yaml
	assert_equal "$stderr" "sriovctl: mark.yaml:3:19: mtu: wants a number from 68 to 65535, not 'x'
    - {pf: eth0, mtu: x}
                      ^
sriovctl: mark.yaml:4:21: mtu: wants a number from 68 to 65535, not 'x'
    - {pf: \"äöü€\", mtu: x}
                        ^
sriovctl: mark.yaml:5:18: mtu: wants a number from 68 to 65535, not 'x'
    - {pf: \"\\x1b\", mtu: x}
                        ^
sriovctl: 3 errors"
	printf 'kind: SriovHost\npfs:\n- {pf: "%s", mtu: x, vfs: 3, up: on} %50s\n' "$(printf '%03000d' 0)" '# end' >long.yaml
	check long.yaml
	assert_err "sriovctl: long.yaml:3:3017: mtu: wants a number from 68 to 65535, not 'x'
    ...000000000000000000000000000000000000000000\", mtu: x, vfs: 3, up: on}  ...
                                                         ^"
	assert_equal "$(awk 'length > 80' <<<"${stderr//[^[:print:]]/ }" | grep -c -v '^sriovctl')" 0
}

@test "what is long is shown within 80 columns" {
	at lab14 policy diff help
	assert_exit 0
	for command in check diff apply commit rollback; do
		sriovctl policy $command help
		assert_equal "$(awk 'length > 80' <<<"$output")" ""
	done
	{ printf -- '- pf: [eth0'; printf ', nosuch%d' {1..200}; printf ']\n  vfs: 7\n'; } | host long
	at lab14 policy diff long.yaml
	assert_exit 8
	assert_equal "$(grep -v ^sriovctl: <<<"$stderr" | awk 'length > 80')" ""
	assert_equal "$(grep -c 'no PF' <<<"$stderr")" 200
}

@test "in a batch and in the shell" {
	easy good
	wrong bad
	printf 'policy check good.yaml\npolicy diff good.yaml\nvf show eth1/1\n' >ok
	at lab14 -b ok
	assert_exit 0
	assert_line "1 document, nothing wrong"
	assert_line "eth1/1: vlan 0 -> 5  (planned)"
	printf 'policy check good.yaml\npolicy check bad.yaml\npolicy diff good.yaml\n' >stops
	at lab14 -b stops
	assert_exit 1
	assert_err "bad.yaml:3:19: vfs: wants a number"
	assert_err "sriovctl: stops:2: 1 error"
	refute_line --partial eth1
	at lab14 -b stops --keep-going
	assert_line "eth1/1: vlan 0 -> 5  (planned)"
	# one that changes: with --dry-run for all of them
	printf 'policy apply good.yaml --pf eth1\n' >applies
	at lab14 --dry-run -b applies
	assert_exit 0
	assert_line "eth1/1: vlan 0 -> 5  (planned)"
	at lab14 --dry-run --atomic -b ok
	assert_exit 1
	assert_err "it changes nothing"
	run --separate-stderr "$SRIOVCTL" --snapshot lab14 shell <<<$'policy diff good.yaml\npolicy check bad.yaml'
	assert_exit 1
	assert_line "eth1/3: trust off -> on  (planned)"
	assert_err "bad.yaml:3:19"
}

@test "a directory of policies with more than files in it" {
	mkdir dir
	easy dir/good
	mkfifo dir/fifo.yml
	SRIOVCTL_POLICY_DIR=dir timeout 20 "$SRIOVCTL" policy check 2>stderr || status=$?
	assert_equal "$status" 1
	assert_equal "$(head -n 1 stderr)" "sriovctl: dir/fifo.yml is not a file: that is no policy"
	rm dir/fifo.yml
	# one that is named may be anything
	sriovctl policy check dir <(cat dir/good.yaml)
	assert_exit 0
}
