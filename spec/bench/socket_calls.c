// SPDX-License-Identifier: MIT
// What counting costs whoever calls through a socket: ns of CPU time a call, with no tracer, with one that does not
// trace this process, and with one that does. Writes the three, then what opening a tracer took: ms, kB more at the
// peak; or why there is none.
#include "sys/bpf/tracer.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// Short runs, of which the best counts: whatever else runs on the machine makes the others dear.
enum { RUNS = 1500, PAIRS = 500 };

static double cpu_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static double a_run(const int pair[2]) {
  char byte = 0;
  double began = cpu_ns();
  for (int i = 0; i < PAIRS; i++)
    if (send(pair[0], &byte, 1, 0) != 1 || recv(pair[1], &byte, 1, 0) != 1) return 1e9;
  return (cpu_ns() - began) / (2.0 * PAIRS);
}

static double a_call(const int pair[2]) {
  double best = 1e9;
  for (int i = 0; i < RUNS; i++) {
    double ns = a_run(pair);
    if (ns < best) best = ns;
  }
  return best;
}

static long peak_kb(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

int main(void) {
  int pair[2];
  wio_tracer *tracer;
  wio_slot slot;
  bool since_birth;
  if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) < 0) return 2;
  double without = a_call(pair), began = cpu_ns();
  long before_kb = peak_kb();
  int rc = wio_tracer_open(WIO_MOST_TRACED, &tracer);
  if (rc < 0) {
    printf("%s\n", strerror(-rc));
    return 1;
  }
  double opening_ms = (cpu_ns() - began) / 1e6;
  long more_kb = peak_kb() - before_kb;
  double unwatched = a_call(pair);
  int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
  if (wio_tracer_watch(tracer, pidfd, &since_birth, &slot) < 0) return 2;
  double watched = a_call(pair);
  wio_tracer_close(tracer);
  printf("%.0f %.0f %.0f %.1f %ld\n", without, unwatched, watched, opening_ms, more_kb);
  return 0;
}
