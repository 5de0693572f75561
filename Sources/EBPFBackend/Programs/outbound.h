// Outgoing connections and datagrams: the destination is replaced before the kernel looks up a route.
#ifndef TPROXY_OUTBOUND_H
#define TPROXY_OUTBOUND_H

#include "decision.h"
#include "origin.h"

#define IPPROTO_MPTCP_ 262
#define SOL_SOCKET 1
#define SO_BINDTODEVICE 25
#define LOOPBACK_INDEX 1

enum verdict { REFUSED, DIRECT, REDIRECTED };

static __always_inline __u8 transport_of(__u32 protocol)
{
    return protocol == IPPROTO_MPTCP_ ? IPPROTO_TCP : protocol;
}

// The source that the kernel will choose for a destination of this host, if the socket is not bound to an address.
// Rules test the source of such packets only.
static __always_inline void set_source(struct packet *packet, struct bpf_sock *socket)
{
    __u32 ipv4 = READ(socket->src_ip4), ipv6[4];
    READ_ADDRESS(ipv6, socket->src_ip6);
    bool is_ipv4 = is_mapped(packet->destination);
    if (is_ipv4)
        map_address(packet->source, ipv4);
    else
        __builtin_memcpy(packet->source, ipv6, sizeof(ipv6));
    packet->source_port = socket->src_port;
    if (is_ipv4 ? packet->source[3] != 0 : !is_zero(packet->source))
        return;
    __builtin_memcpy(packet->source, packet->destination, sizeof(packet->source));
    if (is_ipv4 && is_loopback(packet->destination))
        packet->source[3] = LOCALHOST;
}

// A socket that is bound to a device can't reach the proxy through it, so it is bound to the loopback interface. The
// kernel refuses that to a process without CAP_NET_RAW, whose connect(2) fails with EPERM.
static __always_inline bool release_device(struct bpf_sock_addr *context, struct bpf_sock *socket)
{
    if (READ(socket->bound_dev_if) <= LOOPBACK_INDEX)
        return true;
    __u32 name = 'l' | 'o' << 8;
    return !bpf_setsockopt(context, SOL_SOCKET, SO_BINDTODEVICE, &name, 3);
}

// A connection to 0.0.0.0 or :: is one to this host: to the address that the socket is bound to, or to localhost.
static __always_inline void resolve_unspecified(struct tproxy_ebpf_origin *origin, struct bpf_sock *socket)
{
    __u32 bound = READ(socket->src_ip4);
    if (is_mapped(origin->address) && !origin->address[3])
        origin->address[3] = bound ? bound : LOCALHOST;
    else if (is_zero(origin->address))
        origin->address[3] = bpf_htonl(1);
}

// Decides where a packet to this destination goes, which `origin` has. Remembers it if it is redirected.
static __always_inline enum verdict redirect(struct bpf_sock_addr *context, struct tproxy_ebpf_origin *origin, bool connects)
{
    struct bpf_sock *socket = context->sk;
    if (!socket)
        return DIRECT;
    resolve_unspecified(origin, socket);
    struct packet packet = {
        .destination = {origin->address[0], origin->address[1], origin->address[2], origin->address[3]},
        .destination_port = bpf_ntohs(origin->port),
        .family = is_mapped(origin->address) ? 4 : 6,
        .transport = transport_of(context->protocol),
        .owner = (__u32)bpf_get_current_uid_gid(),
    };
    set_source(&packet, socket);
    origin->proxy_port = decide(&packet, 0);
    if (!origin->proxy_port) {
        // The socket may have been redirected before.
        if (connects)
            bpf_sk_storage_delete(&origins, socket);
        return DIRECT;
    }
    origin->kind = TPROXY_EBPF_REDIRECTED;
    if (!remember(socket, origin) || (connects && !release_device(context, socket)))
        return REFUSED;
    return REDIRECTED;
}

static __always_inline int send4(struct bpf_sock_addr *context, bool connects)
{
    struct tproxy_ebpf_origin origin = {.port = (__u16)context->user_port};
    map_address(origin.address, READ(context->user_ip4));
    switch (redirect(context, &origin, connects)) {
    case REFUSED: return 0;
    case DIRECT: return 1;
    case REDIRECTED: break;
    }
    context->user_ip4 = LOCALHOST;
    context->user_port = bpf_htons(origin.proxy_port);
    return 1;
}

static __always_inline int send6(struct bpf_sock_addr *context, bool connects)
{
    struct tproxy_ebpf_origin origin = {.port = (__u16)context->user_port};
    READ_ADDRESS(origin.address, context->user_ip6);
    switch (redirect(context, &origin, connects)) {
    case REFUSED: return 0;
    case DIRECT: return 1;
    case REDIRECTED: break;
    }
    bool is_ipv4 = is_mapped(origin.address);
    context->user_ip6[0] = 0;
    context->user_ip6[1] = 0;
    context->user_ip6[2] = is_ipv4 ? MAPPED : 0;
    context->user_ip6[3] = is_ipv4 ? LOCALHOST : bpf_htonl(1);
    context->user_port = bpf_htons(origin.proxy_port);
    return 1;
}

static __always_inline bool is_foreign(struct bpf_sock_addr *context)
{
    __u8 transport = transport_of(context->protocol);
    return (transport != IPPROTO_TCP && transport != IPPROTO_UDP) || IS_OTHER_NAMESPACE(context);
}

SEC("cgroup/connect4") int tproxy_connect4(struct bpf_sock_addr *context)
{
    return is_foreign(context) ? 1 : send4(context, true);
}

SEC("cgroup/connect6") int tproxy_connect6(struct bpf_sock_addr *context)
{
    return is_foreign(context) ? 1 : send6(context, true);
}

// Datagrams of sockets that are not connected.
SEC("cgroup/sendmsg4") int tproxy_sendmsg4(struct bpf_sock_addr *context)
{
    return is_foreign(context) ? 1 : send4(context, false);
}

SEC("cgroup/sendmsg6") int tproxy_sendmsg6(struct bpf_sock_addr *context)
{
    return is_foreign(context) ? 1 : send6(context, false);
}

#endif
