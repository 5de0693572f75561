#include "CCurl.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

const char *const ccurl_library = "libcurl-gnutls.so.4";

static struct {
    __typeof__(curl_global_init) *global_init;
    __typeof__(curl_easy_init) *easy_init;
    // Without the macros of the header, which check the types of the options.
    CURLcode (*easy_setopt)(CURL *, CURLoption, ...);
    CURLcode (*easy_getinfo)(CURL *, CURLINFO, ...);
    __typeof__(curl_easy_cleanup) *easy_cleanup;
    __typeof__(curl_easy_strerror) *easy_strerror;
    __typeof__(curl_slist_append) *slist_append;
    __typeof__(curl_slist_free_all) *slist_free_all;
    __typeof__(curl_multi_init) *multi_init;
    __typeof__(curl_multi_add_handle) *multi_add_handle;
    __typeof__(curl_multi_remove_handle) *multi_remove_handle;
    __typeof__(curl_multi_perform) *multi_perform;
    __typeof__(curl_multi_poll) *multi_poll;
    __typeof__(curl_multi_info_read) *multi_info_read;
    __typeof__(curl_multi_cleanup) *multi_cleanup;
} lib;

// What belongs to a transfer beside libcurl's own handle.
struct extra {
    struct curl_slist *headers;
    ccurl_receive receive;
    void *context;
    char reason[CURL_ERROR_SIZE];
};

const char *ccurl_load(void) {
    static bool is_loaded;
    if (is_loaded) return NULL;
    void *library = dlopen(ccurl_library, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) return dlerror();
    const struct {
        const char *name;
        void **address;
    } symbols[] = {
        {"curl_global_init", (void **)&lib.global_init},
        {"curl_easy_init", (void **)&lib.easy_init},
        {"curl_easy_setopt", (void **)&lib.easy_setopt},
        {"curl_easy_getinfo", (void **)&lib.easy_getinfo},
        {"curl_easy_cleanup", (void **)&lib.easy_cleanup},
        {"curl_easy_strerror", (void **)&lib.easy_strerror},
        {"curl_slist_append", (void **)&lib.slist_append},
        {"curl_slist_free_all", (void **)&lib.slist_free_all},
        {"curl_multi_init", (void **)&lib.multi_init},
        {"curl_multi_add_handle", (void **)&lib.multi_add_handle},
        {"curl_multi_remove_handle", (void **)&lib.multi_remove_handle},
        {"curl_multi_perform", (void **)&lib.multi_perform},
        {"curl_multi_poll", (void **)&lib.multi_poll},
        {"curl_multi_info_read", (void **)&lib.multi_info_read},
        {"curl_multi_cleanup", (void **)&lib.multi_cleanup},
    };
    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        *symbols[i].address = dlsym(library, symbols[i].name);
        if (*symbols[i].address == NULL) return dlerror();
    }
    if (lib.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return "it can't be initialised";
    is_loaded = true;
    return NULL;
}

void *ccurl_make(void) { return lib.multi_init(); }

void ccurl_free(void *set) { lib.multi_cleanup(set); }

static size_t receive(char *bytes, size_t size, size_t count, void *data) {
    struct extra *extra = data;
    return extra->receive(extra->context, (const uint8_t *)bytes, size * count);
}

static void free_transfer(CURL *easy) {
    struct extra *extra = NULL;
    lib.easy_getinfo(easy, CURLINFO_PRIVATE, &extra);
    lib.easy_cleanup(easy);
    if (extra == NULL) return;
    lib.slist_free_all(extra->headers);
    free(extra);
}

void *ccurl_start(void *set, const ccurl_request *request, ccurl_receive receiver, void *context) {
    CURL *easy = lib.easy_init();
    if (easy == NULL) return NULL;
    struct extra *extra = calloc(1, sizeof *extra);
    if (extra == NULL) {
        lib.easy_cleanup(easy);
        return NULL;
    }
    extra->receive = receiver;
    extra->context = context;
    CURLcode code = lib.easy_setopt(easy, CURLOPT_PRIVATE, extra);
    for (const char *const *line = request->headers; *line != NULL; line++) {
        struct curl_slist *headers = lib.slist_append(extra->headers, *line);
        if (headers == NULL) goto failed;
        extra->headers = headers;
    }
#define SET(option, value)                                                   \
    if (code == CURLE_OK) code = lib.easy_setopt(easy, option, value)
    SET(CURLOPT_URL, request->url);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_HTTPHEADER, extra->headers);
    SET(CURLOPT_WRITEFUNCTION, receive);
    SET(CURLOPT_WRITEDATA, extra);
    SET(CURLOPT_ERRORBUFFER, extra->reason);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_NOPROXY, "*");
    SET(CURLOPT_CONNECTTIMEOUT_MS, request->connect_timeout);
    SET(CURLOPT_TIMEOUT_MS, request->timeout);
    // A node that lost its network notices within a minute that a watch is dead.
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_TCP_KEEPIDLE, 30L);
    SET(CURLOPT_TCP_KEEPINTVL, 5L);
    SET(CURLOPT_BUFFERSIZE, 16384L);
    if (request->ca_file != NULL) SET(CURLOPT_CAINFO, request->ca_file);
    if (request->method != NULL) SET(CURLOPT_CUSTOMREQUEST, request->method);
    if (request->body != NULL) SET(CURLOPT_COPYPOSTFIELDS, request->body);
#undef SET
    if (code == CURLE_OK && lib.multi_add_handle(set, easy) == CURLM_OK) return easy;
failed:
    free_transfer(easy);
    return NULL;
}

void ccurl_stop(void *set, void *transfer) {
    lib.multi_remove_handle(set, transfer);
    free_transfer(transfer);
}

void ccurl_perform(void *set) {
    int running = 0;
    lib.multi_perform(set, &running);
}

void ccurl_wait(void *set, struct pollfd *descriptors, unsigned int count, int timeout) {
    struct curl_waitfd *extra = count > 0 ? calloc(count, sizeof *extra) : NULL;
    if (extra == NULL) count = 0;
    for (unsigned int i = 0; i < count; i++) {
        extra[i].fd = descriptors[i].fd;
        extra[i].events = (short)((descriptors[i].events & POLLIN ? CURL_WAIT_POLLIN : 0) |
                                  (descriptors[i].events & POLLOUT ? CURL_WAIT_POLLOUT : 0));
    }
    int ready = 0;
    lib.multi_poll(set, extra, count, timeout, &ready);
    for (unsigned int i = 0; i < count; i++) {
        descriptors[i].revents = (short)((extra[i].revents & CURL_WAIT_POLLIN ? POLLIN : 0) |
                                         (extra[i].revents & CURL_WAIT_POLLOUT ? POLLOUT : 0));
    }
    free(extra);
}

bool ccurl_next(void *set, void **transfer, int *code, long *status, char reason[256]) {
    int left = 0;
    CURLMsg *message;
    while ((message = lib.multi_info_read(set, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE) continue;
        struct extra *extra = NULL;
        *transfer = message->easy_handle;
        *code = (int)message->data.result;
        *status = 0;
        lib.easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, status);
        lib.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &extra);
        const char *text = extra != NULL && extra->reason[0] != 0 ? extra->reason
                                                                  : lib.easy_strerror(message->data.result);
        memset(reason, 0, 256);
        strncpy(reason, text, 255);
        return true;
    }
    return false;
}

int ccurl_refused(void) { return CURLE_WRITE_ERROR; }
