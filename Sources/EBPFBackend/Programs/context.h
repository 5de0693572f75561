// Addresses, and fields of contexts in the form that the verifier accepts.
#ifndef TPROXY_CONTEXT_H
#define TPROXY_CONTEXT_H

#include "maps.h"

// Reads a field now. Without it, clang joins the loads of two branches into one at a computed offset, which the
// verifier refuses ("dereference of modified ctx ptr").
#define READ(field)                              \
    ({                                           \
        __typeof__(field) value_ = (field);      \
        asm volatile("" : "+r"(value_));         \
        value_;                                  \
    })
#define READ_ADDRESS(to, field)       \
    do {                              \
        (to)[0] = READ((field)[0]);   \
        (to)[1] = READ((field)[1]);   \
        (to)[2] = READ((field)[2]);   \
        (to)[3] = READ((field)[3]);   \
    } while (0)
// Writes a field alone. Without it, clang joins neighbouring stores into one of 8 bytes ("invalid bpf_context access").
#define WRITE(field, value) (*(volatile __typeof__(field) *)&(field) = (value))

#define LOCALHOST bpf_htonl(0x7f000001)
#define MAPPED bpf_htonl(0xffff)

static __always_inline bool is_mapped(const __u32 address[4])
{
    return !address[0] && !address[1] && address[2] == MAPPED;
}

static __always_inline void map_address(__u32 to[4], __u32 ipv4)
{
    to[0] = 0;
    to[1] = 0;
    to[2] = MAPPED;
    to[3] = ipv4;
}

static __always_inline bool is_zero(const __u32 address[4])
{
    return !address[0] && !address[1] && !address[2] && !address[3];
}

// Whether this is in 127.0.0.0/8, or ::1.
static __always_inline bool is_loopback(const __u32 address[4])
{
    if (is_mapped(address))
        return (address[3] & bpf_htonl(0xff000000)) == bpf_htonl(0x7f000000);
    return !address[0] && !address[1] && !address[2] && address[3] == bpf_htonl(1);
}

// Whether this is the address that redirected connections go to.
static __always_inline bool is_localhost(const __u32 address[4])
{
    return is_loopback(address) && (address[3] == LOCALHOST || address[3] == bpf_htonl(1));
}

static __always_inline bool is_local(const __u32 address[4])
{
    __u32 key[4] = {address[0], address[1], address[2], address[3]};
    return is_loopback(address) || bpf_map_lookup_elem(&own_addresses, key);
}

// Programs that are attached to a cgroup run for the sockets of every namespace.
#define IS_OTHER_NAMESPACE(context) (bpf_get_netns_cookie(context) != configuration.namespace_cookie)

#endif
