#!/usr/bin/env bats
# Inside the VM: what VFs count, against frames that were counted before they were sent.
# shellcheck disable=SC2154 # stderr is what run leaves

bats_require_minimum_version 1.5.0
setup_file() { export BATS_TEST_TIMEOUT=180; }

setup() {
	load helper
	load_libraries
	lab="$(dirname "$(command -v sriovctl)")/lab"
	two_vfs
}

teardown() { pkill -KILL -x sriovctl || true; }

# A VF of each PF, in namespaces where nothing else talks: eth0/0 is "a" in blue, eth1/0 "b" in red.
# They stay from test to test.
two_vfs() {
	if [ "$(ip -n blue -o link show a up 2>/dev/null | wc -l)" = 1 ] && [ "$(ip -n red -o link show b up 2>/dev/null | wc -l)" = 1 ]; then return; fi
	clean_slate
	sysctl -qw net.ipv6.conf.default.disable_ipv6=1 net.ipv6.conf.all.disable_ipv6=1 # it speaks unasked
	vfs "$PF0" 2
	vfs "$PF1" 2
	ip netns add blue
	ip netns add red
	for ns in blue red; do ip netns exec $ns sysctl -qw net.ipv6.conf.default.disable_ipv6=1 net.ipv6.conf.all.disable_ipv6=1; done
	sriovctl -q netns attach eth0/0 blue name a up
	sriovctl -q netns attach eth1/0 red name b up
	local i
	for ((i = 0; i < 200; i++)); do
		[ "$(ip netns exec blue cat /sys/class/net/a/carrier)$(ip netns exec red cat /sys/class/net/b/carrier)" = 11 ] && break
		sleep 0.05
	done
	sleep 1 # what a link that comes up says is said by then
}

mac_of() { ip -n "$1" -j link show "$2" | jq -r '.[0].address'; }

# send COUNT SIZE: frames from a to b, and wait until the last has arrived
send() {
	local before want i
	before=$(ip netns exec red cat /sys/class/net/b/statistics/rx_packets)
	want=$((before + $1))
	ip netns exec blue "$lab/frames" a "$(mac_of red b)" "$1" "$2"
	for ((i = 0; i < 100; i++)); do
		[ "$(ip netns exec red cat /sys/class/net/b/statistics/rx_packets)" -ge $want ] && return
		sleep 0.05
	done
	echo "of $1 frames $(($(ip netns exec red cat /sys/class/net/b/statistics/rx_packets) - before)) arrived" >&2
	return 1
}

# counted VF KEY: as sriovctl says
counted() { sriovctl -j stats "$1" | jq ".[0].$2"; }

@test "counted frames of known size are in the right VF's counters, exactly" {
	before=$(sriovctl -j stats)
	send 1000 200
	after=$(sriovctl -j stats)
	# shellcheck disable=SC2016
	run jq -n --argjson a "$before" --argjson b "$after" -c '
		def of($l; $vf): $l[] | select(.vf == $vf);
		def gone($vf; $k): of($b; $vf)[$k] - of($a; $vf)[$k];
		[gone("eth0/0"; "if_tx_packets"), gone("eth0/0"; "if_tx_bytes"), gone("eth0/0"; "if_rx_packets"),
		 gone("eth1/0"; "if_rx_packets"), gone("eth1/0"; "if_rx_bytes"), gone("eth1/0"; "if_tx_packets"),
		 gone("eth0/1"; "if_rx_packets"), gone("eth1/1"; "if_rx_packets")]'
	assert_output '[1000,200000,0,1000,200000,0,0,0]'
	assert_equal "$(jq -c '[.[] | [.vf, .netns]] | sort' <<<"$after")" '[["eth0/0","blue"],["eth0/1",null],["eth1/0","red"],["eth1/1",null]]'
}

@test "from inside the namespace the interface itself says the same" {
	send 10 100
	for key in rx_packets tx_packets rx_bytes tx_bytes rx_dropped tx_dropped multicast rx_errors tx_errors; do
		assert_equal "$(counted eth1/0 if_$key)" "$(ip netns exec red cat /sys/class/net/b/statistics/$key)"
	done
	assert_equal "$(counted eth1/0 if_rx_missed)" "$(ip netns exec red cat /sys/class/net/b/statistics/rx_missed_errors)"
}

@test "what igb does not count is null, though the kernel says 0" {
	assert_equal "$(ip -s -s -j link show eth0 | jq -c '.[0].vfinfo_list[0].stats.rx.packets')" 0
	run sriovctl -j stats eth0/0
	assert_success
	assert_equal "$(jq -c '.[0] | [.rx_packets, .tx_packets, .rx_bytes, .tx_bytes, .broadcast, .multicast, .rx_dropped, .tx_dropped]' <<<"$output")" \
		'[null,null,null,null,null,null,null,null]'
	run sriovctl stats eth0/0
	refute_output --partial ' RX-PKTS'
	assert_output --partial ' IF-RX-PKTS'
}

@test "rates are those of the frames sent meanwhile" {
	(
		sleep 0.7
		send 500 1000
	) 3>&- &
	run sriovctl -j stats eth1/0 eth0 interval 5 count 1
	wait $!
	assert_success
	assert_equal "${#lines[@]}" 1
	echo "$output"
	# shellcheck disable=SC2016
	jq -e '.seconds as $s | (.vfs[] | select(.vf == "eth1/0")) |
		.counted_by == "interface" and ((.rx_pps * $s) | round) == 500 and ((.rx_bps * $s / 4000) | round) == 1000 and .drop_share == 0' <<<"$output"
	# shellcheck disable=SC2016
	jq -e '.seconds as $s | (.vfs[] | select(.vf == "eth0/0")) | ((.tx_bps * $s / 4000) | round) == 1000 and .rx_pps == 0' <<<"$output"
	jq -e '[.vfs[].vf] == ["eth0/0", "eth0/1", "eth1/0"]' <<<"$output"
	# also called as it is where it is, whatever is shown of it
	assert_equal "$(sriovctl -j stats red/b interval 0.1 count 1 --columns vf | jq -c .vfs)" '[{"vf":"eth1/0"}]'
	# every key that help tells of, and no other
	assert_equal "$(jq -c '.vfs[0] | keys' <<<"$output")" "$(sriovctl help --json stats | jq -c '[.records.rates[].key] | sort')"
}

@test "a VF that goes, and one that is made anew in its place" {
	sriovctl -j stats eth1 interval 0.5 >/run/out 2>/run/err 3>&- &
	pid=$!
	sleep 1.2
	sriovctl -q vf destroy eth1 --force=in-use
	sleep 1
	sriovctl -q vf create eth1 2
	sleep 1.5
	kill $pid
	run cat /run/err
	assert_line 'sriovctl: eth1/0 is gone'
	assert_line 'sriovctl: eth1/1 is gone'
	run jq -cs 'map(.vfs | length) | [min, .[-1]]' /run/out
	assert_output '[0,2]'
	# where it is new there is no rate, and none is ever below 0 or absurd
	jq -es '[.[].vfs[] | .rx_pps, .rx_bps, .tx_bps | numbers] | all(. >= 0 and . < 1e9)' /run/out
	jq -es '[.[].vfs[] | select(.rx_pps == null)] | length >= 2' /run/out
}

@test "what is amiss is said once, however many intervals, and is in the exit status" {
	LD_PRELOAD="$lab/failwrite.so" MORE_VFS=1 run --separate-stderr sriovctl -j stats eth1 interval 0.1 count 3
	assert_equal "$status" 2
	assert_equal "$(jq -cs 'map(.vfs | length)' <<<"$output")" '[2,2,2]'
	assert_equal "$stderr" "sriovctl: warning: the kernel's list of VFs or interfaces is incomplete"
	LD_PRELOAD="$lab/failwrite.so" MORE_VFS=1 run --separate-stderr sriovctl -q stats eth1 interval 0.1 count 2
	assert_equal "$status" 2
	assert_equal "$stderr" "sriovctl: the kernel's list of VFs or interfaces is incomplete"
	run --separate-stderr setpriv --reuid 65534 --clear-groups sriovctl stats eth1 interval 0.1 count 3
	assert_success
	assert_equal "$stderr" 'sriovctl: warning: cannot look into other network namespaces (needs root): Operation not permitted'
}

tm() { tmux -S /run/tmux -f /dev/null "$@" 3>&- 4>&-; }

wait_screen() {
	local i
	for ((i = 0; i < 100; i++)); do
		tm capture-pane -p | grep -q -e "$1" && return
		sleep 0.1
	done
	tm capture-pane -p
	return 1
}

@test "a live table, its keys, its end" {
	stty_of() { tm display -p '#{pane_tty}' | xargs stty -a -F; }
	export LC_ALL=C.UTF-8
	tm new-session -d -x 100 -y 20 bash --norc
	sleep 0.5
	stty_of >/run/before
	tm send-keys 'sriovctl stats interval 0.5; echo code $?' Enter
	wait_screen 'every 0.5 s  4 VFs.*by RX-BIT/S.*space: hold$'
	wait_screen '^eth1/0 *red .*▁▁'
	send 200 1000
	tm send-keys Right
	wait_screen 'by TX-BIT/S'
	tm send-keys r
	wait_screen 'turned round'
	tm send-keys Space # what is held stays, whatever is counted meanwhile
	wait_screen 'PAUSED'
	held=$(tm capture-pane -p | head -1)
	sleep 3
	tm send-keys r
	wait_screen 'by TX-BIT/S  PAUSED'
	assert_equal "$(tm capture-pane -p | head -1 | cut -c1-30)" "$(cut -c1-30 <<<"$held")"
	tm send-keys r
	wait_screen 'turned round'
	run tm capture-pane -p
	assert_output --partial 'eth1/0 red'
	tm send-keys Space
	tm resize-window -x 40 -y 5
	wait_screen '^eth.* '
	run tm capture-pane -p
	assert_equal "$(awk 'length > 40' <<<"$output")" ''
	tm resize-window -x 100 -y 20
	wait_screen 'TREND'
	tm send-keys q
	wait_screen 'code 0'
	run tm capture-pane -p # the last table stays
	assert_output --partial 'eth1/0 red'
	stty_of >/run/after
	diff /run/before /run/after
	tm send-keys 'clear; sriovctl stats interval 60; echo code $?' Enter
	wait_screen 'every 60 s'
	tm send-keys C-c
	wait_screen 'code 0'
	run tm capture-pane -p # there was no interval yet, so there are no rates
	refute_output --partial 'eth1/0'
	tm kill-server
}

@test "a terminal that goes away ends it, also without a signal" {
	tm new-session -d -x 100 -y 20 'sleep 100'
	TERM=xterm setsid sriovctl stats interval 0.3 </dev/null >"$(tm display -p '#{pane_tty}')" 2>/dev/null 3>&- &
	wait_screen 'every 0.3 s'
	tm kill-server
	for ((i = 0; i < 50; i++)); do pgrep -x sriovctl >/dev/null || break; sleep 0.1; done
	run ! pgrep -x sriovctl
}

@test "in a shell what was shown is not kept" {
	resident() { awk '/^RssAnon/ {print $2}' "/proc/$(pgrep -x sriovctl)/status"; }
	tm new-session -d -x 100 -y 20 sriovctl shell
	sleep 1
	tm send-keys 'stats --json --columns all interval 0.1' Enter
	sleep 4
	before=$(resident)
	sleep 15
	after=$(resident)
	tm kill-server
	echo "from $before to $after kB"
	[ $((after - before)) -lt 100 ]
}

@test "a reader that goes away ends it" {
	run timeout 20 bash -c 'set -o pipefail; sriovctl stats interval 0.1 | head -1 >/dev/null'
	assert_equal "$status" 141
}

@test "in a shell Ctrl-C comes back to the prompt; a batch must end" {
	tm new-session -d -x 100 -y 20 sriovctl shell
	sleep 1
	tm send-keys 'stats interval 0.5' Enter
	sleep 2
	run tm capture-pane -p
	assert_output --partial 'every 0.5 s'
	tm send-keys C-c
	sleep 1
	tm send-keys 'status' Enter
	sleep 1
	run tm capture-pane -p
	assert_output --partial '0: done'
	tm kill-server
	tm new-session -d -x 100 -y 20 sriovctl shell
	sleep 1
	tm set-buffer $'stats -o interval 0.3\nstatus\n' # what was pasted behind it was not meant, either
	tm paste-buffer -p
	tm send-keys Enter
	wait_screen 'vf eth1/1'
	tm send-keys C-c
	wait_screen 'the lines pasted behind it were not run'
	tm kill-server
	tm new-session -d -x 100 -y 20 'sriovctl shell | { read -r; read -r; }; sleep 60'
	sleep 1
	tm send-keys 'stats -o interval 0.1' Enter # nobody reads on: that ends it, and the shell
	for ((i = 0; i < 100; i++)); do pgrep -x sriovctl >/dev/null || break; sleep 0.1; done
	run ! pgrep -x sriovctl
	tm kill-server
	run sriovctl -b - <<<'stats interval 1'
	assert_equal "$status" 1
	assert_output --partial 'the batch would never go on'
	run sriovctl -b - <<<'stats eth0/1 interval 0.1 count 2 --json'
	assert_success
	assert_equal "${#lines[@]}" 2
}
