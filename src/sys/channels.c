// SPDX-License-Identifier: MIT
#include "sys/channels.h"

#include "core/array.h"

#include <string.h>
#include <sys/sysmacros.h>

static bool begins(const char *text, const char *with) { return strncmp(text, with, strlen(with)) == 0; }

wio_channel wio_channel_of(const char *link) {
  static const struct {
    const char *begin;
    wio_channel channel;
  } rows[] = {
      {"socket:", WIO_CHANNEL_SOCKET},
      {"pipe:", WIO_CHANNEL_SHOWN},
      {"anon_inode:[eventfd]", WIO_CHANNEL_SHOWN},
      {"anon_inode:[eventpoll]", WIO_CHANNEL_SHOWN},
      {"anon_inode:[timerfd]", WIO_CHANNEL_SHOWN},
      {"anon_inode:[signalfd]", WIO_CHANNEL_SHOWN},
      {"anon_inode:[pidfd]", WIO_CHANNEL_SHOWN},
      {"anon_inode:[fanotify]", WIO_CHANNEL_SHOWN},
      {"anon_inode:inotify", WIO_CHANNEL_SHOWN},
      {"anon_inode:[inotify]", WIO_CHANNEL_SHOWN},
      {"pidfd:", WIO_CHANNEL_SHOWN},
      {"net:", WIO_CHANNEL_SHOWN}, // a namespace, and so on
      {"mnt:", WIO_CHANNEL_SHOWN},
      {"user:", WIO_CHANNEL_SHOWN},
      {"pid:", WIO_CHANNEL_SHOWN},
      {"/", WIO_CHANNEL_FILE},
  };
  for (size_t i = 0; i < WIO_LENGTH(rows); i++)
    if (begins(link, rows[i].begin)) return rows[i].channel;
  return WIO_CHANNEL_HIDDEN;
}

// The numbers of Documentation/admin-guide/devices.txt.
bool wio_device_is_shown(dev_t device) {
  static const struct {
    unsigned major, first, last;
  } rows[] = {
      {1, 3, 3},     // null
      {1, 5, 5},     // zero
      {1, 7, 9},     // full, random, urandom
      {4, 0, 63},    // tty0 …
      {5, 0, 2},     // tty, console, ptmx
      {136, 0, ~0u}, // pts/…
  };
  for (size_t i = 0; i < WIO_LENGTH(rows); i++)
    if (major(device) == rows[i].major && minor(device) >= rows[i].first && minor(device) <= rows[i].last) return true;
  return false;
}

// Whether the memory is a Java machine's counters, which others may read but do not answer: /tmp/hsperfdata_USER/PID.
// Any other path could be chosen by any user.
static bool is_statistics(const char *path) {
  static const char begin[] = "/tmp/hsperfdata_";
  const char *user = path + sizeof begin - 1, *slash = begins(path, begin) ? strchr(user, '/') : NULL;
  return slash && slash > user && slash[1] && strspn(slash + 1, "0123456789") == strlen(slash + 1);
}

// Memory without a name is shared only with relatives, as is the scoreboard of a server's workers.
static bool is_of_relatives(const char *path) { return strcmp(path, "/dev/zero (deleted)") == 0; }

// Memory that makes sense to read only where another process writes it. With other files that are mapped only for
// reading, no process waits for a change.
static bool is_memory(const char *path) {
  return begins(path, "/dev/shm/") || begins(path, "/memfd:") || begins(path, "/SYSV");
}

// A line is such as "7f0e1c000000-7f0e1c021000 rw-s 00000000 00:01 1024 /dev/shm/PostgreSQL.2718".
static bool is_shared(const char *line) {
  const char *rights = strchr(line, ' ');
  if (!rights || strlen(rights) <= 4 || rights[4] != 's') return false;
  const char *slash = strchr(line, '/'), *path = slash ? slash : "";
  return (rights[2] == 'w' || is_memory(path)) && !is_statistics(path) && !is_of_relatives(path);
}

bool wio_maps_shared(wio_lines *lines, const char *text, size_t length) {
  bool shared = false;
  for (const char *end = text + length; wio_lines_next(lines, &text, end);) shared |= is_shared(lines->text);
  return shared;
}

bool wio_path_has_shown_name(const char *path) {
  static const char *const names[] = {"/dev/null",    "/dev/zero", "/dev/full",    "/dev/random",
                                      "/dev/urandom", "/dev/tty",  "/dev/console", "/dev/ptmx"};
  if (begins(path, "/dev/pts/")) return true;
  for (size_t i = 0; i < WIO_LENGTH(names); i++)
    if (strcmp(path, names[i]) == 0) return true;
  return false;
}

bool wio_path_is_memory(const char *path) {
  return begins(path, "/memfd:") || begins(path, "/SYSV") || begins(path, "/dev/zero") || begins(path, "/[aio]");
}
