#include "sys/pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_open(wio_procfs *fs, int fd, wio_pidfile *out) {
  struct stat file;
  char text[64];
  if (fstat(fd, &file) < 0) return -errno;
  if (S_ISDIR(file.st_mode)) return -EISDIR;
  if (!S_ISREG(file.st_mode)) return -EBADMSG;
  if (file.st_mode & S_IWOTH) return -EPERM;
  ssize_t length = wio_procfs_pread(fs, fd, text, sizeof text);
  if (length < 0) return (int)length;
  if (!wio_pidfile_parse(text, (size_t)length, &out->pid)) return -EBADMSG;
  out->owner = file.st_uid;
  out->trusted = file.st_uid == 0 || file.st_uid == geteuid();
  out->written_ns = (uint64_t)file.st_mtim.tv_sec * UINT64_C(1000000000) + (uint64_t)file.st_mtim.tv_nsec;
  return 0;
}

int wio_pidfile_read(wio_procfs *fs, const char *path, wio_pidfile *out) {
  // A pipe in its place must not be waited for.
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return -errno;
  int rc = read_open(fs, fd, out);
  close(fd);
  return rc;
}
