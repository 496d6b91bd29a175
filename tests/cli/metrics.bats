#!/usr/bin/env bats
# stats --prometheus: the text, the file, and what goes wrong with it.

# shellcheck disable=SC2016,SC2154

load helper

setup() {
	DIR=$BATS_TEST_TMPDIR/textfile
	FILE=$DIR/sriovctl.prom
	mkdir "$DIR"
}

metrics() { # FIXTURE ARG...
	local name=$1
	shift
	on "$name" stats --prometheus "$@"
}

# The only thing in the directory is the file, as it was.
assert_kept() {
	assert_equal "$(ls -A "$DIR")" sriovctl.prom
	assert_equal "$(<"$FILE")" old
}

@test "the counters of the exporter, under its names" {
	metrics basic
	assert_exit 0
	assert_equal "$stderr" ""
	assert_line 'sriov_vf_rx_packets{pf="ens2",vf="1",bdf="0000:41:02.1",numa_node="1",driver="iavf",owner="",netns=""} 2000'
	assert_line '# TYPE sriov_vf_rx_packets untyped'
	for what in {rx,tx}_{packets,bytes,dropped} rx_broadcast rx_multicast; do
		assert_line --partial "sriov_vf_$what{pf=\"ens2\",vf=\"0\","
	done
	assert_line --regexp '^sriovctl_build_info\{version="[0-9.]+"\} 1$'
	assert_line 'sriovctl_pf_vfs{pf="ens2"} 2'
}

@test "promtool takes it, of whatever host; no series twice; clean" {
	local promtool name
	promtool=$("$ROOT/tests/tools/promtool" --cached 2>/dev/null) || promtool=
	for name in $(mkfixture --list) lab14; do
		clean --snapshot "$(fixture "$name")" stats --prometheus
		((status == 0 || status == 2)) || { echo "$name"; show_run; } | fail
		run --separate-stderr sort <(grep -v '^#' <<<"$output" | sed 's/ [^ ]*$//')
		assert_equal "$(uniq -d <<<"$output")" ""
		[[ -z $promtool ]] && continue
		run "$promtool" check metrics <"$BATS_TEST_TMPDIR/out"
		[[ $status -eq 0 && -z $output ]] || { echo "$name"; show_run; } | fail
	done
	[[ -n $promtool ]] || skip 'promtool is not here: tests/tools/promtool fetches it'
}

@test "states, owners and namespaces of what was handed out" {
	metrics lent
	assert_exit 0
	assert_line --regexp '^sriovctl_vfs\{pf="[^"]*",state="attached"\} [1-9]'
	assert_line --regexp '^sriovctl_vfs\{pf="[^"]*",state="stray"\} [1-9]'
	assert_line --partial 'owner="web-7"'
	local sum pf
	while read -r pf; do
		sum=$(awk -v pf="pf=\"$pf\"," '/^sriovctl_vfs/ && index($1, pf) { n += $2 } END { print n }' <<<"$output")
		assert_line "sriovctl_pf_vfs{pf=\"$pf\"} $sum"
	done < <(sed -n 's/^sriovctl_pf_vfs{pf="\(.*\)"} .*/\1/p' <<<"$output")
}

@test "selected ones, and their PFs" {
	metrics basic ens2/1
	assert_exit 0
	assert_line --partial '{pf="ens2",vf="1"'
	refute_line --partial 'vf="0"'
	refute_line --partial 'pf="ens1f0"'
	assert_line 'sriovctl_vfs{pf="ens2",state="free"} 2'
	metrics basic nosuch
	assert_exit 4
	assert_output ""
}

@test "a file, whole, for all to read; the next replaces it; again nothing is left over" {
	(umask 077 && "$SRIOVCTL" --snapshot "$(fixture basic)" stats --prometheus --output "$FILE")
	assert_equal "$(stat -c %a "$FILE")" 644
	metrics basic
	diff "$FILE" <(echo "$output")
	metrics nvme --output "$FILE"
	assert_exit 0
	assert_output ""
	metrics nvme
	diff "$FILE" <(echo "$output")
	assert_equal "$(ls -A "$DIR")" sriovctl.prom
	(cd "$DIR" && "$SRIOVCTL" --snapshot "$(fixture basic)" stats --prometheus --output here.prom)
	[[ -s $DIR/here.prom ]]
}

@test "a file that cannot be written: the old one stays" {
	echo old >"$FILE"
	metrics basic --output "$DIR/nosuch/x.prom"
	assert_exit 4
	assert_err "cannot write $DIR/nosuch/x.prom: No such file or directory"
	assert_err "its directory must exist"
	metrics basic --output "$FILE/x.prom"
	assert_exit 4
	metrics basic --output "$DIR"
	assert_exit 1
	assert_err "$DIR is a directory"
	metrics basic --output "$DIR/"
	assert_exit 1
	metrics basic --output /dev/null
	assert_exit 1
	[[ -c /dev/null ]]
	metrics basic --output ""
	assert_exit 1
	assert_kept
	# no room: as a limit does it that does not kill
	run --separate-stderr bash -c 'trap "" XFSZ; ulimit -f 1; exec "$@"' - \
		"$SRIOVCTL" --snapshot "$(fixture basic)" stats --prometheus --output "$FILE"
	assert_exit 2
	assert_err "cannot write $FILE: File too large"
	assert_kept
	metrics nosuch --output "$FILE" || true
	assert_kept
	metrics basic nosuch --output "$FILE"
	assert_exit 4
	assert_kept
	metrics basic -j --output "$DIR/nosuch/x.prom"
	assert_exit 1
}

@test "a directory that others may not write to" {
	[[ $EUID -ne 0 ]] || command -v setpriv >/dev/null || skip 'root may write anywhere'
	echo old >"$FILE"
	chmod 555 "$DIR"
	run --separate-stderr powerless "$SRIOVCTL" --snapshot "$(fixture basic)" stats --prometheus --output "$FILE"
	chmod 755 "$DIR"
	assert_exit 2
	assert_err "cannot write $FILE: Permission denied"
	assert_kept
}

@test "killed while it writes: what is left is no *.prom, and the next run takes it" {
	echo old >"$FILE"
	# waits for its file, which another has locked, and is killed there
	: >"$DIR/.sriovctl.prom.tmp"
	exec 4>"$DIR/.sriovctl.prom.tmp"
	flock 4
	"$SRIOVCTL" --snapshot "$(fixture basic)" stats --prometheus --output "$FILE" 3>&- 4>&- &
	sleep 0.3
	kill $!
	run wait $!
	exec 4>&-
	assert_equal "$(<"$FILE")" old
	assert_equal "$(find "$DIR" -name '*.prom')" "$FILE"
	metrics basic --output "$FILE"
	assert_exit 0
	assert_equal "$(ls -A "$DIR")" sriovctl.prom
}

@test "stdout that is full, or closed by its reader" {
	status=0
	stderr=$("$SRIOVCTL" --snapshot "$(fixture basic)" stats --prometheus 2>&1 >/dev/full) || status=$?
	assert_exit 2
	assert_err 'cannot write the output: No space left on device'
	run bash -c '"$@" | head -n 1; exit "${PIPESTATUS[0]}"' - "$SRIOVCTL" --snapshot "$(fixture big1024)" stats --prometheus
	assert_equal "$status" 141 # SIGPIPE, as everyone
	assert_equal "${#lines[@]}" 1
	run --separate-stderr "$SRIOVCTL" --snapshot "$(fixture basic)" stats --prometheus --output "$FILE" >&-
	assert_exit 0
}

@test "what it does not go with" {
	local with
	for with in -j -p '--columns vf' '--sort vf' '--filter vf=x' -o -br -d --no-header; do
		# shellcheck disable=SC2086
		metrics basic $with
		assert_exit 1
		assert_err '--prometheus does not go with'
	done
	metrics basic interval 1
	assert_exit 1
	assert_err '--prometheus does not go with an interval'
	on basic stats --output "$FILE"
	assert_exit 1
	assert_err '--output goes with --prometheus alone'
	for with in 'vf list' 'pf list' 'vf create ens2 2 --dry-run' repair; do
		# shellcheck disable=SC2086
		on basic $with --prometheus
		assert_exit 1
		assert_err "--prometheus does not go with"
		# shellcheck disable=SC2086
		on basic $with --output "$FILE"
		assert_exit 1
	done
	[[ ! -e $FILE ]]
}

@test "a list that is cut short: the rest is told, the metric and the exit code say so" {
	metrics truncated
	assert_exit 2
	assert_err 'incomplete'
	assert_line 'sriovctl_scrape_incomplete{reason="vfs"} 1'
	assert_line --partial sriovctl_pf_info
}

@test "what sriovctl did on this host: none yet is 0; without root it is left out" {
	local dir
	dir=$(mktemp -d)
	chmod 755 "$dir"
	install -m 755 "$SRIOVCTL" "$dir/sriovctl"
	SRIOVCTL_RUNTIME_DIR=$dir/none run --separate-stderr "$SRIOVCTL" stats --prometheus
	assert_exit 0
	assert_line 'sriovctl_scrape_incomplete{reason="changes"} 0'
	mkdir -m 700 "$dir/run" "$dir/run/tally"
	[[ $EUID -ne 0 ]] || chown -R 65533 "$dir/run"
	SRIOVCTL_RUNTIME_DIR=$dir/run run --separate-stderr as_nobody "$dir/sriovctl" stats --prometheus
	rm -rf "$dir"
	[[ $EUID -eq 0 ]] || skip 'root alone can make what others cannot read'
	assert_exit 0
	assert_line 'sriovctl_scrape_incomplete{reason="changes"} 1'
	refute_line --partial sriovctl_changes_total
}

@test "in a batch, with other commands" {
	run --separate-stderr "$SRIOVCTL" --snapshot "$(fixture basic)" -b - <<-END
		stats --prometheus --output $FILE
		stats ens2/0 --prometheus
	END
	assert_exit 0
	assert_line --partial '{pf="ens2",vf="0"'
	[[ -s $FILE ]]
}

@test "the timer and its service are what systemd understands" {
	command -v systemd-analyze >/dev/null || skip 'no systemd-analyze'
	local units=$BATS_TEST_TMPDIR/units unit
	mkdir "$units"
	for unit in "$ROOT"/contrib/systemd/*.{service,timer}; do
		sed "s,@SBINDIR@/sriovctl,$SRIOVCTL,; s,@SBINDIR@,${SRIOVCTL%/*}," "$unit" >"$units/${unit##*/}"
	done
	run systemd-analyze verify --man=no "$units"/*
	assert_exit 0
	assert_output ""
}
