// SPDX-License-Identifier: MIT
// Gives the pids of processes that have ended to innocent ones, as fast as it can, and counts what reaches those. It
// does what the lines of its standard input say, and answers each on its standard output:
//
//   begin N   starts N victims, which survive all but KILL   -> "victims PID PID …"
//   reuse     ends each victim and gives its pid away         -> "reused N", or "none: why" where no pid can be chosen
//   count     looks at the innocents, and ends them           -> "innocents N signals N priorities N"
//
// See clone3(2), set_tid: it takes CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN.
#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST 4096

static pid_t pids[MOST];
static bool innocent[MOST];
static size_t count;

// All signals are blocked here and in all that is forked: an innocent keeps what it gets.
static void block_all(void) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, NULL);
}

static void rest(const char *name) {
  prctl(PR_SET_NAME, name);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (;;) pause();
}

static void begin(size_t n) {
  printf("victims");
  for (count = 0; count < n && count < MOST; count++) {
    pids[count] = fork();
    if (pids[count] == 0) rest("wiovictim");
    if (pids[count] < 0) break;
    innocent[count] = false;
    printf(" %d", pids[count]);
  }
  printf("\n");
}

static int start_innocent(pid_t pid) {
  struct clone_args args = {.exit_signal = SIGCHLD, .set_tid = (uint64_t)(uintptr_t)&pid, .set_tid_size = 1};
  long child = syscall(SYS_clone3, &args, sizeof args);
  if (child == 0) rest("wioinnocent");
  return child < 0 ? -errno : 0;
}

static void reuse(void) {
  size_t reused = 0;
  int error = 0;
  for (size_t i = 0; i < count; i++) {
    kill(pids[i], SIGKILL);
    waitpid(pids[i], NULL, 0);
    int rc = start_innocent(pids[i]);
    innocent[i] = rc == 0;
    if (rc < 0) error = -rc;
    else reused++;
  }
  if (reused) printf("reused %zu\n", reused);
  else printf("none: %s\n", strerror(error));
}

// Whether any signal waits for it: those of the thread, and of the process.
static bool has_pending(pid_t pid) {
  char path[64], line[256];
  unsigned long long pending = 0, mask;
  snprintf(path, sizeof path, "/proc/%d/status", pid);
  FILE *file = fopen(path, "r");
  while (file && fgets(line, sizeof line, file))
    if (sscanf(line, "SigPnd: %llx", &mask) == 1 || sscanf(line, "ShdPnd: %llx", &mask) == 1) pending |= mask;
  if (file) fclose(file);
  return pending != 0;
}

// KILL and STOP cannot be blocked.
static bool has_got_a_signal(pid_t pid) {
  int status;
  return waitpid(pid, &status, WNOHANG | WUNTRACED) != 0 || has_pending(pid);
}

static bool has_another_priority(pid_t pid) {
  long io = syscall(SYS_ioprio_get, 1, pid); // of a process
  return getpriority(PRIO_PROCESS, (id_t)pid) != getpriority(PRIO_PROCESS, 0) || io != syscall(SYS_ioprio_get, 1, 0);
}

static void look(void) {
  size_t innocents = 0, signals = 0, priorities = 0;
  for (size_t i = 0; i < count; i++) {
    if (!innocent[i]) continue;
    innocents++;
    signals += has_got_a_signal(pids[i]);
    priorities += has_another_priority(pids[i]);
    kill(pids[i], SIGKILL);
    waitpid(pids[i], NULL, 0);
  }
  printf("innocents %zu signals %zu priorities %zu\n", innocents, signals, priorities);
}

int main(void) {
  char line[64];
  setvbuf(stdout, NULL, _IOFBF, 1 << 17);
  block_all();
  while (fgets(line, sizeof line, stdin)) {
    if (strncmp(line, "begin ", 6) == 0) begin(strtoul(line + 6, NULL, 10));
    else if (strcmp(line, "reuse\n") == 0) reuse();
    else if (strcmp(line, "count\n") == 0) look();
    fflush(stdout);
  }
  return 0;
}
