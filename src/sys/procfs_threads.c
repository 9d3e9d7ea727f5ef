// SPDX-License-Identifier: MIT
// The threads of a process, and the children that they have forked.
#include "sys/procfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Appends the pids of a text such as "12 13 ", and keeps the part behind the last blank. 0 or -ENOMEM.
static int add_listed(char *text, size_t *length, wio_pids *out) {
  size_t at = 0;
  for (char *blank; (blank = memchr(text + at, ' ', *length - at)); at = (size_t)(blank - text) + 1) {
    int rc = wio_pids_add(out, (pid_t)strtol(text + at, NULL, 10));
    if (rc < 0) return rc;
  }
  *length -= at;
  memmove(text, text + at, *length);
  return 0;
}

static int add_children_of_thread(wio_procfs *fs, int fd, wio_pids *out) {
  char text[4096];
  size_t kept = 0;
  for (ssize_t length; (length = wio_procfs_read(fs, fd, text + kept, sizeof text - kept)) > 0;) {
    kept += (size_t)length;
    int rc = add_listed(text, &kept, out);
    if (rc < 0) return rc;
  }
  return 0;
}

int wio_procfs_children(wio_procfs *fs, pid_t pid, wio_pids *out) {
  char path[64];
  out->count = 0;
  snprintf(path, sizeof path, "%d/task", pid);
  int fd = openat(wio_procfs_directory(fs), path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;
  DIR *threads = fd < 0 ? NULL : fdopendir(fd);
  if (!threads) return wio_procfs_is_live(fs) ? -ESRCH : -ENOTSUP;
  for (struct dirent *entry; rc == 0 && (entry = readdir(threads));) {
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
    snprintf(path, sizeof path, "%.20s/children", entry->d_name);
    int children = openat(fd, path, O_RDONLY | O_CLOEXEC);
    if (children < 0 && strtol(entry->d_name, NULL, 10) == pid)
      rc = -ENOTSUP; // the first thread's folder stays, even if that thread ends
    if (children < 0) continue;
    rc = add_children_of_thread(fs, children, out);
    close(children);
  }
  closedir(threads);
  return rc;
}

int wio_procfs_threads(wio_procfs *fs, pid_t pid, wio_pids *out) {
  char path[64];
  out->count = 0;
  snprintf(path, sizeof path, "%d/task", pid);
  int fd = openat(wio_procfs_directory(fs), path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;
  if (fd < 0) return errno == ENOENT ? -ESRCH : -errno;
  DIR *threads = fdopendir(fd);
  if (!threads) {
    close(fd);
    return -ENOMEM;
  }
  for (struct dirent *entry; rc == 0 && (entry = readdir(threads));)
    if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
      rc = wio_pids_add(out, (pid_t)strtol(entry->d_name, NULL, 10));
  closedir(threads);
  return rc == 0 && out->count == 0 ? -ESRCH : rc;
}

static bool is_living_thread(wio_procfs *fs, pid_t pid, pid_t thread) {
  char text[1024];
  wio_stat stat;
  ssize_t length = wio_procfs_thread_file(fs, pid, thread, "stat", text, sizeof text);
  return length > 0 && wio_stat_parse(text, (size_t)length, &stat) && stat.state != 'Z' && stat.state != 'X';
}

pid_t wio_procfs_living_thread(wio_procfs *fs, pid_t pid) {
  wio_pids threads = {0};
  pid_t living = pid;
  if (wio_procfs_threads(fs, pid, &threads) == 0)
    for (size_t i = 0; i < threads.count; i++) {
      if (!is_living_thread(fs, pid, threads.pid[i])) continue;
      living = threads.pid[i];
      break;
    }
  free(threads.pid);
  return living;
}
