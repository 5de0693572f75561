// One call of bpf(2).
#ifndef TPROXY_BPF_CALL_H
#define TPROXY_BPF_CALL_H

#include <linux/bpf.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline int call(enum bpf_cmd command, union bpf_attr *attributes, unsigned int size)
{
    return syscall(SYS_bpf, command, attributes, size);
}

// The commands read the bytes of the union that are passed, and require the others to be zero.
#define CALL(command, ...)                                              \
    ({                                                                  \
        union bpf_attr attributes;                                      \
        memset(&attributes, 0, sizeof(attributes));                     \
        __VA_ARGS__;                                                    \
        call(command, &attributes, sizeof(attributes));                 \
    })

static inline __u64 address(const void *pointer) { return (uintptr_t)pointer; }

#endif
