// SPDX-License-Identifier: MIT
// A storm of births: `storm exec|fork RATE` starts RATE children a second, each with an exec of /bin/true or without
// one, and waits for each, until its standard input ends or it gets TERM. Then it prints how many there were a second.
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BURSTS = 200 }; // a second

static volatile sig_atomic_t over;

static void end(int unused) {
  (void)unused;
  over = true;
}

static bool bear(bool exec) {
  static char *const argv[] = {"true", NULL}, *const environment[] = {NULL};
  pid_t pid;
  if (exec) {
    if (posix_spawn(&pid, "/bin/true", NULL, NULL, argv, environment) != 0) return false;
  } else {
    pid = fork();
    if (pid == 0) _exit(0);
  }
  return pid > 0 && waitpid(pid, NULL, 0) == pid;
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool has_ended(void) {
  struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
  char unused;
  return over || (poll(&input, 1, 0) > 0 && read(STDIN_FILENO, &unused, 1) <= 0);
}

// In bursts on an absolute schedule; one that comes too late is as many as were missed, a second's at most.
static long storm(bool exec, double rate) {
  long born = 0;
  for (double began = seconds(); !has_ended();) {
    double due = (seconds() - began) * rate - (double)born;
    if (due > rate) began = seconds() - (double)born / rate;
    for (; due >= 1; due--, born++)
      if (!bear(exec)) return -1;
    nanosleep(&(struct timespec){.tv_nsec = 1000000000 / BURSTS}, NULL);
  }
  return born;
}

int main(int argc, char **argv) {
  double rate = argc == 3 ? atof(argv[2]) : 0;
  if (rate <= 0) {
    fputs("usage: storm exec|fork RATE\n", stderr);
    return 2;
  }
  struct sigaction action = {.sa_handler = end};
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  double began = seconds();
  long born = storm(strcmp(argv[1], "exec") == 0, rate);
  if (born < 0) return 1;
  printf("%.0f\n", (double)born / (seconds() - began));
  return 0;
}
