// SPDX-License-Identifier: MIT
#include "innocents.h"

#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 1024 };

static pid_t innocents[MOST];
static int count;

void signals_block(void) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, NULL);
}

void signals_allow(void) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

void innocent_start(pid_t pid) {
  struct clone_args args = {.exit_signal = SIGCHLD, .set_tid = (uint64_t)(uintptr_t)&pid, .set_tid_size = pid ? 1 : 0};
  if (count == MOST) return;
  long child = syscall(SYS_clone3, &args, sizeof args);
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) pause();
  }
  if (child < 0) return;
  innocents[count++] = (pid_t)child;
  printf("innocent %ld\n", child);
}

static int index_of(pid_t pid) {
  int i = 0;
  while (i < count && innocents[i] != pid) i++;
  return i;
}

int innocent_ended(pid_t pid, int status) {
  int i = index_of(pid);
  if (i == count) return 0;
  printf("hurt %d %d\n", pid, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
  innocents[i] = innocents[--count];
  return 1;
}

// Signals that wait, and whether it is stopped.
static void ask(pid_t pid) {
  char path[32], line[256];
  snprintf(path, sizeof path, "/proc/%d/status", pid);
  FILE *file = fopen(path, "r");
  if (!file) return;
  while (fgets(line, sizeof line, file)) {
    unsigned long long pending;
    char state;
    if ((sscanf(line, "SigPnd: %llx", &pending) == 1 || sscanf(line, "ShdPnd: %llx", &pending) == 1) && pending)
      printf("hurt %d %d\n", pid, __builtin_ctzll(pending) + 1);
    if (sscanf(line, "State: %c", &state) == 1 && state == 'T') printf("hurt %d %d\n", pid, SIGSTOP);
  }
  fclose(file);
}

void innocents_end(void) {
  for (int i = 0; i < count; i++) {
    ask(innocents[i]);
    kill(innocents[i], SIGKILL);
    waitpid(innocents[i], NULL, 0);
  }
  count = 0;
}
