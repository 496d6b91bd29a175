#!/usr/bin/env bats
# Nothing that drives a terminal gets through, from the host or from the command line.

# shellcheck disable=SC2016,SC2154,SC2258

load helper

@test "the fixtures are as bad as they should be" {
	local dir
	dir=$(fixture evilalias)
	LC_ALL=C grep -qaP '\x1b\[2J\x9b31m\xff\xfe\r\x7f\xc2\x9b5m' "$dir/netlink/link"
	LC_ALL=C grep -qaP 'space\x1b\[2J' "$dir/netns/0/name"
	dir=$(fixture evilname)
	LC_ALL=C grep -qaP 'e\x1b\[2J\x9bf' "$dir/netlink/link"
}

@test "tables, details, one line" {
	local dir
	for name in evilalias evilname; do
		dir=$(fixture "$name")
		for words in "" "pf list" "vf list" "pf list --columns all" "vf list --columns all" \
			"pf list --brief" "vf list --brief" "netns list --columns all" "-o pf list --columns all" \
			"-o vf list --columns all" "pf show 0000:21:00.0" "pf show -d 0000:21:00.0" \
			"vf show 0000:21:00.0/all" "vf show -d 0000:21:00.0/all"; do
			# shellcheck disable=SC2086
			clean --snapshot "$dir" $words
			assert_exit 0
			# shellcheck disable=SC2086
			LC_ALL=C clean --snapshot "$dir" $words
			assert_exit 0
		done
	done
}

@test "an alias keeps to its line" {
	on evilalias pf show ens1f0
	assert_line --regexp '^alias +line one\\x0aline two\\x1b\[2J\\x9b31m\\xff\\xfe\\x0d\\x7f\\xc2\\x9b5m café$'
	on evilalias -o pf list --columns pf,alias
	assert_equal "${#lines[@]}" 1
	on evilalias pf list --columns pf,alias,altnames
	assert_equal "${#lines[@]}" 2
}

@test "JSON is valid, whatever bytes the host has" {
	local dir
	for name in evilalias evilname; do
		dir=$(fixture "$name")
		for words in "" "pf list" "vf list"; do
			# shellcheck disable=SC2086
			clean -j --snapshot "$dir" $words
			assert_exit 0
			assert_json 'length >= 1'
		done
	done
	on evilalias -j pf list
	assert_json '.[0].alias | startswith("line one\nline two\u001b[2J\ufffd31m\ufffd\ufffd\r\u007f")'
	assert_json '.[0].alias | endswith("café")'
	assert_json '.[0].altnames == ["alt\u001b[2J", "alt\ufffd\ufffd"]'
	on evilalias -j vf list
	assert_json '.[0].netns == "space\u001b[2J"'
}

@test "on a terminal too" {
	local dir
	for name in evilalias evilname; do
		dir=$(fixture "$name")
		for words in "" "pf list --columns all" "vf list" "pf show 0000:21:00.0"; do
			# shellcheck disable=SC2086
			on_terminal 80 "$SRIOVCTL" --color=never --snapshot "$dir" $words \
				>"$BATS_TEST_TMPDIR/tty"
			assert_clean_file "$BATS_TEST_TMPDIR/tty"
		done
	done
}

@test "planned changes" {
	local dir
	dir=$(fixture evilname)
	for words in "" -v --diff "-v --diff" -j; do
		for command in "vf create 0000:21:00.0 1" "vf create 0000:21:00.0 2" \
			"vf destroy 0000:21:00.0"; do
			# shellcheck disable=SC2086
			clean --snapshot "$dir" $command --dry-run $words
			assert_exit 0
		done
	done
}

@test "refusals: names of processes and namespaces" {
	local dir
	dir=$(fixture evilalias)
	clean --snapshot "$dir" vf destroy ens1f0 --dry-run
	assert_exit 3
	assert_err 'evil\x1b'
	clean --snapshot "$dir" -j vf destroy ens1f0 --dry-run
	assert_exit 3
	assert_json '.error.message | contains("evil\u001b[2J")'
	: >"$BATS_TEST_TMPDIR/none"
	dir=$(copy_fixture evilalias)
	rm "$dir/vfio-holders"
	clean --snapshot "$dir" vf destroy ens1f0 --dry-run
	assert_exit 3
	assert_err 'space\x1b'
}

@test "warnings" {
	local dir
	dir=$(copy_fixture evilname)
	ln -s ../../nonsense "$dir/sys/bus/pci/devices/0000:21:00.0/virtfn7"
	clean --snapshot "$dir" vf list
	assert_exit 0
	assert_err 'leads nowhere'
}

@test "words of the command line, wherever they come back" {
	local evil=$'e\033[2J\x9b\xff\r\n\x7f\xc2\x9bx' dir
	dir=$(fixture basic)
	for option in -q -j; do
		clean $option "$evil"
		assert_exit 1
		clean $option pf "$evil"
		assert_exit 1
		clean $option "--$evil"
		assert_exit 1
		clean $option "-$evil"
		assert_exit 1
		clean $option "--color=$evil"
		assert_exit 1
		clean $option vf destroy x "--force=$evil"
		assert_exit 1
		clean $option vf destroy x --timeout "$evil"
		assert_exit 1
		clean $option vf create ens1f0 "$evil"
		assert_exit 1
		clean $option vf create ens1f0 1 "$evil"
		assert_exit 1
		clean $option --snapshot "$evil" pf list
		assert_exit 4
		clean $option --snapshot "$dir" pf list --columns "$evil"
		assert_exit 1
		clean $option --snapshot "$dir" pf show "$evil"
		assert_exit 4
		clean $option --snapshot "$dir" vf show "$evil"
		assert_exit 4
		clean $option --snapshot "$dir" vf show "$evil/1"
		assert_exit 4
		clean $option --snapshot "$dir" vf show "ens1f0/$evil"
		assert_exit 1
		clean $option snapshot "$BATS_TEST_TMPDIR/none/$evil"
		assert_exit 2
		if [[ $option == -j ]]; then
			assert_json '.error.message | length > 0'
		fi
	done
}

@test "a long word cut in the middle of a letter is still valid UTF-8" {
	local long
	for prefix in "" a aa aaa; do
		long=$prefix$(printf '€%.0s' {1..600})
		clean "$long"
		assert_exit 1
		clean -j "$long"
		assert_exit 1
		assert_json '.error.code == 1'
		clean -j --snapshot "$(fixture basic)" vf show "ens2/$long"
		assert_json '.error.code == 1'
	done
}

@test "an interface name full of tricks still selects its PF" {
	on evilname -j pf show $'e\033[2J\x9bf'
	assert_exit 0
	assert_json '.[0].bdf == "0000:21:00.0"'
}
