#!/usr/bin/env bats
# monitor, where nothing happens: on the machine the tests run on, and on captured hosts.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load helper

setup() {
	WORK=$BATS_TEST_TMPDIR
	# its pid is that of the job: run by bash it would be a child of that
	export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}log_path=$WORK/sanitizer
}

teardown() {
	[[ -z ${pid-} ]] || kill -9 "$pid" 2>/dev/null || true
	if compgen -G "$WORK/sanitizer*" >/dev/null; then
		cat "$WORK"/sanitizer*
		return 1
	fi
}

# watch: in the background, until it is ready
watch() {
	"$SRIOVCTL" -j monitor >"$WORK/out" 2>"$WORK/err" 3>&- &
	pid=$!
	ready
}

ready() {
	local i
	for ((i = 0; i < 200; i++)); do
		grep -q '"event":"ready"' "$WORK/out" && return
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.05
	done
	echo "not ready: $(cat "$WORK/out" "$WORK/err")" >&2
	return 1
}

# ended: what it has exited with
ended() {
	status=0
	wait "$pid" || status=$?
	pid=
}

@test "ready comes first, with every key, and SIGTERM ends it well" {
	watch
	kill -TERM "$pid"
	ended
	assert_equal "$status" 0
	assert_equal "$(wc -l <"$WORK/out")" 1
	diff <("$SRIOVCTL" help --json | jq -c '[.records.event[].key]') <(jq -c 'keys_unsorted' "$WORK/out")
	jq -e '.event == "ready" and .object == null and .pf == null and .old == null and
		(.time | test("^20[0-9-]{8}T[0-9:]{8}\\.[0-9]{3}Z$"))' "$WORK/out"
}

@test "SIGINT ends it as well; one that is ignored does not" {
	# jobs of a script have it ignored
	"$SRIOVCTL" -j monitor >"$WORK/out" 2>"$WORK/err" 3>&- &
	pid=$!
	ready
	kill -INT "$pid"
	sleep 0.3
	kill -0 "$pid"
	kill -TERM "$pid"
	ended
	assert_equal "$status" 0
	# a job of its own has it not
	set -m
	"$SRIOVCTL" -j monitor >"$WORK/out" 2>"$WORK/err" 3>&- &
	pid=$!
	set +m
	ready
	kill -INT "$pid"
	ended
	assert_equal "$status" 0
}

@test "SIGHUP ends it as it ends others" {
	watch
	kill -HUP "$pid"
	ended
	assert_equal "$status" 129
}

@test "it ends when nobody reads, though nothing happens" {
	set +o pipefail
	local codes
	codes=$(timeout 20 "$SRIOVCTL" -j monitor 2>"$WORK/err" | head -1 >"$WORK/out"; echo "${PIPESTATUS[*]}")
	assert_equal "$codes" "141 0"
	assert_equal "$(cat "$WORK/err")" ""
	# where SIGPIPE is ignored it is an error
	codes=$(trap '' PIPE; timeout 20 "$SRIOVCTL" -j monitor 2>"$WORK/err" | head -1 >"$WORK/out"; echo "${PIPESTATUS[*]}")
	assert_equal "$codes" "2 0"
	grep -q 'cannot write the output' "$WORK/err"
}

@test "stdout full" {
	local status=0
	timeout 20 "$SRIOVCTL" -j monitor >/dev/full 2>"$WORK/err" || status=$?
	assert_equal "$status" 2
	grep -q 'No space left' "$WORK/err"
}

@test "while nothing happens it sleeps" {
	jq -e 'all(.bdf and .link != "down")' <("$SRIOVCTL" -j pf list) >/dev/null || skip 'this host has PFs that must be looked at'
	"$SRIOVCTL" monitor >"$WORK/out" 2>"$WORK/err" 3>&- &
	pid=$!
	local before='' now
	for _ in $(seq 50); do
		now=$(grep voluntary "/proc/$pid/status")
		[[ $now != "$before" ]] || break # nothing for a second
		before=$now
		sleep 1
	done
	assert_equal "$now" "$before"
	kill "$pid"
	ended
	assert_equal "$status" 0
	[[ ! -s $WORK/out && ! -s $WORK/err ]]
}

@test "an unprivileged user is told what is not watched" {
	local open
	open=$(mktemp -d)
	chmod 755 "$open"
	install -m 755 "$SRIOVCTL" "$open/sriovctl"
	status=0
	as_nobody timeout -s TERM 3 "$open/sriovctl" -j monitor >"$WORK/out" 2>"$WORK/err" || status=$?
	rm -rf "$open"
	assert_equal "$status" 124
	jq -e '.event == "ready"' "$WORK/out"
	assert_equal "$(grep -c 'VFs in other network namespaces are not watched' "$WORK/err")" 1
}

@test "what it does not do" {
	on basic monitor
	assert_exit 1
	assert_err "nothing happens in a snapshot"
	run --separate-stderr "$SRIOVCTL" --batch - <<<'monitor'
	assert_exit 1
	assert_err "a batch would not come to its next line"
	sriovctl monitor nosuch0
	assert_exit 4
	sriovctl monitor lo
	assert_exit 5
	sriovctl monitor --dry-run
	assert_exit 1
	sriovctl -j monitor nosuch0
	assert_exit 4
	assert_json '.error.code == 4'
}

@test "on a terminal it says what it watches, and Ctrl-C ends it" {
	command -v tmux >/dev/null || skip 'no tmux'
	tmux -S "$WORK/tmux" -f /dev/null new-session -d -x 80 -y 24 \
		"$SRIOVCTL monitor; echo ended \$?; sleep 20" 3>&- 4>&-
	local seen='' i
	for ((i = 0; i < 100; i++)); do
		seen=$(tmux -S "$WORK/tmux" capture-pane -p)
		[[ $seen != *'Ctrl-C ends'* ]] || break
		sleep 0.1
	done
	tmux -S "$WORK/tmux" send-keys C-c
	for ((i = 0; i < 100; i++)); do
		seen=$(tmux -S "$WORK/tmux" capture-pane -p)
		[[ $seen != *'ended'* ]] || break
		sleep 0.1
	done
	tmux -S "$WORK/tmux" kill-server
	[[ $seen == *'sriovctl: watching '*' PFs, '*' VFs; Ctrl-C ends'*'ended 0'* ]]
}

@test "in a shell Ctrl-C ends it, and the prompt comes back" {
	command -v tmux >/dev/null || skip 'no tmux'
	SRIOVCTL_HISTORY='' tmux -S "$WORK/tmux" -f /dev/null new-session -d -x 80 -y 24 \
		"$SRIOVCTL shell; echo ended \$?; sleep 20" 3>&- 4>&-
	local seen='' i
	expect() { # TEXT
		for ((i = 0; i < 100; i++)); do
			seen=$(tmux -S "$WORK/tmux" capture-pane -p)
			[[ $seen != *"$1"* ]] || return 0
			sleep 0.1
		done
		echo "$seen" >&2
		return 1
	}
	expect 'sriovctl>'
	tmux -S "$WORK/tmux" send-keys monitor Enter
	expect 'Ctrl-C ends'
	tmux -S "$WORK/tmux" send-keys C-c
	tmux -S "$WORK/tmux" send-keys status Enter
	expect '0: '
	tmux -S "$WORK/tmux" send-keys exit Enter
	expect 'ended 0'
	tmux -S "$WORK/tmux" kill-server
}
