// Loads an object with libbpf, which is opened at run time (decision 0066).
#define _GNU_SOURCE
#include <bpf/libbpf.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "CEBPF.h"

#define FUNCTIONS(each)                                                                                       \
    each(libbpf_set_print) each(libbpf_get_error) each(bpf_object__open_mem) each(bpf_object__load)           \
        each(bpf_object__close) each(bpf_object__next_map) each(bpf_object__find_map_by_name)                 \
            each(bpf_object__find_program_by_name) each(bpf_map__name) each(bpf_map__fd)                      \
                each(bpf_map__value_size) each(bpf_map__set_max_entries) each(bpf_map__set_initial_value)     \
                    each(bpf_map__reuse_fd) each(bpf_program__fd)

static struct {
#define DECLARE(name) __typeof__(name) *name;
    FUNCTIONS(DECLARE)
} bpf;

static void *open_library(void)
{
    static void *library;
    if (!library)
        library = dlopen("libbpf.so.1", RTLD_NOW | RTLD_LOCAL);
    return library;
}

bool cebpf_has_library(void) { return open_library(); }

static bool find_library(void)
{
    void *library = open_library();
    if (!library)
        return false;
#define FIND(name)                                       \
    if (!(bpf.name = (__typeof__(name) *)dlsym(library, #name))) \
        return false;
    FUNCTIONS(FIND)
    return true;
}

// libbpf has one printer for the process, and the programs are loaded by one thread at a time.
static __thread struct cebpf_load *printing;

// Appends to the log, and drops its beginning if there is no room: the end of the verifier's text has the cause.
static int print(enum libbpf_print_level level, const char *format, va_list arguments)
{
    char *text = NULL;
    if (!printing || level == LIBBPF_DEBUG)
        return 0;
    int length = vasprintf(&text, format, arguments);
    if (length < 0)
        return 0;
    size_t count = length, held = strlen(printing->log), room = sizeof(printing->log) - 1;
    const char *end = text + count;
    if (count > room)
        count = room;
    if (held + count > room) {
        size_t kept = room - count;
        memmove(printing->log, printing->log + held - kept, kept);
        held = kept;
    }
    memcpy(printing->log + held, end - count, count);
    printing->log[held + count] = 0;
    free(text);
    return length;
}

// The map of the configuration: the object's name precedes its section, and it is cut.
static struct bpf_map *configuration_of(struct bpf_object *object)
{
    for (struct bpf_map *map = bpf.bpf_object__next_map(object, NULL); map;
         map = bpf.bpf_object__next_map(object, map)) {
        const char *name = bpf.bpf_map__name(map);
        size_t length = strlen(name);
        if (length >= 7 && !strcmp(name + length - 7, ".rodata") &&
            bpf.bpf_map__value_size(map) == sizeof(struct tproxy_ebpf_configuration))
            return map;
    }
    return NULL;
}

static int copy(int descriptor) { return fcntl(descriptor, F_DUPFD_CLOEXEC, 3); }

static enum cebpf_outcome prepare(struct cebpf_load *load, struct bpf_object *object)
{
    struct bpf_map *configuration = configuration_of(object);
    if (!configuration)
        return CEBPF_FOREIGN_OBJECT;
    for (int index = 0; index < CEBPF_PROGRAMS; index++)
        if (!bpf.bpf_object__find_program_by_name(object, cebpf_program_name(index)))
            return CEBPF_FOREIGN_OBJECT;
    if (bpf.bpf_map__set_initial_value(configuration, load->configuration, sizeof(*load->configuration)))
        return CEBPF_REFUSED;
    for (int index = 0; index < CEBPF_MAPS; index++) {
        struct bpf_map *map = bpf.bpf_object__find_map_by_name(object, cebpf_map_name(index));
        if (!map)
            return CEBPF_FOREIGN_OBJECT;
        if (load->existing[index] >= 0) {
            if (bpf.bpf_map__reuse_fd(map, load->existing[index]))
                return CEBPF_REFUSED;
        } else if (load->entries[index] && bpf.bpf_map__set_max_entries(map, load->entries[index])) {
            return CEBPF_REFUSED;
        }
    }
    return CEBPF_LOADED;
}

static enum cebpf_outcome keep(struct cebpf_load *load, struct bpf_object *object)
{
    for (int index = 0; index < CEBPF_PROGRAMS; index++) {
        struct bpf_program *program = bpf.bpf_object__find_program_by_name(object, cebpf_program_name(index));
        if ((load->programs[index] = copy(bpf.bpf_program__fd(program))) < 0)
            return CEBPF_REFUSED;
    }
    for (int index = 0; index < CEBPF_MAPS; index++) {
        struct bpf_map *map = bpf.bpf_object__find_map_by_name(object, cebpf_map_name(index));
        if ((load->maps[index] = copy(bpf.bpf_map__fd(map))) < 0)
            return CEBPF_REFUSED;
    }
    return CEBPF_LOADED;
}

static enum cebpf_outcome load_object(struct cebpf_load *load)
{
    struct bpf_object *object = bpf.bpf_object__open_mem(load->object, load->object_size, NULL);
    if (!object || bpf.libbpf_get_error(object))
        return CEBPF_FOREIGN_OBJECT;
    enum cebpf_outcome outcome = prepare(load, object);
    if (outcome == CEBPF_LOADED) {
        int error = bpf.bpf_object__load(object);
        if (error) {
            errno = error < 0 ? -error : errno;
            outcome = CEBPF_REFUSED;
        } else {
            outcome = keep(load, object);
        }
    }
    int code = errno;
    bpf.bpf_object__close(object);
    errno = code;
    return outcome;
}

enum cebpf_outcome cebpf_load(struct cebpf_load *load)
{
    load->log[0] = 0;
    for (int index = 0; index < CEBPF_PROGRAMS; index++)
        load->programs[index] = -1;
    for (int index = 0; index < CEBPF_MAPS; index++)
        load->maps[index] = -1;
    if (!find_library())
        return CEBPF_NO_LIBRARY;
    printing = load;
    libbpf_print_fn_t former = bpf.libbpf_set_print(print);
    enum cebpf_outcome outcome = load_object(load);
    int code = errno;
    bpf.libbpf_set_print(former);
    printing = NULL;
    if (outcome != CEBPF_LOADED) {
        for (int index = 0; index < CEBPF_PROGRAMS; index++)
            if (load->programs[index] >= 0)
                close(load->programs[index]);
        for (int index = 0; index < CEBPF_MAPS; index++)
            if (load->maps[index] >= 0)
                close(load->maps[index]);
    }
    errno = code;
    return outcome;
}
