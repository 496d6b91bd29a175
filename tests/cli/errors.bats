#!/usr/bin/env bats
# Where output and errors go, and what happens when they cannot.

# shellcheck disable=SC2016,SC2154,SC2258

load helper

@test "errors are text on stderr, data is on stdout" {
	on basic pf show nosuch
	assert_exit 4
	assert_output ""
	assert_err "sriovctl: no PF 'nosuch'"
	on basic pf list
	assert_exit 0
	assert_equal "$stderr" ""
}

@test "errors are also JSON on stdout with -j" {
	on basic -j pf show nosuch
	assert_json_error 4 "no PF 'nosuch'"
	assert_json '.error | .object == null and .attr == null and .kernel == null and
		(.hint | length > 0)'
	assert_equal "${#lines[@]}" 1
	on basic --pretty pf show nosuch
	assert_json_error 4 "no PF 'nosuch'"
	((${#lines[@]} > 5))
	sriovctl -j --snapshot /nonexistent pf list
	assert_json_error 4 "/nonexistent"
	assert_json '.error.kernel == "No such file or directory"'
}

@test "one JSON value, never two" {
	on truncated -j pf list
	assert_exit 2
	assert_equal "$(jq -s length <<<"$output")" 1
	on basic -j vf show ens2/0 nosuch
	assert_equal "$(jq -s length <<<"$output")" 1
	on inuse -j vf destroy addr4 --dry-run
	assert_equal "$(jq -s length <<<"$output")" 1
}

@test "half a list is never shown" {
	on basic pf show ens2 nosuch
	assert_exit 4
	assert_output ""
	on basic vf list ens2 nosuch
	assert_exit 4
	assert_output ""
}

@test "warnings are on stderr, and JSON stays JSON" {
	on missing -j pf list
	assert_exit 0
	assert_json 'length == 3'
	assert_err "sriovctl: warning: "
}

full() { # ARG...: stdout is a full disk
	status=0
	stderr=$("$SRIOVCTL" "$@" 2>&1 >/dev/full) || status=$?
	output=
	assert_exit 2
	assert_err "cannot write"
	refute_err "memory"
}

@test "stdout full: small output" {
	local dir
	dir=$(fixture basic)
	for words in "" "pf list" "vf list" "-j" "-j pf list" "-o pf list" "pf show ens2"; do
		# shellcheck disable=SC2086
		full --snapshot "$dir" $words
	done
	full --snapshot "$dir" vf destroy ens2 --dry-run
	full --snapshot "$dir" -j vf destroy ens2 --dry-run
	full help
	full --version
}

@test "stdout full: more than a buffer" {
	local dir
	dir=$(fixture big1024)
	for words in "" "vf list" "-j" "-jp vf list" "-o vf list" "vf show ens9/all"; do
		# shellcheck disable=SC2086
		full --snapshot "$dir" $words
	done
	full --snapshot "$dir" -j vf create ens9 1000 --dry-run
	full --snapshot "$dir" --diff vf create ens9 1000 --dry-run
}

@test "stdout full: the cause is named" {
	local dir
	dir=$(fixture basic)
	full --snapshot "$dir" pf list
	assert_err "No space left on device"
}

@test "stdout closed" {
	local dir
	dir=$(fixture basic)
	for words in "pf list" "-j pf list" "vf destroy ens2 --dry-run"; do
		status=0
		# shellcheck disable=SC2086
		stderr=$("$SRIOVCTL" --snapshot "$dir" $words 2>&1 >&-) || status=$?
		output=
		assert_exit 2
		assert_err "cannot write"
	done
}

@test "stderr closed: the exit code still tells" {
	status=0
	"$SRIOVCTL" --snapshot "$(fixture basic)" pf show nosuch 2>&- || status=$?
	assert_equal "$status" 4
	status=0
	output=$("$SRIOVCTL" --snapshot "$(fixture missing)" -j pf list 2>&-) || status=$?
	assert_equal "$status" 0
	assert_json 'length == 3'
}

@test "stdin closed does not matter" {
	run --separate-stderr "$SRIOVCTL" --snapshot "$(fixture basic)" -j pf list <&-
	assert_exit 0
	assert_json 'length == 3'
}

@test "a reader that goes away ends it quietly" {
	local dir
	dir=$(fixture big1024)
	# the reader must be gone before the end of the output
	run bash -c '"$1" --snapshot "$2" -j vf list 2>"$3" | head -c 10; exit "${PIPESTATUS[0]}"' \
		- "$SRIOVCTL" "$dir" "$BATS_TEST_TMPDIR/err"
	[[ $status -ne 0 ]]
	run cat "$BATS_TEST_TMPDIR/err"
	refute_output --partial "memory"
}
