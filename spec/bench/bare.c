// SPDX-License-Identifier: MIT
// The yardstick: the least that sampling costs without the CPU-clock gate. `bare FILE AT_NS` holds
// /proc/PID/io of every pid in FILE open and reads each once a second, first at AT_NS on
// CLOCK_MONOTONIC; it parses nothing. After each pass it prints the CPU time that the pass took, in
// ns.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 32768, PERIOD_NS = 1000000000 };

static int fds[MOST];

static int64_t clock_ns(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (int64_t)now.tv_sec * PERIOD_NS + now.tv_nsec;
}

static void sleep_until(int64_t at_ns) {
  struct timespec at = {.tv_sec = at_ns / PERIOD_NS, .tv_nsec = at_ns % PERIOD_NS};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

static int open_all(const char *list) {
  FILE *pids = fopen(list, "r");
  int count = 0, pid;
  if (!pids) return -1;
  while (count < MOST && fscanf(pids, "%d", &pid) == 1) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/io", pid);
    fds[count] = open(path, O_RDONLY | O_CLOEXEC);
    if (fds[count] < 0) return -1;
    count++;
  }
  fclose(pids);
  return count;
}

static void read_all(int count) {
  char text[256];
  for (int i = 0; i < count; i++)
    if (pread(fds[i], text, sizeof text, 0) <= 0) _exit(1);
}

int main(int argc, char **argv) {
  struct rlimit files = {MOST + 64, MOST + 64};
  setrlimit(RLIMIT_NOFILE, &files);
  int count = argc == 3 ? open_all(argv[1]) : -1;
  if (count < 0) {
    perror("usage: bare FILE AT_NS");
    return 1;
  }
  for (int64_t at_ns = atoll(argv[2]);; at_ns += PERIOD_NS) {
    sleep_until(at_ns);
    int64_t before_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    read_all(count);
    printf("%lld\n", (long long)(clock_ns(CLOCK_PROCESS_CPUTIME_ID) - before_ns));
    fflush(stdout);
  }
}
