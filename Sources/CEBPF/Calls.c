#define _GNU_SOURCE
#include <errno.h>
#include <linux/magic.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include "BPFCall.h"
#include "CEBPF.h"

int cebpf_map_create(const char *name, uint32_t value_size, uint32_t entries)
{
    return CALL(BPF_MAP_CREATE, {
        attributes.map_type = BPF_MAP_TYPE_ARRAY;
        attributes.key_size = sizeof(uint32_t);
        attributes.value_size = value_size;
        attributes.max_entries = entries;
        strncpy(attributes.map_name, name, sizeof(attributes.map_name) - 1);
    });
}

int cebpf_map_update(int map, const void *key, const void *value)
{
    return CALL(BPF_MAP_UPDATE_ELEM, {
        attributes.map_fd = map;
        attributes.key = address(key);
        attributes.value = address(value);
    });
}

int cebpf_add_listener(int listeners, int origins, uint32_t slot, int socket)
{
    struct tproxy_ebpf_origin origin = {.kind = TPROXY_EBPF_LISTENER};
    uint64_t value = socket;
    if (cebpf_map_update(origins, &socket, &origin))
        return -1;
    if (slot == UINT32_MAX)
        return 0;
    int error = CALL(BPF_MAP_UPDATE_ELEM, {
        attributes.map_fd = listeners;
        attributes.key = address(&slot);
        attributes.value = address(&value);
        attributes.flags = BPF_NOEXIST;
    });
    if (!error || errno != EEXIST)
        return error;
    // The value is the cookie of the socket in the slot.
    uint64_t held = 0, own = 0;
    socklen_t length = sizeof(own);
    bool is_same = !cebpf_map_lookup(listeners, &slot, &held) &&
                   !getsockopt(socket, SOL_SOCKET, SO_COOKIE, &own, &length) && held == own;
    return is_same ? 0 : 1;
}

int cebpf_take_descriptor(int process, int number)
{
    int handle = syscall(SYS_pidfd_open, process, 0);
    if (handle < 0)
        return -1;
    int taken = syscall(SYS_pidfd_getfd, handle, number, 0);
    int code = errno;
    close(handle);
    errno = code;
    return taken;
}

int cebpf_map_lookup(int map, const void *key, void *value)
{
    return CALL(BPF_MAP_LOOKUP_ELEM, {
        attributes.map_fd = map;
        attributes.key = address(key);
        attributes.value = address(value);
    });
}

int cebpf_map_next_key(int map, const void *key, void *next)
{
    return CALL(BPF_MAP_GET_NEXT_KEY, {
        attributes.map_fd = map;
        attributes.key = address(key);
        attributes.next_key = address(next);
    });
}

int cebpf_map_freeze(int map)
{
    return CALL(BPF_MAP_FREEZE, attributes.map_fd = map);
}

int cebpf_bind_map(int program, int map)
{
    return CALL(BPF_PROG_BIND_MAP, {
        attributes.prog_bind_map.prog_fd = program;
        attributes.prog_bind_map.map_fd = map;
    });
}

// The attachment types of the programs, in the order of `cebpf_program`.
static const enum bpf_attach_type types[CEBPF_PROGRAMS] = {
    [CEBPF_GETSOCKOPT] = BPF_CGROUP_GETSOCKOPT,      [CEBPF_SOCKOPS] = BPF_CGROUP_SOCK_OPS,
    [CEBPF_RECVMSG4] = BPF_CGROUP_UDP4_RECVMSG,      [CEBPF_RECVMSG6] = BPF_CGROUP_UDP6_RECVMSG,
    [CEBPF_PEERNAME4] = BPF_CGROUP_INET4_GETPEERNAME, [CEBPF_PEERNAME6] = BPF_CGROUP_INET6_GETPEERNAME,
    [CEBPF_LOOKUP] = BPF_SK_LOOKUP,                  [CEBPF_CONNECT4] = BPF_CGROUP_INET4_CONNECT,
    [CEBPF_CONNECT6] = BPF_CGROUP_INET6_CONNECT,     [CEBPF_SENDMSG4] = BPF_CGROUP_UDP4_SENDMSG,
    [CEBPF_SENDMSG6] = BPF_CGROUP_UDP6_SENDMSG,
};

// Links allow other programs on the same hook.
int cebpf_attach(int program, int target, int kind)
{
    if (kind < 0 || kind >= CEBPF_PROGRAMS) {
        errno = EINVAL;
        return -1;
    }
    return CALL(BPF_LINK_CREATE, {
        attributes.link_create.prog_fd = program;
        attributes.link_create.target_fd = target;
        attributes.link_create.attach_type = types[kind];
    });
}

int cebpf_attached(int target, int kind, uint32_t *programs, uint32_t *count)
{
    if (kind < 0 || kind >= CEBPF_PROGRAMS) {
        errno = EINVAL;
        return -1;
    }
    union bpf_attr query;
    memset(&query, 0, sizeof(query));
    query.query.target_fd = target;
    query.query.attach_type = types[kind];
    // A namespace has no hierarchy.
    query.query.query_flags = kind == CEBPF_LOOKUP ? 0 : BPF_F_QUERY_EFFECTIVE;
    query.query.prog_ids = address(programs);
    query.query.prog_cnt = *count;
    int error = call(BPF_PROG_QUERY, &query, sizeof(query));
    if (error && errno != ENOSPC)
        return -1;
    if (query.query.prog_cnt < *count)
        *count = query.query.prog_cnt;
    return 0;
}

int cebpf_replace(int link, int program)
{
    return CALL(BPF_LINK_UPDATE, {
        attributes.link_update.link_fd = link;
        attributes.link_update.new_prog_fd = program;
    });
}

int cebpf_detach(int link)
{
    return CALL(BPF_LINK_DETACH, attributes.link_detach.link_fd = link);
}

int cebpf_pin(int object, const char *path)
{
    return CALL(BPF_OBJ_PIN, {
        attributes.bpf_fd = object;
        attributes.pathname = address(path);
    });
}

int cebpf_pinned(const char *path)
{
    return CALL(BPF_OBJ_GET, attributes.pathname = address(path));
}

int cebpf_program_with_id(uint32_t id)
{
    return CALL(BPF_PROG_GET_FD_BY_ID, attributes.prog_id = id);
}

int cebpf_map_with_id(uint32_t id)
{
    return CALL(BPF_MAP_GET_FD_BY_ID, attributes.map_id = id);
}

static int facts_of(int object, void *facts, uint32_t size)
{
    return CALL(BPF_OBJ_GET_INFO_BY_FD, {
        attributes.info.bpf_fd = object;
        attributes.info.info = address(facts);
        attributes.info.info_len = size;
    });
}

int cebpf_link_facts(int link, struct cebpf_link_facts *facts)
{
    struct bpf_link_info info = {};
    if (facts_of(link, &info, sizeof(info)))
        return -1;
    facts->id = info.id;
    facts->program = info.prog_id;
    switch (info.type) {
    case BPF_LINK_TYPE_CGROUP: facts->target = info.cgroup.cgroup_id; return 0;
    case BPF_LINK_TYPE_NETNS: facts->target = info.netns.netns_ino; return 0;
    }
    errno = EPROTOTYPE;
    return -1;
}

int cebpf_program_facts(int program, struct cebpf_program_facts *facts)
{
    struct bpf_prog_info info = {};
    info.map_ids = address(facts->maps);
    info.nr_map_ids = sizeof(facts->maps) / sizeof(*facts->maps);
    if (facts_of(program, &info, sizeof(info)))
        return -1;
    facts->id = info.id;
    memcpy(facts->name, info.name, sizeof(facts->name));
    facts->name[sizeof(facts->name) - 1] = 0;
    facts->map_count = info.nr_map_ids;
    if (facts->map_count > sizeof(facts->maps) / sizeof(*facts->maps))
        facts->map_count = sizeof(facts->maps) / sizeof(*facts->maps);
    return 0;
}

int cebpf_map_facts(int map, struct cebpf_map_facts *facts)
{
    struct bpf_map_info info = {};
    if (facts_of(map, &info, sizeof(info)))
        return -1;
    facts->id = info.id;
    memcpy(facts->name, info.name, sizeof(facts->name));
    facts->name[sizeof(facts->name) - 1] = 0;
    facts->key_size = info.key_size;
    facts->value_size = info.value_size;
    facts->entries = info.max_entries;
    return 0;
}

uint64_t cebpf_namespace_cookie(void)
{
    int socket_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket_ < 0)
        return 0;
    uint64_t cookie = 0;
    socklen_t length = sizeof(cookie);
    if (getsockopt(socket_, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &length))
        cookie = 0;
    int code = errno;
    close(socket_);
    errno = code;
    return cookie;
}

// The numbers, which <linux/mount.h> doesn't share with <sys/mount.h>, are the kernel's; older C libraries lack the
// functions.
int cebpf_unmounted_bpffs(void)
{
    enum { CLOSE_ON_EXEC = 1, CREATE = 6 };
    int system = syscall(SYS_fsopen, "bpf", CLOSE_ON_EXEC);
    if (system < 0)
        return -1;
    int mount = -1;
    if (!syscall(SYS_fsconfig, system, CREATE, NULL, NULL, 0))
        mount = syscall(SYS_fsmount, system, CLOSE_ON_EXEC, 0);
    int code = errno;
    close(system);
    errno = code;
    return mount;
}

static bool is_on(const char *path, long kind)
{
    struct statfs status;
    return !statfs(path, &status) && status.f_type == kind;
}

bool cebpf_is_bpffs(const char *path) { return is_on(path, BPF_FS_MAGIC); }
bool cebpf_is_cgroup2(const char *path) { return is_on(path, CGROUP2_SUPER_MAGIC); }
bool cebpf_is_cgroup1(const char *path) { return is_on(path, CGROUP_SUPER_MAGIC); }
