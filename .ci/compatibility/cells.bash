# Formats the output of `programme` and `lacking`. kernels and distros source this file.
# shellcheck shell=bash

# cells NAME: prints the results on standard input, each with NAME, the kernel or distribution.
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
