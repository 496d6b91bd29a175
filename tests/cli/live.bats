#!/usr/bin/env bats
# On the machine the tests run on: nothing is changed, whatever it has.

# shellcheck disable=SC2016,SC2154

load helper

setup() {
	# where an unprivileged user may look, unlike in the test's own directory
	OPEN=$(mktemp -d)
	chmod 755 "$OPEN"
	install -m 755 "$SRIOVCTL" "$OPEN/sriovctl"
	WORK=$BATS_TEST_TMPDIR/work
	mkdir "$WORK"
}

teardown() {
	rm -rf "$OPEN"
}

@test "listing works without privilege" {
	for words in "" "pf list" "vf list" "-j" "-j pf list" "-j vf list" "-s vf list" \
		"pf list --columns all" "netns list" "-j netns list"; do
		# shellcheck disable=SC2086
		run --separate-stderr as_nobody "$OPEN/sriovctl" $words
		assert_exit 0
		if [[ $words == -j* ]]; then
			assert_json 'type == "array"'
		fi
	done
}

@test "an unprivileged user sees the PFs that root sees" {
	run --separate-stderr as_nobody "$OPEN/sriovctl" -j pf list --columns pf,bdf,num_vfs,driver
	assert_exit 0
	local theirs=$output
	sriovctl -j pf list --columns pf,bdf,num_vfs,driver
	assert_exit 0
	assert_equal "$output" "$theirs"
}

@test "every device with sriov_totalvfs is listed" {
	local want
	want=$(find /sys/bus/pci/devices/*/sriov_totalvfs 2>/dev/null | wc -l)
	sriovctl -j pf list
	assert_exit 0
	assert_json '[.[] | select(.bdf)] | length == $want' --argjson want "$want"
}

@test "an unprivileged user is told that a change needs root" {
	mkdir -m 755 "$OPEN/run"
	SRIOVCTL_RUNTIME_DIR=$OPEN/run run --separate-stderr as_nobody "$OPEN/sriovctl" \
		vf destroy nosuch
	assert_exit 4
}

@test "an interface without SR-IOV, here" {
	sriovctl pf show lo
	assert_exit 5
	sriovctl vf destroy lo
	assert_exit 5
	sriovctl pf show nosuch
	assert_exit 4
}

@test "a snapshot of this host reads back the same" {
	local dir=$WORK/snap
	sriovctl snapshot "$dir"
	assert_exit 0
	assert_equal "$stderr" ""
	assert_equal "$(<"$dir/format")" "sriovctl snapshot 1"
	for words in "" "pf list" "vf list" "-j" "-j pf list" "-j -s vf list" \
		"pf list --columns all"; do
		# shellcheck disable=SC2086
		sriovctl $words
		local live=$output
		# shellcheck disable=SC2086
		at "$dir" $words
		assert_exit 0
		assert_equal "$output" "$live"
	done
	for name in lo $(ls /sys/class/net); do
		sriovctl pf show "$name"
		local status_live=$status stderr_live=$stderr
		at "$dir" pf show "$name"
		assert_equal "$status" "$status_live"
		assert_equal "$stderr" "$stderr_live"
	done
}

@test "a snapshot has the kernel's answers, whole" {
	local dir=$WORK/snap name
	sriovctl snapshot "$dir"
	for name in link link-stats addr route4 route6; do
		# the last message is NLMSG_DONE (3)
		[[ -s $dir/netlink/$name ]]
		local type
		type=$(tail -c 20 "$dir/netlink/$name" | od -An -tu2 -j4 -N2 | tr -d ' ')
		assert_equal "$name $type" "$name 3"
	done
	for name in /sys/class/net/*; do
		[[ ! -e $name/ifindex || -L $dir/sys/class/net/${name##*/} ]] ||
			fail "${name##*/} is not in the snapshot"
	done
}

@test "a snapshot by an unprivileged user" {
	mkdir -m 777 "$OPEN/theirs"
	run --separate-stderr as_nobody "$OPEN/sriovctl" snapshot "$OPEN/theirs/snap"
	assert_exit 0
	run --separate-stderr as_nobody "$OPEN/sriovctl" --snapshot "$OPEN/theirs/snap" -j pf list
	assert_exit 0
}

@test "a snapshot into an empty directory, with or without a slash at its end" {
	mkdir "$WORK/empty" "$WORK/slash"
	sriovctl snapshot "$WORK/empty"
	assert_exit 0
	sriovctl snapshot "$WORK/slash/"
	assert_exit 0
	sriovctl snapshot "$WORK/new/"
	assert_exit 0
	assert_equal "$(ls "$WORK")" $'empty\nnew\nslash'
	[[ -e $WORK/slash/format && -e $WORK/new/format ]]
}

@test "a snapshot into a directory with files in it: refused, nothing left" {
	mkdir "$WORK/full"
	echo mine >"$WORK/full/file"
	sriovctl snapshot "$WORK/full"
	assert_exit 2
	assert_err "does not exist yet, or an empty one"
	assert_equal "$(ls -A "$WORK")" full
	assert_equal "$(ls -A "$WORK/full")" file
	assert_equal "$(<"$WORK/full/file")" mine
	sriovctl -j snapshot "$WORK/full"
	assert_json_error 2 "cannot put the snapshot at"
	assert_json '.error.kernel == "Directory not empty"'
	sriovctl snapshot "$WORK/full/"
	assert_exit 2
	assert_equal "$(ls -A "$WORK/full")" file
}

@test "a snapshot onto a file, or a second one: refused, nothing left" {
	echo mine >"$WORK/file"
	sriovctl snapshot "$WORK/file"
	assert_exit 2
	assert_equal "$(<"$WORK/file")" mine
	sriovctl snapshot "$WORK/once"
	assert_exit 0
	sriovctl snapshot "$WORK/once"
	assert_exit 2
	at "$WORK/once" -j pf list
	assert_exit 0
	assert_equal "$(ls -A "$WORK")" $'file\nonce'
}

@test "a snapshot where nothing may be written" {
	mkdir -m 555 "$WORK/locked"
	run --separate-stderr powerless "$SRIOVCTL" snapshot "$WORK/locked/snap"
	assert_exit 2
	assert_err "Permission denied"
	assert_equal "$(ls -A "$WORK/locked")" ""
	sriovctl snapshot /proc/snap
	assert_exit 2
	sriovctl snapshot "$WORK/no/such/parent"
	assert_exit 2
	assert_err "No such file or directory"
	[[ ! -e $WORK/no ]]
}

@test "a disk that fills up under a snapshot: an error, nothing left" {
	if [[ $EUID -ne 0 ]] || ! unshare -m true 2>/dev/null; then
		skip "needs root, to mount a small file system"
	fi
	mkdir "$WORK/small"
	# shellcheck disable=SC2016
	run --separate-stderr unshare -m bash -c '
		mount -t tmpfs -o size=4k,nr_inodes=40 none "$1" || exit 99
		"$2" snapshot "$1/snap"
		rc=$?
		ls -A "$1"
		exit $rc' - "$WORK/small" "$SRIOVCTL"
	[[ $status -ne 99 ]] || skip "cannot mount"
	assert_exit 2
	assert_output ""
	assert_err "cannot write"
}

@test "no snapshot of a snapshot" {
	on basic snapshot "$WORK/copy"
	assert_exit 1
	assert_err "snapshot of a snapshot"
	assert_equal "$(ls -A "$WORK")" ""
}
