// SPDX-License-Identifier: MIT
#include "sys/standing.h"

#include "sys/statx.h"
#include "sys/way.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

// Looks at the file that is now at the path of the executable. 0 or a negative errno: -EPERM where users other than
// root and this one have a say over the path.
static int inspect(const char *path, struct stat *out) {
  wio_way way;
  int fd = wio_way_open(path, O_PATH, &way);
  if (fd < 0) return fd;
  int rc = way.strangers || way.by_anybody ? -EPERM : fstat(fd, out) < 0 ? -errno : 0;
  close(fd);
  return rc;
}

// Whether the running file is root's file at that path. A user who may mount can have any file at any path, so it must
// be the very file that is there. A file that was replaced, as by an upgrade, has no name any more, but is on the same
// file system as the new one.
static int is_same(const struct statx *running, const char *path) {
  struct stat there;
  int rc = inspect(path, &there);
  if (rc == -EPERM || rc == -ENOTDIR) return 0;
  if (rc == -ENOENT) return running->stx_nlink ? 0 : rc;
  if (rc < 0) return rc;
  if (major(there.st_dev) != running->stx_dev_major || minor(there.st_dev) != running->stx_dev_minor) return 0;
  return there.st_uid == 0 && (there.st_ino == running->stx_ino || running->stx_nlink == 0);
}

typedef struct {
  int directory;
  pid_t pid;
  int rc; // the answer
  char path[PATH_MAX];
} program_question;
static_assert(sizeof(program_question) <= sizeof((wio_desk *)NULL)->memory, "fits on a desk");

// Asked apart: the path may lead to a file system of that process's user, which may never answer.
static void compare_there(wio_desk *desk, size_t i) {
  program_question *question = (void *)&desk->memory[i];
  char link[32];
  struct statx running;
  unsigned wanted = STATX_UID | STATX_INO | STATX_NLINK;
  snprintf(link, sizeof link, "%d/exe", question->pid);
  if (wio_statx(question->directory, link, AT_STATX_DONT_SYNC, wanted, &running) < 0) question->rc = -errno;
  else question->rc = running.stx_uid == 0 ? is_same(&running, question->path) : 0;
}

static int is_roots_program(wio_procfs *fs, pid_t pid) {
  char path[PATH_MAX];
  int rc = wio_procfs_exe(fs, pid, path, sizeof path);
  if (rc < 0) return rc;
  if (!wio_procfs_is_live(fs)) return 1;
  wio_desk *desk = wio_apart_desk(wio_procfs_apart(fs));
  if (!desk) return -ENOMEM;
  program_question *question = (void *)desk->memory;
  question->directory = wio_procfs_directory(fs);
  question->pid = pid;
  memcpy(question->path, path, sizeof path);
  rc = wio_procfs_ask(fs, pid, WIO_APART_PROCESS, compare_there, NULL);
  return rc < 0 ? rc : question->rc;
}

int wio_standing_read(wio_procfs *fs, pid_t pid, wio_standing *out) {
  uid_t uid;
  int rc = wio_procfs_real_uid(fs, pid, &uid);
  if (rc < 0) return rc;
  *out = (wio_standing){.uid = uid, .own = uid == getuid(), .its_program = uid == 0 ? 0 : is_roots_program(fs, pid)};
  return 0;
}
