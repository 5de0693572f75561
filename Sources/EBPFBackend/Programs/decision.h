// The rules: what happens to a packet.
#ifndef TPROXY_DECISION_H
#define TPROXY_DECISION_H

#include "context.h"

struct packet {
    // IPv4 is mapped.
    __u32 source[4], destination[4];
    // In host order.
    __u16 source_port, destination_port;
    __u8 family, transport;
    __u32 owner;
};

static __always_inline void count(__u32 rule)
{
    __u64 *counter = bpf_map_lookup_elem(&counters, &rule);
    if (counter)
        *counter += 1;
}

static __always_inline bool has_prefix(const __u32 address[4], const volatile struct tproxy_ebpf_step *step)
{
    return (address[0] & step->mask[0]) == step->address[0] && (address[1] & step->mask[1]) == step->address[1] &&
           (address[2] & step->mask[2]) == step->address[2] && (address[3] & step->mask[3]) == step->address[3];
}

static __always_inline bool is_in_address_set(const __u32 address[4], __u32 set)
{
    struct tproxy_ebpf_prefix key = {
        .length = 160, .set = set, .address = {address[0], address[1], address[2], address[3]}};
    return bpf_map_lookup_elem(&addresses, &key);
}

static __always_inline bool is_in_port_set(__u16 port, __u32 set)
{
    __u8 *bits = bpf_map_lookup_elem(&ports, &set);
    if (!bits)
        return false;
    // The verifier of Linux 6.1 loses the limit of a port that was on the stack, so the index is limited here. READ keeps
    // clang from knowing the limit, too.
    __u32 number = READ(port);
    return bits[(number >> 3) & (TPROXY_EBPF_PORT_BYTES - 1)] & (1 << (number & 7));
}

// The comparisons are differences, of which none may be negative. With branches, the verifier would follow each combination
// of them and the port's range after it, since a port set is read at an offset: it refused 64 flows.
static __always_inline bool is_owned_flow(const struct packet *packet, __u32 first, __u32 end)
{
    __s64 port = packet->destination_port, owner = packet->owner;
    for (__u32 index = first; index < end && index < TPROXY_EBPF_FLOWS; index++) {
        const volatile struct tproxy_ebpf_flow *flow = &configuration.flows[index];
        __s64 differences = (port - flow->first_port) | (flow->last_port - port) | (owner - flow->first_owner) |
                            (flow->last_owner - owner) | -(__s64)(packet->transport ^ flow->transport);
        if (READ(differences) >= 0)
            return true;
    }
    return false;
}

static __always_inline bool holds(const volatile struct tproxy_ebpf_step *step, const struct packet *packet)
{
    switch (step->kind) {
    case TPROXY_EBPF_IS_FAMILY: return packet->family == step->value;
    case TPROXY_EBPF_IS_TRANSPORT: return packet->transport == step->value;
    case TPROXY_EBPF_IS_SOURCE: return has_prefix(packet->source, step);
    case TPROXY_EBPF_IS_SOURCE_IN_SET: return is_in_address_set(packet->source, step->value);
    case TPROXY_EBPF_IS_DESTINATION: return has_prefix(packet->destination, step);
    case TPROXY_EBPF_IS_DESTINATION_IN_SET: return is_in_address_set(packet->destination, step->value);
    case TPROXY_EBPF_IS_SOURCE_PORT: return packet->source_port == step->value;
    case TPROXY_EBPF_IS_SOURCE_PORT_IN_SET: return is_in_port_set(packet->source_port, step->value);
    case TPROXY_EBPF_IS_DESTINATION_PORT: return packet->destination_port == step->value;
    case TPROXY_EBPF_IS_DESTINATION_PORT_IN_SET: return is_in_port_set(packet->destination_port, step->value);
    case TPROXY_EBPF_IS_OWNER: return packet->owner == step->value;
    case TPROXY_EBPF_IS_OWNED_FLOW: return is_owned_flow(packet, step->value, step->value + step->count);
    case TPROXY_EBPF_IS_LOCAL: return is_local(packet->destination);
    }
    return false;
}

// Returns the proxy's port that the packet goes to, 0 if it bypasses the proxy.
//
// The verifier follows the steps of the configuration, and removes all others.
static __always_inline __u16 decide(const struct packet *packet, __u32 first)
{
    __u32 index = first;
    while (index < TPROXY_EBPF_STEPS) {
        const volatile struct tproxy_ebpf_step *step = &configuration.steps[index];
        __u32 otherwise = step->otherwise;
        // The compiler names a kind that is missing.
        switch ((enum tproxy_ebpf_step_kind)step->kind) {
        case TPROXY_EBPF_END: return 0;
        case TPROXY_EBPF_BYPASS:
            count(step->rule);
            return 0;
        case TPROXY_EBPF_REDIRECT:
            count(step->rule);
            return step->value;
        case TPROXY_EBPF_GO_TO:
            count(step->rule);
            break;
        case TPROXY_EBPF_IS_FAMILY:
        case TPROXY_EBPF_IS_TRANSPORT:
        case TPROXY_EBPF_IS_SOURCE:
        case TPROXY_EBPF_IS_SOURCE_IN_SET:
        case TPROXY_EBPF_IS_DESTINATION:
        case TPROXY_EBPF_IS_DESTINATION_IN_SET:
        case TPROXY_EBPF_IS_SOURCE_PORT:
        case TPROXY_EBPF_IS_SOURCE_PORT_IN_SET:
        case TPROXY_EBPF_IS_DESTINATION_PORT:
        case TPROXY_EBPF_IS_DESTINATION_PORT_IN_SET:
        case TPROXY_EBPF_IS_OWNER:
        case TPROXY_EBPF_IS_OWNED_FLOW:
        case TPROXY_EBPF_IS_LOCAL:
            if (holds(step, packet) != step->is_negated)
                otherwise = index + 1;
        }
        if (otherwise <= index)
            return 0;
        index = otherwise;
    }
    return 0;
}

#endif
