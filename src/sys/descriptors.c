// SPDX-License-Identifier: MIT
#include "sys/descriptors.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

// The kernel's default for the highest limit (fs.nr_open).
#define MOST_FILES (1 << 20)

// The limit belongs to the process, and so does this account.
static struct {
  struct rlimit inherited, raised;
  bool known;
  int most, held;
} account;

// How many descriptors are left for the program's other files: pipes and logs of commands, a user's own sockets.
static int reserve_of(int limit) { return limit < 256 ? limit / 2 : 128; }

void wio_descriptors_raise(void) {
  if (account.known || getrlimit(RLIMIT_NOFILE, &account.inherited) < 0) return;
  account.known = true;
  account.raised = (struct rlimit){.rlim_cur = MOST_FILES, .rlim_max = MOST_FILES};
  if (account.inherited.rlim_max >= MOST_FILES || setrlimit(RLIMIT_NOFILE, &account.raised) < 0) {
    account.raised = (struct rlimit){.rlim_cur = account.inherited.rlim_max, .rlim_max = account.inherited.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &account.raised) < 0) account.raised = account.inherited;
  }
  int limit = account.raised.rlim_cur > MOST_FILES ? MOST_FILES : (int)account.raised.rlim_cur;
  account.most = limit - reserve_of(limit);
}

void wio_descriptors_lend(bool inherited) {
  if (account.known) setrlimit(RLIMIT_NOFILE, inherited ? &account.inherited : &account.raised);
}

void wio_descriptors_limits(uint64_t *inherited, uint64_t *raised) {
  *inherited = account.inherited.rlim_cur;
  *raised = account.raised.rlim_cur;
}

bool wio_descriptors_take(int count) {
  if (account.held + count > account.most) return false;
  account.held += count;
  return true;
}

void wio_descriptors_give(int count) { account.held -= count; }

int wio_descriptors_lift(int fd) {
  if (account.inherited.rlim_cur >= account.raised.rlim_cur) return fd;
  int lifted = fcntl(fd, F_DUPFD_CLOEXEC, (int)account.inherited.rlim_cur);
  if (lifted < 0) return fd;
  close(fd);
  return lifted;
}
