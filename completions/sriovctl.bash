# shellcheck shell=bash
# bash: the program itself is asked what can come next.

# _sriovctl_word RAW: what a word that was typed means, in $word. $kept is how much of that
# readline leaves alone: it replaces only what is behind the last of COMP_WORDBREAKS, or
# behind an open quote, which is in $quote.
_sriovctl_word() {
	local raw=$1 c i
	word='' kept=0 quote=''
	if [[ $raw == \~/* ]]; then
		raw=$HOME${raw:1}
	fi
	for ((i = 0; i < ${#raw}; i++)); do
		c=${raw:i:1}
		if [[ $c == "$quote" ]]; then
			quote='' kept=${#word}
		elif [[ $c == [\'\"] && -z $quote ]]; then
			quote=$c kept=${#word}
		elif [[ $c == \\ && $quote != \' ]]; then
			i=$((i + 1))
			word+=${raw:i:1}
		else
			word+=$c
			[[ $quote || $COMP_WORDBREAKS != *"$c"* ]] || kept=${#word}
		fi
	done
}

# COMP_WORDS is split at ':' and '=' too: $raws are the words as the program gets them.
_sriovctl_raws() {
	local line=${COMP_LINE:0:COMP_POINT} rest raw last='' i
	raws=()
	for ((i = 0; i <= COMP_CWORD; i++)); do
		raw=${COMP_WORDS[i]-}
		rest=${line#"${line%%[!$' \t\n']*}"}
		[[ $rest == "$raw"* ]] || raw=$rest # the cursor is in the middle of it
		if [[ $i -gt 0 && $rest == "$line" && ($last =~ ^[:=@]+$ || $raw =~ ^[:=@]+$) ]]; then
			raws[${#raws[@]} - 1]+=$raw
		else
			raws+=("$raw")
		fi
		last=$raw line=${rest:${#raw}}
	done
}

# What compgen finds of "files" or "dirs" for $word, the value of --name= behind that.
_sriovctl_files() {
	local value=$word item flag=-f
	[[ $1 != dirs ]] || flag=-d
	if [[ $word == -*=* ]]; then
		value=${word#*=}
		kept=$((kept - ${#word} + ${#value}))
	fi
	while IFS= read -r item; do
		COMPREPLY+=("${item:kept < 0 ? 0 : kept}")
	done < <(compgen "$flag" -- "$value")
	compopt -o filenames 2>/dev/null # readline quotes, and puts slashes behind directories
}

_sriovctl() {
	local raws words=() word kept quote raw line files='' found=()
	COMPREPLY=()
	_sriovctl_raws
	for raw in "${raws[@]}"; do
		_sriovctl_word "$raw"
		words+=("$word")
	done
	while IFS= read -r line; do
		case $line in
		:files | :dirs) files=${line:1} ;;
		:*) ;;
		*) found+=("${line%%$'\t'*}") ;;
		esac
	done < <(command "${words[0]}" complete -- "${words[@]:1}" 2>/dev/null)
	for line in ${found[@]+"${found[@]}"}; do
		line=${line:kept}
		if [[ $quote && $line == *[\'\"\\\$\`!]* ]]; then
			continue
		elif [[ -z $quote && -z $files && $line == *[!A-Za-z0-9_./,:=@%+-]* ]]; then
			printf -v line %q "$line"
		fi
		COMPREPLY+=("$line")
	done
	if [[ ${#found[@]} -eq 1 && ${found[0]} == *[/=,] ]]; then
		compopt -o nospace 2>/dev/null
	fi
	[[ -z $files ]] || _sriovctl_files "$files"
	return 0
}

# the order has a meaning: indexes, keys as the manual has them (bash 4.4)
complete -o nosort -F _sriovctl sriovctl 2>/dev/null || complete -F _sriovctl sriovctl
