#!/bin/bash
# Every option, command, column, setting and exit code is in the manual, and nothing is
# documented that does not exist. The binary itself says what there is.
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
		grep -q -e "^\.It Cm $column Pq " man/sriovctl-$object.8 || missing "man/sriovctl-$object.8: column $column"
	done
	while read -r column; do
		grep -qx -e "$column" <<<"$columns" || missing "man/sriovctl-$object.8: column $column does not exist"
	done < <(sed -n 's/^\.It Cm \([a-z_]*\) Pq .*/\1/p' man/sriovctl-$object.8)
done

# settings of each object, "mac MAC|auto": from the help of its set command, and, with
# the macros taken out, from the section SETTINGS of its page
for object in pf vf; do
	page=man/sriovctl-$object.8
	# the label has 22 columns, or its line for itself
	settings=$("$sriovctl" $object set help | awk '/^Settings/ { on = 1; next } /^$/ { on = 0 }
		on && /^  [a-z]/ { l = substr($0, 3); if (substr(l, 23, 1) == " ") l = substr(l, 1, 22)
			sub(/ +$/, "", l); print l }')
	[ "$(wc -l <<<"$settings")" -ge 3 ] || missing "$object set help lists hardly any settings"
	there=$(sed -n '/^\.Sh SETTINGS/,/^\.Sh [^S]/s/^\.It Cm //p' "$page" | sed 's/ \(Ar\|Cm\)\b//g; s/ Ns //g; s/ | /|/g')
	while read -r setting; do
		grep -qxF -e "$setting" <<<"$there" || missing "$page: setting $setting"
	done <<<"$settings"
	while read -r setting; do
		grep -qxF -e "$setting" <<<"$settings" || missing "$page: setting $setting does not exist"
	done <<<"$there"
done

# what --force takes
forces=$("$sriovctl" --force=x 2>&1 | sed -n '1s/, not .*//p' | grep -o '\b[a-z]*-[a-z]*\b')
[ "$(wc -w <<<"$forces")" -ge 3 ] || missing 'the error of --force names hardly anything'
for force in $forces; do
	grep -qx -e "\.It Cm $force" man/sriovctl.8 || missing "man/sriovctl.8: --force=$force"
done

# fields of the audit
fields=$(grep -o '"SRIOVCTL_[A-Z]*_\?\(%s\)\?"' src/plan/audit.c | tr -d '"' | sed 's/%s//' | sort -u)
[ "$(wc -w <<<"$fields")" -ge 5 ] || missing 'src/plan/audit.c has hardly any fields'
for field in $fields; do
	grep -q -e "^\.It Li.* \?$field\b" man/sriovctl.8 || missing "man/sriovctl.8: audit field $field"
done

# commands
while read -r object command; do
	page=man/sriovctl-$object.8
	[ -e "$page" ] || page=man/sriovctl.8
	grep -q -e "^\.Cm $object${command:+ $command}\b" "$page" || missing "$page: command $object $command"
done < <("$sriovctl" help | sed -n '/^Commands/,/^$/s/^  \([a-z]*\) \?\([a-z]*\).*/\1 \2/p' | grep -v '^ *$')

# exit codes
while read -r code; do
	grep -q -e "^\.It $code\b\|^\.It Li $code\b\|^\.It Sy $code\b" man/sriovctl.8 || missing "man/sriovctl.8: exit code $code"
done < <(sed -n 's/^	EXIT_[A-Z_]* = \([0-9]*\).*/\1/p' src/util/error.h)

echo "$bad things undocumented, or documented and not there"
[ "$bad" -eq 0 ]
