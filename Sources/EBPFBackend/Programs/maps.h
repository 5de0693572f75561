// The configuration and the maps of the programs.
#ifndef TPROXY_MAPS_H
#define TPROXY_MAPS_H

#include <stdbool.h>
#include <linux/bpf.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
#include "include/EBPFConfiguration.h"

#define AF_INET 2
#define AF_INET6 10

const volatile struct tproxy_ebpf_configuration configuration = {};

// The prefixes of the address sets. The backend sets the number of entries when it loads the programs.
struct {
    __uint(type, BPF_MAP_TYPE_LPM_TRIE);
    __uint(max_entries, 1);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, struct tproxy_ebpf_prefix);
    __type(value, __u8);
} addresses SEC(".maps");

// The port sets, as bits.
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __uint(key_size, sizeof(__u32));
    __uint(value_size, TPROXY_EBPF_PORT_BYTES);
} ports SEC(".maps");

// The addresses of this host besides 127.0.0.0/8 and ::1.
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, __u32[4]);
    __type(value, __u8);
} own_addresses SEC(".maps");

// The connections that each rule has matched.
struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u64);
} counters SEC(".maps");

// Freed with the socket. The next two maps stay when the programs are replaced, for connections that are open.
struct {
    __uint(type, BPF_MAP_TYPE_SK_STORAGE);
    __uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
    __type(key, int);
    __type(value, struct tproxy_ebpf_origin);
} origins SEC(".maps");

// A connection by the addresses that both ends know.
struct connection {
    __u64 namespace_cookie;
    __u32 client[4];
    // Both in host order.
    __u16 client_port, proxy_port;
    __u32 unused;
};

// Redirected connections, from the moment before the SYN is sent until the proxy's socket exists.
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, TPROXY_EBPF_PENDING);
    __type(key, struct connection);
    __type(value, struct tproxy_ebpf_origin);
} pending SEC(".maps");

// The proxy's listeners for incoming connections: first those of IPv4, then those of IPv6.
struct {
    __uint(type, BPF_MAP_TYPE_SOCKMAP);
    __uint(max_entries, 2 * TPROXY_EBPF_LISTENERS);
    __type(key, __u32);
    __type(value, __u64);
} listeners SEC(".maps");

#endif
