// SPDX-License-Identifier: MIT
#include "sys/whole.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int grow(wio_whole *whole) {
  size_t capacity = whole->capacity ? whole->capacity * 4 : (size_t)16 << 10;
  if (whole->capacity > WIO_MOST_WHOLE) return -E2BIG;
  if (capacity > WIO_MOST_WHOLE) capacity = WIO_MOST_WHOLE + 2; // one byte more than the longest text, and a NUL
  char *grown = realloc(whole->text, capacity);
  if (!grown) return -ENOMEM;
  whole->text = grown;
  whole->capacity = capacity;
  return 0;
}

ssize_t wio_whole_read(wio_procfs *fs, pid_t pid, const char *name, wio_whole *out) {
  int fd = wio_procfs_open_file(fs, pid, name);
  if (fd < 0) return fd;
  size_t filled = 0;
  ssize_t length = 1;
  while (length > 0) {
    if (filled + 1 >= out->capacity && (length = grow(out)) < 0) break;
    length = wio_procfs_read_on(fs, pid, &fd, out->text + filled, out->capacity - 1 - filled, (off_t)filled);
    if (length > 0) filled += (size_t)length;
  }
  if (fd >= 0) close(fd);
  if (length < 0) return length;
  out->text[filled] = '\0';
  return filled > WIO_MOST_WHOLE ? -E2BIG : (ssize_t)filled;
}

void wio_whole_release(wio_whole *whole) {
  free(whole->text);
  *whole = (wio_whole){.text = NULL};
}
