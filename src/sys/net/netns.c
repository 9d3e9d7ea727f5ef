// SPDX-License-Identifier: MIT
#include "sys/net/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static ssize_t read_own(wio_procfs *fs, char *out, size_t size) {
  ssize_t length = readlinkat(wio_procfs_directory(fs), "self/ns/net", out, size - 1);
  if (length < 0) return -errno;
  out[length] = '\0';
  return length;
}

int wio_netns_read(wio_procfs *fs, pid_t pid, uint64_t *out) {
  static const char prefix[] = "net:[";
  char link[64];
  ssize_t length = pid == 0 ? read_own(fs, link, sizeof link) : wio_procfs_link(fs, pid, "ns/net", link, sizeof link);
  if (length < 0) return (int)length;
  if (strncmp(link, prefix, sizeof prefix - 1) != 0) return -EBADMSG;
  *out = strtoull(link + sizeof prefix - 1, NULL, 10);
  return 0;
}

typedef struct {
  int directory;
  pid_t pid;
  int fd; // the answer, or a negative errno
} open_question;

static void open_there(wio_desk *desk, size_t i) {
  open_question *question = (void *)&desk->memory[i];
  char path[32];
  snprintf(path, sizeof path, "%d/ns/net", question->pid);
  question->fd = desk->lent = openat(question->directory, path, O_RDONLY | O_CLOEXEC);
  if (question->fd < 0) question->fd = -errno;
}

int wio_netns_open(wio_procfs *fs, pid_t pid) {
  wio_desk *desk = wio_apart_desk(wio_procfs_apart(fs));
  if (!desk) return -ENOMEM;
  open_question *question = (void *)desk->memory;
  *question = (open_question){.directory = wio_procfs_directory(fs), .pid = pid};
  int rc = wio_procfs_ask(fs, pid, WIO_APART_PROCESS, open_there, NULL);
  return rc < 0 ? rc : question->fd;
}

// A table is a headline, then one line for each socket.
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
