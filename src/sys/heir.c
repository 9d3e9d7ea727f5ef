// SPDX-License-Identifier: MIT
#include "sys/heir.h"

#include "core/reading.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// As many rows as a machine has pids by default (pid_max). Untouched rows take no memory.
#define MOST 32768

// The text of /proc/PID/stat: 52 numbers and a name.
#define STAT_SIZE 1400

// A row of the list; it is free when its pid is 0. The pid is written last and removed first, so that a row is whole
// whenever this process ends.
typedef struct {
  uint64_t start_ticks;
  _Atomic pid_t pid;
} stopped;

typedef struct {
  _Atomic pid_t heir;
  _Atomic size_t used; // no row at or behind this one was ever written
  stopped row[MOST];
} legacy;

struct wio_heir {
  legacy *shared;
  int pipe; // the writing end of the heir's pipe, held open and never written; -1 while there is no heir
  unsigned forks;
};

// ---- in the heir. It calls only functions that are safe behind a fork in a program with threads (signal-safety(7)).

static bool has_started_at(pid_t pid, uint64_t start_ticks) {
  char path[32], text[STAT_SIZE];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text);
  if (fd >= 0) close(fd);
  wio_stat stat;
  return length > 0 && wio_stat_parse(text, (size_t)length, &stat) && stat.start_ticks == start_ticks;
}

// Checks the start time after the pidfd was opened, since the pidfd cannot become another process's.
static void go_on(pid_t pid, uint64_t start_ticks) {
  int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
  if (pidfd < 0) return;
  if (has_started_at(pid, start_ticks)) syscall(SYS_pidfd_send_signal, pidfd, SIGCONT, NULL, 0);
  close(pidfd);
}

static void inherit(const legacy *shared) {
  size_t used = atomic_load(&shared->used);
  for (size_t i = 0; i < used; i++) {
    pid_t pid = atomic_load(&shared->row[i].pid);
    if (pid) go_on(pid, shared->row[i].start_ticks);
  }
}

static _Noreturn void live(const legacy *shared) {
  char nothing;
  setsid();
  prctl(PR_SET_NAME, "watchio-heir");
  while (read(STDIN_FILENO, &nothing, 1) < 0 && errno == EINTR) continue;
  inherit(shared);
  _exit(0);
}

// Closes all other files of the parent: a pipe that is read to its end must not stay open, nor the writing end of the
// heir's own.
static void keep_only(int fd) {
  dup2(fd, STDIN_FILENO);
  if (syscall(SYS_close_range, 1, ~0U, 0) == 0) return;
  for (int other = 1, end = (int)sysconf(_SC_OPEN_MAX); other < end; other++) close(other);
}

// Makes the heir a grandchild, so that it is no child of this process. No handler of pthread_atfork(3) runs in it:
// libuv's would open its pipes anew.
static _Noreturn void beget(legacy *shared, int fd) {
  keep_only(fd);
  if (chdir("/") < 0) _exit(errno);
  pid_t pid = _Fork();
  if (pid == 0) live(shared);
  atomic_store(&shared->heir, pid < 0 ? 0 : pid);
  _exit(pid < 0 ? errno : 0);
}

// ---- in this process

// Forks the child that forks the heir, and waits for it. A subreaper would get the heir as its child again, so this
// process is none meanwhile.
static int fork_twice(wio_heir *heir, int fd) {
  int subreaper = 0, status = 0;
  prctl(PR_GET_CHILD_SUBREAPER, &subreaper);
  if (subreaper) prctl(PR_SET_CHILD_SUBREAPER, 0);
  pid_t between = _Fork();
  if (between == 0) beget(heir->shared, fd);
  int rc = between < 0 ? -errno : 0;
  while (rc == 0 && waitpid(between, &status, 0) < 0)
    if (errno != EINTR) break; // SIGCHLD is ignored here, but the child has ended
  if (subreaper) prctl(PR_SET_CHILD_SUBREAPER, 1);
  if (rc == 0 && WIFEXITED(status)) rc = -WEXITSTATUS(status);
  return rc;
}

static void let_go(wio_heir *heir) {
  if (heir->pipe >= 0) close(heir->pipe);
  heir->pipe = -1;
}

static int start(wio_heir *heir) {
  int ends[2];
  sigset_t all, mask;
  if (pipe2(ends, O_CLOEXEC) < 0) return -errno;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &mask); // the heir takes no signals
  int rc = fork_twice(heir, ends[0]);
  pthread_sigmask(SIG_SETMASK, &mask, NULL);
  close(ends[0]);
  heir->pipe = ends[1];
  heir->forks += 2;
  if (rc < 0) let_go(heir);
  return rc;
}

// Whether the heir lives: once it was killed, its pipe has no reader.
static bool lives(const wio_heir *heir) {
  struct pollfd poller = {.fd = heir->pipe};
  return heir->pipe >= 0 && poll(&poller, 1, 0) == 0;
}

wio_heir *wio_heir_new(void) {
  wio_heir *heir = malloc(sizeof *heir);
  if (!heir) return NULL;
  *heir = (wio_heir){.pipe = -1};
  return heir;
}

void wio_heir_close(wio_heir *heir) {
  if (!heir) return;
  let_go(heir);
  if (heir->shared) munmap(heir->shared, sizeof *heir->shared);
  free(heir);
}

static int share(wio_heir *heir) {
  if (heir->shared) return 0;
  void *memory = mmap(NULL, sizeof *heir->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE,
                      -1, 0);
  if (memory == MAP_FAILED) return -errno;
  heir->shared = memory;
  return 0;
}

// Returns the row of a pid; or a free row when the pid has none; or MOST when all are taken.
static size_t row_of(const legacy *shared, pid_t pid) {
  size_t used = atomic_load(&shared->used), unused = used;
  for (size_t i = 0; i < used; i++) {
    pid_t other = atomic_load(&shared->row[i].pid);
    if (other == pid) return i;
    if (other == 0 && unused == used) unused = i;
  }
  return unused;
}

int wio_heir_add(wio_heir *heir, pid_t pid, uint64_t start_ticks) {
  int rc = share(heir);
  if (rc < 0) return rc;
  size_t row = row_of(heir->shared, pid);
  if (row == MOST) return -ENOSPC;
  stopped *own = &heir->shared->row[row];
  if (atomic_load(&own->pid) != pid || own->start_ticks != start_ticks) {
    atomic_store(&own->pid, 0);
    own->start_ticks = start_ticks;
    atomic_store(&own->pid, pid);
  }
  if (row == atomic_load(&heir->shared->used)) atomic_store(&heir->shared->used, row + 1);
  return lives(heir) ? 0 : (let_go(heir), start(heir));
}

void wio_heir_remove(wio_heir *heir, pid_t pid, uint64_t start_ticks) {
  if (!heir->shared) return;
  size_t row = row_of(heir->shared, pid);
  if (row == MOST || heir->shared->row[row].start_ticks != start_ticks) return;
  atomic_store(&heir->shared->row[row].pid, 0);
}

pid_t wio_heir_pid(const wio_heir *heir) {
  return heir->shared && heir->pipe >= 0 ? atomic_load(&heir->shared->heir) : 0;
}

unsigned wio_heir_forks(const wio_heir *heir) { return heir->forks; }
