// The few functions of libcurl that the node agent uses.
//
// libcurl is loaded when the agent starts (dlopen(3)) and not with the program: it brings some 25 libraries, which no
// other command needs (decision 0064). Its options have a variable number of arguments, which Swift can't pass.
#ifndef TPROXY_CCURL_H
#define TPROXY_CCURL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pollfd;

// The name of the library's file: the GnuTLS flavour, whose licence allows it beside libnftables.
extern const char *const ccurl_library;

// Loads the library. Returns NULL, or the loader's reason.
const char *ccurl_load(void);

// A set of transfers. NULL if memory is exhausted.
void *ccurl_make(void);
void ccurl_free(void *set);

typedef struct {
    const char *url;
    // NULL is GET.
    const char *method;
    // NULL is none; read until the transfer ends.
    const char *body;
    // NULL-terminated lines such as "Accept: application/json".
    const char *const *headers;
    // The file of certificates that the server's must be signed by. NULL is the system's.
    const char *ca_file;
    // The time to connect, and the time for the whole transfer, in milliseconds.
    long connect_timeout;
    long timeout;
} ccurl_request;

// Receives a part of the answer's body. Another result than `count` ends the transfer.
typedef size_t (*ccurl_receive)(void *context, const uint8_t *bytes, size_t count);

// Starts a transfer; NULL on failure.
void *ccurl_start(void *set, const ccurl_request *request, ccurl_receive receive, void *context);
// Ends a transfer and frees it.
void ccurl_stop(void *set, void *transfer);

// Transfers what can be transferred at once.
void ccurl_perform(void *set);
// Waits until a transfer or one of the descriptors is ready, or for `timeout` milliseconds.
void ccurl_wait(void *set, struct pollfd *descriptors, unsigned int count, int timeout);

// Takes a transfer that has ended; false if there is none. `code` is 0 or libcurl's error, `status` the HTTP status or 0,
// `reason` the error's text. The transfer must be stopped.
bool ccurl_next(void *set, void **transfer, int *code, long *status, char reason[256]);

// The error of a transfer whose receiver has refused a part.
int ccurl_refused(void);

#endif
