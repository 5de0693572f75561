// The configuration of the eBPF programs, as the backend writes it and the programs read it. It is the contents of a
// frozen map, so the verifier knows every value: tests that a configuration doesn't have cost nothing.
#ifndef TPROXY_EBPF_CONFIGURATION_H
#define TPROXY_EBPF_CONFIGURATION_H

#include <linux/types.h>

// Identifies the map of a configuration among those of other programs.
#define TPROXY_EBPF_MAGIC 0x79787074
// The number of this layout, and of the meaning of its fields.
#define TPROXY_EBPF_LAYOUT 1

#define TPROXY_EBPF_STEPS 192
#define TPROXY_EBPF_FLOWS 64
#define TPROXY_EBPF_PROXY_PORTS 4
// The slots for listeners of each family.
#define TPROXY_EBPF_LISTENERS 16
// The number of redirected connections whose peer has not accepted them yet.
#define TPROXY_EBPF_PENDING 16384
// The bytes of a port set: one bit for each port.
#define TPROXY_EBPF_PORT_BYTES 8192

// A step is a test or an outcome. A test that holds continues at the next step, and one that doesn't at `otherwise`,
// which is always a later step.
enum tproxy_ebpf_step_kind {
    // The end of the steps: no rule decides.
    TPROXY_EBPF_END,
    TPROXY_EBPF_IS_FAMILY,
    TPROXY_EBPF_IS_TRANSPORT,
    TPROXY_EBPF_IS_SOURCE,
    TPROXY_EBPF_IS_SOURCE_IN_SET,
    TPROXY_EBPF_IS_DESTINATION,
    TPROXY_EBPF_IS_DESTINATION_IN_SET,
    TPROXY_EBPF_IS_SOURCE_PORT,
    TPROXY_EBPF_IS_SOURCE_PORT_IN_SET,
    TPROXY_EBPF_IS_DESTINATION_PORT,
    TPROXY_EBPF_IS_DESTINATION_PORT_IN_SET,
    TPROXY_EBPF_IS_OWNER,
    TPROXY_EBPF_IS_OWNED_FLOW,
    // The destination is an address of this host, so the packet leaves through the loopback interface.
    TPROXY_EBPF_IS_LOCAL,
    // Counts the rule and continues at `otherwise`.
    TPROXY_EBPF_GO_TO,
    // Counts the rule and ends: the packet bypasses the proxy.
    TPROXY_EBPF_BYPASS,
    // Counts the rule and ends: the packet goes to the port `value` of this host.
    TPROXY_EBPF_REDIRECT,
};

struct tproxy_ebpf_step {
    __u8 kind;
    // Whether the test holds for every value but this one.
    __u8 is_negated;
    __u16 otherwise;
    // The index of the counter of an outcome.
    __u16 rule;
    // The number of flows from `value` on, of IS_OWNED_FLOW.
    __u16 count;
    // A family (4 or 6), transport, port, UID, set, or the index of a flow.
    __u32 value;
    // The bits of an address that `mask` selects, in network order; IPv4 is mapped (::ffff:0:0/96).
    __u32 address[4];
    __u32 mask[4];
};

// Connections of some owners to some ports.
struct tproxy_ebpf_flow {
    __u32 first_owner, last_owner;
    __u16 first_port, last_port;
    __u8 transport;
    __u8 unused[3];
};

struct tproxy_ebpf_configuration {
    __u32 magic;
    __u32 layout;
    // The namespace that the rules are for (SO_NETNS_COOKIE).
    __u64 namespace_cookie;
    // The first step of incoming connections; those of outgoing ones begin at 0.
    __u16 inbound;
    // The port of the listener of incoming connections, 0 for none.
    __u16 inbound_port;
    // The ports that TCP connections are redirected to, then 0.
    __u16 proxy_ports[TPROXY_EBPF_PROXY_PORTS];
    __u16 unused[2];
    // The interface of incoming connections, 0 for all.
    __u32 interface;
    struct tproxy_ebpf_step steps[TPROXY_EBPF_STEPS];
    struct tproxy_ebpf_flow flows[TPROXY_EBPF_FLOWS];
};

// What a socket has to do with a redirect.
enum tproxy_ebpf_origin_kind {
    TPROXY_EBPF_NONE,
    // The socket's connection or datagrams were redirected.
    TPROXY_EBPF_REDIRECTED,
    // The proxy accepted a redirected connection.
    TPROXY_EBPF_ACCEPTED,
    // A listener of the proxy. The kernel copies this to the sockets that it accepts: their local address is the
    // original destination.
    TPROXY_EBPF_LISTENER,
};

// The original destination of a redirected socket; IPv4 is mapped.
struct tproxy_ebpf_origin {
    __u32 address[4];
    // In network order.
    __u16 port;
    // The proxy's port, in host order.
    __u16 proxy_port;
    __u8 kind;
    __u8 unused[3];
};

// A key of the prefixes of all address sets. The prefix length counts from the first bit of `set`.
struct tproxy_ebpf_prefix {
    __u32 length;
    __u32 set;
    __u32 address[4];
};

_Static_assert(sizeof(struct tproxy_ebpf_step) == 44, "the layout of a step");
_Static_assert(sizeof(struct tproxy_ebpf_flow) == 16, "the layout of a flow");
_Static_assert(sizeof(struct tproxy_ebpf_origin) == 24, "the layout of an origin");
_Static_assert(sizeof(struct tproxy_ebpf_prefix) == 24, "the layout of a prefix");

#endif
