# Loaded by every .bats file here: the program, the fixtures, assertions.
# shellcheck shell=bash
# bats sets $status, $output and $stderr; jq has variables of its own.
# shellcheck disable=SC2154,SC2016,SC2001

bats_require_minimum_version 1.5.0

ROOT=$(cd "${BATS_TEST_DIRNAME:?}/../.." && pwd)
SRIOVCTL=$(realpath "${SRIOVCTL:-$ROOT/build/sriovctl}")
export ROOT SRIOVCTL
export LC_ALL=C.UTF-8 COLUMNS=80 TERM=xterm
unset NO_COLOR SRIOVCTL_RUNTIME_DIR

load_library() {
	local dir
	for dir in ${BATS_LIB_PATH//:/ } /usr/lib/bats /usr/share/bats /usr/local/lib/bats \
		/usr/lib /usr/local/lib /usr/lib/node_modules /usr/local/lib/node_modules; do
		if [[ -e $dir/$1/load.bash ]]; then
			# shellcheck source=/dev/null
			source "$dir/$1/load.bash"
			return
		fi
	done
	echo "$1 is not installed" >&2
	return 1
}

load_library bats-support
load_library bats-assert

# The generator, compiled once for the whole run.
mkfixture() {
	local tool=${BATS_RUN_TMPDIR:?}/mkfixture
	if [[ ! -x $tool ]]; then
		# shellcheck disable=SC2046 # several words are meant
		"${CC:-cc}" -std=c17 -D_GNU_SOURCE -O1 -o "$tool.$$" \
			"$ROOT/tests/tools/mkfixture.c" $(pkg-config --cflags --libs libmnl)
		mv "$tool.$$" "$tool"
	fi
	"$tool" "$@"
}

# fixture NAME: where it is; made, once for the whole run, when it is none of the
# committed ones. Tests only read it.
fixture() {
	local dir=$ROOT/tests/fixtures/$1
	if [[ ! -d $dir ]]; then
		dir=${BATS_RUN_TMPDIR:?}/fixtures/$1
		if [[ ! -d $dir ]]; then
			mkdir -p "${dir%/*}"
			mkfixture "$1" "$dir.$$"
			# with several jobs another may have been faster
			mv -T "$dir.$$" "$dir" 2>/dev/null || rm -rf "$dir.$$"
		fi
	fi
	echo "$dir"
}

# A private copy of a fixture, to damage: copy_fixture NAME
copy_fixture() {
	local dir=${BATS_TEST_TMPDIR:?}/$1
	cp -a "$(fixture "$1")" "$dir"
	echo "$dir"
}

# on FIXTURE ARG...: run it there.
on() {
	local dir
	dir=$(fixture "$1")
	shift
	run --separate-stderr "$SRIOVCTL" --snapshot "$dir" "$@"
}

# dry FIXTURE ARG...: what a change would be there.
dry() {
	local name=$1
	shift
	on "$name" --dry-run "$@"
}

# at DIR ARG...: run it on a snapshot anywhere.
at() {
	local dir=$1
	shift
	run --separate-stderr "$SRIOVCTL" --snapshot "$dir" "$@"
}

# sriovctl ARG...: run it on this machine, or so that no host is looked at.
sriovctl() {
	run --separate-stderr "$SRIOVCTL" "$@"
}

show_run() {
	printf -- '-- status %s\n-- stdout\n%s\n-- stderr\n%s\n' "$status" "${output:0:3000}" "${stderr:0:3000}"
}

assert_exit() {
	if [[ $status -ne $1 ]]; then
		show_run | fail
	fi
}

assert_err() { # part of stderr
	if [[ $stderr != *"$1"* ]]; then
		{ echo "stderr lacks: $1"; show_run; } | fail
	fi
}

refute_err() {
	if [[ $stderr == *"$1"* ]]; then
		{ echo "stderr has: $1"; show_run; } | fail
	fi
}

# assert_json FILTER [JQ ARG...]: the filter says true of stdout.
assert_json() {
	local filter=$1
	shift
	# -s: just one value, and no output at all is no success
	if ! jq -es "$@" "length == 1 and (.[0] | $filter)" <<<"$output" >/dev/null; then
		{ echo "not so: $filter"; show_run; } | fail
	fi
}

# assert_json_error CODE TEXT: the same error on both streams, as JSON and as text.
assert_json_error() {
	assert_exit "$1"
	assert_json '.error.code == $code and (.error.message | contains($text)) and
		(.error | keys == ["attr", "code", "hint", "kernel", "line", "message", "object"])' \
		--argjson code "$1" --arg text "$2"
	assert_err "$2"
}

# assert_plan LINE...: that text and no other is what would be done, in the last run; "=" at
# the end of a line stands for what it is to get back.
assert_plan() {
	local line want=()
	for line in "$@"; do
		case $line in
		*": driver "*=) want+=("${line%=}  (to be rebound)") ;;
		*=) want+=("${line%=}  (to be put back)") ;;
		*) want+=("$line  (planned)") ;;
		esac
	done
	assert_exit 0
	assert_output "$(printf '%s\n' "${want[@]}")"
}

# bad CODE TEXT FIXTURE ARG...: refused with this code and these words in the message, on
# both streams; nothing planned, nothing shown, nothing changed. Leaves the JSON in $output.
bad() {
	local code=$1 text=$2 line
	shift 2
	dry "$@"
	assert_exit "$code"
	assert_output ""
	assert_err "$text"
	for line in "${stderr_lines[@]}"; do
		[[ $line == "sriovctl: "* || $line == "  "* ]] || fail "stderr has: $line"
	done
	dry "$@" --diff -v
	assert_exit "$code"
	assert_output ""
	dry "$@" -j
	assert_json_error "$code" "$text"
	assert_json '.changed != true and all(.actions // [] | .[]; .result == "skipped")'
	assert_json '.error.message | length < 400 and (endswith(".") | not)'
}

# What the error in the last JSON is about; empty for nothing.
assert_about() { # OBJECT ATTR
	assert_json '(.error.object // "") == $o and (.error.attr // "") == $a' \
		--arg o "$1" --arg a "$2"
}

assert_hint() { # part of the hint in the last JSON
	assert_json '.error.hint | contains($t)' --arg t "$1"
}

# The bytes of a run: no control character but the newline, and valid UTF-8. With a
# second word it is JSON, which may have U+007F to U+009F as they are (RFC 8259, 7).
assert_clean_file() {
	local bad='[\x00-\x09\x0b-\x1f]'
	[[ -n ${2:-} ]] || bad+='|\x7f|\xc2[\x80-\x9f]'
	if LC_ALL=C grep -qP "$bad" "$1"; then
		{ echo "control characters in $1:"; cat -v "$1"; } | fail
	fi
	if ! iconv -f UTF-8 -t UTF-8 "$1" >/dev/null 2>&1; then
		{ echo "no UTF-8 in $1:"; cat -v "$1"; } | fail
	fi
}

# clean ARG...: run it and look at every byte; leaves $status.
clean() {
	status=0
	"$SRIOVCTL" "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || status=$?
	output=$(<"$BATS_TEST_TMPDIR/out") stderr=$(<"$BATS_TEST_TMPDIR/err")
	local json=
	[[ " $* " != *" -j "* ]] || json=json
	assert_clean_file "$BATS_TEST_TMPDIR/out" $json
	assert_clean_file "$BATS_TEST_TMPDIR/err"
}

# golden NAME: stdout is what golden/NAME has, but for blanks at the end of lines.
# UPDATE_GOLDEN=1 writes it anew.
golden() {
	local file=$BATS_TEST_DIRNAME/golden/$1
	if [[ -n ${UPDATE_GOLDEN:-} ]]; then
		mkdir -p "${file%/*}"
		sed 's/ *$//' <<<"$output" >"$file"
	fi
	diff -u "$file" <(sed 's/ *$//' <<<"$output")
}

# on_terminal WIDTH[xROWS] COMMAND...: its output on a terminal of that size (24 rows).
on_terminal() {
	local width=${1%x*} rows=24
	[[ $1 != *x* ]] || rows=${1#*x}
	shift
	# script(1) makes the terminal; its carriage returns are no output of ours
	script -qec "stty cols $width rows $rows; $(printf '%q ' "$@")" /dev/null </dev/null |
		tr -d '\r'
}

# powerless COMMAND...: as root, but bound by file modes as everybody is.
powerless() {
	if [[ $EUID -eq 0 ]]; then
		setpriv --bounding-set=-all --inh-caps=-all "$@"
	else
		"$@"
	fi
}

# as_nobody COMMAND...
as_nobody() {
	if [[ $EUID -eq 0 ]]; then
		setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	else
		"$@"
	fi
}
