# Debian's archive, for other suites than this machine's: sourced by kernels and distros.
#
# The archive's address comes from apt's configuration on this machine, or from TPROXY_ARCHIVE. apt checks
# signatures and sums. Downloads stay in $cache; a lock for each suite lets several runs share it.
# shellcheck shell=bash

cache=${TPROXY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tproxy}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# die WORDS: ends with an error.
die() {
    echo "error: $*" >&2
    exit 1
}

# lasting COMMAND...: runs it, and again if it fails, since a download may.
lasting() {
    local attempt
    for attempt in 1 2 3; do
        "$@" && return
        [ "$attempt" = 3 ] || { echo "trying again in $((attempt * 5)) s: $*" >&2; sleep $((attempt * 5)); }
    done
    return 1
}

# The address of the archive that this machine installs Debian's packages from.
archive_address() {
    local address=${TPROXY_ARCHIVE:-}
    [ -n "$address" ] || address=$(configured_archive)
    if [ -z "$address" ] && [ "$(id -u)" = 0 ]; then
        # Without lists, apt doesn't know which of its sources is Debian's.
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

# with_suite SUITE COMMAND ARGUMENTS...: runs one of apt's commands as if SUITE were this machine's only source.
with_suite() {
    local suite=$1 command=$2
    shift 2
    "$command" \
        -o Dir::Etc::sourcelist="$cache/$suite/archive.sources" -o Dir::Etc::sourceparts=- \
        -o Dir::State::Lists="$cache/$suite/lists" -o Dir::State::status=/dev/null \
        -o Dir::Cache="$cache/$suite/apt" -o APT::Sandbox::User="$(id -un)" \
        -o APT::Update::Error-Mode=any -o Acquire::Retries=5 "$@"
}

# lock_suite SUITE: waits until no other run changes what is cached of SUITE; unlock_suite lets go.
lock_suite() {
    mkdir -p "$cache/$1/lists/partial" "$cache/$1/apt/archives/partial" "$cache/$1/packages"
    exec {suite_lock}>"$cache/$1/lock"
    flock "$suite_lock"
}

unlock_suite() {
    exec {suite_lock}>&-
}

# update_suite SUITE ARCHIVE: reads the lists of SUITE; needs its lock.
update_suite() {
    printf '%s\n' 'Types: deb' "URIs: $2" "Suites: $1" 'Components: main' \
        "Signed-By: $keyring" >"$cache/$1/archive.sources"
    lasting with_suite "$1" apt-get update -qq >&2 || die "the lists of $1 can't be read from $2"
}

# download SUITE PACKAGES...: prints the files of these packages in the cache; needs the lock.
download() {
    local suite=$1 wanted name sum
    shift
    # 'URI' NAME SIZE SHA256:SUM, from the signed lists.
    wanted=$(with_suite "$suite" apt-get -qq --print-uris download "$@") || die "$suite has not all of $*"
    while read -r _ name _ sum; do
        # Tells a broken file, which apt takes if it has the size.
        sha256sum --check --status <<<"${sum#SHA256:}  $cache/$suite/packages/$name" 2>/dev/null ||
            rm -f "$cache/$suite/packages/$name"
    done <<<"$wanted"
    (cd "$cache/$suite/packages" && lasting with_suite "$suite" apt-get -qq download "$@") >&2 ||
        die "can't download $*"
    while read -r _ name _ sum; do
        sha256sum --check --status <<<"${sum#SHA256:}  $cache/$suite/packages/$name" ||
            die "$name is not what the lists of $suite say"
        echo "$cache/$suite/packages/$name"
    done <<<"$wanted"
    # Versions that the suite no longer has.
    for name in "$cache/$suite/packages"/*.deb; do
        grep -qF " ${name##*/} " <<<"$wanted" || rm -f "$name"
    done
}

# in_parallel COMMAND SUITES...: runs COMMAND SUITE for each, as many at once as there are processors; fails if one fails.
#
# Each is a process group, so that nothing of it stays behind when all are ended.
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

# end_all FOLDER: what to do at the end, also an early one.
end_all() {
    local job
    for job in $(jobs -p); do kill -- "-$job" 2>/dev/null || true; done
    wait
    rm -rf --one-file-system "$1"
}
