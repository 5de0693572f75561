// Runs libnftables in a process of its own.
//
// libnftables can end the process that calls it: it exits if memory or a socket is missing, and
// 1.0.6 crashes beside the tables of newer programs. The child runs only C, so that a fork of a
// process with threads is safe.
#ifndef TPROXY_CNFTABLESPROCESS_H
#define TPROXY_CNFTABLESPROCESS_H

#include <stddef.h>

enum nftables_process_end {
    // libnftables executed the commands.
    NFTABLES_PROCESS_DONE,
    // libnftables or the kernel refused them; nothing was changed.
    NFTABLES_PROCESS_REFUSED,
    // A signal ended the process; `number` is the signal. The commands may have been executed.
    NFTABLES_PROCESS_DIED,
    // The time was up and the process was killed. The commands may have been executed.
    NFTABLES_PROCESS_TOO_LONG,
    // The process could not be started; `number` is the errno(3) value.
    NFTABLES_PROCESS_NOT_STARTED,
};

struct nftables_process_result {
    enum nftables_process_end end;
    int number;
    // The start of the output of libnftables and the process, as a C string.
    char text[4096];
};

// The text of `result`, without a copy of the array: a Swift tuple of 4096 elements takes millions of instructions to make.
const char *nftables_process_text(const struct nftables_process_result *result);

// Runs `json`, a document of libnftables-json(5), in the network namespace of the calling thread, for at most
// `milliseconds`.
void nftables_process_run(const char *json, int milliseconds, struct nftables_process_result *result);

#endif
