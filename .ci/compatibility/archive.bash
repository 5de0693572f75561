# Downloads from Debian's archive, for other suites than this machine's. kernels and distros source this file.
#
# The address of the archive comes from apt's configuration on this machine, or from TPROXY_ARCHIVE. apt verifies
# signatures and checksums. Downloads stay in $cache; a lock for each suite lets several runs share it.
# shellcheck shell=bash

cache=${TPROXY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tproxy}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# die WORDS: prints an error and exits.
die() {
    echo "error: $*" >&2
    exit 1
}

# lasting COMMAND...: runs COMMAND up to three times, because a download may fail.
lasting() {
    local attempt
    for attempt in 1 2 3; do
        "$@" && return
        [ "$attempt" = 3 ] || { echo "trying again in $((attempt * 5)) s: $*" >&2; sleep $((attempt * 5)); }
    done
    return 1
}

# Prints the address of the archive from which this machine installs Debian's packages.
archive_address() {
    local address=${TPROXY_ARCHIVE:-}
    [ -n "$address" ] || address=$(configured_archive)
    if [ -z "$address" ] && [ "$(id -u)" = 0 ]; then
        # Without package lists, apt doesn't know which of its sources is Debian's.
        lasting apt-get update -qq >&2
        address=$(configured_archive)
    fi
    [ -n "$address" ] || die "apt has no source of Debian's archive; name one with TPROXY_ARCHIVE=URI"
    echo "$address"
}

configured_archive() {
    # shellcheck disable=SC2016 # apt expands it.
    apt-get indextargets --format '$(REPO_URI)' \
        'Identifier: Packages' 'Origin: Debian' 'Label: Debian' | sort -u | sed -n 1p
}

# with_suite SUITE COMMAND ARGUMENTS...: runs an apt command as if SUITE were this machine's only source.
with_suite() {
    local suite=$1 command=$2
    shift 2
    "$command" \
        -o Dir::Etc::sourcelist="$cache/$suite/archive.sources" -o Dir::Etc::sourceparts=- \
        -o Dir::State::Lists="$cache/$suite/lists" -o Dir::State::status=/dev/null \
        -o Dir::Cache="$cache/$suite/apt" -o APT::Sandbox::User="$(id -un)" \
        -o APT::Update::Error-Mode=any -o Acquire::Retries=5 "$@"
}

# lock_suite SUITE: waits until no other run changes the cache of SUITE; unlock_suite releases it.
lock_suite() {
    mkdir -p "$cache/$1/lists/partial" "$cache/$1/apt/archives/partial" "$cache/$1/packages"
    exec {suite_lock}>"$cache/$1/lock"
    flock "$suite_lock"
}

unlock_suite() {
    exec {suite_lock}>&-
}

# update_suite SUITE ARCHIVE: downloads the package lists of SUITE; needs its lock.
update_suite() {
    printf '%s\n' 'Types: deb' "URIs: $2" "Suites: $1" 'Components: main' \
        "Signed-By: $keyring" >"$cache/$1/archive.sources"
    lasting with_suite "$1" apt-get update -qq >&2 || die "can't read the package lists of $1 from $2"
}

# download SUITE PACKAGES...: downloads the packages and prints their files in the cache; needs the lock.
download() {
    local suite=$1 wanted name sum
    shift
    # 'URI' NAME SIZE SHA256:SUM, from the signed lists.
    wanted=$(with_suite "$suite" apt-get -qq --print-uris download "$@") || die "$suite lacks some of these packages: $*"
    while read -r _ name _ sum; do
        # Removes a broken file, which apt accepts if it has the right size.
        sha256sum --check --status <<<"${sum#SHA256:}  $cache/$suite/packages/$name" 2>/dev/null ||
            rm -f "$cache/$suite/packages/$name"
    done <<<"$wanted"
    (cd "$cache/$suite/packages" && lasting with_suite "$suite" apt-get -qq download "$@") >&2 ||
        die "can't download $*"
    while read -r _ name _ sum; do
        sha256sum --check --status <<<"${sum#SHA256:}  $cache/$suite/packages/$name" ||
            die "$name has another checksum than in the package lists of $suite"
        echo "$cache/$suite/packages/$name"
    done <<<"$wanted"
    # Removes versions that the suite no longer has.
    for name in "$cache/$suite/packages"/*.deb; do
        grep -qF " ${name##*/} " <<<"$wanted" || rm -f "$name"
    done
}

# in_parallel COMMAND SUITES...: runs COMMAND for each suite, with as many in parallel as there are processors; fails if
# one of them fails.
#
# Each is a process group, so that no process is left when they are ended.
in_parallel() {
    local command=$1 suite running=0 result=0
    shift
    set -m
    for suite in "$@"; do
        [ "$running" -lt "$(nproc)" ] || { wait -n || result=1; running=$((running - 1)); }
        (trap - EXIT; "$command" "$suite") &
        running=$((running + 1))
    done
    while [ "$running" -gt 0 ]; do
        wait -n || result=1
        running=$((running - 1))
    done
    return "$result"
}

# end_all DIRECTORY: ends all jobs and removes DIRECTORY; runs at every exit.
end_all() {
    local job
    for job in $(jobs -p); do kill -- "-$job" 2>/dev/null || true; done
    wait
    rm -rf --one-file-system "$1"
}
