#include "sys/descriptors.h"

#include <sys/resource.h>

// The limit is the process's, so its account is too.
static struct {
  int most, held;
} account;

// Left for the program's other files: pipes and logs of commands, a user's own sockets.
static int reserve_of(int limit) { return limit < 256 ? limit / 2 : 128; }

void wio_descriptors_raise(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  int soft = limit.rlim_cur > 1 << 24 ? 1 << 24 : (int)limit.rlim_cur;
  account.most = soft - reserve_of(soft);
}

bool wio_descriptors_take(int count) {
  if (account.held + count > account.most) return false;
  account.held += count;
  return true;
}

void wio_descriptors_give(int count) { account.held -= count; }
