#define _GNU_SOURCE
#include "CLinux.h"

#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

int clinux_unshare_network(void) { return unshare(CLONE_NEWNET); }

int clinux_enter_network(int fd) { return setns(fd, CLONE_NEWNET); }

int clinux_set_filesystem_uid(uint32_t uid) {
    setfsuid(uid);
    // setfsuid reports no errors; a second call returns the current value.
    return (uint32_t)setfsuid((uid_t)-1) == uid ? 0 : -1;
}

int clinux_set_real_uid(uint32_t uid) { return syscall(SYS_setresuid, uid, (uid_t)-1, (uid_t)-1); }

int clinux_accept(int fd, bool waits) {
    return accept4(fd, NULL, NULL, SOCK_CLOEXEC | (waits ? 0 : SOCK_NONBLOCK));
}

static volatile sig_atomic_t stops;

static void count_stop(int signal) {
    (void)signal;
    stops++;
}

void clinux_watch_stops(void) {
    struct sigaction action = {.sa_handler = count_stop, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGCONT, &action, NULL);
}

int clinux_stops(void) { return stops; }

int64_t clinux_peer_user(int fd) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || size != sizeof peer) return -1;
    // (uid_t)-1 is a peer whose UID this user namespace doesn't have.
    return peer.uid == (uid_t)-1 ? -1 : (int64_t)peer.uid;
}

int clinux_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

void clinux_limit_processor_time(int process, unsigned int seconds) {
    struct rlimit limit = {.rlim_cur = seconds, .rlim_max = seconds + 1};
    prlimit(process, RLIMIT_CPU, &limit, NULL);
}

char *const *clinux_environment(void) { return environ; }

int clinux_boot_timer(int64_t seconds, int64_t nanoseconds) {
    int timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC);
    // A timer that is set to 0 never fires.
    struct itimerspec moment = {.it_value = {.tv_sec = seconds, .tv_nsec = nanoseconds ? nanoseconds : 1}};
    if (timer >= 0 && timerfd_settime(timer, TFD_TIMER_ABSTIME, &moment, NULL) != 0) {
        close(timer);
        return -1;
    }
    return timer;
}
