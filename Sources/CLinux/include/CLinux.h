// Calls that Swift can't make, each with its reason.
#ifndef TPROXY_CLINUX_H
#define TPROXY_CLINUX_H

#include <stdint.h>
// epoll(7): the Glibc module leaves this header out.
#include <sys/epoll.h>
// mallopt(3): left out, too.
#include <malloc.h>
// flistxattr(2), fgetxattr(2), fsetxattr(2): left out, too.
#include <sys/xattr.h>
// getauxval(3): left out, too.
#include <sys/auxv.h>

// unshare(2), setns(2): declared only under _GNU_SOURCE, which the Glibc module isn't built with.
int clinux_unshare_network(void);
int clinux_enter_network(int fd);

// setfsuid(2): declared only under _GNU_SOURCE-era headers outside the Glibc module. Per thread:
// the owner that netfilter sees of a socket is the fsuid of the thread that made it.
// Returns 0, or -1 when the kernel kept the old one.
int clinux_set_filesystem_uid(uint32_t uid);

// fcntl(2) is variadic. Makes fd non-blocking; -1 and errno on failure.
int clinux_set_nonblocking(int fd);

// accept4(2) is declared only under _GNU_SOURCE. The connection is non-blocking and closed on exec.
int clinux_accept(int fd);

// A signal handler must do nothing that takes a lock, which Swift's can't promise. From the first call on
// SIGCONT is counted: a process that was stopped (SIGSTOP, SIGTSTP) knows it before its next instruction.
void clinux_watch_stops(void);
// How often this process was continued since then.
int clinux_stops(void);

// environ(7) is a variable, which another thread could change under Swift's rules. This program has none that does.
char *const *clinux_environment(void);

// memfd_create(2) is declared only under _GNU_SOURCE. Closed on exec; -1 and errno on failure.
int clinux_memory_file(const char *name);

// prlimit(2) is declared only under _GNU_SOURCE. Ends a process that has used so much processor time.
void clinux_limit_processor_time(int process, unsigned int seconds);

#endif
