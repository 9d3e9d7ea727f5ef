// SPDX-License-Identifier: MIT
#include "sys/waits.h"

#include "core/array.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// The room for a text; the rest is cut off.
#define TEXT_SIZE 4096

// ---- a frozen cgroup

static bool says(const char *path, const char *word) {
  char text[256];
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  text[length > 0 ? length : 0] = '\0';
  return strstr(text, word) != NULL;
}

// Whether the cgroup of a line of PID/cgroup is frozen. A line is "4:freezer:/a" with version 1, "0::/a" with version
// 2. See cgroups(7) for the usual mount points.
static bool is_frozen_by(const char *line) {
  char path[TEXT_SIZE + 64];
  const char *controllers = strchr(line, ':'), *name = controllers ? strchr(controllers + 1, ':') : NULL;
  if (!name) return false;
  int length = (int)strcspn(++name, "\n");
  if (strncmp(controllers, "::", 2) == 0) {
    snprintf(path, sizeof path, "/sys/fs/cgroup%.*s/cgroup.events", length, name);
    return says(path, "frozen 1");
  }
  if (strncmp(controllers, ":freezer:", 9) != 0) return false;
  snprintf(path, sizeof path, "/sys/fs/cgroup/freezer%.*s/freezer.state", length, name);
  return says(path, "FROZEN");
}

static bool is_frozen(wio_procfs *fs, pid_t pid) {
  char text[TEXT_SIZE];
  if (!wio_procfs_is_live(fs) || wio_procfs_cgroup(fs, pid, text, sizeof text) < 0) return false;
  for (const char *line = text; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
    if (is_frozen_by(line)) return true;
  return false;
}

// ---- a thread

// Whether a thread waits for the child of a vfork(2): then wchan names the kernel's function that forks, or one for
// this wait.
static bool is_vfork(wio_procfs *fs, pid_t pid, pid_t thread) {
  static const char *const names[] = {"kernel_clone", "wait_for_vfork_done", "_do_fork", "do_fork"};
  char place[64];
  ssize_t length = wio_procfs_thread_file(fs, pid, thread, "wchan", place, sizeof place - 1);
  place[length > 0 ? length : 0] = '\0';
  for (size_t i = 0; i < WIO_LENGTH(names); i++)
    if (strcmp(place, names[i]) == 0) return true;
  return false;
}

// The text is "RAN-NS WAITED-NS SLICES".
static void read_schedule(wio_procfs *fs, pid_t pid, struct wio_want *want) {
  char text[128], *at = text;
  ssize_t length = wio_procfs_thread_file(fs, pid, want->thread, "schedstat", text, sizeof text - 1);
  text[length > 0 ? length : 0] = '\0';
  want->ran_ns = strtoull(at, &at, 10);
  want->waited_ns = strtoull(at, &at, 10);
}

// The line is "voluntary_ctxt_switches:\tN". It is near the end of the text, which is longer where there are many
// processors.
static void read_sleeps(wio_procfs *fs, pid_t pid, struct wio_want *want) {
  static const char key[] = "\nvoluntary_ctxt_switches:";
  char text[TEXT_SIZE];
  ssize_t length = wio_procfs_thread_file(fs, pid, want->thread, "status", text, sizeof text - 1);
  text[length > 0 ? length : 0] = '\0';
  const char *line = strstr(text, key);
  want->sleeps = line ? strtoull(line + sizeof key - 1, NULL, 10) : 0;
}

static void compare_wants(const struct wio_want *before, const struct wio_want *now, wio_waiting *out) {
  uint64_t waited_ns = now->waited_ns - before->waited_ns, ran_ns = now->ran_ns - before->ran_ns;
  out->again = true;
  if (waited_ns > out->waited_ns) out->waited_ns = waited_ns;
  if (now->sleeps == before->sleeps && ran_ns < out->ran_ns) out->ran_ns = ran_ns;
}

static void see_want(wio_procfs *fs, pid_t pid, pid_t thread, const wio_wants *before, wio_wants *now,
                     wio_waiting *out) {
  struct wio_want want = {.thread = thread};
  read_schedule(fs, pid, &want);
  read_sleeps(fs, pid, &want);
  out->wait = WIO_WAIT_CPU;
  for (size_t i = 0; i < before->count; i++)
    if (before->of[i].thread == thread) compare_wants(&before->of[i], &want, out);
  if (now->count < WIO_MOST_WANTS) now->of[now->count++] = want;
}

// Returns the thread's state, or a negative errno.
static int state_of(wio_procfs *fs, pid_t pid, pid_t thread) {
  char text[1024];
  wio_stat stat;
  ssize_t length = wio_procfs_thread_file(fs, pid, thread, "stat", text, sizeof text);
  if (length < 0) return (int)length;
  return wio_stat_parse(text, (size_t)length, &stat) ? stat.state : -EBADMSG;
}

// ---- all of them

int wio_waits_read(wio_procfs *fs, pid_t pid, wio_wants *wants, wio_waiting *out) {
  wio_pids threads = {0};
  wio_waiting found = {.wait = WIO_WAIT_NONE, .ran_ns = UINT64_MAX};
  wio_wants now = {.count = 0};
  int rc = wio_procfs_threads(fs, pid, &threads);
  // A tree that is not the kernel's may have no threads in it.
  if (rc == -ESRCH && !wio_procfs_is_live(fs)) rc = wio_pids_add(&threads, 0);
  for (size_t i = 0; rc == 0 && i < threads.count && found.wait != WIO_WAIT_KERNEL; i++) {
    pid_t thread = threads.pid[i];
    int state = state_of(fs, pid, thread);
    if (state == -ETIMEDOUT) found.wait = WIO_WAIT_KERNEL; // the process holds a lock of its own
    else if (state < 0 && (state != -ESRCH || threads.count == 1))
      rc = state; // otherwise the thread has ended meanwhile
    if (state == 'D' && !is_vfork(fs, pid, thread) && !is_frozen(fs, pid)) found.wait = WIO_WAIT_KERNEL;
    if (state == 'R') see_want(fs, pid, thread, wants, &now, &found);
  }
  free(threads.pid);
  if (rc < 0) return rc;
  *wants = now;
  *out = found;
  return 0;
}
