// SPDX-License-Identifier: MIT
// A crowd of processes to be watched: `crowd NAME COUNT quiet|busy FILE` makes COUNT processes of
// that name, each with one TCP connection on loopback, writes their pids into FILE, one a line, prints
// "ready" and keeps them until its standard input ends or it gets TERM. They cannot outlive it, however
// it ends.
#include <arpa/inet.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BUSY_PERIOD_NS = 500000000 }; // twice within the second between two samples: no sample finds it at rest

static struct timespec later(struct timespec from, long ns) {
  long sum = from.tv_nsec + ns;
  return (struct timespec){.tv_sec = from.tv_sec + sum / 1000000000, .tv_nsec = sum % 1000000000};
}

// One byte twice a second, to a file and over the connection; the phases are spread so that the crowd does not wake as
// one.
static _Noreturn void write_for_ever(int connection, long phase_ns) {
  int out = open("/dev/null", O_WRONLY);
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  struct timespec next = later(now, phase_ns);
  for (;;) {
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
    if (write(out, ".", 1) != 1 || send(connection, ".", 1, 0) != 1) _exit(1);
    next = later(next, BUSY_PERIOD_NS);
  }
}

// The other ends are the parent's, which never reads: what a crowd sends in an hour fits into their buffers.
static int connect_to(const struct sockaddr_in *address) {
  int connection = socket(AF_INET, SOCK_STREAM, 0);
  if (connection < 0 || connect(connection, (const struct sockaddr *)address, sizeof *address) < 0) _exit(1);
  return connection;
}

// `settled` is the write end of a pipe that the parent reads: it ends when every child has closed it.
static _Noreturn void live(const char *name, bool busy, long phase_ns, pid_t parent, int settled,
                           const struct sockaddr_in *address) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);
  prctl(PR_SET_NAME, name);
  close(STDIN_FILENO);
  close(STDOUT_FILENO);
  // What it inherited of the connections before its own.
  close_range((unsigned)settled + 1, UINT_MAX, 0);
  int connection = connect_to(address);
  close(settled);
  if (busy) write_for_ever(connection, phase_ns);
  for (;;) pause();
}

static void wake(int unused) { (void)unused; }

// TERM and INT interrupt the last wait, so that the children are ended and reaped all the same.
static void end_on_signals(void) {
  struct sigaction action = {.sa_handler = wake};
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
}

static void await_end(int fd) {
  char unused[64];
  while (read(fd, unused, sizeof unused) > 0) continue;
}

static int listen_on_loopback(struct sockaddr_in *address) {
  socklen_t size = sizeof *address;
  *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0 || bind(listener, (struct sockaddr *)address, size) < 0 || listen(listener, 128) < 0) return -1;
  return getsockname(listener, (struct sockaddr *)address, &size) < 0 ? -1 : listener;
}

static int fork_crowd(const char *name, pid_t *pids, int count, bool busy) {
  int settled[2];
  pid_t self = getpid();
  struct sockaddr_in address;
  int listener = listen_on_loopback(&address);
  if (listener < 0 || pipe2(settled, O_CLOEXEC) < 0) return -1;
  for (int i = 0; i < count; i++) {
    pids[i] = fork();
    if (pids[i] == 0) live(name, busy, (long)BUSY_PERIOD_NS / count * i, self, settled[1], &address);
    if (pids[i] < 0) return -1;
    if (accept4(listener, NULL, NULL, SOCK_CLOEXEC) < 0) return -1;
  }
  close(settled[1]);
  await_end(settled[0]);
  close(settled[0]);
  return 0;
}

static int write_list(const char *path, const pid_t *pids, int count) {
  FILE *list = fopen(path, "w");
  if (!list) return -1;
  for (int i = 0; i < count; i++) fprintf(list, "%d\n", (int)pids[i]);
  return fclose(list);
}

// It holds one descriptor a process.
static void raise_file_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv) {
  int count = argc == 5 ? atoi(argv[2]) : 0;
  if (count <= 0) {
    fputs("usage: crowd NAME COUNT quiet|busy FILE\n", stderr);
    return 2;
  }
  raise_file_limit();
  pid_t *pids = calloc((size_t)count, sizeof *pids);
  bool busy = strcmp(argv[3], "busy") == 0;
  if (!pids || fork_crowd(argv[1], pids, count, busy) < 0 || write_list(argv[4], pids, count) < 0) {
    perror("crowd");
    return 1;
  }
  end_on_signals();
  puts("ready");
  fflush(stdout);
  await_end(STDIN_FILENO);
  for (int i = 0; i < count; i++) kill(pids[i], SIGKILL);
  while (wait(NULL) > 0) continue;
  free(pids);
  return 0;
}
