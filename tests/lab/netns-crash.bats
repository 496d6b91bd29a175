#!/usr/bin/env bats
# Inside the VM: SIGKILL at each point of `netns attach` and `netns detach` where something is about
# to be changed. Afterwards either `repair` is run, and all must be as before or as after it; or the
# same command again, which must reach what it says. And many of them at once.
# shellcheck disable=SC2086,SC2154 # as in the other tests: PF0 and PF1 are words, helper's

bats_require_minimum_version 1.5.0
setup_file() { export BATS_TEST_TIMEOUT=300; }

setup() {
	load helper
	load netns
	load_libraries
	shim="$(dirname "$(command -v sriovctl)")/lab/failwrite.so"
	bring_home
	clean_slate
	rm -rf /run/crash
	mkdir /run/crash
}

teardown() { pkill -KILL -x sriovctl || true; }

# cut_off N COMMAND...: kill it at the Nth point; false when it came to its end before
cut_off() {
	head -c 8 /dev/zero >/run/count
	# setsid: the shim kills the process group
	{ KILL_AT=$1 KILL_COUNT=/run/count LD_PRELOAD=$shim setsid -w "${@:2}" >/run/crash/out 2>&1 3>&- || true; } 2>/dev/null
	[ "$(od -An -td4 -N4 /run/count)" -ge "$1" ] && return
	# what it did there: the loop must not end because it failed
	[ -z "$(journals)" ] || { echo "point $1: it has not come to its end"; cat /run/crash/out; exit 1; }
	return 1
}

# like: all that is compared; when it was attached is not
like() { whole | sed -E 's/("since": *)[^,}]*/\1T/'; }

# is FILE N WHAT: all is as the file says, and nothing is left of the change
is() {
	like >/run/crash/now
	if diff "$1" /run/crash/now && [ -z "$(journals)" ]; then return; fi
	echo "point $2: $3; journal: $(journals)"
	cat /run/crash/out
	return 1
}

run_on() { "$@" >/run/crash/out 2>&1 || { echo "status $?: $*"; cat /run/crash/out; return 1; }; }

# repaired N: after `repair` all is as before or as after the command, in $now; or half, if there is such
repaired() {
	local state
	run_on sriovctl repair || return
	like >/run/crash/now
	now=
	for state in before after half1 half2; do
		if cmp -s /run/crash/$state /run/crash/now; then now=$state; fi
	done
	if [ $now ] && [ -z "$(journals)" ]; then return; fi
	echo "point $1: neither as before nor as after; journal: $(journals)"
	diff /run/crash/before /run/crash/now | head -20
	diff /run/crash/after /run/crash/now | head -20
	cat /run/crash/out
	return 1
}

# sweep NAME MODE: for each point. `words` is the command, `back` leads from what it makes
# to the start. MODE: both: `repair` as well as the same command again at each point;
# alternate: one of them, and the other on the other kernel; half: so at every second point.
sweep() {
	local n now total odd=1 before=0 after=0 half=0 again=0
	[[ $(uname -r) != 6.1.* ]] || odd=0
	like >/run/crash/before
	run_on "${words[@]}"
	like >/run/crash/after
	cmp -s /run/crash/before /run/crash/after && return 1
	run_on "${back[@]}"
	is /run/crash/before 0 'back from it'
	for ((n = 1; ; n++)); do
		[ $2 != half ] || [ $((n % 4)) -eq 1 ] || [ $((n % 4)) -eq 2 ] || continue
		if [ $2 = both ] || [ $((n % 2)) -eq $odd ]; then
			cut_off $n "${words[@]}" || break
			repaired $n
			case $now in
			before) before=$((before + 1)) ;;
			after) after=$((after + 1)) ;;
			*) half=$((half + 1)) ;;
			esac
			[ $now = before ] || run_on "${back[@]}"
		fi
		if [ $2 = both ] || [ $((n % 2)) -ne $odd ]; then
			cut_off $n "${words[@]}" || break
			run_on "${words[@]}"
			is /run/crash/after $n 'the same again'
			again=$((again + 1))
			run_on "${back[@]}"
		fi
	done
	total=$(od -An -td4 -N4 /run/count | tr -d ' ')
	[ $total -gt 5 ]
	run_on "${back[@]}" # nothing has cut off the last one
	is /run/crash/before $n 'to its end, and back'
	echo "# $1: $total kill points, $2; repaired: $before as before, $after as after, $half half; the same again: $again" >&3
}

one_vf() {
	vfs $PF0 1
	dress $PF0 1
	sriovctl -q vf set eth0/0 mac 52:54:00:d0:00:01 spoofchk off
	ip link set p0v0 down mtu 1400
	ip link property add dev p0v0 altname storage
	ip link set p0v0 up
	ip netns add blue
	ip -n blue link add storage type dummy # in the way
	attach=(sriovctl netns attach eth0/0 blue name net0 vlan 100 mac 52:54:00:d0:00:02 mtu 1450
		address 192.0.2.1/24 address 2001:db8::1/64 gateway 192.0.2.254 owner c1)
	detach=(sriovctl netns detach eth0/0 owner c1)
}

two_vfs() {
	vfs $PF0 1 &
	vfs $PF1 1
	wait $!
	dress $PF0 1
	dress $PF1 1
	ip link set p0v0 mtu 1400 up
	ip netns add blue
	attach=(sriovctl netns attach eth0/0 eth1/0 blue vlan 100 trust on mtu 1450 up)
	detach=(sriovctl netns detach eth0/0 eth1/0)
}

@test "netns attach, one VF" {
	one_vf
	words=("${attach[@]}")
	back=("${detach[@]}")
	sweep 'netns attach, one VF' "${SWEEP:-alternate}"
}

@test "netns detach, one VF" {
	one_vf
	"${attach[@]}"
	words=("${detach[@]}")
	back=("${attach[@]}")
	sweep 'netns detach, one VF' "${SWEEP:-alternate}"
}

@test "netns attach, VFs of two PFs" {
	two_vfs
	words=("${attach[@]}")
	back=("${detach[@]}")
	sweep 'netns attach, two PFs' "${SWEEP:-half}"
}

@test "netns detach, VFs of two PFs" {
	two_vfs
	"${attach[@]}"
	# each VF is taken back by itself: a detach that had not told both PFs is finished for one
	run_on sriovctl netns detach eth0/0
	like >/run/crash/half1
	run_on "${attach[@]}"
	run_on sriovctl netns detach eth1/0
	like >/run/crash/half2
	run_on "${attach[@]}"
	words=("${detach[@]}")
	back=("${attach[@]}")
	sweep 'netns detach, two PFs' "${SWEEP:-half}"
}

# one_of_the_storm N COMMAND: what came of it is in status.N; no child outlives it when it is killed
one_of_the_storm() {
	setsid -w sriovctl --lock-timeout 200 netns $2 >/run/crash/out.$1 2>&1 3>&- </dev/null
	echo "$? $2" >/run/crash/status.$1
}

# kill_holder PF: whoever changes it at this moment
kill_holder() {
	local pid
	pid=$(sed -n 's/^pid \([0-9]*\) .*/\1/p' /run/sriovctl/lock/pci-$1)
	[ -n "$pid" ] && [ "$(cat /proc/$pid/comm)" = sriovctl ] && kill -KILL -- -$pid
}

count() { find /run/crash -name "$1" | wc -l; }

# storm N SEED PF PF: N at once, attach or detach of any VF, to any namespace, and some of them are killed.
# What is set says to which namespace.
storm() {
	local i vf k words end=$((SECONDS + 240)) pfs=("$3" "$4")
	RANDOM=$2
	for ((i = 0; i < $1; i++)); do
		vf=eth$((RANDOM % 2))/$((RANDOM % 7))
		k=$((RANDOM % 4))
		case $((RANDOM % 8)) in
		[0-2]) words="attach $vf ns$k vlan 10$k mtu 140$k up" ;;
		[34]) words="attach $vf ns$k vlan 10$k mtu 140$k up name n$((RANDOM % 3))" ;; # that others want as well
		*) words="detach $vf" ;;
		esac
		one_of_the_storm $i "$words" &
	done
	while [ "$(count 'status.*')" -lt $1 ] && [ $SECONDS -lt $end ]; do
		sleep 0.$((RANDOM % 3 + 1))
		kill_holder ${pfs[RANDOM % 2]} || true
	done
	wait
} 2>/dev/null
export -f one_of_the_storm kill_holder count storm

# where_all_are: of each VF: its BDF, the namespace or "home", its name there, MTU, UP; by ip
where_all_are() {
	local ns in
	for ns in home ns0 ns1 ns2 ns3; do
		in=()
		[ $ns = home ] || in=(-n "$ns")
		ip "${in[@]}" -d -j link | jq -r --arg ns $ns '.[] | select((.parentdev // "") | test("^0000:[24]1:1[01]")) |
			"\(.parentdev) \($ns) \(.ifname) \(.mtu) \(.flags | index("UP") != null)"'
	done | sort
}

@test "64 at once, some of them killed: each VF is at home as before, or attached once" {
	vfs $PF0 7 &
	vfs $PF1 7
	wait $!
	dress $PF0 7
	dress $PF1 7
	for k in 0 1 2 3; do ip netns add ns$k; done
	ip link set p0v1 up
	ip link set p1v2 mtu 1300
	like >/run/crash/before
	where_all_are >/run/crash/home
	bash -c 'storm 64 "${SEED:-4}" "$@"' - $PF0 $PF1 # not in this shell: bats looks at each command
	killed=$(cat /run/crash/status.* | grep -c '^137 ')
	# nobody fails for want of anything: done, a name that is taken, attached elsewhere, killed
	run grep -LE '^(0|1|3|137) ' /run/crash/status.*
	refute_output
	[ "$(count 'status.*')" -eq 64 ]
	left=$(journals | wc -l)
	run_on sriovctl repair
	[ -z "$(journals)" ]
	sriovctl -j netns list >/run/crash/list
	jq -e 'all(.[]; .state == "attached")' /run/crash/list
	# what netns list says is what ip finds, what was asked for there, and what leases there are
	where_all_are >/run/crash/now
	[ "$(wc -l </run/crash/now)" -eq 14 ]
	diff <(jq -r '.[] | "\(.bdf) \(.netns) \(.ifname) 140\(.netns[2:]) true"' /run/crash/list | sort) <(grep -v ' home ' /run/crash/now)
	diff <(jq -r '.[] | "pci-\(if .pf == "eth0" then "'$PF0'" else "'$PF1'" end)-\(.index)"' /run/crash/list | sort) <(leases)
	grep ' home ' /run/crash/now >/run/crash/home.now || true
	[ -z "$(comm -13 /run/crash/home /run/crash/home.now)" ]
	for pf in eth0 eth1; do
		jq -r ".[] | select(.pf == \"$pf\") | \"\(.index) 10\(.netns[2:])\"" /run/crash/list >/run/crash/want
		diff <(sort /run/crash/want) <(ip -j link show $pf | jq -r '.[0].vfinfo_list[] | select((.vlan_list[0].vlan // 0) > 0) | "\(.vf) \(.vlan_list[0].vlan)"' | sort)
	done
	echo "# storm: $killed of 64 killed, $left cut off, $(leases | wc -l) attached in the end, $(cut -d' ' -f1 /run/crash/status.* | sort | uniq -c | tr -s ' \n' ' ')" >&3
	run_on sriovctl netns detach eth0/all eth1/all
	is /run/crash/before 64 'all detached'
	settled
}
