#!/bin/bash
# Every option, command, column, setting and exit code is in the manual, and nothing is
# documented that does not exist. The binary itself says what there is.
set -u
cd "$(dirname "$0")/../.." || exit 1
sriovctl=${SRIOVCTL:-build/sriovctl}
bad=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

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
for object in pf vf netns stats; do
	words=("$object" list)
	[ "$object" != stats ] || words=(stats)
	columns=$("$sriovctl" "${words[@]}" help | sed -n '/^Columns/,$s/^  \([a-z_]*\) .*/\1/p')
	[ "$(wc -w <<<"$columns")" -ge 10 ] || missing "$object list help lists hardly any columns"
	for column in $columns; do
		grep -q -e "^\.It Cm $column Pq " man/sriovctl-$object.8 || missing "man/sriovctl-$object.8: column $column"
	done
	while read -r column; do
		grep -qx -e "$column" <<<"$columns" || missing "man/sriovctl-$object.8: column $column does not exist"
	done < <(sed -n 's/^\.It Cm \([a-z_]*\) Pq .*/\1/p' man/sriovctl-$object.8)
done

# checks of the doctor: each is in its page, is found by a unit test and is silent in one
json=$("$sriovctl" --json doctor help)
page=man/sriovctl-doctor.8
ids=$(jq -r '.commands[0].topics[].name' <<<"$json")
[ "$(wc -w <<<"$ids")" -ge 3 ] || missing 'doctor help lists hardly any checks'
for id in $ids; do
	grep -q -e "^\.It Cm $id Pq " $page || missing "$page: check $id"
	grep -qzE "finds\([^;]*\"$id\"" tests/unit/test_doctor*.c || missing "no unit test finds $id"
	grep -qzE "silent\([^;]*\"$id\"" tests/unit/test_doctor*.c || missing "no unit test shows that $id can be silent"
done
while read -r id; do
	grep -qx -e "$id" <<<"$ids" || missing "$page: check $id does not exist"
done < <(sed -n '/^\.Sh CHECKS/,/^\.Sh JSON/s/^\.It Cm \([a-z0-9-]*\) Pq .*/\1/p' $page)
while read -r key; do
	sed -n '/^\.Sh JSON/,/^\.Sh E/p' $page | grep -q -e "^\.\(It \)\?Cm \(.* , \)\?$key\b" || missing "$page: JSON key $key"
done < <("$sriovctl" --json --snapshot tests/fixtures/lab14 doctor | jq -r '.. | objects | keys[]' | sort -u)

# settings "OBJECT COMMAND": what its help lists, "mac MAC|auto"
settings() {
	local words
	read -ra words <<<"$1"
	# the label has 22 columns, or its line for itself
	"$sriovctl" "${words[@]}" help | awk '/^Settings/ { on = 1; next } /^$/ { on = 0 }
		on && /^  [a-z]/ { l = substr($0, 3); if (substr(l, 23, 1) == " ") l = substr(l, 1, 22)
			sub(/ +$/, "", l); print l }'
}

# section FROM TO PAGE: the settings it explains, with the macros taken out
section() { sed -n "/^\.$1/,/^\.$2/s/^\.It Cm //p" "$3" | sed 's/ \(Ar\|Cm\)\b//g; s/ Ns //g; s/ | /|/g'; }

# settings of each object, from the help of its set command and from the section SETTINGS of
# its page
for object in pf vf; do
	page=man/sriovctl-$object.8
	settings=$(settings "$object set")
	[ "$(wc -l <<<"$settings")" -ge 3 ] || missing "$object set help lists hardly any settings"
	there=$(section 'Sh SETTINGS' 'Sh [^S]' "$page")
	while read -r setting; do
		grep -qxF -e "$setting" <<<"$there" || missing "$page: setting $setting"
	done <<<"$settings"
	while read -r setting; do
		grep -qxF -e "$setting" <<<"$settings" || missing "$page: setting $setting does not exist"
	done <<<"$there"
done

# those of netns attach: in its page, or in that of vf set
settings=$(settings 'netns attach')
own=$(section 'Ss Settings' 'Ss [^S]' man/sriovctl-netns.8)
[ "$(wc -l <<<"$settings")" -ge 10 ] || missing 'netns attach help lists hardly any settings'
while read -r setting; do
	grep -qxF -e "$setting" <<<"$own" || section 'Sh SETTINGS' 'Sh [^S]' man/sriovctl-vf.8 | grep -qxF -e "$setting" ||
		missing "man/sriovctl-netns.8: setting $setting"
done <<<"$settings"
while read -r setting; do
	grep -qxF -e "$setting" <<<"$settings" || missing "man/sriovctl-netns.8: setting $setting does not exist"
done <<<"$own"

# where a VF can be
states=$(sed -n 's/^	\[WHERE_[A-Z]*\] = "\([a-z]*\)",/\1/p' src/core/lease.c | grep -vx home)
[ "$(wc -w <<<"$states")" -ge 5 ] || missing 'src/core/lease.c has hardly any states'
for state in $states; do
	grep -qx -e "\.It Cm $state" man/sriovctl-netns.8 || missing "man/sriovctl-netns.8: state $state"
done

# metrics for Prometheus, and the words of their labels
metrics=$(sed -n 's/^.*"\(sriov\(ctl\)\?_[a-z_]*\)".*/\1/p' src/output/exposition.c | sort)
[ "$(wc -w <<<"$metrics")" -ge 30 ] || missing 'src/output/exposition.c has hardly any metrics'
there=$({ sed -n '/^\.Sh METRICS/,/^\.Sh [^M]/s/^\.It Li //p' man/sriovctl-stats.8; sed -n 's/^\.It Li \(sriovctl_\)/\1/p' man/sriovctl-policy.8; } | sort)
while read -r metric; do
	missing "metrics in src/output/exposition.c and man/sriovctl-stats.8 or sriovctl-policy.8: $metric"
done < <(comm -3 <(echo "$metrics") <(echo "$there") | tr -d '\t')
while read -r state; do
	grep -qx -e "\.It Cm $state" man/sriovctl-stats.8 || missing "man/sriovctl-stats.8: state $state"
done < <(sed -n 's/^	\[REMARK_[A-Z_]*\] = "\([a-z_]*\)",/\1/p' src/output/exposition.c | sort -u)
while read -r result; do
	sed -n '/^\.It Li sriovctl_changes_total/,/^\.It Li sriovctl_f/p' man/sriovctl-stats.8 | grep -q -e "\b$result\b" ||
		missing "man/sriovctl-stats.8: result $result"
done < <(sed -n 's/^	\[EXIT_[A-Z_]*\] = "\([a-z_]*\)",/\1/p' src/plan/tally.c)
while read -r reason; do
	sed -n '/^\.It Li sriovctl_scrape_incomplete/,/^\.El/p' man/sriovctl-stats.8 | grep -q -e "^\.Ql $reason\b" ||
		missing "man/sriovctl-stats.8: reason $reason"
done < <(sed -n '/^static void put_incomplete/,/^}/s/^		{"\([a-z]*\)", .*/\1/p' src/output/exposition.c)

# what an action may be about: a column, or explained on its own
attrs=$(sed -n 's/^	\[STEP_[A-Z_]*\] = "\([a-z_]*\)",/\1/p' src/plan/plan.c)
[ "$(wc -w <<<"$attrs")" -ge 10 ] || missing 'src/plan/plan.c has hardly any steps'
for attr in $attrs; do
	cat man/sriovctl.8 man/sriovctl-vf.8 man/sriovctl-pf.8 | grep -q -e "^\.It Cm $attr\( \|$\)" ||
		missing "man/sriovctl.8: attr $attr"
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

# What `help --json` says there is, against everything else: text help, completion, the keys
# of JSON. host: some PFs and VFs to ask about.
json=$("$sriovctl" help --json)
host=(--snapshot tests/fixtures/basic)
offered() { "$sriovctl" complete -- "${host[@]}" "$@" '' | cut -f1; }
[ "$(jq '.commands | length' <<<"$json")" -ge 15 ] || missing 'help --json has hardly any commands'

while read -r object name alias; do
	object=${object#-} name=${name#-} alias=${alias#-}
	read -ra words <<<"$object $name"
	[ "${#words[@]}" -gt 0 ] || words=("$alias")
	"$sriovctl" help | grep -q -e "^  ${words[*]}\b" || missing "help: command ${words[*]}"
	"$sriovctl" complete -- ${object:+"$object"} '' | cut -f1 | grep -qx -e "${words[-1]}" || missing "completion: command ${words[*]}"
	"$sriovctl" "${words[@]}" help | grep -q '^Examples:$' || missing "${words[*]} help: examples"
	while read -r option; do
		"$sriovctl" complete -- "${words[@]}" "--$option" | cut -f1 | grep -q -e "^--$option=\?$" ||
			missing "completion: ${words[*]} --$option"
		"$sriovctl" "${words[@]}" help | grep -q -e "--$option\b" || missing "${words[*]} help: --$option"
	done < <(jq -r --arg o "$object" --arg n "$name" '.commands[] | select((.object // "") == $o and (.name // "") == $n) | .options[]' <<<"$json")
done < <(jq -r '.commands[] | [.object // "", .name // "", .alias // ""] | map(if . == "" then "-" else . end) | @tsv' <<<"$json")

while read -r option; do
	"$sriovctl" complete -- "--$option" | cut -f1 | grep -q -e "^--$option=\?$" || missing "completion: --$option"
	grep -qx -e "$option" <<<"$options" || missing "help: --$option"
done < <(jq -r '.options[].name' <<<"$json")

# settings OBJECT COMMAND WORD...: each is offered behind these words
while read -r command words; do
	read -ra before <<<"${command/./ } $words"
	there=$(offered "${before[@]}")
	count=0
	while read -r keyword; do
		count=$((count + 1))
		grep -qx -e "$keyword" <<<"$there" || missing "completion: ${before[*]} $keyword"
	done < <(jq -r --arg c "$command" '.commands[] | select("\(.object).\(.name)" == $c) | .settings[] | .keyword, .off // empty' <<<"$json")
	[ "$count" -ge 1 ] || missing "help --json: settings of $command"
done <<'END'
pf.set ens1f0
vf.set ens1f0/1
netns.attach ens1f0/1 blue
netns.detach ens1f0/1
END

# records COMMAND: the keys that JSON has are those that are told, in both directions
while read -r type object; do
	jq -r --arg t "$type" '.records[$t][].key' <<<"$json" | sort >"$scratch/told"
	[ "$(wc -l <"$scratch/told")" -ge 10 ] || missing "help --json: records.$type"
	args=("$object" list)
	[ "$object" != stats ] || args=(stats)
	[ "$object" != vf ] || args+=(--statistics)
	"$sriovctl" --json --snapshot tests/fixtures/netns "${args[@]}" 2>/dev/null | jq -r '.[0] | keys[]' | sort >"$scratch/there"
	while read -r key; do
		missing "JSON keys of $object list and help --json: $key"
	done < <(comm -3 "$scratch/told" "$scratch/there" | tr -d '\t')
done < <(jq -r '.commands[] | select(.name == "list") | "\(.shows) \(.object)"' <<<"$json"; echo 'stats stats')

# what monitor tells: its keys, events and reasons, in both directions
page=man/sriovctl-monitor.8
events=$(jq -r '.records.event[] | .key, (.values // [])[]' <<<"$json")
[ "$(wc -w <<<"$events")" -ge 30 ] || missing 'help --json: records.event'
for word in $events; do
	grep -q -e "^\.\(It \)\?Cm \(.* , \)\?$word\b" "$page" || missing "$page: $word"
done
while read -r word; do
	grep -qx -e "$word" <<<"$events" || missing "$page: $word does not exist"
done < <({ sed -n '/^\.Ss Events/,/^\.Ss What/p;/^\.Ss JSON/,/^\.Ss In/p' "$page"; } | sed -n 's/^\.It Cm //p' | tr -d , | tr ' ' '\n' | grep .)

# keys of what a change and an error answer
while read -r key; do
	grep -q -e "^\.It Cm \(.* , \)\?$key\b\|^\.It Li $key\b\|\.Li $key\b" man/sriovctl.8 || missing "man/sriovctl.8: JSON key $key"
done < <({
	"$sriovctl" --json "${host[@]}" --dry-run vf set ens1f0/1 vlan 5
	"$sriovctl" --json nonsense 2>/dev/null
} | jq -r '.. | objects | keys[]' | sort -u)

# What policies can say, in both directions: the rows of the tables of keys, and the settings of
# PFs and VFs. rows ARRAY FILE: the first word of each row.
page=man/sriovctl-policy.8
rows() { sed -n "/ $1\\[.*\\] = {\$/,/^};/s/^	\\[[A-Z_]*\\] = {\"\\([A-Za-z]*\\)\".*/\\1/p" "$2"; }
# keys FROM TO: what this part of the page explains, "a , b" as two
keys() { sed -n "/^\.$1/,/^\.S[hs] $2/s/^\.It Cm //p" $page | sed 's/ , /\n/g'; }
settable() { jq -r --arg c "$1.set" '.commands[] | select("\(.object).\(.name)" == $c) | .settings[].keyword' <<<"$json"; }
same() { # WHAT KEYS KEYS
	local key
	[ "$(wc -w <<<"$2")" -ge 5 ] || missing "hardly any keys of $1"
	while read -r key; do
		missing "keys of $1 in policies and $page: $key"
	done < <(comm -3 <(sort -u <<<"$2") <(sort -u <<<"$3") | tr -d '\t')
}
same 'a SriovHost' "$(rows document_keys src/policy/host.c)" "$(keys 'Sh THE' 'Of a PF')"
same 'a PF' "$(rows entry_keys src/policy/host.c; settable pf)" "$(keys 'Ss Of a PF' 'Of a VF')"
same 'a VF' "$(rows vf_keys src/policy/host.c; settable vf)" "$(keys 'Ss Of a VF' 'Which')"
spec=$(rows spec_keys src/policy/node.c; rows nic_keys src/policy/node.c)
[ "$(wc -w <<<"$spec")" -ge 15 ] || missing 'src/policy/node.c has hardly any keys'
for key in $spec; do
	sed -n '/^\.Sh KUBERNETES/,/^\.Ss /p' $page | grep -q -e "^\.\(It \)\?Cm \(.* , \)\?$key\b" || missing "$page: spec.$key"
done
while read -r key; do
	grep -qx -e "$key" <<<"$spec" || missing "$page: spec.$key does not exist"
done < <(keys 'Sh KUBERNETES' '[^K]')
while read -r kind; do
	grep -q -e "\b$kind\b" $page || missing "$page: kind $kind"
done < <(sed -n '/^} kinds\[\] = {/,/^};/s/^	{"\([A-Za-z]*\)", .*/\1/p' src/policy/policy.c)
formats=$(sed -n '/^} formats\[\] = {/,/^};/s/^	{{"\([a-z]*\)", .*/\1/p' src/policy/import.c)
[ "$(wc -w <<<"$formats")" -ge 3 ] || missing 'src/policy/import.c has hardly any formats'
for format in $formats; do
	grep -qx -e "\.It Cm $format" $page || missing "$page: --from $format"
	grep -q -e "\b$format\b" man/sriovctl.8 || missing "man/sriovctl.8: --from $format"
done
while read -r price; do
	sed -n '/^\.It Cm disruption/,/^\.El/p' $page | grep -q -e "\b$price\b" || missing "$page: disruption $price"
done < <(sed -n '/^const char \*const disruption_names/,/^};/s/.*= "\([a-z_]*\)",/\1/p' src/plan/disruption.c)
while read -r price; do
	grep -qF -e ".It Li [$price]" $page || [ "$price" = none ] || missing "$page: [$price]"
done < <(sed -n '/^const char \*const disruption_texts/,/^};/s/.*= "\([A-Za-z ]*\)",/\1/p' src/plan/disruption.c)
# options that are theirs alone, and the keys of what they answer
while read -r option; do
	grep -q -e "Fl -$option\b" $page || missing "$page: option --$option"
done < <(jq -r '[.commands[] | select(.object == "policy") | .options[]] - [.commands[] | select(.object != "policy") | .options[]] | unique[]' <<<"$json")
printf 'kind: SriovHost\npfs: [{pf: ens1f0, vf: {0: {driver: nosuch}, 1: {vlan: 5}}}, {pf: nosuch}]\n' >"$scratch/policy.yaml"
while read -r key; do
	sed -n '/^\.Sh JSON/,/^\.Sh EN/p' $page | grep -q -e "^\.\(It \)\?Cm \(.* , \)\?$key\b" ||
		grep -q -e "^\.It Cm \(.* , \)\?$key\b" man/sriovctl.8 || missing "$page: JSON key $key"
done < <(for command in check diff 'apply --dry-run'; do
	# shellcheck disable=SC2086
	"$sriovctl" --json "${host[@]}" policy $command "$scratch/policy.yaml" 2>/dev/null
done | jq -r '.. | objects | keys[]' | sort -u)

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
