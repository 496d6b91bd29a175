#!/usr/bin/env bats
# The committed fixtures are what tools/mkfixture.c makes, so that each can be made anew.

# shellcheck disable=SC2016,SC2154,SC2258

load helper

@test "the committed fixtures are what the generator makes" {
	local dir name
	for dir in "$ROOT"/tests/fixtures/*/; do
		name=$(basename "$dir")
		# lab14 was recorded in the lab (tests/lab/inventory.bats); policy/ is no host
		[[ $name != lab14 && $name != policy ]] || continue
		mkfixture "$name" "$BATS_TEST_TMPDIR/$name"
		diff -r --no-dereference "$dir" "$BATS_TEST_TMPDIR/$name"
	done
}

@test "the generator knows all scenarios, and no others" {
	for name in $(mkfixture --list); do
		[[ -d $(fixture "$name") ]]
	done
	run mkfixture nosuch "$BATS_TEST_TMPDIR/x"
	assert_failure
	[[ ! -e $BATS_TEST_TMPDIR/x ]]
}

@test "the list of 1024 VFs really wraps" {
	local dir
	dir=$(fixture big1024)
	# 1024 VFs of 196 bytes and the header, modulo 65536; IFLA_NUM_VF is just before
	local want=$(((1024 * 196 + 4) % 65536)) hex
	hex=$(printf '%02x%02x' $((want & 255)) $((want >> 8)))
	od -An -v -tx1 "$dir/netlink/link" | tr -d ' \n' |
		grep -q "08001500""00040000""${hex}16"
}

@test "git keeps the fixtures whole: no empty directories, no odd names" {
	run find "$ROOT/tests/fixtures" -type d -empty
	assert_output ""
	run find "$ROOT/tests/fixtures" -name '*[^-A-Za-z0-9:._]*'
	assert_output ""
}
