// The original destination of a redirected socket: kept, restored for the application, and given to the proxy.
#ifndef TPROXY_ORIGIN_H
#define TPROXY_ORIGIN_H

#include "context.h"

#define SOL_IP 0
#define SOL_IPV6 41
#define SO_ORIGINAL_DST 80

static __always_inline struct tproxy_ebpf_origin *origin_of(struct bpf_sock *socket, __u64 flags)
{
    return socket ? bpf_sk_storage_get(&origins, socket, NULL, flags) : NULL;
}

// Remembers where the socket's packets were sent. False if memory is exhausted.
static __always_inline bool remember(struct bpf_sock *socket, const struct tproxy_ebpf_origin *origin)
{
    struct tproxy_ebpf_origin *kept = origin_of(socket, BPF_SK_STORAGE_GET_F_CREATE);
    if (!kept)
        return false;
    *kept = *origin;
    return true;
}

// Returns the original destination, if `address` and `port` are those of the proxy that took its place.
static __always_inline const struct tproxy_ebpf_origin *restored(struct bpf_sock *socket, const __u32 address[4], __u16 port)
{
    if (!is_localhost(address))
        return NULL;
    const struct tproxy_ebpf_origin *origin = origin_of(socket, 0);
    if (!origin || origin->kind != TPROXY_EBPF_REDIRECTED || origin->proxy_port != port)
        return NULL;
    return origin;
}

static __always_inline int restore4(struct bpf_sock_addr *context)
{
    __u32 address[4];
    map_address(address, READ(context->user_ip4));
    const struct tproxy_ebpf_origin *origin = restored(context->sk, address, bpf_ntohs((__u16)context->user_port));
    if (!origin)
        return 1;
    context->user_ip4 = origin->address[3];
    context->user_port = origin->port;
    return 1;
}

static __always_inline int restore6(struct bpf_sock_addr *context)
{
    __u32 address[4];
    READ_ADDRESS(address, context->user_ip6);
    const struct tproxy_ebpf_origin *origin = restored(context->sk, address, bpf_ntohs((__u16)context->user_port));
    if (!origin)
        return 1;
    context->user_ip6[0] = origin->address[0];
    context->user_ip6[1] = origin->address[1];
    context->user_ip6[2] = origin->address[2];
    context->user_ip6[3] = origin->address[3];
    context->user_port = origin->port;
    return 1;
}

// The sender of a datagram.
SEC("cgroup/recvmsg4") int tproxy_recvmsg4(struct bpf_sock_addr *context) { return restore4(context); }
SEC("cgroup/recvmsg6") int tproxy_recvmsg6(struct bpf_sock_addr *context) { return restore6(context); }
// The peer of a connection.
SEC("cgroup/getpeername4") int tproxy_peername4(struct bpf_sock_addr *context) { return restore4(context); }
SEC("cgroup/getpeername6") int tproxy_peername6(struct bpf_sock_addr *context) { return restore6(context); }

// Returns the original destination of a connection that the proxy accepted. Of one that a program didn't redirect, it is
// the local address, unless conntrack has another.
static __always_inline bool original_destination(struct bpf_sock *socket, bool is_answered, struct tproxy_ebpf_origin *to)
{
    struct tproxy_ebpf_origin *kept = origin_of(socket, 0);
    __u32 ipv4 = READ(socket->src_ip4), family = READ(socket->family), port = READ(socket->src_port);
    __u32 ipv6[4];
    READ_ADDRESS(ipv6, socket->src_ip6);
    if (!kept)
        return false;
    if (kept->kind == TPROXY_EBPF_ACCEPTED) {
        *to = *kept;
        return true;
    }
    if (kept->kind != TPROXY_EBPF_LISTENER || is_answered)
        return false;
    if (family == AF_INET) {
        map_address(to->address, ipv4);
    } else {
        to->address[0] = ipv6[0];
        to->address[1] = ipv6[1];
        to->address[2] = ipv6[2];
        to->address[3] = ipv6[3];
    }
    to->port = bpf_htons((__u16)port);
    return true;
}

// Answers SO_ORIGINAL_DST, and IP6T_SO_ORIGINAL_DST. Otherwise conntrack's answer stays.
SEC("cgroup/getsockopt") int tproxy_getsockopt(struct bpf_sockopt *context)
{
    if (context->optname != SO_ORIGINAL_DST || (context->level != SOL_IP && context->level != SOL_IPV6))
        return 1;
    struct bpf_sock *socket = context->sk;
    struct tproxy_ebpf_origin origin = {};
    bool is_answered = READ(context->retval) == 0;
    if (!socket || socket->protocol == IPPROTO_UDP || !original_destination(socket, is_answered, &origin))
        return 1;
    bool is_ipv4 = is_mapped(origin.address);
    if (context->level == SOL_IP) {
        struct sockaddr_in *answer = context->optval;
        if (!is_ipv4 || (void *)(answer + 1) > context->optval_end)
            return 1;
        answer->sin_family = AF_INET;
        answer->sin_port = origin.port;
        answer->sin_addr.s_addr = origin.address[3];
        __builtin_memset(answer->__pad, 0, sizeof(answer->__pad));
        WRITE(context->optlen, sizeof(*answer));
    } else {
        struct sockaddr_in6 *answer = context->optval;
        if (is_ipv4 || (void *)(answer + 1) > context->optval_end)
            return 1;
        answer->sin6_family = AF_INET6;
        answer->sin6_port = origin.port;
        answer->sin6_flowinfo = 0;
        answer->sin6_scope_id = 0;
        answer->sin6_addr.in6_u.u6_addr32[0] = origin.address[0];
        answer->sin6_addr.in6_u.u6_addr32[1] = origin.address[1];
        answer->sin6_addr.in6_u.u6_addr32[2] = origin.address[2];
        answer->sin6_addr.in6_u.u6_addr32[3] = origin.address[3];
        WRITE(context->optlen, sizeof(*answer));
    }
    WRITE(context->retval, 0);
    return 1;
}

#endif
