#!/usr/bin/env bats
# Words on the command line: options, objects, keywords, help, and what is refused.

# shellcheck disable=SC2016,SC2154,SC2258

load helper

@test "options are taken before, between and after the command" {
	local dir want
	dir=$(fixture basic)
	want=$("$SRIOVCTL" --json --snapshot "$dir" pf list)
	[[ $want == '[{'* ]]
	for words in "pf list --json --snapshot $dir" "pf --json list --snapshot $dir" \
		"--snapshot=$dir pf -j list" "pf list --snapshot=$dir -json" \
		"-snapshot $dir -j pf list"; do
		# shellcheck disable=SC2086
		sriovctl $words
		assert_exit 0
		assert_equal "$output" "$want"
	done
}

@test "-p, -jp and --pretty indent" {
	on basic -j pf list
	assert_equal "${#lines[@]}" 1
	local compact
	compact=$(jq -cS . <<<"$output")
	for option in -p --pretty -jp -pj "-j -p"; do
		# shellcheck disable=SC2086
		on basic $option pf list
		assert_exit 0
		((${#lines[@]} > 50))
		assert_equal "$(jq -cS . <<<"$output")" "$compact"
	done
}

@test "JSON given twice is JSON" {
	on basic -j --json pf list -j
	assert_exit 0
	assert_json 'length == 3'
}

@test "-br is --brief, not -b -r" {
	on basic -br pf list
	assert_exit 0
	local brief=$output
	on basic --brief pf list
	assert_equal "$output" "$brief"
}

@test "one-letter flags cluster, others do not" {
	on basic -jd pf list
	assert_exit 0
	assert_json 'length == 3'
	for word in -jz -jc -zj -j- -jj=1; do
		on basic "$word" pf list
		assert_exit 1
		assert_err "unknown option '$word'"
	done
}

@test "help is a keyword at every level, and so are -h and --help" {
	for words in help -h --help; do
		sriovctl $words
		assert_exit 0
		assert_output --partial "Usage: sriovctl [OPTIONS] OBJECT COMMAND"
		assert_output --partial "--snapshot DIR"
		assert_equal "$stderr" ""
	done
	for words in "pf help" "help pf" "pf -h" "--help pf"; do
		# shellcheck disable=SC2086
		sriovctl $words
		assert_exit 0
		assert_output --partial "Usage: sriovctl [OPTIONS] pf COMMAND"
		refute_output --partial "vf create"
	done
	for words in "vf create help" "help vf create" "vf create -h" "-h vf create" \
		"vf create ens1f0 4 --help" "vf create ens1f0 help"; do
		# shellcheck disable=SC2086
		sriovctl $words
		assert_exit 0
		assert_output --partial "sriovctl vf create PF N"
		assert_output --partial "--force"
		refute_output --partial "--columns"
	done
	sriovctl snapshot help
	assert_exit 0
	assert_output --partial "sriovctl snapshot DIR"
}

@test "help of a command that shows lists its columns" {
	sriovctl vf list help
	assert_exit 0
	for key in vf pf index bdf driver ifname netns mac vlan spoofchk rx_packets; do
		assert_line --regexp "^  $key +[^ ]"
	done
	assert_output --partial "--columns"
	refute_output --partial "--dry-run"
}

@test "help of a command that sets lists its settings" {
	sriovctl vf set help
	assert_exit 0
	for key in name 'up\|down' mac vlan qos proto max_tx_rate min_tx_rate spoofchk trust state \
		query_rss node_guid port_guid msix mtu; do
		assert_line --regexp "^  $key( .*)? +[^ ]"
	done
	assert_output --partial "--force"
	refute_output --partial "Columns"
	sriovctl pf set help
	for key in 'up\|down' mtu autoprobe; do
		assert_line --regexp "^  $key( .*)? +[^ ]"
	done
	refute_output --partial "vlan"
}

@test "help names every command, and each explains itself" {
	sriovctl help
	for command in "pf list" "pf show" "pf set" "vf list" "vf show" "vf create" "vf destroy" \
		"vf set" "vf bind" "vf unbind" "vf reset" "netns list" "netns attach" "netns detach" \
		repair monitor snapshot; do
		sriovctl help
		assert_output --partial "  $command"
		# shellcheck disable=SC2086
		sriovctl $command help
		assert_exit 0
		assert_output --partial "sriovctl $command"
		assert_output --partial "Examples:"
	done
}

@test "help fits 80 columns" {
	for words in help "pf help" "vf help" "pf list help" "vf list help" "vf create help" \
		"vf destroy help" "snapshot help" "pf show help" "vf show help" "pf set help" \
		"vf set help" "vf bind help" "vf unbind help" "vf reset help" "netns help" \
		"netns attach help" "netns detach help" "netns list help" "repair help" "monitor help"; do
		# shellcheck disable=SC2086
		sriovctl $words
		local line
		for line in "${lines[@]}"; do
			((${#line} <= 80)) || fail "$words: ${#line}: $line"
		done
	done
}

@test "help wins over missing arguments but not over nonsense" {
	sriovctl vf create --help
	assert_exit 0
	for words in "help bogus" "bogus help" "--help bogus" "vf bogus help"; do
		# shellcheck disable=SC2086
		sriovctl $words
		assert_exit 1
		assert_err "bogus"
		assert_output ""
	done
}

@test "-V prints the version and nothing else" {
	for option in -V --version; do
		sriovctl $option
		assert_exit 0
		assert_output --regexp '^sriovctl [0-9]+\.[0-9]+\.[0-9]+$'
	done
}

@test "-- ends the options" {
	sriovctl -- -j
	assert_exit 1
	assert_err "unknown object '-j'"
	on basic pf show -- ens2
	assert_exit 0
	on basic pf show -- -j
	assert_exit 4
	assert_err "no PF '-j'"
	on basic pf list --
	assert_exit 0
}

@test "a lone - is a word" {
	sriovctl -
	assert_exit 1
	assert_err "unknown object '-'"
	on basic pf show -
	assert_exit 4
}

@test "an unknown object names the nearest" {
	sriovctl pff list
	assert_exit 1
	assert_err "unknown object 'pff'"
	assert_err "did you mean 'pf'?"
	sriovctl snap
	assert_exit 1
	assert_err "did you mean 'snapshot'?"
	sriovctl xyzzy
	assert_exit 1
	refute_err "did you mean"
	assert_err "sriovctl help"
}

@test "an unknown command names the nearest" {
	sriovctl pf lsit
	assert_exit 1
	assert_err "pf has no command 'lsit'"
	assert_err "did you mean 'pf list'?"
	sriovctl vf creat ens1f0 2
	assert_exit 1
	assert_err "did you mean 'vf create'?"
}

@test "keywords match whole, never by their beginning" {
	for words in "pf l" "pf li" "pf lis" "v list" "vf sho x" "vf destr x"; do
		# shellcheck disable=SC2086
		on basic $words
		assert_exit 1
		assert_output ""
	done
}

@test "keywords are lower case" {
	sriovctl PF list
	assert_exit 1
	sriovctl pf LIST
	assert_exit 1
}

@test "an object without a command says so" {
	for object in pf vf; do
		sriovctl $object
		assert_exit 1
		assert_err "$object needs a command"
		assert_err "sriovctl $object help"
	done
}

@test "an unknown option names the nearest" {
	sriovctl --jsn pf list
	assert_exit 1
	assert_err "unknown option '--jsn'"
	assert_err "did you mean --json?"
	sriovctl --colour=always pf list
	assert_exit 1
	assert_err "did you mean --color?"
	sriovctl --xyzzy
	assert_exit 1
	refute_err "did you mean"
	for word in --- ---json -= --=x; do
		sriovctl "$word"
		assert_exit 1
		assert_err "unknown option"
	done
}

@test "options are not shortened" {
	sriovctl --js pf list
	assert_exit 1
	sriovctl --snap x pf list
	assert_exit 1
}

@test "a missing option value is an error" {
	for option in --snapshot --columns --timeout --lock-timeout; do
		sriovctl pf list "$option"
		assert_exit 1
		assert_err "$option needs a value"
	done
	for option in --snapshot= --columns=; do
		sriovctl pf list "$option"
		assert_exit 1
		assert_err "needs a value"
	done
	sriovctl pf list --columns ""
	assert_exit 1
}

@test "a value for a flag is an error" {
	for option in --json=1 --json= -j=1 --brief=x --dry-run=no --help=me; do
		sriovctl pf list "$option"
		assert_exit 1
		assert_err "takes no value"
	done
}

@test "bad option values are errors that say what is good" {
	sriovctl --color=sometimes pf list
	assert_exit 1
	assert_err "auto, always or never"
	assert_err "sometimes"
	sriovctl --color= pf list
	assert_exit 1
	local value
	for value in x "" -1 1e3 1. .5 1.2345 1000001 99999999999999999999 "1 " 0x10; do
		sriovctl vf destroy ens1f0 --dry-run --timeout "$value"
		assert_exit 1
		assert_err "--timeout wants seconds"
		sriovctl vf destroy ens1f0 --dry-run "--wait=$value"
		assert_exit 1
		assert_err "--wait wants seconds"
	done
	sriovctl vf destroy ens1f0 --force=everything
	assert_exit 1
	assert_err "in-use"
}

@test "good seconds are taken" {
	local value
	for value in 0 1 0.5 30 1.250 1000000; do
		on nvme vf destroy 0000:61:00.0 --dry-run --timeout "$value" --lock-timeout="$value" \
			--wait="$value"
		assert_exit 0
	done
}

@test "--force takes a list of kinds" {
	on netns vf destroy ens1f0 --dry-run --force=in-use,in-use
	assert_exit 0
	on netns vf destroy ens1f0 --dry-run --force=in-use,bogus
	assert_exit 1
	assert_err "bogus"
}

@test "options that mean nothing for a command are refused" {
	local option
	for option in --dry-run --diff --wait --wait=3 --no-wait --timeout=1 --lock-timeout=1 \
		--force --force=in-use; do
		on basic pf list "$option"
		assert_exit 1
		assert_err "does not go with"
		assert_err "pf list"
	done
	for option in -s -d -o -br --no-header --columns=pf; do
		on basic vf destroy ens1f0 --dry-run "$option"
		assert_exit 1
		assert_err "does not go with"
		assert_err "vf destroy"
	done
	for option in --dry-run -s --columns=pf; do
		sriovctl snapshot "$BATS_TEST_TMPDIR/new" "$option"
		assert_exit 1
		assert_err "does not go with"
		assert_err "snapshot"
		[[ ! -e $BATS_TEST_TMPDIR/new ]]
	done
	sriovctl --dry-run
	assert_exit 1
	assert_err "--dry-run"
}

@test "empty words are errors, not defaults" {
	sriovctl ""
	assert_exit 1
	assert_err "empty object"
	sriovctl pf ""
	assert_exit 1
	assert_err "empty command"
	on basic pf show ""
	assert_exit 4
	assert_err "empty PF name"
	on basic vf show ""
	assert_exit 4
	assert_err "empty VF name"
	on basic vf list ""
	assert_exit 4
	assert_output ""
	on basic vf destroy "" --dry-run
	assert_exit 4
	on basic vf create ens2 "" --dry-run
	assert_exit 1
	sriovctl snapshot ""
	assert_exit 1
	assert_err "empty directory name"
}

@test "4 kB words are refused like any other" {
	local long
	long=$(printf 'x%.0s' {1..4096})
	for words in "$long" "pf $long" "--$long" "-$long" "--columns=$long pf list" \
		"--color=$long" "--timeout=$long pf list" "pf list extra $long"; do
		# shellcheck disable=SC2086
		sriovctl -j $words
		[[ $status -eq 1 || $status -eq 4 ]] || fail "status $status"
		((${#stderr} > 10 && ${#stderr} < 4096))
	done
	on basic -j pf show "$long"
	assert_json_error 4 "no PF 'xxx"
	on basic -j vf show "$long/3" "ens2/$long"
	assert_exit 4
	on basic -j vf show "ens2/$long"
	assert_json_error 1 "is no VF range"
	on basic vf create "$long" 3 --dry-run
	assert_exit 4
	on basic pf list --columns "pf,$long"
	assert_exit 1
	at "$BATS_TEST_TMPDIR/$long" pf list
	assert_exit 4
}

@test "numbers are plain decimal and in range" {
	local n
	for n in 65536 4294967296 18446744073709551616 99999999999999999999999 -1 +1 1.5 0x2 " 2" \
		"2 " 2x two ""; do
		on basic vf create --dry-run -- ens2 "$n"
		assert_exit 1
		assert_err "N is a number from 0 to 65535, not '$n'"
	done
	on basic vf create ens2 0002 --dry-run
	assert_exit 0
}

@test "vf create and vf destroy say what is missing or too much" {
	sriovctl vf create
	assert_exit 1
	assert_err "PF is missing"
	assert_err "sriovctl vf create help"
	sriovctl vf create ens1f0
	assert_exit 1
	assert_err "N is missing"
	sriovctl vf create ens1f0 1 2
	assert_exit 1
	assert_err "unexpected '2'"
	sriovctl vf destroy
	assert_exit 1
	assert_err "PF is missing"
	sriovctl vf destroy ens1f0 ens1f1
	assert_exit 1
	assert_err "unexpected 'ens1f1'"
	sriovctl pf show
	assert_exit 1
	sriovctl vf show
	assert_exit 1
	sriovctl snapshot
	assert_exit 1
	assert_err "DIR is missing"
	sriovctl snapshot a b
	assert_exit 1
	[[ ! -e a ]]
}

@test "errors of the command line are JSON wherever -j stands" {
	for words in "-j bogus" "bogus -j" "-p bogus" "-j --bogus" "--bogus -j" "-p --bogus" \
		"--bogus -jp" "pf list --color=x --json" "vf create --json"; do
		# shellcheck disable=SC2086
		sriovctl $words
		assert_json_error 1 ""
	done
}

@test "what follows -- does not ask for JSON" {
	sriovctl --bogus -- -j
	assert_exit 1
	assert_output ""
}
