// SPDX-License-Identifier: MIT
#include "sys/way.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// The most links that are followed: as many as the kernel follows.
#define MOST_LINKS 40

// The rest of the path, and the folder where it begins.
typedef struct {
  int folder;
  int links;
  char rest[2 * PATH_MAX];
} walk;

static void judge(const struct stat *file, wio_way *out) {
  if (S_ISDIR(file->st_mode) && (file->st_mode & S_IWOTH) && !(file->st_mode & S_ISVTX)) out->by_anybody = true;
  if (file->st_uid == 0 || file->st_uid == geteuid()) return;
  if (out->strangers && out->stranger != file->st_uid) out->several = true;
  out->stranger = file->st_uid;
  out->strangers = true;
}

// Goes on in a folder. The walk owns the descriptor from now on.
static int enter(walk *at, int folder, wio_way *out) {
  struct stat file;
  if (folder < 0) return -errno;
  if (at->folder >= 0) close(at->folder);
  at->folder = folder;
  if (fstat(folder, &file) < 0) return -errno;
  judge(&file, out);
  return 0;
}

static int enter_root(walk *at, wio_way *out) { return enter(at, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), out); }

static int begin(walk *at, const char *path, wio_way *out) {
  size_t length = 0;
  if (*path != '/') {
    if (!getcwd(at->rest, PATH_MAX)) return -errno;
    length = strlen(at->rest);
  }
  int written = snprintf(at->rest + length, sizeof at->rest - length, "/%s", path);
  if (written < 0 || (size_t)written >= sizeof at->rest - length) return -ENAMETOOLONG;
  return enter_root(at, out);
}

// Puts the target of a link in front of the rest of the path.
static int follow(walk *at, int link, wio_way *out) {
  char goal[2 * PATH_MAX];
  if (++at->links > MOST_LINKS) return -ELOOP;
  ssize_t length = readlinkat(link, "", goal, PATH_MAX);
  if (length < 0) return -errno;
  int written = snprintf(goal + length, sizeof goal - (size_t)length, "/%s", at->rest);
  if (written < 0 || (size_t)length + (size_t)written >= sizeof at->rest) return -ENAMETOOLONG;
  strcpy(at->rest, goal);
  return goal[0] == '/' ? enter_root(at, out) : 0;
}

// Takes the next name off the path. False at its end.
static bool take_name(walk *at, char name[NAME_MAX + 1]) {
  const char *start = at->rest + strspn(at->rest, "/");
  size_t length = strcspn(start, "/");
  if (length == 0 || length > NAME_MAX) return false;
  memcpy(name, start, length);
  name[length] = '\0';
  memmove(at->rest, start + length, strlen(start + length) + 1);
  return true;
}

static bool is_last(const walk *at) { return at->rest[strspn(at->rest, "/")] == '\0'; }

// Opens the goal of the walk, and judges the file only when it is open: it may be another file by then.
static int open_last(const walk *at, const char *name, int flags, wio_way *out) {
  struct stat file;
  int fd = openat(at->folder, name, flags | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return -errno;
  if (fstat(fd, &file) == 0) {
    judge(&file, out);
    return fd;
  }
  int rc = -errno;
  close(fd);
  return rc;
}

// One step: 0 to go on, a descriptor at the goal, or a negative errno.
static int step(walk *at, const char *name, int flags, wio_way *out) {
  struct stat file;
  int fd = openat(at->folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), rc = 0;
  if (fd < 0 || fstat(fd, &file) < 0) {
    rc = -errno;
  } else if (S_ISLNK(file.st_mode)) {
    judge(&file, out);
    rc = follow(at, fd, out);
  } else if (is_last(at)) {
    rc = open_last(at, name, flags, out);
  } else {
    return enter(at, fd, out);
  }
  if (fd >= 0) close(fd);
  return rc;
}

int wio_way_open(const char *path, int flags, wio_way *out) {
  walk at = {.folder = -1};
  char name[NAME_MAX + 1];
  *out = (wio_way){0};
  int rc = begin(&at, path, out);
  while (rc == 0) rc = take_name(&at, name) ? step(&at, name, flags, out) : -ENOENT;
  if (at.folder >= 0) close(at.folder);
  return rc;
}
