#define _GNU_SOURCE
#include "CNftablesProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <nftables/libnftables.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { exit_done = 0, exit_refused = 1 };

static void say(const char *text) {
    size_t left = text ? strlen(text) : 0;
    while (left > 0) {
        ssize_t count = write(STDERR_FILENO, text, left);
        if (count <= 0) return;
        text += count;
        left -= (size_t)count;
    }
}

static int carry_out(const char *json) {
    struct nft_ctx *context = nft_ctx_new(NFT_CTX_DEFAULT);
    if (!context) {
        say("libnftables can't start");
        return exit_refused;
    }
    // 1.0.6 has no flag for input: JSON output makes it read JSON.
    nft_ctx_output_set_flags(context, NFT_CTX_OUTPUT_JSON);
    if (nft_ctx_buffer_output(context) || nft_ctx_buffer_error(context)) {
        say("out of memory");
        return exit_refused;
    }
    if (nft_run_cmd_from_buffer(context, json) == 0) return exit_done;
    say(nft_ctx_get_error_buffer(context));
    return exit_refused;
}

static void child(const char *json, int output, pid_t parent) {
    struct rlimit none = {0, 0};
    // The waiting process decides what follows; without it there is nothing to do.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(exit_refused);
    setrlimit(RLIMIT_CORE, &none);
    signal(SIGPIPE, SIG_IGN);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    _exit(carry_out(json));
}

static long milliseconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000L + now.tv_nsec / 1000000L;
}

// Reads to the end of the output; returns 0 if the time is up before that.
static int read_to_end(int input, long deadline, struct nftables_process_result *result) {
    char rest[512];
    size_t length = 0;
    for (;;) {
        long left = deadline - milliseconds_now();
        struct pollfd look = {.fd = input, .events = POLLIN};
        int ready = left > 0 ? poll(&look, 1, (int)left) : 0;
        if (ready < 0 && errno == EINTR) continue;
        if (ready == 0) return 0;
        size_t room = sizeof result->text - 1 - length;
        ssize_t count = room > 0 ? read(input, result->text + length, room) : read(input, rest, sizeof rest);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return 1;
        if (room > 0) length += (size_t)count;
        result->text[length] = 0;
    }
}

const char *nftables_process_text(const struct nftables_process_result *result) { return result->text; }

void nftables_process_run(const char *json, int milliseconds, struct nftables_process_result *result) {
    int ends[2];
    int status = 0;
    memset(result, 0, sizeof *result);
    result->end = NFTABLES_PROCESS_NOT_STARTED;
    if (pipe2(ends, O_CLOEXEC)) {
        result->number = errno;
        return;
    }
    pid_t parent = getpid();
    pid_t process = fork();
    if (process == 0) {
        close(ends[0]);
        child(json, ends[1], parent);
    }
    close(ends[1]);
    if (process < 0) {
        result->number = errno;
        close(ends[0]);
        return;
    }
    int ended = read_to_end(ends[0], milliseconds_now() + milliseconds, result);
    close(ends[0]);
    if (!ended) kill(process, SIGKILL);
    pid_t waited;
    do waited = waitpid(process, &status, 0);
    while (waited < 0 && errno == EINTR);
    // If SIGCHLD is ignored, the kernel keeps no status.
    if (waited < 0) {
        result->end = NFTABLES_PROCESS_DIED;
    } else if (WIFSIGNALED(status)) {
        result->end = ended ? NFTABLES_PROCESS_DIED : NFTABLES_PROCESS_TOO_LONG;
        result->number = WTERMSIG(status);
    } else {
        // A library that ends the process itself has another exit status.
        result->end = WEXITSTATUS(status) == exit_done ? NFTABLES_PROCESS_DONE : NFTABLES_PROCESS_REFUSED;
    }
}
