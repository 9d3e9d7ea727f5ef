// SPDX-License-Identifier: MIT
#include "engine/source.h"

#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
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

static void write_text(const char *folder, const char *name, const char *text) {
  char path[128];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "w");
  CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

// Whoever may not read its executable cannot be told that there is none.
static void a_kernel_thread_has_no_executable_that_could_be_unreadable(void) {
  char root[] = "/tmp/watchio-description-XXXXXX", folder[64], path[128];
  wio_source *source;
  wio_description process;
  CHECK(mkdtemp(root) != NULL);
  snprintf(folder, sizeof folder, "%s/2", root);
  CHECK_INT(mkdir(folder, 0700), 0);
  write_text(folder, "stat", "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 1 0 0 0 0 0 0 0\n");
  write_text(folder, "exe", "no link");
  write_text(folder, "status", "Name:\tkthreadd\nUid:\t0\t0\t0\t0\n");
  CHECK_INT(wio_source_open_proc(root, &source), 0);
  CHECK_INT(source->ops->describe(source, 2, WIO_WANT_ALL, &process), 0);
  CHECK(process.stat.kernel_thread);
  CHECK_INT(process.exe_error, 0);
  source->ops->free(source);
  static const char *const names[] = {"2/stat", "2/exe", "2/status", "2", ""};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    snprintf(path, sizeof path, "%s/%s", root, names[i]);
    CHECK_INT(remove(path), 0);
  }
}

int main(void) {
  a_kernel_thread_has_no_executable_that_could_be_unreadable();
  a_process_whose_first_thread_has_ended_has_its_command_line_and_executable();
  return check_result();
}
