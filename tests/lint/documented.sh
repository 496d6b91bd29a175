#!/bin/bash
# Every option, command, column and exit code is in the manual, and nothing is documented
# that does not exist. The binary itself says what there is.
set -u
cd "$(dirname "$0")/../.." || exit 1
sriovctl=${SRIOVCTL:-build/sriovctl}
bad=0

missing() {
	echo "$1"
	bad=$((bad + 1))
}

[ -x "$sriovctl" ] || {
	echo "build $sriovctl first"
	exit 1
}

# options: "  -j, --json   ..." in the help, ".Fl -json" in the page
options=$("$sriovctl" help | sed -n 's/^  \(-[a-zA-Z]*, \|    \)--\([a-z-]*\).*/\2/p')
[ "$(wc -w <<<"$options")" -ge 15 ] || missing 'help lists hardly any options'
for option in $options; do
	grep -q -e "Fl -$option\b" man/sriovctl.8 || missing "man/sriovctl.8: option --$option"
done
while read -r option; do
	grep -qx -e "$option" <<<"$options" || missing "man/sriovctl.8: --$option does not exist"
done < <(sed -n 's/^\.It.* Fl -\([a-z-]*[a-z]\).*/\1/p; s/^\.Fl -\([a-z-]*[a-z]\).*/\1/p' man/sriovctl.8 | sort -u)

# columns of each object, from the help of its list command
for object in pf vf; do
	columns=$("$sriovctl" $object list help | sed -n '/^Columns/,$s/^  \([a-z_]*\) .*/\1/p')
	[ "$(wc -w <<<"$columns")" -ge 20 ] || missing "$object list help lists hardly any columns"
	for column in $columns; do
		grep -q -e "^\.It Cm $column " man/sriovctl-$object.8 || missing "man/sriovctl-$object.8: column $column"
	done
	while read -r column; do
		grep -qx -e "$column" <<<"$columns" || missing "man/sriovctl-$object.8: column $column does not exist"
	done < <(sed -n 's/^\.It Cm \([a-z_]*\) Pq .*/\1/p' man/sriovctl-$object.8)
done

# commands
while read -r object command; do
	page=man/sriovctl-$object.8
	[ -e "$page" ] || page=man/sriovctl.8
	grep -q -e "\b${command:-$object}\b" "$page" || missing "$page: command $object $command"
done < <("$sriovctl" help | sed -n '/^Commands/,/^$/s/^  \([a-z]*\) \?\([a-z]*\).*/\1 \2/p' | grep -v '^ *$')

# exit codes
while read -r code; do
	grep -q -e "^\.It $code\b\|^\.It Li $code\b\|^\.It Sy $code\b" man/sriovctl.8 || missing "man/sriovctl.8: exit code $code"
done < <(sed -n 's/^	EXIT_[A-Z_]* = \([0-9]*\).*/\1/p' src/util/error.h)

echo "$bad things undocumented, or documented and not there"
[ "$bad" -eq 0 ]
