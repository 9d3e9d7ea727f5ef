// SPDX-License-Identifier: MIT
#include "sys/net/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int wio_netns_read(wio_procfs *fs, pid_t pid, uint64_t *out) {
  static const char prefix[] = "net:[";
  char path[32], link[64];
  if (pid == 0) snprintf(path, sizeof path, "self/ns/net");
  else snprintf(path, sizeof path, "%d/ns/net", pid);
  ssize_t length = readlinkat(wio_procfs_directory(fs), path, link, sizeof link - 1);
  if (length < 0) return -errno;
  link[length] = '\0';
  if (strncmp(link, prefix, sizeof prefix - 1) != 0) return -EBADMSG;
  *out = strtoull(link + sizeof prefix - 1, NULL, 10);
  return 0;
}

int wio_netns_open(wio_procfs *fs, pid_t pid) {
  char path[32];
  snprintf(path, sizeof path, "%d/ns/net", pid);
  int fd = openat(wio_procfs_directory(fs), path, O_RDONLY | O_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

// A table is a headline, then a line a socket.
static bool has_lines(wio_procfs *fs, pid_t pid, const char *table) {
  char path[32], text[512];
  snprintf(path, sizeof path, "%d/net/%s", pid, table);
  int fd = openat(wio_procfs_directory(fs), path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno != ENOENT; // no IPv6 here
  ssize_t length = wio_procfs_pread(fs, fd, text, sizeof text);
  close(fd);
  if (length <= 0) return true;
  const char *headline = memchr(text, '\n', (size_t)length);
  return !headline || headline + 1 < text + length;
}

bool wio_netns_has_tcp(wio_procfs *fs, pid_t pid) { return has_lines(fs, pid, "tcp") || has_lines(fs, pid, "tcp6"); }
