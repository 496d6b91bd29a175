#!/usr/bin/env bash
# Who may include whom, and who may print, exit and write: the rules of the house, as far
# as grep can see them. Usage: layers.sh [TOP]. Prints file:line: reason for each
# violation; exits 1 when there was any.
set -euo pipefail

top=${1:-$(dirname "$0")/../..}
cd "$top"
[ -d src ] || { echo "layers: no src/ below $top" >&2; exit 2; }

violations=0

report() { # file:line reason
	printf '%s: %s\n' "$1" "$2"
	violations=$((violations + 1))
}

# A file without comments and, unless $2 is "strings", without what string and character
# literals hold; line numbers stay.
code_of() {
	awk -v keep="${2:-}" '
	{
		line = $0; out = ""; n = length(line)
		for (i = 1; i <= n; i++) {
			c = substr(line, i, 1); two = substr(line, i, 2)
			if (comment) {
				if (two == "*/") { comment = 0; i++ }
				continue
			}
			if (quote != "") {
				if (c == "\\") { if (keep != "") out = out two; i++; continue }
				if (c == quote) { quote = ""; out = out c; continue }
				if (keep != "") out = out c
				continue
			}
			if (two == "/*") { comment = 1; i++; out = out " "; continue }
			if (two == "//") break
			if (c == "\"" || c == "\047") quote = c
			out = out c
		}
		if (substr(line, n, 1) != "\\") quote = ""
		print out
	}' "$1"
}

# Which directories below src/ (and single headers) each part may include from.
allowed() {
	case $1 in
	util) echo "util" ;;
	core) echo "core util" ;;
	kernel) echo "kernel core util" ;;
	plan) echo "plan core util" ;;
	policy) echo "policy core util" ;;
	doctor) echo "doctor core util" ;;
	cli) echo "cli core util" ;;
	output) echo "output core util doctor/doctor.h plan/plan.h" ;;
	cmd) echo "cmd cli core doctor plan policy output util" ;;
	top) echo "run.h run_parts.h stats_parts.h declared.h policy_parts.h cmd cli core doctor plan policy output kernel util" ;;
	esac
}

# What single files may include besides.
allowed_also() {
	case $1 in
	src/plan/apply.c | src/plan/apply_if.c | src/plan/apply_link.c | src/plan/apply_vf.c | src/plan/apply_parts.h) echo "kernel" ;;
	src/cmd/snapshot.c | src/cmd/monitor.c) echo "kernel" ;;
	src/output/exposition.h) echo "plan/tally.h" ;;
	esac
}

# Libraries and kernel headers, and who may use them.
library_owner() {
	case $1 in
	libmnl/* | linux/* | pci/* | libkmod* | netlink/* | libudev* | systemd/sd-device*)
		echo "src/kernel/" ;;
	libsmartcols*) echo "src/output/" ;;
	jansson*) echo "src/output/ src/cli/help_json.c src/plan/journal.c src/plan/lease.c src/plan/record. src/plan/tally.c src/rollback.c" ;;
	readline/*) echo "src/cli/readline.h" ;;
	libfyaml*) echo "src/policy/" ;;
	esac
}

part_of() { # src/core/vf.c -> core, src/run.c -> top
	local rest=${1#src/}

	case $rest in
	*/*) echo "${rest%%/*}" ;;
	*) echo top ;;
	esac
}

starts_with_one_of() { # word prefixes...
	local word=$1 prefix

	shift
	for prefix in "$@"; do
		[[ $word == "$prefix"* ]] && return 0
	done
	return 1
}

check_quoted() { # file line header
	local file=$1 line=$2 header=$3 part dirs d

	part=$(part_of "$file")
	dirs="$(allowed "$part") $(allowed_also "$file")"
	for d in $dirs; do
		[[ $header == "$d" || $header == "$d"/* ]] && return
	done
	if [ -z "$(allowed "$part")" ]; then
		report "$file:$line" "src/$part is unknown to tests/lint/layers.sh"
	else
		report "$file:$line" "$part may not include \"$header\""
	fi
}

check_system() { # file line header
	local file=$1 line=$2 header=$3 owners

	owners=$(library_owner "$header")
	# shellcheck disable=SC2086 # a list of words
	if [ -n "$owners" ] && ! starts_with_one_of "$file" $owners; then
		report "$file:$line" "<$header> belongs to $owners alone"
	fi
}

check_includes() {
	local file=$1 number text
	local quoted='^[[:space:]]*#[[:space:]]*include[[:space:]]*"([^"]+)"'
	local system='^[[:space:]]*#[[:space:]]*include[[:space:]]*<([^>]+)>'

	while IFS=: read -r number text; do
		if [[ $text =~ $quoted ]]; then
			check_quoted "$file" "$number" "${BASH_REMATCH[1]}"
		elif [[ $text =~ $system ]]; then
			check_system "$file" "$number" "${BASH_REMATCH[1]}"
		else
			report "$file:$number" "an #include that cannot be checked: $text"
		fi
	done < <(code_of "$file" strings | grep -nE '^[[:space:]]*#[[:space:]]*include' || true)
}

# Every call of one of the functions (an extended regular expression) in a file.
forbid() { # file functions reason
	local number

	while IFS=: read -r number _; do
		report "$1:$number" "$3"
	done < <(code_of "$1" | grep -nE "(^|[^[:alnum:]_])($2)[[:space:]]*\\(" || true)
}

# Words of the command line are for the parser; a command that compares them has a
# grammar of its own that help and completion do not know.
check_argv() {
	local file=$1 names number

	names=$(code_of "$file" | sed -nE \
		's/.*[^[:alnum:]_]([[:alnum:]_]+)[[:space:]]*=[[:space:]]*args->(words|rest).*/\1/p' |
		sort -u | tr '\n' '|')
	while IFS=: read -r number _; do
		report "$file:$number" "cmd/ compares words of the command line"
	done < <(code_of "$file" |
		grep -nE '(^|[^[:alnum:]_])str(n|case|ncase)?cmp[[:space:]]*\(' |
		grep -E "(args->|argv|->words|->rest|[(, ](${names}argv)[],) [])" || true)
}

printing='v?printf|v?fprintf|v?dprintf|f?puts|f?putc|putchar|fwrite|perror|psignal'

check_calls() {
	local file=$1

	[ "$file" = src/main.c ] ||
		forbid "$file" 'exit|quick_exit' 'only main.c exits'
	[ "$file" = src/kernel/change.c ] || [ "$file" = src/kernel/child.c ] ||
		forbid "$file" '_exit|_Exit' '_exit is for the forked children of kernel/'
	case $file in
	src/plan/lock.c) forbid "$file" "${printing/v?dprintf|/}" 'plan/ does not print' ;;
	src/cmd/* | src/core/* | src/doctor/* | src/plan/*)
		forbid "$file" "$printing" "$(part_of "$file")/ does not print" ;;
	esac
	case $file in
	src/cmd/*) check_argv "$file" ;;
	esac
	case $file in
	src/kernel/* | src/plan/apply.c | src/plan/apply_if.c | src/plan/apply_link.c | src/plan/apply_vf.c) ;;
	*) forbid "$file" 'sysfs_write|write_sysfs|write_(link|address|gateway)|delete_link|announce|rtnl_(set_[a-z_]+|transact)' \
		'only kernel/ and plan/apply.c write to the system' ;;
	esac
}

files=0
while IFS= read -r file; do
	files=$((files + 1))
	check_includes "$file"
	check_calls "$file"
	lines=$(wc -l < "$file")
	[ "$lines" -le 700 ] || report "$file:$lines" "has $lines lines: more than 700, split it"
done < <(find src -name '*.[ch]' | LC_ALL=C sort)

if [ "$violations" -gt 0 ]; then
	echo "layers: $violations violations in $files files"
	exit 1
fi
echo "layers: $files files keep the rules"
