#include "sys/fds.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int wio_fds_open(wio_procfs *fs, pid_t pid) {
  char path[32];
  snprintf(path, sizeof path, "%d/fd", pid);
  int fd = openat(wio_procfs_directory(fs), path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0) return fd;
  return errno == ENOENT ? -ESRCH : -errno;
}

// 0, also for what is no socket and for a file that was closed meanwhile.
static int tell_one(int directory, const char *name, wio_fds_tell *tell, void *context) {
  static const char prefix[] = "socket:[";
  char link[32];
  ssize_t length = readlinkat(directory, name, link, sizeof link - 1);
  if (length < 0) return errno == ENOENT ? 0 : -errno;
  link[length] = '\0';
  if (strncmp(link, prefix, sizeof prefix - 1) == 0)
    tell(context, (uint32_t)strtoul(link + sizeof prefix - 1, NULL, 10));
  return 0;
}

// readdir(3) would allocate its buffer at every scan.
int wio_fds_sockets(int directory, wio_fds_tell *tell, void *context) {
  alignas(struct dirent64) char buffer[4096];
  for (;;) {
    long length = syscall(SYS_getdents64, directory, buffer, sizeof buffer);
    if (length <= 0) return length < 0 ? -errno : 0;
    for (long at = 0; at < length;) {
      const struct dirent64 *entry = (const struct dirent64 *)(const void *)(buffer + at);
      int rc = entry->d_name[0] == '.' ? 0 : tell_one(directory, entry->d_name, tell, context);
      if (rc < 0) return rc;
      at += entry->d_reclen;
    }
  }
}
