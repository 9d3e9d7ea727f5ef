// SPDX-License-Identifier: MIT
#include "sys/memory_file.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

static int write_all(int fd, const char *text, size_t length) {
  while (length > 0) {
    ssize_t written = write(fd, text, length);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return -errno;
    text += written;
    length -= (size_t)written;
  }
  return lseek(fd, 0, SEEK_SET) < 0 ? -errno : 0;
}

// Since 6.3 the kernel wants a flag that says whether such a file may be executed, and can be set to refuse one that
// may.
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8U
#endif

static int create(void) {
  int fd = memfd_create("watchio", MFD_CLOEXEC | MFD_NOEXEC_SEAL);
  if (fd < 0 && errno == EINVAL) fd = memfd_create("watchio", MFD_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

int wio_memory_file_new(const char *text, size_t length) {
  int fd = create();
  if (fd < 0) return fd;
  int rc = write_all(fd, text, length);
  if (rc == 0) return fd;
  close(fd);
  return rc;
}
