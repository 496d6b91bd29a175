#!/usr/bin/env bats
# --batch: commands from a file, on captured hosts.

# shellcheck disable=SC2016,SC2154,SC1003

load helper

# batch FIXTURE OPTION...: the lines on stdin, as a batch on stdin of the program
batch() {
	local dir
	dir=$(fixture "$1")
	shift
	cat >"$BATS_TEST_TMPDIR/lines"
	run --separate-stderr "$SRIOVCTL" --snapshot "$dir" --batch - "$@" <"$BATS_TEST_TMPDIR/lines"
}

# bad_line LINE TEXT: what a line that is no command is answered, in a file and through a pipe
bad_line() {
	batch basic <<<"$1"
	assert_exit 1
	assert_output ""
	assert_err "sriovctl: -:1: $2"
	batch basic -j <<<"$1"
	assert_json_error 1 "$2"
	assert_json '.error.line == 1'
	# it is not taken for another line, and others are not affected
	batch basic --keep-going <<<"pf list ens2 -br"$'\n'"$1"$'\n'"pf list ens1f1 -br"
	assert_exit 8
	assert_equal "${#lines[@]}" 2
	assert_err "sriovctl: -:2: $2"
	assert_err "sriovctl: 1 line failed: 2"
}

@test "commands, comments, empty lines, quotes, joined lines" {
	batch basic <<-'EOF2'
		# a comment
		pf list ens2 --columns pf,num_vfs --no-header

		  	 # another
		pf list 'ens2' --columns "pf" --no-header	# and one behind a command
		pf list en"s"2 --columns pf,num_vfs --no-header --snapshot "$SNAPSHOT"
	EOF2
	assert_exit 4 # nothing is expanded
	assert_err 'sriovctl: -:6: cannot open the snapshot $SNAPSHOT'
	assert_equal "${lines[0]}" "ens2   2"
	assert_equal "${lines[1]}" "ens2"
	assert_equal "${#lines[@]}" 2
	batch basic <<<'pf list \'$'\n''  ens2 --columns pf \'$'\n''--no-header'$'\n''pf li\'$'\n''st ens1f1 --columns=pf --no-header'
	assert_exit 0
	assert_output $'ens2\nens1f1'
	batch basic <<<'pf show a\ b'
	assert_err "no PF 'a b'"
	batch basic <<<"pf show 'a \"#b\\'"
	assert_err "no PF 'a \"#b\\'"
	batch basic <<<'pf show "a\"\\#b"'
	assert_err "no PF 'a\"\\#b'"
	batch basic <<<"pf show ''"
	assert_err "empty PF name"
	batch basic <<<'pf show a#b'
	assert_err "no PF 'a#b'"
}

@test "errors name file and line; joined lines count as their first" {
	local file=$BATS_TEST_TMPDIR/my.batch
	printf 'pf list\n\n# x\nvf show \\\n  ens2/99\n' >"$file"
	on basic -b "$file"
	assert_exit 4
	assert_err "sriovctl: $file:4: ens2 has no VF 99"
	on basic -j -b "$file"
	assert_exit 4
	assert_equal "$(jq -sc '[length, .[1].error.line, .[1].error.code]' <<<"$output")" '[2,4,4]'
	# outside of a batch there is none
	on basic -j vf show ens2/99
	assert_json '.error | has("line") and .line == null'
	# the name of a file is somebody else's text
	file=$BATS_TEST_TMPDIR/$'a\e[31m\nb'
	echo x >"$file"
	clean --snapshot "$(fixture basic)" -b "$file"
	assert_equal "$status" 1
	clean --snapshot "$(fixture basic)" -b "$file"x
	assert_equal "$status" 4
}

@test "a command of a batch may be called by its full name as well as any other" {
	batch basic <<<$'pf list ens2 --columns pf --no-header -j\npf list 0000:21:00.1 --columns=pf --no-header'
	assert_exit 0
	assert_output $'[{"pf":"ens2"}]\nens1f1'
}

@test "the first error ends it, with its exit code" {
	batch basic <<<$'pf list ens2 -br\npf show nosuch\npf list ens1f1 -br'
	assert_exit 4
	assert_equal "${#lines[@]}" 1
	batch basic --dry-run <<<$'vf create ens1f1 99\npf list'
	assert_exit 1
	batch inuse --dry-run <<<$'vf destroy addr4\npf list'
	assert_exit 3
	assert_output ""
	batch nodriver --dry-run <<<$'vf create 0000:21:00.0 2\npf list'
	assert_exit 5
}

@test "--keep-going: exit 8 and which lines; no failure is no failure" {
	batch basic --keep-going <<<$'pf show nosuch\npf list ens2 --columns pf --no-header\nbad\nvf show ens2/77'
	assert_exit 8
	assert_output ens2
	assert_err "sriovctl: -:1: no PF 'nosuch'"
	assert_err "sriovctl: -:3: "
	assert_err "sriovctl: 3 lines failed: 1, 3, 4"
	batch basic --keep-going -j <<<$'pf show nosuch\npf list ens2 --columns pf\nbad'
	assert_exit 8
	assert_equal "$(jq -sc '[.[0].error.line, .[1][0].pf, .[2].error.line, .[3].error.line, .[3].error.code]' <<<"$output")" \
		'[1,"ens2",3,null,8]'
	batch basic --keep-going <<<'pf list ens2'
	assert_exit 0
	assert_equal "$stderr" ""
	# a list without end is cut
	seq -f 'x%g' 1000 | sed 's/^/pf show /' >"$BATS_TEST_TMPDIR/many"
	on basic --keep-going -b "$BATS_TEST_TMPDIR/many"
	assert_exit 8
	assert_err "1000 lines failed: 1, 2, 3, "
	assert_err ", ..."
	((${#stderr_lines[-1]} < 300))
}

@test "no batch: not there, a directory, unreadable" {
	on basic -b /nonexistent
	assert_exit 4
	assert_err "cannot open the batch /nonexistent: No such file or directory"
	on basic -j -b /nonexistent
	assert_json_error 4 "/nonexistent"
	on basic -b "$BATS_TEST_TMPDIR"
	assert_exit 2
	assert_err "Is a directory"
	on basic -b "$BATS_TEST_TMPDIR" --atomic
	assert_exit 2
	echo 'pf list' >"$BATS_TEST_TMPDIR/secret"
	chmod 0 "$BATS_TEST_TMPDIR/secret"
	run --separate-stderr powerless "$SRIOVCTL" --snapshot "$(fixture basic)" -b "$BATS_TEST_TMPDIR/secret"
	assert_exit 2
	assert_output ""
	assert_err "Permission denied"
	on basic -b
	assert_exit 1
	on basic -b ''
	assert_exit 1
	# a standard input that is closed is an empty one, not the next file that is opened
	run --separate-stderr timeout 10 sh -c 'exec "$0" "$@" <&-' "$SRIOVCTL" --snapshot "$(fixture basic)" -b -
	assert_exit 0
	assert_output ""
}

@test "nothing in it is nothing to do" {
	for text in '' $'\n' $'\n\n  \n' '# only' $'# only\n\t# comments\n' $'\\\n' $'\r\n\r\n'; do
		for options in '' --keep-going --atomic '--atomic --dry-run'; do
			# shellcheck disable=SC2086
			run --separate-stderr "$SRIOVCTL" --snapshot "$(fixture basic)" -b - $options < <(printf %s "$text")
			assert_exit 0
			assert_output ""
			assert_equal "$stderr" ""
		done
	done
	run --separate-stderr "$SRIOVCTL" --snapshot "$(fixture basic)" -j -b - --atomic </dev/null
	assert_exit 0
	assert_json '. == {"changed": false, "actions": [], "warnings": []}'
}

@test "lines that are none" {
	bad_line 'pf list "abc' 'a quotation mark is not closed'
	bad_line "vf set ens2/0 'x" 'a quotation mark is not closed'
	bad_line nosuch "unknown object 'nosuch'"
	bad_line 'pf list --nosuch' 'unknown option'
	bad_line '-b x' 'a batch cannot run another'
	bad_line '--batch=- --atomic' 'a batch cannot run another'
	bad_line shell 'there is no shell in a batch'
	bad_line monitor 'a batch would not come to its next line'
	bad_line 'use ens2' "unknown object 'use'"
	bad_line --keep-going '--keep-going does not go with'
	bad_line 'pf list --atomic' '--atomic does not go with'
}

@test "completion answers in a batch as everywhere, and help does" {
	batch basic <<<'complete -- sriovctl pf li'
	assert_exit 0
	batch basic <<<$'help\nvf set help\n--version'
	assert_exit 0
	assert_output --partial 'Usage: sriovctl'
	assert_output --partial 'vlan'
	assert_line --regexp '^sriovctl [0-9]'
}

@test "NUL bytes, binary junk, a line of a megabyte, the end in the middle of a line, CRLF" {
	local dir
	dir=$(fixture basic)
	for bytes in 'pf li\0st\n' '\0' 'pf list\0\n' 'pf \\\n\0list\n'; do
		run --separate-stderr "$SRIOVCTL" --snapshot "$dir" -b - < <(printf '%b' "$bytes")
		assert_exit 1
		assert_output ""
		assert_err "the line has a NUL byte"
	done
	head -c 1000000 /dev/zero | tr '\0' a >"$BATS_TEST_TMPDIR/long"
	{ cat "$BATS_TEST_TMPDIR/long"; printf '\npf list ens2 --columns pf --no-header\n'; } >"$BATS_TEST_TMPDIR/longer"
	on basic -b "$BATS_TEST_TMPDIR/long"
	assert_exit 1
	assert_err ":1: the line is longer than 65536 bytes"
	on basic -b "$BATS_TEST_TMPDIR/longer" --keep-going
	assert_exit 8
	assert_output ens2
	# joined, it is as long
	{ for ((i = 0; i < 200; i++)); do printf '%01000d\\\n' 0; done; echo; } >"$BATS_TEST_TMPDIR/joined"
	on basic -b "$BATS_TEST_TMPDIR/joined"
	assert_exit 1
	assert_err "the line is longer"
	{ for ((i = 0; i < 200; i++)); do printf ' \\\n'; done; echo; } >"$BATS_TEST_TMPDIR/joined"
	on basic -b "$BATS_TEST_TMPDIR/joined"
	assert_exit 1
	assert_err "lines are joined"
	printf 'pf list ens2 --columns pf --no-header' >"$BATS_TEST_TMPDIR/cut"
	on basic -b "$BATS_TEST_TMPDIR/cut"
	assert_exit 0
	assert_output ens2
	printf 'pf list ens2 --columns pf --no-header \\' >"$BATS_TEST_TMPDIR/cut"
	on basic -b "$BATS_TEST_TMPDIR/cut"
	assert_exit 0
	assert_output ens2
	printf 'pf list ens2 --columns pf --no-header\r\npf list ens1f1 --columns pf --no-header\r\n' >"$BATS_TEST_TMPDIR/crlf"
	on basic -b "$BATS_TEST_TMPDIR/crlf"
	assert_exit 0
	assert_output $'ens2\nens1f1'
	# what is no text at all: errors that can be printed, and an end
	head -c 300000 "$SRIOVCTL" >"$BATS_TEST_TMPDIR/junk"
	clean --snapshot "$dir" -b "$BATS_TEST_TMPDIR/junk" --keep-going
	assert_equal "$status" 8
	clean --snapshot "$dir" -j -b "$BATS_TEST_TMPDIR/junk" --keep-going
	assert_equal "$status" 8
	clean --snapshot "$dir" -b "$BATS_TEST_TMPDIR/junk" --atomic
	assert_equal "$status" 1
}

@test "options that are not for a batch, and words behind it" {
	for option in --statistics --details --oneline --brief --columns=pf --no-header; do
		on basic -b /dev/null "$option"
		assert_exit 1
		assert_err "does not go with --batch"
	done
	for option in --keep-going --atomic; do
		on basic "$option" pf list
		assert_exit 1
		assert_err "$option does not go with"
		on basic "$option"
		assert_exit 1
	done
	on basic -b /dev/null --keep-going --atomic
	assert_exit 1
	assert_err "exclude each other"
	on basic -b /dev/null pf list
	assert_exit 1
	assert_err "unexpected 'pf'"
	on basic --batch=/dev/null -h
	assert_exit 0
	# those for all lines are for all lines
	batch basic -j --dry-run <<<$'vf create ens1f1 2\nvf create ens1f1 2'
	assert_exit 0
	assert_equal "$(jq -sc 'map(.changed)' <<<"$output")" '[true,true]'
	batch basic <<<'vf create ens1f1 2'
	assert_exit 1
	assert_err "a snapshot cannot be changed"
}

@test "no line leaves anything to the next" {
	batch basic --dry-run <<<$'vf create ens1f1 2 --diff -j\nvf create ens1f1 2\nvf create ens2 2 -v\nvf create ens2 2\npf list ens2 -j --columns pf\npf list ens2 --columns pf --no-header'
	assert_exit 0
	assert_equal "$(head -1 <<<"$output" | jq -c .changed)" true
	assert_equal "${lines[1]}" "ens1f1: num_vfs 0 -> 2  (planned)"
	assert_equal "${lines[2]}" "ens2: nothing to do"
	assert_equal "${lines[3]}" '[{"pf":"ens2"}]'
	assert_equal "${lines[4]}" ens2
	# an option of one line, and another host
	batch basic <<<"pf list --columns pf --no-header --snapshot $(fixture nodriver)"$'\npf list ens2 --columns pf --no-header'
	assert_exit 0
	assert_equal "${lines[-1]}" ens2
}

@test "an output that cannot be written is an error, and ends it" {
	local dir
	dir=$(fixture basic)
	for options in '' --keep-going -j; do
		status=0
		# shellcheck disable=SC2086
		stderr=$(yes 'pf list' | head -20000 | "$SRIOVCTL" --snapshot "$dir" -b - $options 2>&1 >/dev/full) || status=$?
		assert_exit 2
		assert_err "cannot write the output"
		((${#stderr} < 500)) || fail "it went on: ${stderr:0:1000}"
		status=0
		# shellcheck disable=SC2086
		stderr=$("$SRIOVCTL" --snapshot "$dir" -b - $options <<<'pf list' 2>&1 >&-) || status=$?
		assert_exit 2
	done
	status=0
	stderr=$("$SRIOVCTL" --snapshot "$dir" -b - --atomic --dry-run <<<'vf create ens1f1 2' 2>&1 >/dev/full) || status=$?
	assert_exit 2
}

@test "a reader who goes away ends it" {
	local dir codes
	dir=$(fixture basic)
	codes=$(
		set +o pipefail
		yes 'pf list' | timeout 20 "$SRIOVCTL" --snapshot "$dir" -b - 2>"$BATS_TEST_TMPDIR/err" | head -3 >"$BATS_TEST_TMPDIR/out"
		echo "${PIPESTATUS[@]}"
	)
	[[ $codes == *' 141 0' ]] || fail "status $codes"
	assert_equal "$(wc -l <"$BATS_TEST_TMPDIR/out")" 3
}

# ask LINE: to the coprocess, and its answer, which must come before anything else is sent
ask() {
	echo "$1" >&"$to"
	read -r -t 10 answer <&"$from" || fail "no answer to: $1"
}

@test "a program that asks line by line gets each answer at once, and sees what has changed" {
	local dir before
	dir=$(copy_fixture basic)
	coproc "$SRIOVCTL" --snapshot "$dir" -b - 2>"$BATS_TEST_TMPDIR/err"
	pid=$COPROC_PID
	exec {from}<&"${COPROC[0]}" {to}>&"${COPROC[1]}"
	ask 'pf list ens2 -j --columns pf,total_vfs'
	before=$(jq -c '.[0].total_vfs' <<<"$answer")
	for ((i = 1; i < 60; i++)); do
		echo $((before + i)) >"$dir/sys/bus/pci/devices/0000:41:00.0/sriov_totalvfs"
		ask 'pf list ens2 -j --columns pf,total_vfs'
		assert_equal "$(jq -c '.[0].total_vfs' <<<"$answer")" $((before + i))
	done
	# a line that comes in two parts
	printf 'pf list ens2 --col' >&"$to"
	sleep 0.05
	ask 'umns pf --no-header'
	assert_equal "$answer" ens2
	# several at once: as of after they came
	echo 7 >"$dir/sys/bus/pci/devices/0000:41:00.0/sriov_totalvfs"
	printf 'pf list ens2 -j --columns total_vfs\n%.0s' {1..5} >&"$to"
	for ((i = 0; i < 5; i++)); do
		read -r -t 10 answer <&"$from"
		assert_equal "$answer" '[{"total_vfs":7}]'
	done
	# what is wrong is told at once as well
	echo 'pf show nosuch -j' >&"$to"
	read -r -t 10 answer <&"$from"
	assert_equal "$(jq .error.line <<<"$answer")" 67
	status=0
	wait "$pid" || status=$?
	assert_exit 4
}

@test "lines that wait together cost one look" {
	command -v strace >/dev/null || skip 'no strace'
	local dir one many
	dir=$(fixture basic)
	looks() { strace -f -e trace=openat -o "$BATS_TEST_TMPDIR/trace" "$SRIOVCTL" --snapshot "$dir" -b "$1" >/dev/null && grep -c 'sriov_totalvfs' "$BATS_TEST_TMPDIR/trace"; }
	[[ $SRIOVCTL != */san/* ]] || export ASAN_OPTIONS=detect_leaks=0
	echo 'pf list' >"$BATS_TEST_TMPDIR/one"
	yes 'pf list' | head -1000 >"$BATS_TEST_TMPDIR/many"
	one=$(looks "$BATS_TEST_TMPDIR/one")
	many=$(looks "$BATS_TEST_TMPDIR/many")
	((one > 0 && many < one * 20)) || fail "$one for one, $many for a thousand"
}

# The property: a batch says what its lines say, each as a process of its own.

# same_as_each FIXTURE: the lines on stdin
same_as_each() {
	local dir n=0 line code failed='' words
	dir=$(fixture "$1")
	cd "$BATS_TEST_TMPDIR" || return
	cat >lines
	: >each.out
	: >each.err
	while read -r line; do
		n=$((n + 1)) code=0
		eval "words=($line)"
		"$SRIOVCTL" --snapshot "$dir" "${words[@]}" >>each.out 2>>each.err </dev/null || code=$?
		[[ $code -eq 0 ]] || failed+=${failed:+,}$n:$code
	done <lines
	"$SRIOVCTL" --snapshot "$dir" -b lines --keep-going >batch.out 2>batch.err || true
	# what they differ in: where the line stands
	diff each.out <(sed -E 's/"line": ?[0-9]+/"line":null/' batch.out) >diff.out || fail "$1: $(head -c 2000 diff.out)"
	diff each.err <(sed -E 's/^sriovctl: lines:[0-9]+: /sriovctl: /; /^sriovctl: [0-9]+ lines? failed: /d' batch.err) >diff.err ||
		fail "$1: $(head -c 2000 diff.err)"
	assert_equal "$(sed -n 's/^sriovctl: lines:\([0-9]*\): .*/\1/p' batch.err)" "$(tr , '\n' <<<"$failed" | sed 's/:.*//')"
	[[ -n $failed ]] || return 0
	# and the exit code is the line's, without --keep-going
	code=0
	"$SRIOVCTL" --snapshot "$dir" -b lines >/dev/null 2>&1 || code=$?
	assert_equal "$code" "$(sed 's/,.*//; s/.*://' <<<"$failed")"
}

# commands: what can be asked of any host, with and without JSON; each more than once, and in
# between others, so that pictures are used where they may be
commands() {
	local options
	for options in '' -j; do
		cat <<-EOF2
			pf list $options
			vf list $options
			--color=never $options
			pf list --details $options
			vf list -s $options
			pf list $options
			vf list --columns all $options
			netns list $options
			vf list -br $options
			vf show nosuch/0 $options
			vf list -d -s $options
			pf list --columns pf,vendor_name $options
			vf list --no-header $options
			pf show mac:00:00:00:00:00:00 $options
			pf list -o $options
			vf list -o $options
			bad $options
			$options vf list
			pf list --columns nosuch $options
			vf destroy nosuch --dry-run $options
			netns list --columns all $options
			pf list
		EOF2
	done
	local pf
	for pf in "$@"; do
		for options in '' -j -v --diff; do
			cat <<-EOF2
				vf create $pf 1 --dry-run $options
				vf create $pf 0 --dry-run $options
				vf list $pf
				vf destroy $pf --dry-run $options --force
				vf set $pf/all vlan 5 mac auto --dry-run $options
				vf set $pf/0 qos 3 --dry-run $options
				vf list $pf -j
				vf set $pf/0 vlan 5 'max_tx_rate' 100 --dry-run $options
				vf bind $pf/all vfio-pci --dry-run $options
				vf unbind $pf/0 --dry-run $options
				vf show $pf/0
				vf reset $pf/0 --dry-run $options
				pf set $pf down mtu 1400 --dry-run $options
				netns detach $pf/0 --dry-run $options
				vf list $pf -s
				repair --dry-run $options
			EOF2
		done
	done
}

@test "a batch says what its lines say by themselves" {
	local name
	for name in basic baresysfs dupname evilalias infiniband lab14 missing netns nodriver noiface nvme switchdev truncated vfio; do
		mapfile -t pfs < <("$SRIOVCTL" --snapshot "$(fixture $name)" -j pf list 2>/dev/null | jq -r '.[].pf' | grep -v "[^a-z0-9:.]" | head -2)
		commands "${pfs[@]}" | same_as_each $name
	done
}

@test "a batch says what its lines say by themselves: VFs in use" {
	commands addr4 vlan master | same_as_each inuse
}

# --atomic

@test "--atomic: each line is planned on what those before it will have made" {
	batch basic --atomic --dry-run <<<$'vf create ens1f1 2\nvf set ens1f1/0 vlan 5 mac 52:54:00:00:77:01\nvf set ens1f1/1 name store0 up'
	assert_plan "ens1f1: num_vfs 0 -> 2" "ens1f1/0: mac 52:54:00:00:77:01" "ens1f1/0: vlan 5" \
		"ens1f1/1: ifname store0" "ens1f1/1: up on"
	batch basic --atomic --dry-run -j <<<$'vf create ens1f1 2\nvf set ens1f1/0 vlan 5'
	assert_json '.changed and ([.actions[] | [.object, .attr, .new]] | contains([["ens1f1", "num_vfs", 2], ["ens1f1/0", "vlan", 5]]))'
	# the attributes come before the driver
	batch basic --atomic --dry-run -j -v <<<$'vf create ens1f1 2\nvf set ens1f1/0 vlan 5'
	assert_json '[.actions[].attr] | index("vlan") < index("driver") and index("num_vfs") < index("vlan")'
	# there and back is nothing
	batch basic --atomic --dry-run <<<$'vf set ens1f0/1 max_tx_rate 700\nvf set ens1f0/1 max_tx_rate 500'
	assert_exit 0
	assert_output ""
}

# atomic_bad CODE TEXT LINE...: refused, and it is the last line's fault
atomic_bad() {
	local code=$1 text=$2
	shift 2
	batch basic --atomic --dry-run < <(printf '%s\n' "$@")
	assert_exit "$code"
	assert_output ""
	assert_err "sriovctl: -:$#: "
	assert_err "$text"
	batch basic --atomic --dry-run -j < <(printf '%s\n' "$@")
	assert_json_error "$code" "$text"
	assert_json ".error.line == $#"
}

@test "--atomic: what it does not take, and which line that is" {
	atomic_bad 1 'it changes nothing' 'vf create ens1f1 2' 'pf list'
	atomic_bad 1 'it changes nothing' help
	atomic_bad 1 'it changes nothing' 'vf create ens1f1 2' --version
	atomic_bad 1 'it changes nothing' 'snapshot /tmp/x'
	atomic_bad 1 'netns detach cannot be undone' 'vf create ens1f1 2' 'netns detach ens1f0/0'
	atomic_bad 1 'repair cannot be undone' 'repair'
	atomic_bad 1 'options are for all lines' 'vf create ens1f1 2' 'vf set ens1f1/0 vlan 5 --force'
	atomic_bad 1 'an earlier line gives it 2 VFs' 'vf create ens1f1 2' 'vf create ens1f1 3'
	atomic_bad 5 'still to be made' 'vf create ens1f1 2' 'vf bind ens1f1/0 vfio-pci'
	atomic_bad 5 'still to be made' 'vf create ens1f1 2' 'vf reset ens1f1/0'
	atomic_bad 4 'has no VF 2' 'vf create ens1f1 2' 'vf set ens1f1/2 vlan 5'
	atomic_bad 4 'has no VF 1' 'vf create ens2 1' 'vf set ens2/1 vlan 5'
	atomic_bad 3 'already that of ens1f1/0' 'vf create ens1f1 2' 'vf set ens1f1/0 mac 52:54:00:00:77:01' 'vf set ens1f1/1 mac 52:54:00:00:77:01'
	atomic_bad 1 'a quotation mark' 'vf create ens1f1 2' '"'
	atomic_bad 1 'unknown object' 'vf create ens1f1 2' 'x'
	atomic_bad 1 'a batch cannot' 'vf create ens1f1 2' '-b x' || atomic_bad 1 'it changes nothing' 'vf create ens1f1 2' '-b x'
	batch basic --atomic --keep-going </dev/null
	assert_exit 1
	batch inuse --atomic --dry-run <<<$'vf create addr4 1\nvf set addr4/0 vlan 5'
	assert_exit 3
	batch basic --atomic <<<'vf create ens1f1 2'
	assert_exit 1
	assert_err 'a snapshot cannot be changed'
}

@test "--atomic on a thousand VFs, in as many lines" {
	{
		echo 'vf create ens9 1000'
		seq -f 'vf set ens9/%g' 0 999 | awk '{ print $0 " vlan " 1 + NR % 4000 " trust on" }'
	} >"$BATS_TEST_TMPDIR/thousand"
	dry big1024 -j --atomic -b "$BATS_TEST_TMPDIR/thousand"
	assert_exit 0
	assert_json '[.actions[] | select(.attr == "vlan") | .new] == [range(2; 1002)]'
}
