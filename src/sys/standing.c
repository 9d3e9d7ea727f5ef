// SPDX-License-Identifier: MIT
#include "sys/standing.h"

#include "sys/statx.h"
#include "sys/way.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

// What is there at the path that the executable had, where nobody but root has a say over it. 0 or a negative errno;
// -EPERM: others have.
static int inspect(const char *path, struct stat *out) {
  wio_way way;
  int fd = wio_way_open(path, O_PATH, &way);
  if (fd < 0) return fd;
  int rc = way.strangers || way.by_anybody ? -EPERM : fstat(fd, out) < 0 ? -errno : 0;
  close(fd);
  return rc;
}

// Whoever may mount can have any file at any path: so it has to be the very file that is there. One that was replaced,
// as by an upgrade, has no name any more, and lies where the new one does.
static int is_same(const struct statx *running, const char *path) {
  struct stat there;
  int rc = inspect(path, &there);
  if (rc == -EPERM || rc == -ENOTDIR) return 0;
  if (rc == -ENOENT) return running->stx_nlink ? 0 : rc;
  if (rc < 0) return rc;
  if (major(there.st_dev) != running->stx_dev_major || minor(there.st_dev) != running->stx_dev_minor) return 0;
  return there.st_uid == 0 && (there.st_ino == running->stx_ino || running->stx_nlink == 0);
}

static int is_roots_program(wio_procfs *fs, pid_t pid) {
  char path[PATH_MAX], link[32];
  struct statx running;
  int rc = wio_procfs_exe(fs, pid, path, sizeof path);
  if (rc < 0) return rc;
  if (!wio_procfs_is_live(fs)) return 1;
  snprintf(link, sizeof link, "%d/exe", pid);
  if (wio_statx(wio_procfs_directory(fs), link, AT_STATX_DONT_SYNC, STATX_UID | STATX_INO | STATX_NLINK, &running) < 0)
    return -errno;
  return running.stx_uid == 0 ? is_same(&running, path) : 0;
}

int wio_standing_read(wio_procfs *fs, pid_t pid, wio_standing *out) {
  uid_t uid;
  int rc = wio_procfs_real_uid(fs, pid, &uid);
  if (rc < 0) return rc;
  *out = (wio_standing){.uid = uid, .own = uid == getuid(), .its_program = uid == 0 ? 0 : is_roots_program(fs, pid)};
  return 0;
}
