# shellcheck shell=bash disable=SC2015 # "a && b || die": die does not return
# lib.sh: what the lab's scripts share; to be sourced.

lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
top=${lab%/tests/lab}
cache=${LAB_CACHE:-$top/build/lab}

say() { echo "${0##*/}: $*" >&2; }

die() {
	say "$*"
	exit "${die_status:-1}"
}

# lock: one process at a time changes the cache. Held until the calling (sub)shell ends.
lock() {
	mkdir -p "$cache" && exec 9>"$cache/.lock" || die "cannot write $cache"
	flock -n 9 || { say 'waiting for another process that fills the cache'; flock 9; }
}

# debian_packages DIR: make `private_apt` look at the release that has both of the lab's kernels:
# Debian 12 ships 6.1 and, as security updates, 6.12. The same packages are used on every host.
debian_packages() {
	# shellcheck source=scripts/private-apt.sh
	. "$top/scripts/private-apt.sh"
	command -v apt-get dpkg-deb >/dev/null && debian_mirror >/dev/null ||
		die 'kernels can be fetched on Debian only; elsewhere set LAB_KERNEL_DIR (see: tests/lab/kernel -h)'
	private_apt_init "$1" bookworm bookworm-security >&2 || die 'cannot download package lists from the Debian mirror'
}

# unpack DIR PACKAGE[=VERSION]...: download packages and unpack them below DIR; installs nothing.
unpack() {
	local dir=$1 deb
	shift
	mkdir -p "$dir.debs" "$dir" || die "cannot write $dir"
	(cd "$dir.debs" && private_apt apt-get download "$@" >&2) || die "cannot download $*"
	for deb in "$dir.debs"/*.deb; do
		dpkg-deb -x "$deb" "$dir" || die "cannot unpack $deb"
	done
	rm -rf "$dir.debs"
}
