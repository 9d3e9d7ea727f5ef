// SPDX-License-Identifier: MIT
#include "sys/priority.h"

#include "core/array.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ioprio.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

// The most rounds through the threads. A round that finds a new thread is followed by another. A process that starts
// threads all the time is left after this many rounds: threads started by one with the new value have it too.
#define MOST_ROUNDS 16

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

// Sets the threads that are not in `done`, and adds them there. Returns how many they were, or a negative errno.
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
  for (int round = 0; rc > 0 && round < MOST_ROUNDS; round++) {
    rc = wio_procfs_threads(fs, pid, &threads);
    if (rc == 0) rc = set_new(&threads, pidfd, priority, &done, &error);
  }
  if (rc == -ESRCH && done.count > 0) rc = 0; // the process has ended meanwhile
  free(threads.pid);
  free(done.pid);
  return rc < 0 ? rc : error;
}

// ---- whether it acts

// Reads a file as a text. False when it cannot be read.
static bool read_text(const char *path, char *out, size_t size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t length = fd < 0 ? -1 : read(fd, out, size - 1);
  if (fd >= 0) close(fd);
  out[length > 0 ? length : 0] = '\0';
  return length > 0;
}

static bool nice_acts(void) {
  char text[8];
  return !read_text("/proc/sys/kernel/sched_autogroup_enabled", text, sizeof text) || text[0] == '0';
}

// Whether a block device is no disk, but made of files or memory.
static bool is_made_up(const char *device) {
  static const char *const kinds[] = {"loop", "ram", "zram"};
  for (size_t i = 0; i < WIO_LENGTH(kinds); i++)
    if (strncmp(device, kinds[i], strlen(kinds[i])) == 0) return true;
  return false;
}

static bool knows_priorities(const char *device) {
  char path[320], text[256];
  snprintf(path, sizeof path, "/sys/block/%s/queue/scheduler", device);
  return !read_text(path, text, sizeof text) || strstr(text, "[bfq]") || strstr(text, "[mq-deadline]") ||
         strstr(text, "[cfq]");
}

static bool ionice_acts(void) {
  DIR *devices = opendir("/sys/block");
  if (!devices) return true;
  bool any = false, acts = false;
  for (const struct dirent *entry; (entry = readdir(devices));) {
    if (entry->d_name[0] == '.' || is_made_up(entry->d_name)) continue;
    any = true;
    acts = acts || knows_priorities(entry->d_name);
  }
  closedir(devices);
  return acts || !any;
}

bool wio_priority_acts(wio_priority_kind kind) { return kind == WIO_PRIORITY_CPU ? nice_acts() : ionice_acts(); }
