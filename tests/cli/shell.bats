#!/usr/bin/env bats
# The shell, in a real terminal: that of tmux(1).

# conditions to wait for are text; keys end with a backslash
# shellcheck disable=SC1003,SC2016,SC2034,SC2154

load helper

# Everything that the shell under test leaves is here: its screen, exit status, the modes of
# the terminal before and after it, what the sanitizers say.
setup() {
	T=$BATS_TEST_TMPDIR
	export SRIOVCTL_HISTORY=$T/history INPUTRC=/dev/null
	export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}log_path=$T/sanitizer
	export UBSAN_OPTIONS=${UBSAN_OPTIONS:+$UBSAN_OPTIONS:}log_path=$T/sanitizer
	unset COLUMNS LINES
}

# bats waits for all who have its descriptors
tm() { tmux -S "$T/tmux" -f /dev/null "$@" 3>&- 4>&-; }

# The terminal goes away; another can come.
gone() {
	tm kill-server
	wait_for '! tm ls 2>/dev/null'
	rm -f "$T/status"
}

teardown() {
	tm kill-server 2>/dev/null || true
	# also that of script(1), which outlives its terminal
	[[ ! -e $T/top ]] || kill -9 "$(<"$T/top")" 2>/dev/null || true
	if compgen -G "$T/sanitizer*" >/dev/null; then
		cat "$T"/sanitizer*
		return 1
	fi
}

# started COMMAND...: in a terminal of $size
started() {
	local words
	printf -v words '%q ' "$@"
	tm new-session -d -x "${size%x*}" -y "${size#*x}" "exec $words"
}

# shell FIXTURE [ARG...]: it runs there, and the first prompt is seen.
size=80x24
shell() {
	local dir
	dir=$(fixture "$1")
	shift
	shell_of --snapshot "$dir" "$@"
	last_is 'sriovctl>'
}

# The program runs with a pid that is known, and what comes after it waits.
shell_of() {
	write_run
	started sh "$T/run" "$@" shell
}

write_run() {
	export T
	cat >"$T/run" <<-'END'
		echo $$ >"$T/top"
		trap : INT QUIT TSTP # for the shell alone
		stty -a >"$T/before"
		sh -c 'echo $$ >"$T/pid.new"; mv "$T/pid.new" "$T/pid"; exec "$@"' sh "$SRIOVCTL" "$@"
		echo $? >"$T/status.new"
		stty -a >"$T/after"
		mv "$T/status.new" "$T/status"
		exec sleep 1000
	END
}

# ended STATUS: it ends, with this exit status and the terminal as it found it.
ended() {
	wait_for 'test -e "$T/status"'
	assert_equal "$(<"$T/status")" "$1"
	diff <(modes "$T/before") <(modes "$T/after")
}

modes() { sed 's/rows [0-9]*; columns [0-9]*;//' "$1"; }

patience=30 # seconds: the machine may have much else to do
wait_for() {
	local deadline=$((SECONDS + patience))
	until eval "$1"; do
		if [[ $SECONDS -ge $deadline ]]; then
			{ echo "waited in vain for: $1"; look; echo "-- screen"; echo "$screen"; } | fail
			return 1
		fi
		sleep 0.02
	done
}

keys() { tm send-keys "$@"; }

# The screen without the blanks and empty lines at its end.
look() { screen=$(tm capture-pane -p | sed 's/ *$//'); }

see() { wait_for "look; [[ \$screen == *$(printf %q "$1")* ]]"; }
never_seen() { [[ $screen != *"$1"* ]] || { echo "on the screen: $1"; echo "$screen"; } | fail; }
# The last line, where the cursor is, in the end is this.
last_is() { wait_for "look; [[ \${screen##*\$'\\n'} == $(printf %q "$1") ]]"; }

# types TEXT: it is where the cursor is.
types() {
	tm send-keys -l -- "$1"
	wait_for "look; [[ \${screen##*\$'\\n'} == *$(printf %q "${1%"${1##*[! ]}"}") ]]"
}

# enter LINE PROMPT: what comes of it is on the screen when there is that prompt again.
enter() {
	types "$1"
	keys Enter
	last_is "$2"
}

# clear_screen PROMPT
clear_screen() {
	keys C-e C-u C-l
	wait_for "look; [[ \$screen == $(printf %q "$1") ]]"
}

# screen_is LINE...: these and no others
screen_is() {
	wait_for "look; [[ \$screen == $(printf %q "$(printf '%s\n' "$@")") ]]"
}

# resize COLUMNSxROWS: tmux takes its time to tell the terminal
resize() {
	tm resize-window -x "${1%x*}" -y "${1#*x}"
	wait_for '[[ $(stty -F "$(tm display-message -p "#{pane_tty}")" size) == "'"${1#*x} ${1%x*}"'" ]]'
}

# paste TEXT [-p]: as one paste; -p: told as such to who asks for that
paste() {
	printf %s "$1" >"$T/paste"
	tm load-buffer "$T/paste"
	tm paste-buffer -r ${2:+"$2"}
}

@test "prompt, commands, errors; the exit status is that of the last command" {
	shell basic
	assert_equal "$screen" "'help' lists the commands, ? says what can come next, 'exit' leaves.
sriovctl>"
	clear_screen 'sriovctl>'
	enter 'pf list --columns pf,vfs' 'sriovctl>'
	screen_is 'sriovctl> pf list --columns pf,vfs' 'PF     VFS' 'ens1f0   3' 'ens1f1   0' \
		'ens2     2' 'sriovctl>'
	clear_screen 'sriovctl>'
	enter 'pf show nosuch' 'sriovctl [4]>'
	see "sriovctl: no PF 'nosuch'"
	enter 'status' 'sriovctl [4]>'
	see '4: not found'
	enter '' 'sriovctl [4]>'
	enter '  # a comment' 'sriovctl [4]>'
	enter 'vf shwo ens1f0/1' 'sriovctl [1]>'
	see "did you mean 'vf show'?"
	enter 'vf create ens1f0 99 --dry-run' 'sriovctl [1]>'
	enter 'vf list "a' 'sriovctl [1]>'
	see 'a quotation mark is not closed'
	enter 'pf list' 'sriovctl>'
	enter 'pf show nosuch' 'sriovctl [4]>'
	keys C-d
	ended 4
}

@test "exit and quit keep the exit status of the command before" {
	local word
	for word in exit quit; do
		shell basic
		enter 'pf show eth9' 'sriovctl [5]>'
		types "$word"
		keys Enter
		ended 5
		gone
	done
	shell basic -q
	assert_equal "$screen" 'sriovctl>'
	enter 'pf show nosuch' 'sriovctl [4]>'
	enter 'help exit' 'sriovctl>'
	see 'leave, with the exit status'
	keys C-d
	ended 0
}

@test "what the others say of sriovctl can be typed as it is" {
	shell basic
	clear_screen 'sriovctl>'
	enter 'sriovctl pf list --columns pf' 'sriovctl>'
	screen_is 'sriovctl> sriovctl pf list --columns pf' PF ens1f0 ens1f1 ens2 'sriovctl>'
	clear_screen 'sriovctl>'
	enter sriovctl 'sriovctl>' # every PF with its VFs
	see '0000:21:10.0'
	clear_screen 'sriovctl>'
	types 'sriovctl pf sh'
	keys Tab
	last_is 'sriovctl> sriovctl pf show'
	keys C-u C-d
	ended 0
}

@test "a warning, and what is wrong, stand behind what they are about" {
	shell truncated
	clear_screen 'sriovctl>'
	enter 'vf list --columns vf' 'sriovctl [2]>'
	[[ $screen == *$'\n'VF$'\n'*'missing above'* ]] || fail "$screen"
	keys C-d
	ended 2
	run on_terminal 80 "$SRIOVCTL" --snapshot "$(fixture truncated)" vf list --columns vf
	[[ $output == VF$'\n'*'missing above'* ]] || fail "$output"
}

@test "history, from one session to the next" {
	printf 'pf list\n' >"$T/history"
	chmod 644 "$T/history"
	shell basic
	enter 'pf list' 'sriovctl>' # the last one of before
	enter ' vf list ens2' 'sriovctl>'
	enter 'vf list ens1f1' 'sriovctl>'
	enter 'vf list ens1f1' 'sriovctl>'
	enter 'vf list ens1f1 ' 'sriovctl>'
	enter '' 'sriovctl>'
	enter 'pf show "nosuch' 'sriovctl [1]>'
	assert_equal "$(<"$T/history")" $'pf list\nvf list ens1f1\npf show "nosuch'
	assert_equal "$(stat -c %a "$T/history")" 600
	keys C-d
	ended 1
	gone

	seq -f 'old %.0f' 2000 >"$T/history"
	shell basic
	keys Up
	last_is 'sriovctl> old 2000'
	keys Up Up Down
	last_is 'sriovctl> old 1999'
	keys C-c
	enter status 'sriovctl>'
	keys C-r
	keys 'old 15'
	see "(reverse-i-search)\`old 15': old 1599"
	keys C-g C-d
	ended 0
	assert_equal "$(wc -l <"$T/history")" 1000
	assert_equal "$(tail -n 1 "$T/history")" status
	assert_equal "$(stat -c %a "$T/history")" 600
}

@test "a history that is not one's own is left alone, and said so once" {
	size=200x24
	local no='sriovctl: warning: no history is kept:'
	touch "$T/other"
	ln -s other "$T/history"
	shell basic
	see "$no $T/history: it is not a file of yours"
	enter 'pf list' 'sriovctl>'
	keys Up
	last_is 'sriovctl> pf list'
	assert_equal "$(tm capture-pane -p -S - | grep -c 'no history')" 1
	assert_equal "$(<"$T/other")" ''
	gone
	SRIOVCTL_HISTORY=$T/nodir/history shell basic
	see "$no $T/nodir/history: No such file or directory"
	gone
	SRIOVCTL_HISTORY=$T shell basic
	see "$no $T: "
	gone
	mkfifo "$T/pipe"
	SRIOVCTL_HISTORY=$T/pipe shell basic
	see "$no $T/pipe: it is not a file of yours"
	gone
	SRIOVCTL_HISTORY='' shell basic
	never_seen "$no"
	enter 'pf list' 'sriovctl>'
	[[ $EUID -eq 0 ]] || skip 'somebody else: as root only'
	gone
	rm "$T/history"
	printf 'secret\n' >"$T/history"
	chown 1 "$T/history"
	shell basic
	see "$no $T/history: it is not a file of yours"
	keys Up
	enter 'pf list' 'sriovctl>'
	never_seen secret
	assert_equal "$(<"$T/history")" secret
}

@test "Ctrl-C drops the line and nothing else" {
	shell big1024
	types 'vf destroy ens9'
	keys C-b C-b C-c
	screen_is "'help' lists the commands, ? says what can come next, 'exit' leaves." \
		'sriovctl> vf destroy ens9^C' 'sriovctl>'
	enter 'pf show nosuch' 'sriovctl [4]>'
	clear_screen 'sriovctl [4]>'
	# while searching
	keys C-r
	types nosuch
	see '(reverse-i-search)'
	keys C-c
	screen_is 'sriovctl [4]> pf show nosuch^C' 'sriovctl [4]>'
	clear_screen 'sriovctl [4]>'
	# a line of several rows, from its beginning
	paste "$(printf 'x%.0s' {1..200})"
	last_is "$(printf 'x%.0s' {1..54})"
	keys C-a C-c
	last_is 'sriovctl [4]>'
	see $'xxxxxx^C\nsriovctl [4]>'
	# a line that would go on
	types "vf show 'ens9/"
	keys C-c
	enter 'pf list --columns \' '>'
	keys C-c
	last_is 'sriovctl [4]>'
	enter 'pf list --columns pf' 'sriovctl>'
	see $'PF\nens9'
	# in the middle of what completion lists, of help, of what a command shows
	local key
	for key in Tab '?' Enter; do
		clear_screen 'sriovctl>'
		types "vf show ens9/"
		[[ $key != Enter ]] || types all
		[[ $key != Tab ]] || keys Tab
		keys "$key"
		see 'line 23 of '
		keys C-c
		last_is 'sriovctl>'
	done
	enter status 'sriovctl>'
	see '0: done'
	keys C-d
	ended 0
}

@test "Ctrl-\\ does not end it" {
	shell basic
	types 'pf sh'
	keys 'C-\'
	types 'ow ens2'
	keys Enter
	see 'line 23 of 24'
	keys 'C-\' G
	last_is 'sriovctl>'
	see 'vf_stride'
	keys C-d
	ended 0
}

# completes LINE KEY... WANT: what is typed becomes this; " " for a blank at the end
completes() {
	keys C-e C-u
	types "$1"
	keys "${@:2:$#-2}"
	last_is "sriovctl> ${*: -1}"
}

# lists LINE WORD...: all that could come, in order
lists() {
	clear_screen "$prompt"
	types "$1"
	keys Tab Tab
	# the same line again below the list
	local again
	again=$(printf '%s %s' "$prompt" "$1" | sed 's/ *$//')
	wait_for 'look; [[ $screen == *$'"'\n'"'"$again" ]]'
	local words
	words=$(sed '1d;$d' <<<"$screen" | xargs -n 1 | LC_ALL=C sort | xargs)
	assert_equal "$words" "$(xargs -n 1 <<<"${*:2}" | LC_ALL=C sort | xargs)"
}

@test "the tabulator completes" {
	shell basic
	completes 'vf li' Tab 'vf list'
	completes 'ne' Tab a Tab 'netns attach'
	completes 'pf show --js' Tab x 'pf show --json x'
	completes 'vf list --color=al' Tab x 'vf list --color=always x'
	completes 'vf list --columns vf,max' Tab x 'vf list --columns vf,max_tx_rate x'
	completes 'vf list --columns="vf,max' Tab x 'vf list --columns="vf,max_tx_rate" x'
	completes 'vf list ens1' Tab 'vf list ens1f'
	completes "vf show 'ens1f0v1" Tab x "vf show 'ens1f0v1' x"
	completes 'vf set "ens2/1' Tab vl Tab '5 qo' Tab x 'vf set "ens2/1" vlan 5 qos x'
	completes 'vf set ens2/1 trust o' Tab f Tab x 'vf set ens2/1 trust off x'
	completes 'vf bind ens1f0/0 vf' Tab 'vf bind ens1f0/0 vfio-pci'
	completes 'vf show ens2' Tab 'vf show ens2'
	completes 'vf show ens2/' 1 Tab x 'vf show ens2/1 x'
	completes 'us' Tab ens2 Tab x 'use ens2 x'
	completes 'vf list nosuch' Tab x 'vf list nosuchx'
	completes 'x y z' Tab x 'x y zx'
	completes 'pf show ens2' C-a C-f C-f C-f C-f C-f Tab 'pf show ens2'
	mkdir "$T/a b"
	touch "$T/a file"
	completes "pf list --snapshot $T/a" Tab x "pf list --snapshot \"$T/a b/x"
	completes "pf list --snapshot=$ROOT/tests/fixtures/bas" Tab x \
		"pf list --snapshot=$ROOT/tests/fixtures/basic/x"
	prompt='sriovctl>'
	lists '' overview pf vf netns policy doctor stats repair monitor snapshot use status exit help
	lists 'vf ' list show create destroy set bind unbind reset help
	lists 'pf show ' ens1f0 ens1f1 ens2 help
	lists 'pf list --columns pf,num' numa_node num_vfs
	lists 'vf list --color=' auto always never
	lists 'vf bind ens1f0/0 ' ens1f0/ ens2/ default vfio-pci e1000e i40e iavf igb igbvf
	keys C-u
	enter 'use ens1f0' 'sriovctl ens1f0>'
	prompt='sriovctl ens1f0>'
	lists 'vf show ' 0 1 2 all ens1f0/ ens2/ help
	keys C-c C-d
	ended 0
}

@test "? says what can come next" {
	shell basic
	clear_screen 'sriovctl>'
	types 'vf set ens2/0 vlan '
	keys '?'
	screen_is 'sriovctl> vf set ens2/0 vlan' '  0..4094  port VLAN, 0 for none' \
		'sriovctl> vf set ens2/0 vlan'
	clear_screen 'sriovctl>'
	types 'vf list --columns vf,num'
	keys '?'
	see $'\n  numa_node  NUMA node'
	clear_screen 'sriovctl>'
	types 'pf list ens2 --details --color=never ens2'
	keys '?'
	see 'sriovctl> pf list ens2 --details --color=never ens2'
	clear_screen 'sriovctl>'
	types 'snapshot '
	keys '?'
	see $'\n  a directory'
	# nothing: it is whole, or cannot be
	clear_screen 'sriovctl>'
	types 'vf create ens2 4 --dry-run '
	keys '?'
	see 'nothing more can stand here; Enter runs it'
	clear_screen 'sriovctl>'
	types 'vf shwo ens2 '
	keys '?'
	see "sriovctl: vf has no command 'shwo'
  did you mean 'vf show'?
sriovctl> vf shwo ens2"
	# a part of what is quoted
	clear_screen 'sriovctl>'
	types "vf show 'a?"
	types '" b\?'
	keys C-u
	types "vf show 'a' \"b\" c\\? "
	keys '?'
	wait_for 'look; [[ $screen == *"b\" c\\?"*"b\" c\\?" ]]'
	# wide texts are wrapped between words, whatever the width
	clear_screen 'sriovctl>'
	resize 50x24
	types 'vf list --columns le'
	keys '?'
	see '  lease  whom it is attached for: the owner, or
         the namespace where none was named
sriovctl> vf list --columns le'
	keys C-c C-d
	ended 0
}

@test "use: the PF that is meant where none is named" {
	shell basic
	enter 'use 0000:21:00.0' 'sriovctl ens1f0>'
	clear_screen 'sriovctl ens1f0>'
	enter 'vf list --columns vf' 'sriovctl ens1f0>'
	screen_is 'sriovctl ens1f0> vf list --columns vf' VF ens1f0/0 ens1f0/1 ens1f0/2 'sriovctl ens1f0>'
	enter 'vf show 1 --columns vf,ifname' 'sriovctl ens1f0>'
	see 'ens1f0v1'
	enter 'vf create 1 --dry-run' 'sriovctl ens1f0>'
	see 'ens1f0: num_vfs 0 -> 1  (planned)'
	enter 'vf set 0-1,2 vlan 7 --dry-run' 'sriovctl ens1f0>'
	see 'ens1f0/2: vlan 0 -> 7'
	clear_screen 'sriovctl ens1f0>'
	enter 'pf show -j --columns pf' 'sriovctl ens1f0>'
	see '[{"pf":"ens1f0"}]'
	enter 'vf list ens2 --columns vf' 'sriovctl ens1f0>'
	see 'ens2/1'
	enter 'use nosuch' 'sriovctl ens1f0 [4]>'
	enter 'use ens2/1' 'sriovctl ens1f0 [1]>'
	enter 'use ens2' 'sriovctl ens2>'
	clear_screen 'sriovctl ens2>'
	enter 'vf list --columns vf' 'sriovctl ens2>'
	never_seen ens1f0
	enter 'use' 'sriovctl>'
	enter 'vf list --columns vf' 'sriovctl>'
	see 'ens1f0/0'
	enter 'vf create 1 --dry-run' 'sriovctl [1]>'
	keys C-d
	ended 1
}

@test "the line can be edited" {
	shell basic
	types 'list ens2 --columns'
	keys C-a
	keys 'pf ' C-e ' pf'
	last_is 'sriovctl> pf list ens2 --columns pf'
	keys M-b M-b C-b C-b C-w
	last_is 'sriovctl> pf list --columns pf'
	keys C-f C-b C-k C-y C-a C-y C-a C-k C-y C-l
	screen_is 'sriovctl> --columns pfpf list --columns pf'
	keys C-u C-d
	ended 0
}

@test "what ~/.inputrc says holds, for this program too" {
	printf '%s\n' 'set editing-mode vi' '$if sriovctl' '"\C-t": "pf list"' '$endif' >"$T/inputrc"
	INPUTRC=$T/inputrc shell basic
	types 'vf shxow '
	keys '?'
	see "no command 'shxow'"
	keys Escape
	keys 0 w 2 l x A
	types ens1f0/1
	keys C-c C-t
	last_is 'sriovctl> pf list'
	keys C-u C-d
	ended 0
}

@test "paging: what is longer than the screen, and nothing else" {
	local i
	shell big1024 # line 1 of its list is the heading
	clear_screen 'sriovctl>'
	types 'vf list --columns vf'
	keys Enter
	last_is ' line 23 of 1025; space: next page, G: all, q: enough'
	assert_equal "${screen%%$'\n'*}" VF
	keys Space
	last_is ' line 46 of 1025; space: next page, G: all, q: enough'
	assert_equal "${screen%%$'\n'*}" ens9/22
	keys x Enter
	last_is ' line 47 of 1025; space: next page, G: all, q: enough'
	keys Down
	last_is ' line 48 of 1025; space: next page, G: all, q: enough'
	keys NPage
	last_is ' line 71 of 1025; space: next page, G: all, q: enough'
	resize 80x40
	keys f
	last_is ' line 110 of 1025; space: next page, G: all, q: enough'
	resize 20x10
	last_is ' line 110 of 1025;' # as much of it as there is room for
	keys Space
	last_is ' line 119 of 1025;'
	assert_equal "${screen%%$'\n'*}" ens9/109
	resize 80x24
	keys G
	last_is 'sriovctl>'
	see ens9/1023
	keys Up Enter
	last_is ' line 23 of 1025; space: next page, G: all, q: enough'
	keys q
	last_is 'sriovctl>'
	see $'ens9/21\nsriovctl>' # nothing is left of what it asked
	keys C-d
	ended 0
}

@test "paging: not of what is as long as the screen; lines that wrap are several rows" {
	shell basic
	resize 80x25 # 24 lines and the prompt
	enter 'pf show ens2' 'sriovctl>'
	assert_equal "$(head -n 1 <<<"$screen")" 'pf             ens2'
	resize 80x24
	types 'pf show ens2'
	keys Enter
	last_is ' line 23 of 24; space: next page, G: all, q: enough'
	keys Enter
	last_is 'sriovctl>'
	see 'vf_stride      1'
	resize 30x12
	types 'vf list --oneline'
	keys Enter
	last_is ' line 2 of 5; space: next pag'
	keys q
	last_is 'sriovctl>'
	keys C-d
	ended 0
}

@test "the window changes its size while a line is typed" {
	shell basic
	types 'vf list ens1f0 ens2 --columns vf,bdf'
	resize 20x24
	last_is 'vf,bdf'
	resize 200x30
	wait_for 'look; [[ ${screen##*$'"'\n'"'} == *"--columns vf,bdf" ]]'
	keys ,vlan Enter
	last_is 'sriovctl>'
	see 'VLAN'
	keys C-d
	ended 0
}

@test "colour, but not with NO_COLOR" {
	shell basic
	clear_screen 'sriovctl>'
	enter 'pf list --columns pf,link' 'sriovctl>'
	tm capture-pane -e -p | grep -q $'\e\\[32mup' || fail 'no colour'
	keys C-d
	ended 0
	gone
	NO_COLOR=1 shell basic
	enter 'pf list --columns pf,link' 'sriovctl>'
	! tm capture-pane -e -p | grep $'\e\\[3' || fail 'colour'
	enter 'pf list --columns pf,link --color=always' 'sriovctl>'
	tm capture-pane -e -p | grep -q $'\e\\[32mup' || fail 'no colour'
	keys C-d
	ended 0
}

@test "a terminal that cannot move its cursor is sent no escape sequence" {
	write_run
	started script -qec "env TERM=dumb sh $T/run --snapshot $(fixture big1024) shell" "$T/output"
	last_is 'sriovctl>'
	see "'help' lists the commands, 'exit' leaves."
	enter 'vf list --columns vf' 'sriovctl>'
	see ens9/1023
	enter 'pf show nosuch' 'sriovctl [4]>'
	enter 'pf list --columns \' '>'
	enter pf 'sriovctl>'
	types 'pf list'
	keys C-c
	last_is 'sriovctl>'
	see $'pf list^C\nsriovctl>'
	types 'pf show nosuch'
	keys C-z
	see $'nosuch^Z\nsriovctl>'
	keys 'pf sho' C-d C-d # sends it as it is
	last_is 'sriovctl [1]>'
	keys C-d
	ended 1
	LC_ALL=C grep -a -v '^Script ' "$T/output" >"$T/bytes"
	! LC_ALL=C grep -aP '[\x00-\x09\x0b\x0c\x0e-\x1f]' "$T/bytes" || fail 'control characters'
}

@test "without a terminal it is a batch" {
	run --separate-stderr "$SRIOVCTL" --snapshot "$(fixture basic)" shell <<<$'pf list --columns pf\npf show nosuch\npf list'
	assert_exit 4
	assert_output $'PF\nens1f0\nens1f1\nens2'
	assert_err "no PF 'nosuch'"
	run --separate-stderr "$SRIOVCTL" shell </dev/null
	assert_exit 0
	assert_output ''
	run --separate-stderr "$SRIOVCTL" shell <<<'use ens1f0'
	assert_exit 1
}

@test "a screen of 80 and one of 200 columns" {
	for size in 80x50 200x50; do
		shell basic
		enter 'vf list --columns vf,bdf,vlan,lease,max_tx_rate,holders,driver' 'sriovctl>'
		types 'vf set ens1f0/0 '
		keys '?'
		wait_for 'look; [[ $screen == *"sriovctl> vf set ens1f0/0"*"sriovctl> vf set ens1f0/0" ]]'
		keys C-u
		types 'vf show '
		keys Tab Tab
		wait_for 'look; [[ $screen == *"sriovctl> vf show"*"sriovctl> vf show" ]]'
		keys C-u
		types 'vf list --columns le'
		keys '?'
		wait_for 'look; [[ $screen == *"--columns le"*"--columns le" ]]'
		keys C-c
		enter 'vf list ens2 --oneline' 'sriovctl>'
		enter 'vf set ens1f0/0 vlan 5000' 'sriovctl [1]>'
		output=$screen
		golden "shell-${size%x*}.txt"
		gone
	done
}

@test "JSON: of a command, and of all" {
	shell basic
	clear_screen 'sriovctl>'
	enter 'pf list -j --columns pf,vfs' 'sriovctl>'
	see '[{"pf":"ens1f0","num_vfs":3}'
	keys C-d
	ended 0
	gone
	shell basic -j
	clear_screen 'sriovctl>'
	enter 'pf list --columns pf' 'sriovctl>'
	screen_is 'sriovctl> pf list --columns pf' '[{"pf":"ens1f0"},{"pf":"ens1f1"},{"pf":"ens2"}]' 'sriovctl>'
	clear_screen 'sriovctl>'
	enter 'pf show nosuch' 'sriovctl [4]>'
	see '{"error":{'
	see "sriovctl: no PF 'nosuch'"
	keys C-d
	ended 4
}

@test "a batch within, no batch of its keyboard, no shell within" {
	shell basic
	printf 'pf list --columns pf\npf show nosuch\npf list\n' >"$T/batch"
	enter "-b $T/batch" 'sriovctl [4]>'
	see 'ens1f1'
	see "batch:2: no PF 'nosuch'"
	enter '-b -' 'sriovctl [1]>'
	enter 'shell' 'sriovctl [1]>'
	see "unknown object 'shell'"
	keys C-d
	ended 1
}

# in_bash FIXTURE: a job of an interactive bash
in_bash() {
	size=100x24
	export T
	started env PS1='bash$ ' bash --norc --noprofile -i
	last_is 'bash$'
	keys "stty -a >$T/before; $(printf '%q --snapshot %q shell' "$SRIOVCTL" "$(fixture "$1")")" Enter
	last_is 'sriovctl>'
}

# bash has the terminal again, as it was before; STATUS is that of the job
in_bash_again() {
	last_is 'bash$'
	keys 'echo status $?; stty -a >$T/after; echo there' '$((1+1))' Enter
	see "there2"
	see "status $1"
	diff <(modes "$T/before") <(modes "$T/after")
}

@test "Ctrl-Z stops it, and what was typed is there again with fg" {
	in_bash basic
	types 'pf show ens1'
	keys C-z
	last_is 'bash$'
	see Stopped
	in_bash_again 148
	resize 70x24
	keys fg Enter
	last_is 'sriovctl> pf show ens1'
	types f0
	keys Enter
	last_is ' line 23 of 31; space: next page, G: all, q: enough'
	keys C-z
	last_is 'bash$'
	in_bash_again 148
	keys fg Enter
	last_is ' line 23 of 31; space: next page, G: all, q: enough'
	keys q
	last_is 'sriovctl>'
	keys C-d
	in_bash_again 0
}

@test "stopped by someone else it goes on as well" {
	in_bash basic
	types 'pf show ens1'
	kill -STOP "$(pgrep -P "$(tm display-message -p '#{pane_pid}')")"
	last_is 'bash$'
	keys fg Enter
	last_is 'sriovctl> pf show ens1'
	types 'f1 --columns=pf'
	keys Enter
	last_is 'sriovctl>'
	keys C-d
	in_bash_again 0
}

# Whoever is its parent now may take its time to notice.
is_dead() { ! grep -qs '^State:.[^ZX]' "/proc/$(<"$T/pid")/status"; }

@test "SIGTERM, SIGHUP, a terminal that goes away: it ends, and leaves the terminal as it was" {
	local signal
	for signal in TERM:143 HUP:129; do
		shell big1024
		types 'pf lis'
		kill -"${signal%:*}" "$(<"$T/pid")"
		ended "${signal#*:}"
		gone
		shell big1024 # while it shows a page
		types 'vf list'
		keys Enter
		see 'line 23 of'
		kill -"${signal%:*}" "$(<"$T/pid")"
		ended "${signal#*:}"
		gone
		shell big1024 # in the middle of a paste
		printf '\e[200~pf list' >"$T/paste"
		tm load-buffer "$T/paste"
		tm paste-buffer
		kill -"${signal%:*}" "$(<"$T/pid")"
		ended "${signal#*:}"
		gone
	done
	shell basic
	gone
	wait_for is_dead
	# without a signal: of nobody's session
	cat >"$T/held" <<-'END'
		setsid sh -c 'echo $$ >"$T/pid"; exec "$@"' sh "$@"
		exec sleep 1000
	END
	export T
	started sh "$T/held" "$SRIOVCTL" --snapshot "$(fixture basic)" shell
	last_is 'sriovctl>'
	gone
	wait_for is_dead
}

@test "storms of signals" {
	local i
	shell basic
	for i in {1..500}; do
		kill -WINCH "$(<"$T/pid")"
		kill -PIPE "$(<"$T/pid")"
	done &
	enter 'vf list --columns vf' 'sriovctl>'
	types 'pf show en'
	keys Tab s2 Tab
	wait $!
	resize 60x20
	resize 80x24
	keys C-l Enter
	last_is ' line 23 of 24; space: next page, G: all, q: enough'
	for i in {1..500}; do
		kill -WINCH "$(<"$T/pid")"
		kill -PIPE "$(<"$T/pid")"
	done
	keys G
	last_is 'sriovctl>'
	keys C-d
	ended 0
}

@test "who reads its output goes away" {
	cat >"$T/piped" <<-'END'
		stty -a >"$T/before"
		"$@" shell | head -n 2
		stty -a >"$T/after"
		echo 0 >"$T/status"
		exec sleep 1000
	END
	export T
	started sh "$T/piped" "$SRIOVCTL" --snapshot "$(fixture basic)"
	see 'leaves.'
	keys 'pf list' Enter
	# it notices when it writes the next time
	wait_for 'keys Enter; test -e "$T/status"'
	ended 0
	see 'sriovctl: nobody reads the output any more'
}

# 3000 bytes, always the same
junk() { LC_ALL=C awk 'BEGIN { srand(1); for (i = 0; i < 3000; i++) printf "%c", int(rand() * 256) }'; }

@test "junk: control characters, half characters, no end of a quotation mark" {
	shell basic
	junk | tr -d '\003\004\021\023\026\032\034\n\r' >"$T/paste"
	tm load-buffer "$T/paste"
	tm paste-buffer -r
	# it may come before all was read, the cursor may be anywhere, and a key that follows Ctrl-C at
	# once be dropped with the line
	wait_for 'keys C-c; sleep 0.1; keys C-l; look; [[ $screen == sriovctl?(" ["?"]")">" ]]'
	enter 'pf list --columns pf' 'sriovctl>'
	{ printf '\e[200~'; junk | tr -d '\003\032\033\034'; printf '\e[201~'; } >"$T/paste"
	tm load-buffer "$T/paste"
	tm paste-buffer -r
	# it may come before all was read, the cursor may be anywhere, and a key that follows Ctrl-C at
	# once be dropped with the line
	wait_for 'keys C-c; sleep 0.1; keys C-l; look; [[ $screen == sriovctl?(" ["?"]")">" ]]'
	enter "pf list 'it" 'sriovctl [1]>'
	see 'not closed'
	clear_screen 'sriovctl [1]>'
	paste $'pf show \x01\x02\xff\xfe\xc3 \x7f' -p
	keys Enter
	last_is 'sriovctl [4]>'
	see 'no PF '
	enter 'pf list --columns pf' 'sriovctl>'
	keys C-d
	ended 0
}

@test "a line of a megabyte" {
	shell basic
	head -c 1000000 /dev/zero | tr '\0' x >"$T/paste"
	{ printf '\e[200~pf list '; cat "$T/paste"; printf '\e[201~\r'; } >"$T/bracketed"
	tm load-buffer "$T/bracketed"
	tm paste-buffer -r
	see 'longer than 65536 bytes'
	last_is 'sriovctl [1]>'
	head -c 70000 "$T/paste" >"$T/typed"
	tm load-buffer "$T/typed"
	tm paste-buffer -r
	keys Enter
	see 'longer than 65536 bytes'
	last_is 'sriovctl [1]>'
	enter 'pf list --columns pf' 'sriovctl>'
	assert_equal "$(<"$T/history")" 'pf list --columns pf'
	keys C-d
	ended 0
}

@test "several lines pasted at once" {
	shell basic
	paste $'use ens1f0\nvf list --columns \\\n  vf,vlan\npf show nosuch\nvf destroy\n' -p
	see 'vf destroy'
	never_seen VLAN # not before Enter
	keys Enter
	last_is 'sriovctl ens1f0 [4]>'
	see 'ens1f0/0  100'
	see "sriovctl: no PF 'nosuch'"
	see 'sriovctl: the lines pasted behind it were not run'
	assert_equal "$(<"$T/history")" $'use ens1f0\nvf list --columns   vf,vlan\npf show nosuch'
	# where nobody asks how it came, as if typed
	keys C-l
	paste $'use ens2\rvf list --columns vf\rpf show nosuch\rpf list --col'
	last_is 'sriovctl ens2 [4]> pf list --col'
	see ens2/1
	keys C-c C-d
	ended 4
}


@test "UTF-8" {
	shell basic
	types 'pf show ärger-日本'
	keys BSpace BSpace x Enter
	last_is 'sriovctl [4]>'
	see "no PF 'ärger-x'"
	keys Up C-a M-f M-f C-f C-d Enter
	see "no PF 'rger-x'"
	last_is 'sriovctl [4]>'
	keys C-d
	ended 4
}

@test "the end of the terminal's input in the middle of a line" {
	shell basic
	types 'pf list'
	keys C-d # deletes what is at the cursor: nothing
	types ' ens2'
	keys C-a C-d C-d C-d
	last_is 'sriovctl> list ens2'
	keys C-u C-k C-d
	ended 0
}

@test "without readline it reads what the terminal gives, and says so" {
	local library
	library=$(ldconfig -p | sed -n 's/.*libreadline\.so\.8 .*=> //p' | head -n 1)
	[[ $EUID -eq 0 && -n $library ]] && unshare -m true 2>/dev/null || skip 'needs root, to hide it'
	size=100x24
	write_run
	started unshare -m sh -c 'mount --bind /dev/null "$1" && shift && exec "$@"' sh "$library" \
		sh "$T/run" --snapshot "$(fixture basic)" shell
	last_is 'sriovctl>'
	see "sriovctl: warning: no line editing: libreadline.so.8 is not there
'help' lists the commands, 'exit' leaves."
	types 'pf list'
	keys C-c
	last_is 'sriovctl>'
	enter 'use ens2' 'sriovctl ens2>'
	types 'pf show'
	keys Enter
	last_is ' line 23 of 24; space: next page, G: all, q: enough'
	keys C-c
	last_is 'sriovctl ens2>'
	keys C-d
	ended 0
	assert [ ! -e "$T/history" ]
}
