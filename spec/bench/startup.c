// SPDX-License-Identifier: MIT
// How soon a sampler is there: `startup MODULE COMMAND…` starts COMMAND with first_reading.c's
// MODULE preloaded and prints two numbers: ns from before its exec until it has read a process's
// counters, and its VmRSS in kB once it rests. Then it ends COMMAND.
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_MS = 5000 };

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// What a line of /proc/CHILD/status says, as scanf(3) reads it.
static bool read_status(pid_t child, const char *format, void *out) {
  char path[64], line[128];
  bool found = false;
  snprintf(path, sizeof path, "/proc/%d/status", (int)child);
  FILE *status = fopen(path, "r");
  while (status && !found && fgets(line, sizeof line, status)) found = sscanf(line, format, out) == 1;
  if (status) fclose(status);
  return found;
}

static void await_rest(pid_t child, int64_t until_ns) {
  char state = '?';
  while (state != 'S' && now_ns() < until_ns) read_status(child, "State: %c", &state);
}

// The time that the preloaded module tells; -1 when it does not in time.
static int64_t await_reading(int pipe_end) {
  struct pollfd told = {.fd = pipe_end, .events = POLLIN};
  int64_t at_ns;
  if (poll(&told, 1, PATIENCE_MS) != 1 || read(pipe_end, &at_ns, sizeof at_ns) != sizeof at_ns) return -1;
  return at_ns;
}

int main(int argc, char **argv) {
  int ends[2];
  char fd[16];
  if (argc < 3 || pipe(ends) < 0) return fputs("usage: startup MODULE COMMAND...\n", stderr), 2;
  snprintf(fd, sizeof fd, "%d", ends[1]);
  setenv("FIRST_READING_FD", fd, 1);
  setenv("LD_PRELOAD", argv[1], 1);
  int64_t began_ns = now_ns();
  pid_t child = vfork();
  if (child == 0) {
    execvp(argv[2], argv + 2);
    _exit(127);
  }
  close(ends[1]);
  int64_t read_ns = await_reading(ends[0]);
  long resident_kb = -1;
  await_rest(child, now_ns() + 1000000000);
  read_status(child, "VmRSS: %ld", &resident_kb);
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  if (read_ns < 0) return fputs("startup: nothing was read\n", stderr), 1;
  printf("%lld %ld\n", (long long)(read_ns - began_ns), resident_kb);
  return 0;
}
