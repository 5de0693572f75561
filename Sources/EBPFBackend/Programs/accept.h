// The original destination on its way from the application's socket to the socket that the proxy accepts.
#ifndef TPROXY_ACCEPT_H
#define TPROXY_ACCEPT_H

#include "origin.h"

// The key of a connection, from the socket of the client or of the proxy. False if it doesn't go to this host's
// localhost, so that it can't be redirected.
static __always_inline bool connection_of(struct bpf_sock_ops *context, bool is_client, struct connection *to)
{
    __u32 family = READ(context->family), local4 = READ(context->local_ip4), remote4 = READ(context->remote_ip4);
    __u32 local[4], remote[4], local_port = READ(context->local_port), remote_port = READ(context->remote_port);
    READ_ADDRESS(local, context->local_ip6);
    READ_ADDRESS(remote, context->remote_ip6);
    remote_port = bpf_ntohl(remote_port);
    if (family == AF_INET) {
        map_address(local, local4);
        map_address(remote, remote4);
    }
    if (!is_localhost(is_client ? remote : local))
        return false;
    to->namespace_cookie = configuration.namespace_cookie;
    for (int word = 0; word < 4; word++)
        to->client[word] = is_client ? local[word] : remote[word];
    to->client_port = is_client ? local_port : remote_port;
    to->proxy_port = is_client ? remote_port : local_port;
    return true;
}

// Before the SYN is sent. An entry of an earlier connection with the same addresses is deleted.
static __always_inline void announce(struct bpf_sock_ops *context)
{
    struct connection connection = {};
    if (!context->sk || !connection_of(context, true, &connection))
        return;
    struct tproxy_ebpf_origin *origin = origin_of(context->sk, 0);
    if (origin && origin->kind == TPROXY_EBPF_REDIRECTED)
        bpf_map_update_elem(&pending, &connection, origin, BPF_ANY);
    else
        bpf_map_delete_elem(&pending, &connection);
}

// When the proxy's socket exists, before the proxy can accept it.
static __always_inline void hand_over(struct bpf_sock_ops *context)
{
    struct connection connection = {};
    if (!context->sk || !connection_of(context, false, &connection))
        return;
    struct tproxy_ebpf_origin *announced = bpf_map_lookup_elem(&pending, &connection);
    if (!announced)
        return;
    struct tproxy_ebpf_origin origin = *announced;
    origin.kind = TPROXY_EBPF_ACCEPTED;
    remember(context->sk, &origin);
    bpf_map_delete_elem(&pending, &connection);
}

static __always_inline bool is_proxy_port(__u32 port)
{
    for (int index = 0; index < TPROXY_EBPF_PROXY_PORTS; index++)
        if (port && port == configuration.proxy_ports[index])
            return true;
    return false;
}

// When the proxy starts to listen.
static __always_inline void add_listener(struct bpf_sock_ops *context)
{
    __u32 port = context->local_port, family = READ(context->family);
    if (!is_proxy_port(port) || !context->sk)
        return;
    // Not in the initialiser: clang would add it to the section of the configuration.
    struct tproxy_ebpf_origin origin = {};
    origin.kind = TPROXY_EBPF_LISTENER;
    remember(context->sk, &origin);
    if (port != configuration.inbound_port)
        return;
    for (__u32 index = 0; index < TPROXY_EBPF_LISTENERS; index++) {
        __u32 slot = family == AF_INET ? index : index + TPROXY_EBPF_LISTENERS;
        if (!bpf_sock_map_update(context, &listeners, &slot, BPF_NOEXIST))
            return;
    }
}

SEC("sockops") int tproxy_sockops(struct bpf_sock_ops *context)
{
    __u32 event = context->op;
    if (event != BPF_SOCK_OPS_TCP_CONNECT_CB && event != BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB &&
        event != BPF_SOCK_OPS_TCP_LISTEN_CB)
        return 1;
    if (IS_OTHER_NAMESPACE(context))
        return 1;
    if (event == BPF_SOCK_OPS_TCP_CONNECT_CB)
        announce(context);
    else if (event == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
        hand_over(context);
    else
        add_listener(context);
    return 1;
}

#endif
