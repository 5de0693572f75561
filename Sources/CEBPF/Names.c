#include "CEBPF.h"

static const char *const programs[CEBPF_PROGRAMS] = {
    [CEBPF_GETSOCKOPT] = "tproxy_getsockopt", [CEBPF_SOCKOPS] = "tproxy_sockops",
    [CEBPF_RECVMSG4] = "tproxy_recvmsg4",     [CEBPF_RECVMSG6] = "tproxy_recvmsg6",
    [CEBPF_PEERNAME4] = "tproxy_peername4",   [CEBPF_PEERNAME6] = "tproxy_peername6",
    [CEBPF_LOOKUP] = "tproxy_lookup",         [CEBPF_CONNECT4] = "tproxy_connect4",
    [CEBPF_CONNECT6] = "tproxy_connect6",     [CEBPF_SENDMSG4] = "tproxy_sendmsg4",
    [CEBPF_SENDMSG6] = "tproxy_sendmsg6",
};

static const char *const maps[CEBPF_MAPS] = {
    [CEBPF_ADDRESSES] = "addresses", [CEBPF_PORTS] = "ports",     [CEBPF_OWN_ADDRESSES] = "own_addresses",
    [CEBPF_COUNTERS] = "counters",   [CEBPF_ORIGINS] = "origins", [CEBPF_PENDING] = "pending",
    [CEBPF_LISTENERS] = "listeners",
};

const char *cebpf_program_name(int program)
{
    return program >= 0 && program < CEBPF_PROGRAMS ? programs[program] : "";
}

const char *cebpf_map_name(int map) { return map >= 0 && map < CEBPF_MAPS ? maps[map] : ""; }
