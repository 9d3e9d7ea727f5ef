// SPDX-License-Identifier: MIT
#include "sys/pidfile.h"

#include "core/units.h"
#include "sys/way.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

// Whether the file's file system is gone with every boot.
static bool is_in_memory(int fd) {
  struct statfs kind;
  return fstatfs(fd, &kind) == 0 && (kind.f_type == TMPFS_MAGIC || kind.f_type == RAMFS_MAGIC);
}

// Whether the file's time is that of its writing: it was not set, and the file was not copied from elsewhere.
static bool is_as_written(const struct stat *file) { return file->st_ctim.tv_sec - file->st_mtim.tv_sec <= 1; }

static int read_open(wio_procfs *fs, int fd, const wio_way *way, wio_pidfile *out) {
  struct stat file;
  char text[64];
  if (fstat(fd, &file) < 0) return -errno;
  if (S_ISDIR(file.st_mode)) return -EISDIR;
  if (!S_ISREG(file.st_mode)) return -EBADMSG;
  if (file.st_mode & S_IWOTH) return -EPERM;
  ssize_t length = wio_procfs_pread(fs, fd, text, sizeof text);
  if (length < 0) return (int)length;
  if (!wio_pidfile_parse(text, (size_t)length, (size_t)length < sizeof text, &out->pid)) return -EBADMSG;
  out->owner = way->strangers ? way->stranger : file.st_uid;
  out->trusted = !way->strangers;
  out->disputed = way->by_anybody || way->several;
  out->written_ns = (uint64_t)file.st_mtim.tv_sec * WIO_NS_PER_SECOND + (uint64_t)file.st_mtim.tv_nsec;
  out->of_this_boot = is_as_written(&file) && is_in_memory(fd);
  return 0;
}

int wio_pidfile_read(wio_procfs *fs, const char *path, wio_pidfile *out) {
  wio_way way;
  // O_NONBLOCK: the open must not wait if there is a pipe in the file's place.
  int fd = wio_way_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY, &way);
  if (fd < 0) return fd;
  int rc = read_open(fs, fd, &way, out);
  close(fd);
  return rc;
}
