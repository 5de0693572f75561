# The lines of `programme` and `lacking`, for people: sourced by kernels and distros.
# shellcheck shell=bash

# cells WHERE: prints what is reported on standard input, with the kernel or the distribution that it is about.
cells() {
    local line backend result counts
    while IFS= read -r line; do
        case $line in
        cell:*)
            IFS='|' read -r backend result counts <<<"${line#cell: }"
            printf '%-38s %-16s %-7s %s\n' "$1" "$backend" "$result" "$counts"
            ;;
        failure:*) printf '%-38s %s\n' "$1" "${line#failure: }" ;;
        esac
    done
}
