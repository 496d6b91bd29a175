# shellcheck shell=bash
# private-apt.sh: to be sourced by bash scripts that need Debian packages the host's own apt
# does not offer (a kernel of another release, a newer QEMU). apt is run with sources, package
# lists and pins in a directory of the caller's, so nothing in /etc/apt or /var/lib/apt changes
# and downloading needs no root. Mirrors are those the host already uses.

# host_sources: "URI SUITE" for each repository the host's apt is configured for.
# --print-uris is the one query that needs neither downloaded lists nor root.
host_sources() {
	apt-get --print-uris update 2>/dev/null |
		sed -nE "s,^'([^']*[^/'])/*/dists/([^']*)/InRelease' .*,\1 \2,p" | sort -u
}

# debian_mirror [security]: the URI from which the host takes Debian itself (or its security updates).
debian_mirror() {
	local codename sources mirror
	codename=$(. /etc/os-release && [ "$ID" = debian ] && echo "$VERSION_CODENAME") || return 1
	sources=$(host_sources)
	if [ "${1-}" = security ]; then
		mirror=$(awk -v s="$codename-security" '$2 == s { print $1; exit }' <<<"$sources")
		# A host without security updates: they lie beside the main archive on nearly all mirrors.
		[ -n "$mirror" ] || mirror=$(debian_mirror)-security
	else
		# Vendors name their suites after Debian's too, but have no point-release updates.
		mirror=$(awk -v s="$codename" '
			$2 == s { has[++n] = $1 }
			$2 == s "-updates" { updates[$1] = 1 }
			END { for (i = 1; i <= n; i++) if (has[i] in updates || n == 1) { print has[i]; exit }; print has[1] }
		' <<<"$sources")
	fi
	[ -n "${mirror%-security}" ] && echo "$mirror"
}

# private_apt_init DIR SUITE...: write the configuration into DIR and download the package lists.
# SUITE is a Debian suite; SUITE=PATTERN means: only packages matching PATTERN are taken from
# it when an earlier suite has them too (PATTERN as in apt_preferences, several with commas).
private_apt_init() {
	local dir=$1 suite pattern uri keyring='' key
	shift
	mkdir -p "$dir"/{lists/partial,cache/archives/partial,none} || return 1
	for key in /usr/share/keyrings/debian-archive-keyring.{gpg,pgp}; do
		[ -e "$key" ] && keyring="[signed-by=$key] " && break
	done
	: >"$dir/sources.list"
	: >"$dir/preferences"
	for suite; do
		pattern=''
		case $suite in *=*) pattern=${suite#*=} suite=${suite%%=*} ;; esac
		case $suite in
		*-security) uri=$(debian_mirror security) ;;
		*) uri=$(debian_mirror) ;;
		esac || return 1
		echo "deb $keyring$uri $suite main" >>"$dir/sources.list"
		[ -z "$pattern" ] || printf 'Package: %s\nPin: release n=%s\nPin-Priority: 990\n\n' \
			"${pattern//,/ }" "$suite" >>"$dir/preferences"
	done
	private_apt_options=(
		-o Dir::Etc::SourceList="$dir/sources.list" -o Dir::Etc::SourceParts="$dir/none"
		-o Dir::Etc::Preferences="$dir/preferences" -o Dir::Etc::PreferencesParts="$dir/none"
		-o Dir::State::Lists="$dir/lists" -o Dir::Cache="$dir/cache"
		-o APT::Sandbox::User=root -o Acquire::Languages=none -o Acquire::Retries=3
	)
	private_apt apt-get update -qq -o APT::Update::Error-Mode=any
}

# private_apt TOOL ARGUMENTS...: run apt-get or apt-cache with that configuration.
private_apt() {
	local tool=$1
	shift
	"$tool" "${private_apt_options[@]}" "$@"
}
