// SPDX-License-Identifier: MIT
// Hostile processes for scripts/attack, and innocent ones beside them.
//
//   hostile --list               writes the shapes, one a line, `hungry` behind one that takes a processor
//   hostile SEED SHAPE...        starts one of each, with those that they serve
//
// Writes `clock NS` (what the wall clock is ahead of CLOCK_MONOTONIC), `target INDEX SHAPE PID`, `innocent PID` and
// `ready`; then `ended INDEX SIGNAL NS` when a target's first process ends, whose pid an innocent one gets. A line on
// standard input says that the watchers are there. At the end of standard input all are ended; `busy INDEX FROM TO` is
// written of all that they did, in ns of CLOCK_MONOTONIC, `hurt PID SIGNAL` for each innocent one that got a signal,
// and `done`.
#include "diary.h"
#include "disk.h"
#include "innocents.h"
#include "shapes.h"
#include "steps.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 64 };

static struct {
  const shape *is;
  pid_t pid, driver;
} targets[MOST];
static int count;
static diary *diaries;

static int list_shapes(void) {
  for (int i = 0; i < shape_count; i++) printf("%s%s\n", shapes[i].name, shapes[i].hungry ? " hungry" : "");
  return 0;
}

static const shape *find_shape(const char *name) {
  for (int i = 0; i < shape_count; i++)
    if (strcmp(shapes[i].name, name) == 0) return &shapes[i];
  fprintf(stderr, "hostile: no shape %s\n", name);
  exit(2);
}

// Standard input and output are no business of theirs.
static pid_t begin(void (*play)(diary *own), int index, unsigned seed, int restless) {
  fflush(stdout);
  pid_t pid = fork();
  if (pid != 0) return pid;
  diary *own = &diaries[index];
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (!freopen("/dev/null", "r", stdin) || !freopen("/dev/null", "w", stdout)) _exit(1);
  signals_allow();
  srandom(seed);
  be_restless(restless);
  if (play == targets[index].is->play) own->pid = getpid();
  play(own);
  _exit(0);
}

static void start_target(int index, const char *name, unsigned seed) {
  const shape *is = targets[index].is = find_shape(name);
  int restless = (int)(seed >> 3) % 2;
  diaries[index].pid = 0;
  targets[index].pid = begin(is->play, index, seed, restless);
  targets[index].driver = is->drive ? begin(is->drive, index, seed + 1, restless) : 0;
  printf("target %d %s %d\n", index, name, targets[index].pid);
}

static void take_end(pid_t pid, int status) {
  if (innocent_ended(pid, status)) return;
  for (int i = 0; i < count; i++) {
    if (targets[i].pid != pid) continue;
    printf("ended %d %d %" PRId64 "\n", i, WIFSIGNALED(status) ? WTERMSIG(status) : 0, now_ns());
    targets[i].pid = 0;
    innocent_start(pid);
    if (targets[i].driver) kill(targets[i].driver, SIGKILL);
  }
}

static void take_ends(void) {
  int status;
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) take_end(pid, status);
  fflush(stdout);
}

// Whatever is left is a child of this process, the subreaper, sooner or later.
static void end_all(void) {
  char path[64], command[16];
  snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
  for (;;) {
    FILE *file = fopen(path, "r");
    int any = 0;
    while (file && fscanf(file, "%15s", command) == 1) {
      kill(atoi(command), SIGKILL);
      any = 1;
    }
    if (file) fclose(file);
    while (waitpid(-1, NULL, WNOHANG) > 0) {}
    if (!any) return;
    rest_ms(2);
  }
}

static void wait_for_end(void) {
  struct pollfd input = {STDIN_FILENO, POLLIN, 0};
  for (char line[16];;) {
    if (poll(&input, 1, 5) == 1 && read(STDIN_FILENO, line, sizeof line) <= 0) break;
    if (input.revents)
      for (int i = 0; i < count; i++) diaries[i].watched = 1;
    take_ends();
  }
  take_ends();
}

static void write_clock(void) {
  struct timespec wall;
  clock_gettime(CLOCK_REALTIME, &wall);
  printf("clock %" PRId64 "\n", (int64_t)wall.tv_sec * 1000000000 + wall.tv_nsec - now_ns());
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "--list") == 0) return list_shapes();
  if (argc < 3 || argc > 2 + MOST) return 2;
  unsigned seed = (unsigned)strtoul(argv[1], NULL, 10);
  count = argc - 2;
  diaries = diary_new(count);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  signals_block();
  write_clock();
  for (int i = 0; i < 4; i++) innocent_start(0);
  for (int i = 0; i < count; i++) start_target(i, argv[2 + i], seed * 7919 + (unsigned)i * 104729);
  printf("ready\n");
  fflush(stdout);
  wait_for_end();
  innocents_end();
  end_all();
  for (int i = 0; i < count; i++) {
    disk_remove(&diaries[i]);
    diary_tell(&diaries[i], i);
  }
  printf("done\n");
  return 0;
}
