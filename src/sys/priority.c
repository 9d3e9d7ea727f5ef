#include "sys/priority.h"

#include <errno.h>
#include <linux/ioprio.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

// Each look at the threads but the last finds one that was not there before; a process that starts them faster than that is
// left after so many looks: what a thread with the new value starts has it too.
#define MOST_LOOKS 16

static bool has_ended(int pidfd) {
  struct pollfd poller = {.fd = pidfd, .events = POLLIN};
  return pidfd >= 0 && poll(&poller, 1, 0) == 1;
}

static int set_one(pid_t tid, const wio_priority *priority) {
  if (priority->kind == WIO_PRIORITY_CPU) return setpriority(PRIO_PROCESS, (id_t)tid, priority->value) < 0 ? -errno : 0;
  // glibc has no wrapper.
  int value = IOPRIO_PRIO_VALUE(priority->io_class, priority->value);
  return syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, tid, value) < 0 ? -errno : 0;
}

static bool contains(const wio_pids *pids, pid_t pid) {
  for (size_t i = 0; i < pids->count; i++)
    if (pids->pid[i] == pid) return true;
  return false;
}

// Sets those that are not among `done`, and adds them there. Says how many they were.
static int set_new(const wio_pids *threads, int pidfd, const wio_priority *priority, wio_pids *done, int *error) {
  int fresh = 0;
  for (size_t i = 0; i < threads->count; i++) {
    if (contains(done, threads->pid[i])) continue;
    int rc = has_ended(pidfd) ? -ESRCH : set_one(threads->pid[i], priority);
    if (rc < 0 && rc != -ESRCH && *error == 0) *error = rc;
    rc = wio_pids_add(done, threads->pid[i]);
    if (rc < 0) return rc;
    fresh++;
  }
  return fresh;
}

int wio_priority_set(wio_procfs *fs, pid_t pid, int pidfd, const wio_priority *priority) {
  wio_pids threads = {0}, done = {0};
  int error = 0, rc = 1;
  for (int look = 0; rc > 0 && look < MOST_LOOKS; look++) {
    rc = wio_procfs_threads(fs, pid, &threads);
    if (rc == 0) rc = set_new(&threads, pidfd, priority, &done, &error);
  }
  if (rc == -ESRCH && done.count > 0) rc = 0; // it has ended meanwhile
  free(threads.pid);
  free(done.pid);
  return rc < 0 ? rc : error;
}
