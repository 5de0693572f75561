// What libFuzzer calls, https://llvm.org/docs/LibFuzzer.html. In C, because the package manager gives
// the entry point of a Swift program a name that libFuzzer's own main() doesn't have.
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int tproxy_fuzz_choose(const char *name);
int tproxy_fuzz_check(const uint8_t *data, size_t size);

/// FUZZER names the fuzzer.
int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc;
    (void)argv;
    const char *name = getenv("FUZZER");
    if (!name || !tproxy_fuzz_choose(name)) {
        fprintf(stderr, "FUZZER must name a fuzzer of Tests/FuzzTargets/FuzzTarget.swift\n");
        exit(64);
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!tproxy_fuzz_check(data, size)) abort();
    return 0;
}
