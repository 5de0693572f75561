// Incoming connections: the proxy's listener takes them, and their addresses stay.
#ifndef TPROXY_INBOUND_H
#define TPROXY_INBOUND_H

#include "decision.h"

// Without a listener the connection is refused, as a redirect to a closed port is.
static __always_inline int assign(struct bpf_sk_lookup *context, bool is_ipv4)
{
    for (__u32 index = 0; index < 2 * TPROXY_EBPF_LISTENERS; index++) {
        // Those of the packet's family first, then those of both families.
        __u32 slot = is_ipv4 ? index : (index + TPROXY_EBPF_LISTENERS) % (2 * TPROXY_EBPF_LISTENERS);
        struct bpf_sock *listener = bpf_map_lookup_elem(&listeners, &slot);
        if (!listener)
            continue;
        // Of listeners that share the port, the kernel chooses one.
        long error = bpf_sk_assign(context, listener, 0);
        bpf_sk_release(listener);
        if (!error)
            return SK_PASS;
    }
    return SK_DROP;
}

SEC("sk_lookup") int tproxy_lookup(struct bpf_sk_lookup *context)
{
    if (context->protocol != IPPROTO_TCP)
        return SK_PASS;
    if (configuration.interface && context->ingress_ifindex != configuration.interface)
        return SK_PASS;
    __u32 family = READ(context->family), local4 = READ(context->local_ip4), remote4 = READ(context->remote_ip4);
    struct packet packet = {
        .family = family == AF_INET ? 4 : 6,
        .transport = IPPROTO_TCP,
        .source_port = bpf_ntohs((__u16)context->remote_port),
        .destination_port = context->local_port,
    };
    READ_ADDRESS(packet.source, context->remote_ip6);
    READ_ADDRESS(packet.destination, context->local_ip6);
    if (family == AF_INET) {
        map_address(packet.source, remote4);
        map_address(packet.destination, local4);
    }
    // Connections of this host's own processes, which were decided when they began.
    if (is_local(packet.source))
        return SK_PASS;
    if (!decide(&packet, configuration.inbound))
        return SK_PASS;
    return assign(context, family == AF_INET);
}

#endif
