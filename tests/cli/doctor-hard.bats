#!/usr/bin/env bats
# A captured host that was made to mislead the doctor, or to keep it waiting; a doctor who may not
# read everything; its report in a batch, a shell, on terminals, into a full file.

# shellcheck disable=SC2016,SC2154,SC2258

load helper

# in_place_of FUNCTION: called with each kind of file of a captured host in turn, which it may put
# something else in the place of; the doctor must answer, and soon
in_place_of() {
	local dir file seen=" " count=0
	dir=$(copy_fixture h-i40e-vms)
	while read -r file; do
		[[ $seen != *" ${file##*/} "* ]] || continue
		seen+="${file##*/} "
		count=$((count + 1))
		mv "$file" "$BATS_TEST_TMPDIR/kept"
		"$1" "$file"
		status=0
		timeout 20 "$SRIOVCTL" --snapshot "$dir" doctor >"$BATS_TEST_TMPDIR/out" 2>&1 || status=$?
		[[ $status -eq 0 || $status -eq 2 ]] || { echo "$file: $status" && cat "$BATS_TEST_TMPDIR/out"; } | fail
		if grep -a 'not of this host' "$BATS_TEST_TMPDIR/out"; then fail "$file: read"; fi
		rm -rf "$file"
		mv "$BATS_TEST_TMPDIR/kept" "$file"
	done < <(find "$dir" -type f)
	[[ $count -ge 30 ]]
}

@test "a FIFO in the place of each file" {
	in_place_of mkfifo
}

@test "a directory in the place of each file" {
	in_place_of mkdir
}

@test "a link to itself in the place of each file" {
	itself() { ln -s "${1##*/}" "$1"; }
	in_place_of itself
}

@test "a link out of the snapshot in the place of each file" {
	echo 'not of this host' >"$BATS_TEST_TMPDIR/other"
	out() { ln -s "$BATS_TEST_TMPDIR/other" "$1"; }
	in_place_of out
}

@test "NUL bytes only in each file" {
	# what it is laid out like it must say
	zeros() { if [[ $1 == */format ]]; then cp "$BATS_TEST_TMPDIR/kept" "$1"; else head -c 300 /dev/zero >"$1"; fi; }
	in_place_of zeros
}

@test "files without end" {
	endless() { truncate -s 1T "$1"; }
	local dir=$BATS_TEST_TMPDIR/h-i40e-vms file
	copy_fixture h-i40e-vms
	for file in proc/cmdline proc/sys/kernel/osrelease proc/interrupts netlink/link facts vfio-holders \
		etc/udev/rules.d/70-lan.rules; do
		mkdir -p "$(dirname "$dir/$file")"
		[[ ! -e $dir/$file ]] || mv "$dir/$file" "$BATS_TEST_TMPDIR/kept"
		endless "$dir/$file"
		status=0
		timeout 60 "$SRIOVCTL" --snapshot "$dir" doctor >"$BATS_TEST_TMPDIR/out" 2>&1 || status=$?
		[[ $status -eq 0 || $status -eq 2 ]] || { echo "$file: $status" && head -c 2000 "$BATS_TEST_TMPDIR/out"; } | fail
		rm "$dir/$file"
		[[ ! -e $BATS_TEST_TMPDIR/kept ]] || mv "$BATS_TEST_TMPDIR/kept" "$dir/$file"
	done
}

@test "links of a captured host begin at its root" {
	local dir
	dir=$(copy_fixture h-i40e-vms)
	rm "$dir/proc/sys/kernel/osrelease"
	mkdir -p "$dir/boot"
	echo 4.9.1 >"$dir/boot/release"
	ln -s /boot/release "$dir/proc/sys/kernel/osrelease"
	at "$dir" doctor --check kernel-old --details
	assert_line --partial '/proc/sys/kernel/osrelease: 4.9.1'
}

@test "what drives a terminal does not get through, wherever it stands" {
	local evil=$'x\033[2J\x9b31m\xff\r\x7f\xc2\x9bx' dir file words
	dir=$(copy_fixture h-i40e-vms)
	mkdir -p "$dir"/etc/udev/rules.d "$dir"/etc/systemd/network "$dir/sys/class/iommu/$evil" \
		"$dir"/sys/kernel/security "$dir"/run/udev/data "$dir"/lib/modules
	printf 'none [%s]\n' "$evil" >"$dir/sys/kernel/security/lockdown"
	for file in ens1 ens1v1 ens2; do
		printf 'SUBSYSTEM=="net", KERNELS=="0000:21:*", NAME="%s"\n' "$evil" >"$dir/etc/udev/rules.d/70-$evil$file.rules"
		printf '[Match]\nOriginalName=*\n[Link]\nName=%s\nMACAddressPolicy=random\n' "$evil" \
			>"$dir/etc/systemd/network/10-$evil$file.link"
	done
	printf 'intel_iommu=off %s\n' "$evil" >"$dir/proc/cmdline"
	printf '4.1%s\n' "$evil" >"$dir/proc/sys/kernel/osrelease"
	printf '31 5000 %s\n' "$evil" >"$dir/vfio-holders"
	for file in "$dir"/ethtool/*/driver; do printf 'firmware %s\n' "$evil" >"$file"; done
	for words in "" --details "--baseline $(fixture h-i40e-vms)" "--baseline $(fixture h-i40e-vms) -d"; do
		# shellcheck disable=SC2086
		clean --snapshot "$dir" doctor $words
		[[ $status -eq 0 || $status -eq 2 ]]
		# shellcheck disable=SC2086
		clean -j --snapshot "$dir" doctor $words
		assert_json '.checks > 40'
	done
	for file in evilalias evilname; do
		clean --snapshot "$(fixture "$file")" doctor --details
		clean -j --snapshot "$(fixture "$file")" doctor
		assert_json '.checks > 40'
		on_terminal 60 "$SRIOVCTL" --color=never --snapshot "$(fixture "$file")" doctor -d >"$BATS_TEST_TMPDIR/tty"
		assert_clean_file "$BATS_TEST_TMPDIR/tty"
	done
	clean --snapshot "$dir" doctor "$evil"
	assert_exit 4
	clean -j --snapshot "$dir" doctor --check "$evil"
	assert_exit 1
	clean --snapshot "$dir" doctor --baseline "$evil"
	assert_exit 4
}

@test "a list of what was read that is none" {
	local dir
	dir=$(copy_fixture h-i40e-vms)
	"$SRIOVCTL" --snapshot "$dir" doctor --details >"$BATS_TEST_TMPDIR/before"
	# what is there is there, whatever the list says
	{
		cat "$dir/facts"
		printf '2 /proc/cmdline\n2 /sys/class/iommu\n13 /proc/sys/kernel/osrelease\n'
	} >"$dir/facts.new"
	mv "$dir/facts.new" "$dir/facts"
	"$SRIOVCTL" --snapshot "$dir" doctor --details >"$BATS_TEST_TMPDIR/after"
	diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
	{
		printf 'nonsense\n\n 2\n2\n99999 /x\n-2 /y\n0 /proc/z\n2 \n2 /a\0b\n'
		head -c 100000 /dev/urandom
		printf '\n2 /%*s\n' 5000 x
	} >>"$dir/facts"
	clean --snapshot "$dir" doctor --details
	assert_exit 0
}

@test "a baseline of the same host, of another, of none" {
	on lab14 -j doctor --baseline "$(fixture lab14)"
	assert_exit 2
	assert_json '[.findings[] | select(.check | startswith("baseline")) | select(.severity | IN("info", "warning", "problem"))] == []'
	on lab14 doctor --baseline "$(fixture h-qede)"
	assert_exit 2
	assert_line --partial 'is another device [baseline-gone]'
	# which device it was may not be known
	local dir
	dir=$(copy_fixture h-qede)
	find "$dir" -name vendor -delete
	on h-qede doctor --baseline "$dir" --strict
	assert_exit 0
	mkdir "$BATS_TEST_TMPDIR/empty"
	: >"$BATS_TEST_TMPDIR/file"
	for dir in empty file nosuch; do
		on lab14 doctor --baseline "$BATS_TEST_TMPDIR/$dir"
		assert_exit 4
		assert_output ''
		on lab14 -j doctor --baseline "$BATS_TEST_TMPDIR/$dir"
		assert_json_error 4 "$BATS_TEST_TMPDIR/$dir"
	done
	dir=$(copy_fixture lab14)
	echo 'sriovctl snapshot 99' >"$dir/format"
	on lab14 doctor --baseline "$dir"
	assert_exit 1
	assert_err "has a format that this sriovctl does not know"
}

@test "who may not read everything finds nothing wrong with it" {
	local dir name
	for name in h-i40e-vms h-ice-containers h-mlx5-dpdk; do
		dir=$(copy_fixture "$name")
		find "$dir" -type f -path '*/proc/*' -exec chmod 0 {} +
		find "$dir" \( -name config -o -name resource -o -name driver_override -o -name facts \) -exec chmod 0 {} +
		find "$dir" \( -name vfio-holders -o -name interrupts -o -name iommu -o -name etc \) -exec chmod 0 {} +
		run --separate-stderr powerless "$SRIOVCTL" --snapshot "$dir" doctor --strict
		assert_exit 0
		assert_line --index 0 --partial 'Nothing wrong: '
		assert_line --partial 'Could not be looked at: '
		chmod -R u+rwX "$dir"
	done
}

@test "in a batch: one report for each line; one with a problem ends it" {
	printf '%s\n' 'doctor --check pf-no-driver' 'doctor --check vf-no-driver' 'pf list' >"$BATS_TEST_TMPDIR/lines"
	on lab14 -b "$BATS_TEST_TMPDIR/lines"
	assert_exit 2
	assert_line 'Nothing wrong: 1 check of this host, 3 PFs and 14 VFs.'
	assert_line '1 problem: 1 check of this host, 3 PFs and 14 VFs.'
	refute_line --partial 'TOTAL'
	on lab14 -j -b "$BATS_TEST_TMPDIR/lines"
	assert_exit 2
	run jq -rs '[.[].verdict] | join(" ")' <<<"$output"
	assert_output 'info problem'
}

@test "in a shell" {
	run --separate-stderr "$SRIOVCTL" --snapshot "$(fixture lab14)" shell \
		<<<$'doctor --check pf-no-driver\ndoctor --check vf-no-driver'
	assert_exit 2
	assert_line '1 problem: 1 check of this host, 3 PFs and 14 VFs.'
	assert_line --partial 'Nothing wrong: '
	[[ -z $stderr ]]
}

@test "as wide as the terminal; commands in one piece" {
	local width
	for width in 12 40 80 200; do
		on_terminal $width "$SRIOVCTL" --color=never --snapshot "$(fixture lab14)" doctor \
			--check vf-no-driver,vf-leftover,pf-down >"$BATS_TEST_TMPDIR/tty"
		grep -qx '    do      sriovctl vf bind eth0/4 default' "$BATS_TEST_TMPDIR/tty"
		assert_clean_file "$BATS_TEST_TMPDIR/tty"
	done
	on_terminal 40 "$SRIOVCTL" --color=never --snapshot "$(fixture lab14)" doctor --check pf-down >"$BATS_TEST_TMPDIR/tty"
	run ! grep -E '.{41}' <(grep -v '/\|sriovctl' "$BATS_TEST_TMPDIR/tty")
	# color where it is asked for, and in no JSON
	on lab14 --color=always doctor --check vf-no-driver
	[[ ${lines[0]} == $'\033[31m1 problem\033[0m: '* ]]
	on lab14 --color=always -j -p doctor --check vf-no-driver
	assert_exit 2
	assert_json '.counts.problem == 1'
	[[ $output == *$'\n'* ]]
}

@test "a report that cannot be written is an error, also one of problems" {
	local name
	for name in lab14 netns; do
		status=0
		stderr=$("$SRIOVCTL" --snapshot "$(fixture $name)" doctor 2>&1 >/dev/full) || status=$?
		assert_exit 2
		assert_err 'cannot write the output'
	done
}

@test "a host with 1024 VFs in a moment, in few words" {
	local dir
	dir=$(fixture big1024)
	run --separate-stderr timeout 20 "$SRIOVCTL" --snapshot "$dir" doctor
	assert_exit 0
	[[ ${#lines[@]} -lt 40 ]]
	run --separate-stderr timeout 20 "$SRIOVCTL" --snapshot "$dir" -j doctor
	assert_json '.vfs == 1024'
}
