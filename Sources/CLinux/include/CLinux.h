// Calls that Swift can't make, each with the reason.
#ifndef TPROXY_CLINUX_H
#define TPROXY_CLINUX_H

#include <stdbool.h>
#include <stdint.h>
// epoll(7): the Glibc module leaves this header out.
#include <sys/epoll.h>
// mallopt(3): left out as well.
#include <malloc.h>
// flistxattr(2), fgetxattr(2), fsetxattr(2): left out as well.
#include <sys/xattr.h>
// getauxval(3): left out as well.
#include <sys/auxv.h>

// inotify(7): left out as well.
#include <sys/inotify.h>

// unshare(2), setns(2): declared only under _GNU_SOURCE, which the Glibc module isn't built with.
int clinux_unshare_network(void);
int clinux_enter_network(int fd);

// setfsuid(2): the Glibc module leaves its header out. Per thread: netfilter sees the fsuid of the
// creating thread as the owner of a socket. Returns 0, or -1 if the kernel kept the old value.
int clinux_set_filesystem_uid(uint32_t uid);

// setresuid(2) of glibc changes all threads. This changes the real UID of the calling thread, which eBPF programs see
// as the owner of its calls, and keeps the others, to which its capabilities belong. Returns -1 and sets errno on
// failure.
int clinux_set_real_uid(uint32_t uid);

// accept4(2) is declared only under _GNU_SOURCE. The connection is closed on exec, and non-blocking unless
// it waits.
int clinux_accept(int fd, bool waits);

// A signal handler must not take a lock, which Swift can't guarantee. Counts SIGCONT from the first
// call on: a process that was stopped (SIGSTOP, SIGTSTP) sees it before its next instruction.
void clinux_watch_stops(void);
// Returns how often this process was continued since then.
int clinux_stops(void);

// environ(7) is a variable, which another thread could change under Swift's rules. This program has none that does.
char *const *clinux_environment(void);

// struct ucred is declared only under _GNU_SOURCE. Returns the UID of the process at the other end of a Unix
// socket (SO_PEERCRED), or -1.
int64_t clinux_peer_user(int fd);

// memfd_create(2) is declared only under _GNU_SOURCE. Closed on exec; -1 and errno on failure.
int clinux_memory_file(const char *name);

// prlimit(2) is declared only under _GNU_SOURCE. Ends the process after this processor time.
void clinux_limit_processor_time(int process, unsigned int seconds);

// timerfd_create(2) and timerfd_settime(2): the Glibc module leaves their header out. The timer is readable from
// this moment of CLOCK_BOOTTIME on; -1 and errno on failure.
int clinux_boot_timer(int64_t seconds, int64_t nanoseconds);

#endif
