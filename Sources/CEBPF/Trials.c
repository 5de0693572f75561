// Tries what the programs need of the kernel, with programs of a few instructions that are never attached.
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include "BPFCall.h"
#include "CEBPF.h"

struct trial {
    const char *name;
    // The first version of Linux that has it.
    const char *since;
    enum bpf_prog_type type;
    enum bpf_attach_type attachment;
    // The function that the program calls with its context, 0 for none.
    int function;
};

static const struct trial trials[CEBPF_FEATURES] = {
    [CEBPF_CONNECT] = {"programs for connect(2)", "4.17", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET6_CONNECT, 0},
    [CEBPF_SENDMSG] = {"programs for sendmsg(2)", "4.18", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_UDP6_SENDMSG, 0},
    [CEBPF_RECVMSG] = {"programs for recvmsg(2)", "5.2", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_UDP6_RECVMSG, 0},
    [CEBPF_PEERNAME] = {"programs for getpeername(2)", "5.8", BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
                        BPF_CGROUP_INET6_GETPEERNAME, 0},
    [CEBPF_SOCKET_OPTION] = {"programs for getsockopt(2)", "5.3", BPF_PROG_TYPE_CGROUP_SOCKOPT, BPF_CGROUP_GETSOCKOPT,
                             0},
    [CEBPF_SOCKET_LOOKUP] = {"programs that look up listeners (sk_lookup)", "5.9", BPF_PROG_TYPE_SK_LOOKUP, BPF_SK_LOOKUP,
                             0},
    [CEBPF_SOCKET_EVENTS] = {"programs for events of sockets (sock_ops)", "4.13", BPF_PROG_TYPE_SOCK_OPS,
                             BPF_CGROUP_SOCK_OPS, 0},
    [CEBPF_COOKIE_OF_EVENTS] = {"the network namespace of a socket event (bpf_get_netns_cookie)", "5.15",
                                BPF_PROG_TYPE_SOCK_OPS, BPF_CGROUP_SOCK_OPS, BPF_FUNC_get_netns_cookie},
    [CEBPF_COOKIE_OF_OPTIONS] = {"the network namespace of a socket option (bpf_get_netns_cookie)", "5.15",
                                 BPF_PROG_TYPE_CGROUP_SOCKOPT, BPF_CGROUP_GETSOCKOPT, BPF_FUNC_get_netns_cookie},
    [CEBPF_LOOKUP_INTERFACE] = {"the interface of an incoming connection (ingress_ifindex)", "5.17",
                                BPF_PROG_TYPE_SK_LOOKUP, BPF_SK_LOOKUP, 0},
    [CEBPF_LINKS] = {"links to cgroups (BPF_LINK_CREATE)", "5.7", 0, 0, 0},
    [CEBPF_PREFIXES] = {"maps of prefixes (LPM_TRIE)", "4.11", 0, 0, 0},
    [CEBPF_SOCKETS] = {"maps of sockets (SOCKMAP)", "4.14", 0, 0, 0},
};

const char *cebpf_feature_name(int feature)
{
    return feature >= 0 && feature < CEBPF_FEATURES ? trials[feature].name : "";
}

const char *cebpf_feature_version(int feature)
{
    return feature >= 0 && feature < CEBPF_FEATURES ? trials[feature].since : "";
}

static int closed(int descriptor)
{
    if (descriptor < 0)
        return -1;
    close(descriptor);
    return 0;
}

static int try_program(const struct trial *trial, bool reads_interface)
{
    struct bpf_insn instructions[4];
    int count = 0;
    if (trial->function)
        instructions[count++] = (struct bpf_insn){.code = BPF_JMP | BPF_CALL, .imm = trial->function};
    if (reads_interface)
        instructions[count++] = (struct bpf_insn){.code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = BPF_REG_2,
            .src_reg = BPF_REG_1, .off = offsetof(struct bpf_sk_lookup, ingress_ifindex)};
    instructions[count++] = (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1};
    instructions[count++] = (struct bpf_insn){.code = BPF_JMP | BPF_EXIT};
    static const char license[] = "Dual MIT/GPL";
    return closed(CALL(BPF_PROG_LOAD, {
        attributes.prog_type = trial->type;
        attributes.expected_attach_type = trial->attachment;
        attributes.insns = address(instructions);
        attributes.insn_cnt = count;
        attributes.license = address(license);
    }));
}

static int try_map(enum bpf_map_type type, uint32_t key_size, uint32_t value_size, uint32_t entries, uint32_t flags)
{
    return closed(CALL(BPF_MAP_CREATE, {
        attributes.map_type = type;
        attributes.key_size = key_size;
        attributes.value_size = value_size;
        attributes.max_entries = entries;
        attributes.map_flags = flags;
    }));
}

// A kernel with the command looks for the program first, and one without refuses the command.
static int try_links(void)
{
    int made = CALL(BPF_LINK_CREATE, attributes.link_create.prog_fd = -1);
    return made < 0 && errno == EBADF ? 0 : closed(made);
}

int cebpf_try(int feature)
{
    switch (feature) {
    case CEBPF_LINKS: return try_links();
    case CEBPF_PREFIXES:
        return try_map(BPF_MAP_TYPE_LPM_TRIE, sizeof(struct tproxy_ebpf_prefix), 1, 1, BPF_F_NO_PREALLOC);
    case CEBPF_SOCKETS: return try_map(BPF_MAP_TYPE_SOCKMAP, sizeof(uint32_t), sizeof(uint64_t), 1, 0);
    }
    if (feature < 0 || feature >= CEBPF_FEATURES) {
        errno = EINVAL;
        return -1;
    }
    return try_program(&trials[feature], feature == CEBPF_LOOKUP_INTERFACE);
}
