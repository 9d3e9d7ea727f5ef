// SPDX-License-Identifier: MIT
// A process whose every write is known: `writer SEED MILLISECONDS PAUSE_MS` prints "ready PID" and
// waits. The first SIGUSR1 starts it: for MILLISECONDS it writes to /dev/null in random bursts,
// with pauses that are short, about PAUSE_MS or longer, and does no other I/O. The second one makes
// it print its log, one line a write (ns before, ns after on CLOCK_MONOTONIC, bytes), and end.
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 100000, LARGEST = 4096, LIFETIME_S = 60 };
static const int64_t MS = 1000000;

typedef struct record {
  int64_t before_ns, after_ns;
  long bytes;
} record;

static record records[MOST];
static int recorded;
static unsigned seed;

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 * MS + now.tv_nsec;
}

static int64_t between(int64_t low, int64_t high) { return low + rand_r(&seed) % (high - low + 1); }

static void rest(int64_t ns) {
  struct timespec span = {.tv_sec = ns / (1000 * MS), .tv_nsec = ns % (1000 * MS)};
  nanosleep(&span, NULL);
}

// A running thread's CPU clock lags behind its counters, so work right after a write is the gate's hardest case.
static void compute(int64_t ns) {
  int64_t end_ns = now_ns() + ns;
  while (now_ns() < end_ns) continue;
}

static void write_once(int out) {
  static char bytes[LARGEST];
  record *r = &records[recorded++];
  r->before_ns = now_ns();
  r->bytes = write(out, bytes, (size_t)between(1, LARGEST));
  r->after_ns = now_ns();
}

static void burst(int out) {
  for (int64_t left = between(1, 4); left > 0 && recorded < MOST; left--) {
    write_once(out);
    if (between(1, 2) == 1) compute(between(1, 6) * MS);
    if (between(1, 3) == 1) rest(between(0, 3000) * MS / 1000);
  }
}

static void await(const sigset_t *signals) {
  int received;
  sigwait(signals, &received);
}

// The moments just before and just after PAUSE_MS are where a judge who waits that long can be wrong.
static int64_t random_pause(int64_t pause_ns) {
  switch (between(1, 4)) {
    case 1: return between(1, 60) * MS;
    case 2: return between(pause_ns, 3 * pause_ns);
    default: return between(pause_ns - 5 * MS, pause_ns + 15 * MS);
  }
}

int main(int argc, char **argv) {
  if (argc != 4) return fputs("usage: writer SEED MILLISECONDS PAUSE_MS\n", stderr), 2;
  seed = (unsigned)atoi(argv[1]);
  int out = open("/dev/null", O_WRONLY | O_CLOEXEC);
  alarm(LIFETIME_S); // nobody may be left to end it
  sigset_t cue;
  sigemptyset(&cue);
  sigaddset(&cue, SIGUSR1);
  sigprocmask(SIG_BLOCK, &cue, NULL);
  printf("ready %d\n", (int)getpid());
  fflush(stdout);
  await(&cue);
  for (int64_t end_ns = now_ns() + atoll(argv[2]) * MS; now_ns() < end_ns;) {
    burst(out);
    rest(random_pause(atoll(argv[3]) * MS));
  }
  await(&cue);
  for (int i = 0; i < recorded; i++)
    printf("%lld %lld %ld\n", (long long)records[i].before_ns, (long long)records[i].after_ns, records[i].bytes);
  return 0;
}
