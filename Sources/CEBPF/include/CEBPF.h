// The eBPF programs of this build, libbpf, and bpf(2).
#ifndef TPROXY_CEBPF_H
#define TPROXY_CEBPF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "../../EBPFBackend/Programs/include/EBPFConfiguration.h"

// The object file, which the build embeds: Swift can't import an array of unknown length.
const void *cebpf_object(void);
size_t cebpf_object_size(void);

// The programs of the object, in the order in which they are attached: those that answer for redirected sockets
// precede those that redirect.
enum cebpf_program {
    CEBPF_GETSOCKOPT,
    CEBPF_SOCKOPS,
    CEBPF_RECVMSG4,
    CEBPF_RECVMSG6,
    CEBPF_PEERNAME4,
    CEBPF_PEERNAME6,
    CEBPF_LOOKUP,
    CEBPF_CONNECT4,
    CEBPF_CONNECT6,
    CEBPF_SENDMSG4,
    CEBPF_SENDMSG6,
    CEBPF_PROGRAMS,
};

enum cebpf_map {
    CEBPF_ADDRESSES,
    CEBPF_PORTS,
    CEBPF_OWN_ADDRESSES,
    CEBPF_COUNTERS,
    CEBPF_LISTENERS,
    // These stay when the programs are replaced.
    CEBPF_ORIGINS,
    CEBPF_PENDING,
    CEBPF_MAPS,
};

// The name of a program or map in the object and in the kernel.
const char *cebpf_program_name(int program);
const char *cebpf_map_name(int map);

struct cebpf_load {
    // In: the object; the entries of each map, and descriptors of existing maps to use in place of new ones, or -1.
    const void *object;
    size_t object_size;
    const struct tproxy_ebpf_configuration *configuration;
    uint32_t entries[CEBPF_MAPS];
    int existing[CEBPF_MAPS];
    // Out: descriptors that the caller closes.
    int programs[CEBPF_PROGRAMS];
    int maps[CEBPF_MAPS];
    // The text of libbpf and of the verifier; its end, if it is longer.
    char log[16384];
};

enum cebpf_outcome {
    CEBPF_LOADED,
    // libbpf.so.1 is missing, or lacks a function.
    CEBPF_NO_LIBRARY,
    // The object isn't one of ours, or has another layout.
    CEBPF_FOREIGN_OBJECT,
    // The kernel refused; errno tells why.
    CEBPF_REFUSED,
};

// The members of `load`, whose arrays Swift imports as tuples.
static inline void cebpf_set_entries(struct cebpf_load *load, int map, uint32_t entries) { load->entries[map] = entries; }
static inline void cebpf_set_existing(struct cebpf_load *load, int map, int existing) { load->existing[map] = existing; }
static inline int cebpf_loaded_program(const struct cebpf_load *load, int program) { return load->programs[program]; }
static inline const char *cebpf_log(const struct cebpf_load *load) { return load->log; }
static inline int cebpf_loaded_map(const struct cebpf_load *load, int map) { return load->maps[map]; }

// libbpf is loaded at the first call, so that hosts without it need it for nothing else.
enum cebpf_outcome cebpf_load(struct cebpf_load *load);

// Commands of bpf(2), whose unions Swift can't fill. They return -1 and set errno on failure, descriptors are closed on
// exec.
int cebpf_map_create(const char *name, uint32_t value_size, uint32_t entries);
int cebpf_map_update(int map, const void *key, const void *value);
int cebpf_map_lookup(int map, const void *key, void *value);
// Without a key, returns the first.
int cebpf_map_next_key(int map, const void *key, void *next);
int cebpf_map_freeze(int map);
// Binds a map that the program doesn't use to its lifetime.
int cebpf_bind_map(int program, int map);
int cebpf_attach(int program, int target, int kind);
// Finds the programs that run on the hook of `kind` for a cgroup or a network namespace, in their order: the IDs of the
// first `count`, which becomes their number.
int cebpf_attached(int target, int kind, uint32_t *programs, uint32_t *count);
int cebpf_replace(int link, int program);
int cebpf_detach(int link);
int cebpf_pin(int object, const char *path);
int cebpf_pinned(const char *path);
int cebpf_program_with_id(uint32_t id);
int cebpf_map_with_id(uint32_t id);

struct cebpf_link_facts {
    uint32_t id;
    uint32_t program;
    // The cgroup or the network namespace; 0 if it is gone.
    uint64_t target;
};
int cebpf_link_facts(int link, struct cebpf_link_facts *facts);

struct cebpf_program_facts {
    uint32_t id;
    char name[16];
    uint32_t maps[16];
    uint32_t map_count;
};
int cebpf_program_facts(int program, struct cebpf_program_facts *facts);

struct cebpf_map_facts {
    uint32_t id;
    char name[16];
    uint32_t key_size, value_size, entries;
};
int cebpf_map_facts(int map, struct cebpf_map_facts *facts);

// The cookie of this thread's network namespace, which the programs compare (Linux 5.14). 0 on failure.
uint64_t cebpf_namespace_cookie(void);
// Makes a BPF file system that is mounted nowhere and ends with its last descriptor, which this returns (Linux 5.2).
int cebpf_unmounted_bpffs(void);
// The kind of file system: statfs(2) has numbers that Swift's headers leave out.
bool cebpf_is_bpffs(const char *path);
bool cebpf_is_cgroup2(const char *path);
bool cebpf_is_cgroup1(const char *path);

// What the programs need of the kernel.
enum cebpf_feature {
    CEBPF_CONNECT,
    CEBPF_SENDMSG,
    CEBPF_RECVMSG,
    CEBPF_PEERNAME,
    CEBPF_SOCKET_OPTION,
    CEBPF_SOCKET_EVENTS,
    CEBPF_SOCKET_LOOKUP,
    CEBPF_COOKIE_OF_EVENTS,
    CEBPF_COOKIE_OF_OPTIONS,
    CEBPF_LINKS,
    CEBPF_PREFIXES,
    CEBPF_SOCKETS,
    // This only if an interface is given.
    CEBPF_LOOKUP_INTERFACE,
    CEBPF_FEATURES,
};
const char *cebpf_feature_name(int feature);
// The first version of Linux that has it.
const char *cebpf_feature_version(int feature);
// Tries a feature, and leaves nothing. Returns -1 and sets errno on failure.
int cebpf_try(int feature);
// Whether libbpf.so.1 can be opened.
bool cebpf_has_library(void);

// Marks a listening socket as the proxy's and, unless `slot` is UINT32_MAX, adds it to the map of listeners. Returns 0, 1
// if another socket is in the slot, and -1 on failure.
int cebpf_add_listener(int listeners, int origins, uint32_t slot, int socket);
// Returns a copy of a descriptor of another process (Linux 5.6).
int cebpf_take_descriptor(int process, int number);

#endif
