#!/usr/bin/env bats
# Tab: what the program says could come next, and what bash, zsh and fish make of it.

# shellcheck disable=SC1003,SC2016,SC2154,SC2258

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	mkdir bin
	ln -s "$SRIOVCTL" bin/sriovctl
	ln -s "$(fixture basic)" h
	SOCKET=
}

teardown() {
	[[ -z $SOCKET ]] || tmux -S "$SOCKET/tmux" kill-server
	rm -rf "$SOCKET"
}

# ask WORD...: the words that could be next, one a line in $output, the lines as they are
# in $said. It never fails and has nothing to say but that.
ask() {
	local line
	status=0
	"$SRIOVCTL" complete -- "$@" >said 2>err || status=$?
	output=$(cut -f 1 said) stderr=$(<err)
	mapfile -t said <said
	mapfile -t lines < <(cut -f 1 said) # those that assert_line looks at
	assert_exit 0
	assert_equal "$stderr" ""
	assert_clean_file <(tr -d '\t' <said)
	for line in "${said[@]}"; do
		[[ $line == :files || $line == :dirs || $line == *$'\t'* ]] || fail "a line '$line'"
		[[ $line == :* || $line == "${*: -1}"* ]] || fail "'$line' does not go on '${*: -1}'"
	done
}

offers() { # WORD...: these and no others
	assert_equal "$output" "$(printf '%s\n' "$@")"
}

@test "objects, commands and options, with their help" {
	ask ''
	assert_line pf
	assert_line vf
	assert_line help
	refute_line complete
	ask pf ''
	offers list show set help
	assert_equal "${said[1]}" "$(printf 'show\tshow all there is to know about a PF')"
	ask vf list --c
	offers --columns --color --color=
	ask --color=
	offers --color={auto,always,never}
	ask vf set ens1f0/0 trust ''
	offers on off
	ask vf set ens1f0/0 vlan ''
	assert_equal "${said[*]}" "$(printf ':expects\t0..4094  port VLAN, 0 for none')"
	ask --snapshot ''
	offers :dirs
	ask --batch ''
	offers :files
}

@test "what there is on the host" {
	ask --snapshot h vf show ''
	offers help ens1f0/ ens2/
	ask vf show --snapshot=h ens1f0/
	offers ens1f0/{0,1,2,all}
	assert_equal "${said[1]}" "$(printf 'ens1f0/1\t0000:21:10.2 igbvf ens1f0v1')"
	ask --snapshot h vf show ens1f0/0,
	offers ens1f0/0,{1,2}
	ask --snapshot h pf show 0000:4
	offers 0000:41:00.0
	ask --snapshot h vf bind ens2/0 v
	offers vfio-pci :expects
	ask --snapshot h vf bind ens2/0 i
	offers i40e iavf igb igbvf :expects
	ask --snapshot h policy apply --pf ''
	offers ens1f0 ens1f1 ens2
	ask --snapshot h policy diff --pf=ens1
	offers --pf=ens1f0 --pf=ens1f1
	assert_equal "${said[0]}" "$(printf -- '--pf=ens1f0\tigb, 3 VFs of 7')"
	ask --snapshot h policy apply --pf 0000:4 # not by name only
	offers 0000:41:00.0
	ask --snapshot h policy diff --pf ens1f0 ''
	offers help :files
	ask --snapshot h policy check one.yaml ''
	offers :files
	ask --snapshot "$(fixture netns)" netns attach ens1f0/1 b
	offers blue/net1 blue :expects
	ask --snapshot "$(fixture netns)" netns detach b
	offers blue/net1
	ask --snapshot "$(fixture lent)" netns detach red # as it was sent there
	offers red/eth0v1
	ask --snapshot "$(fixture lent)" netns detach red/ # who else is there?
	offers red/eth0v1 red/net4
	ask --snapshot "$(fixture lent)" netns detach vm
	offers ''
	ask --snapshot "$(fixture big1024)" vf set ens9/
	assert_equal "${#said[@]}" 1025
}

@test "it never fails, and never says a word too many" {
	local many=()
	for ((i = 0; i < 200; i++)); do many+=(ens1f0/1); done
	run --separate-stderr "$SRIOVCTL" complete
	assert_exit 0
	assert_line --partial 'netns'
	run --separate-stderr "$SRIOVCTL" complete --
	assert_exit 0
	assert_line --partial 'netns'
	ask --snapshot h vf set "${many[@]}" sp
	offers spoofchk
	ask "${many[@]}" ''
	offers ''
	for words in nope 'vf nope' '--nope' 'vf list --color=x' 'vf set ens1f0/0 nope' 'vf create x y' \
		'--json=1' 'complete' 'vf set ens1f0/0 vlan 9999' 'repair x' '-' '--' '--snapshot'; do
		# shellcheck disable=SC2086
		ask $words --snapshot h x
		offers ''
	done
	for word in $'\xff' $'a\nb' $'\e[2J' '%s%n' "'" '"' '$(touch x)' '*' '\' '/' ',' '=' ':' \
		'--=' '-=' '--columns=+,' ens1f0/, ens1f0/-1 ens1f0/9999999999999999999- mac: pid: \
		"$(printf '%5000s' x)"; do
		for words in '' 'vf' 'vf set' 'vf set ens1f0/0' 'vf set ens1f0/0 mac' 'vf bind ens2/0' \
			'netns attach ens2/0' 'vf create ens2' 'vf list --columns' '--'; do
			# shellcheck disable=SC2086
			ask --snapshot h $words "$word"
			# shellcheck disable=SC2086
			ask --snapshot h $words "$word" ''
		done
	done
	[[ ! -e x ]]
}

# Without a host to look at, the tables still know the language.
@test "without root, without the snapshot, without sysfs" {
	ask --snapshot /nowhere/at/all vf set ens1f0/0 sp
	offers spoofchk
	ask --snapshot /nowhere/at/all vf set ''
	offers help
	mkdir empty
	ask --snapshot empty pf show ''
	offers help
	OPEN=$(mktemp -d)
	chmod 755 "$OPEN"
	install -m 755 "$SRIOVCTL" "$OPEN/sriovctl"
	for words in '' 'vf show' 'vf set eth0/' 'netns attach eth0/0' 'vf bind eth0/0'; do
		# shellcheck disable=SC2086
		run --separate-stderr as_nobody "$OPEN/sriovctl" complete -- $words ''
		assert_exit 0
		assert_equal "$stderr" ""
		assert_output
	done
	rm -rf "$OPEN"
}

@test "only what matters at the cursor is looked at" {
	calls() { # WORD...: the files and sockets that were opened
		ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=openat,socket,setns -o trace \
			"$SRIOVCTL" complete -- "$@" >/dev/null
	}
	calls vf set ''
	grep -q 'AF_NETLINK' trace
	for words in '' 'vf' 'vf set eth0/0 vlan' 'vf set eth0/0 mtu 1500' 'vf list --columns'; do
		# shellcheck disable=SC2086
		calls $words ''
		run ! grep -e AF_NETLINK -e '"sys"' trace
	done
	for words in 'vf set' 'vf set e' 'vf set eth0/' 'vf set eth0/0 e' 'pf show' 'vf bind eth0/0'; do
		# shellcheck disable=SC2086
		calls $words
		run ! grep -e setns -e /ns/net trace
	done
}

@test "names that could do harm are not offered, their owners still are" {
	ask --snapshot "$(fixture evilname)" pf show ''
	offers help 0000:21:00.0
	ask --snapshot "$(fixture evilname)" vf show 0000:21:00.0/
	offers 0000:21:00.0/{0,1,all}
	ask --snapshot "$(fixture evilalias)" netns attach ens1f0/1 ''
	offers ens1f0/ :expects
	local dir
	dir=$(copy_fixture netns)
	mkdir "$dir/netns/2"
	echo :dirs >"$dir/netns/2/name"
	ask --snapshot "$dir" netns attach ens1f0/1 :
	offers :expects
	ask --snapshot "$(fixture dupname)" vf show n # net1 is in two namespaces
	offers ''
	ask --snapshot "$(fixture dupname)" vf show red/
	offers red/net1
}

@test "whatever is offered as a PF or VF is found" {
	local dir name word typed words
	for name in basic dupname evilalias evilname infiniband lent lab14 netns noiface nvme \
		switchdev vfio; do
		dir=$(fixture "$name")
		for typed in '' e n 0 b 21: pci/; do
			for object in pf vf; do
				ask --snapshot "$dir" $object show "$typed"
				words=()
				for word in $output; do
					[[ $word != */ ]] || word+=all
					[[ $word == help ]] || words+=("$word")
				done
				[[ ${#words[@]} -gt 0 ]] || continue
				at "$dir" $object show "${words[@]}"
				assert_exit 0
			done
		done
	done
}

@test "the command for completions is in no list, but explained" {
	sriovctl help
	refute_output --partial 'complete'
	sriovctl complet
	assert_exit 1
	refute_err 'did you mean'
	sriovctl help complete
	assert_exit 0
	assert_output --partial 'WORD...'
}

# replies LINE POINT WORD...: what bash is given at this place of the line, which it has
# split into these words, the last at the cursor; POINT - is the end.
replies() {
	local line=$1 point=$2
	shift 2
	[[ $point != - ]] || point=${#line}
	run --separate-stderr env PATH="$PWD/bin:$PATH" bash --norc -u -c '
		source "$ROOT/completions/sriovctl.bash" || exit
		COMP_LINE=$1 COMP_POINT=$2 COMP_WORDS=("${@:3}") COMP_CWORD=$(($# - 3))
		_sriovctl sriovctl "${@: -1}" "${@: -2:1}" || exit
		printf "%s\n" "${COMPREPLY[@]}"' bash "$line" "$point" "$@"
	assert_exit 0
	assert_equal "$stderr" ""
}

@test "bash: its words are put together again" {
	local at='sriovctl --snapshot h'
	replies "$at vf set ens1f0/" - sriovctl --snapshot h vf set ens1f0/
	offers ens1f0/{0,1,2,all}
	# only what is behind the colon is replaced
	replies "$at vf show 0000:21:1" - sriovctl --snapshot h vf show 0000 : 21 : 1
	offers 10.0 10.2 10.4
	replies "$at vf show 0000:" - sriovctl --snapshot h vf show 0000 :
	offers 21:00.0/ 41:00.0/ 21:10.{0,2,4} 41:02.{0,1}
	replies "$at vf set 0000:21:10.2 trust " - sriovctl --snapshot h vf set 0000 : 21 : 10.2 trust ''
	offers on off
	replies "$at --color=a" - sriovctl --snapshot h --color = a
	offers auto always
	replies "$at --color=" - sriovctl --snapshot h --color =
	offers auto always never
	replies 'sriovctl vf show --snapshot=h ens2/' - sriovctl vf show --snapshot = h ens2/
	offers ens2/{0,1,all}
	replies "bin/sriovctl --snapshot h pf show ens2" - bin/sriovctl --snapshot h pf show ens2
	offers ens2
	replies "$at vf show eth0@ens2 " - sriovctl --snapshot h vf show eth0 @ ens2 ''
	refute_output --partial trust
}

@test "bash: the cursor in the middle, and quotation marks" {
	replies 'sriovctl --snapshot h pf show ens1f0 -j' 33 sriovctl --snapshot h pf show ens1f0
	offers ens1f0 ens1f1 ens2
	replies 'sriovctl --snapshot h pf  -j' 25 sriovctl --snapshot h pf ''
	offers list show set help
	replies 'sriovctl --snapshot h vf show 0000:21:10.0 -j' 36 sriovctl --snapshot h vf show 0000 : 21
	offers 21:00.0/ 21:10.{0,2,4}
	replies "sriovctl --snapshot 'h' vf show \"ens2\"/" - sriovctl --snapshot "'h'" vf show '"ens2"/'
	assert_line --partial /all
	replies 'sriovctl --snapshot h vf show "0000:21:1' - sriovctl --snapshot h vf show '"0000:21:1'
	offers 0000:21:10.{0,2,4}
	replies 'sriovctl --snapshot h vf show en"s2/' - sriovctl --snapshot h vf show 'en"s2/'
	offers s2/{0,1,all}
	replies "sriovctl --snapshot h vf show en\\s2/" - sriovctl --snapshot h vf show 'en\s2/'
	offers ens2/{0,1,all}
	replies 'sriovctl --snapshot h vf >out ' - sriovctl --snapshot h vf '>' out ''
	offers ''
}

@test "bash: directories and files" {
	mkdir -p 'cap one' cap2 'c:d/e'
	touch capture
	replies 'sriovctl --snapshot ca' - sriovctl --snapshot ca
	assert_equal "$(sort <<<"$output")" $'cap one\ncap2'
	replies 'sriovctl --snapshot=ca' - sriovctl --snapshot = ca
	assert_equal "$(sort <<<"$output")" $'cap one\ncap2'
	replies 'sriovctl --snapshot=c:d/' - sriovctl --snapshot = c : d/
	offers d/e
	replies 'sriovctl --batch cap' - sriovctl --batch cap
	assert_equal "$(sort <<<"$output")" $'cap one\ncap2\ncapture'
	replies 'sriovctl pf list cap' - sriovctl pf list cap
	offers ''
}

# fish_offers TEXT: what fish makes of the line so far.
fish_offers() {
	run --separate-stderr env HOME="$PWD" PATH="$PWD/bin:$PATH" fish --no-config -c '
		source $ROOT/completions/sriovctl.fish
		complete -C $argv[1]' -- "$1"
	assert_exit 0
	assert_equal "$stderr" ""
}

@test "fish: words and their help" {
	fish_offers 'sriovctl --snapshot h vf set ens1f0/'
	offers $'ens1f0/0\t0000:21:10.0 igbvf ens1f0v0' $'ens1f0/1\t0000:21:10.2 igbvf ens1f0v1' \
		$'ens1f0/2\t0000:21:10.4 igbvf ens1f0v2' $'ens1f0/all\tall 3'
	fish_offers 'sriovctl --snapshot=h vf show 0000:21:1'
	assert_line $'0000:21:10.2\tens1f0/1 igbvf ens1f0v1'
	fish_offers 'bin/sriovctl --snapshot "h" vf bind ens2/0 '
	assert_line --partial vfio-pci
	fish_offers 'sriovctl vf list --snapshot h --col'
	assert_line --partial --columns
	fish_offers 'sriovctl --color='
	assert_line --partial -- --color=never
	fish_offers 'sriovctl nope '
	offers ''
	mkdir -p cap1
	touch capture
	fish_offers 'sriovctl --snapshot ca'
	assert_line --partial cap1/
	refute_output --partial capture
	fish_offers 'sriovctl --batch=ca'
	assert_line --partial -- --batch=capture
}

# A shell in a terminal. There, sriovctl itself only shows its arguments; completion asks
# the program behind it.
open_shell() { # NAME
	local run program
	SOCKET=$(mktemp -d /tmp/sriovctl-tmux-XXXXXX)
	for program in tmux "$1"; do
		command -v "$program" >/dev/null || fail "$program must be installed"
	done
	printf '%s\n' "PS1='\$ '; source '$ROOT/completions/sriovctl.bash'" \
		"sriovctl() { printf '<%s>' \"\$@\"; echo .; }" >.bashrc
	printf '%s\n' "PS1='\$ '; fpath=('$ROOT/completions' \$fpath)" \
		'autoload -U compinit; compinit -u -D' \
		"sriovctl() { printf '<%s>' \"\$@\"; echo .; }" >.zshrc
	mkdir -p .config/fish
	printf '%s\n' 'set -g fish_greeting' 'function fish_prompt; echo -n "\$ "; end' \
		"source '$ROOT/completions/sriovctl.fish'" \
		"function sriovctl; printf '<%s>' \$argv; echo .; end" >.config/fish/config.fish
	case $1 in
	bash) run='bash --rcfile .bashrc -i' ;;
	zsh) run='zsh -i' ;;
	fish) run='fish -i' ;;
	esac
	tmux -S "$SOCKET/tmux" -f /dev/null new-session -d -x 160 -y 40 \
		"env -u XDG_CONFIG_HOME -u XDG_DATA_HOME -u ZDOTDIR HOME='$PWD' PATH='$PWD/bin:$PATH' $run"
	screen_has '$'
}

keys() { # TEXT or Name of a key
	local key
	for key in "$@"; do
		case $key in
		Tab | Enter | Left | Escape | C-?) tmux -S "$SOCKET/tmux" send-keys "$key" ;;
		*) tmux -S "$SOCKET/tmux" send-keys -l -- "$key" ;;
		esac
	done
}

screen() {
	tmux -S "$SOCKET/tmux" capture-pane -p -J | sed 's/ *$//; /^$/d'
}

screen_has() { # TEXT...: within ten seconds
	local text i
	for text in "$@"; do
		for ((i = 0; i < 100; i++)); do
			[[ $(screen) != *"$text"* ]] || break
			sleep 0.1
		done
		[[ $(screen) == *"$text"* ]] || { echo "no '$text' on:"; screen; } | fail
	done
}

# typed LINE KEY...: that is what the shell runs in the end, and all that is to be seen.
typed() {
	local want=$1 lines
	shift
	keys C-u C-l
	keys "$@" Enter
	screen_has "$want."
	lines=$(screen | sed '/^\$$/d')
	[[ $(wc -l <<<"$lines") -eq 2 ]] || { echo 'more than that:'; screen; } | fail
}

in_a_terminal() { # NAME
	open_shell "$1"
	typed '<--snapshot><h><vf><set><ens1f0/1><spoofchk><off>' \
		'sriovctl --sn' Tab 'h vf se' Tab 'ens1f0/1' ' sp' Tab 'of' Tab
	# no blank behind what goes on
	typed '<--snapshot><h><vf><show><0000:41:00.0/all><-j>' \
		'sriovctl --snapshot h vf show 0000:41:00' Tab a Tab -j
	typed '<--snapshot><h><vf><show><0000:21:10.2><--color=always>' \
		'sriovctl --snapshot h vf show 0000:21:10.2' Tab '--color=al' Tab
	typed '<vf><list><--snapshot=h><ens1f1>' 'sriovctl vf lis' Tab '--snapshot=h ens1f1' Tab
	# nothing there: nothing happens
	typed '<nope><-x>' 'sriovctl nope ' Tab '-x' Tab
	# before the words that are there already
	typed '<--snapshot><h><pf><show><ens2><x>' 'sriovctl --snapshot h pf sho ens2 x' \
		Left Left Left Left Left Left Left Tab
	typed '<--snapshot><h><pf><show><0000:41:00.0>' 'sriovctl --snapshot "h" pf show 0000:41' Tab
	typed '<--snapshot><h><pf><show><0000:41:00.0>' 'sriovctl --snapshot h pf show "0000:41' Tab
	keys C-u C-l 'sriovctl --snapshot h vf show ens1f0/' Tab Tab
	screen_has ens1f0/0 ens1f0/1 ens1f0/2 ens1f0/all
}

# A name that a shell would take apart.
odd_names() { # NAME
	local dir
	dir=$(copy_fixture netns)
	mkdir "$dir/netns/2"
	printf '%s\n' "it's \$HOME; & \"x\"" >"$dir/netns/2/name"
	ln -s "$dir" odd
	open_shell "$1"
	typed "<--snapshot><odd><netns><attach><ens1f0/1><it's \$HOME; & \"x\"><vlan>" \
		'sriovctl --snapshot odd netns attach ens1f0/1 it' Tab 'vla' Tab
}

@test "bash, in a terminal" {
	in_a_terminal bash
}

@test "zsh, in a terminal" {
	in_a_terminal zsh
	screen_has '-- 0000:21:10.2 igbvf ens1f0v1'
	keys C-u C-l 'sriovctl vf set ens1f0/1 vlan ' Tab
	screen_has '0..4094  port VLAN, 0 for none'
}

@test "fish, in a terminal" {
	in_a_terminal fish
	screen_has '0000:21:10.2 igbvf ens1f0v1'
}

@test "bash quotes odd names" {
	odd_names bash
}

@test "zsh quotes odd names" {
	odd_names zsh
}

@test "fish quotes odd names" {
	odd_names fish
}
