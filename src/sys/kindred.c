// SPDX-License-Identifier: MIT
#include "sys/kindred.h"

#include "sys/statx.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char program[] = "watchio", heir[] = "watchio-heir"; // see sys/heir.h

static const char *base_of(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

void wio_kindred_learn(wio_kindred *out) {
  struct statx file;
  *out = (wio_kindred){.inode = 0};
  ssize_t length = readlink("/proc/self/exe", out->path, sizeof out->path - 1);
  out->path[length > 0 ? length : 0] = '\0';
  if (strcmp(base_of(out->path), program) != 0 ||
      wio_statx(AT_FDCWD, "/proc/self/exe", AT_STATX_DONT_SYNC, STATX_INO, &file) < 0) {
    out->path[0] = '\0';
    return;
  }
  out->major = file.stx_dev_major;
  out->minor = file.stx_dev_minor;
  out->inode = file.stx_ino;
}

bool wio_kindred_is_named(const wio_kindred *own, const char *name) {
  return own->path[0] && (strcmp(name, program) == 0 || strcmp(name, heir) == 0);
}

static bool is_same_file(wio_procfs *fs, const wio_kindred *own, pid_t pid) {
  char link[32];
  struct statx file;
  snprintf(link, sizeof link, "%d/exe", pid);
  return wio_statx(wio_procfs_directory(fs), link, AT_STATX_DONT_SYNC, STATX_INO, &file) == 0 &&
         file.stx_dev_major == own->major && file.stx_dev_minor == own->minor && file.stx_ino == own->inode;
}

bool wio_kindred_is(wio_procfs *fs, const wio_kindred *own, pid_t pid, uid_t uid) {
  char path[PATH_MAX];
  if (!wio_procfs_is_live(fs) || (uid != 0 && uid != geteuid())) return false;
  int rc = wio_procfs_exe(fs, pid, path, sizeof path);
  if (rc < 0) return uid == 0 && (rc == -EACCES || rc == -EPERM);
  return strcmp(path, own->path) == 0 || is_same_file(fs, own, pid);
}
