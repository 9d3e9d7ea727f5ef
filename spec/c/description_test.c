// SPDX-License-Identifier: MIT
#include "engine/source.h"

#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void *wait_for_ever(void *nothing) {
  for (;;) pause();
  return nothing;
}

// Of two threads, of which the first one ends.
static pid_t start_headless(void) {
  pid_t pid = fork();
  if (pid == 0) {
    pthread_t thread;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (pthread_create(&thread, NULL, wait_for_ever, NULL)) _exit(1);
    pthread_exit(NULL);
  }
  return pid;
}

// Its first thread has no memory any more, of which the kernel could tell.
static void a_process_whose_first_thread_has_ended_has_its_command_line_and_executable(void) {
  enum { PATIENCE_S = 10 };
  wio_source *source;
  wio_description own, headless;
  CHECK_INT(wio_source_open_proc(NULL, &source), 0);
  pid_t pid = start_headless();
  double until = seconds() + PATIENCE_S;
  do CHECK_INT(source->ops->describe(source, pid, WIO_WANT_ALL, &headless), 0);
  while (headless.stat.state != 'Z' && seconds() < until);
  CHECK_INT(source->ops->describe(source, pid, WIO_WANT_ALL, &headless), 0);
  CHECK_INT(source->ops->describe(source, getpid(), WIO_WANT_ALL, &own), 0);
  CHECK_INT(headless.stat.state, 'Z');
  CHECK(own.cmd[0] && own.exe[0]);
  CHECK_TEXT(headless.cmd, own.cmd);
  CHECK_TEXT(headless.exe, own.exe);
  CHECK_INT(headless.cmd_error, 0);
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
  source->ops->free(source);
}

int main(void) {
  a_process_whose_first_thread_has_ended_has_its_command_line_and_executable();
  return check_result();
}
