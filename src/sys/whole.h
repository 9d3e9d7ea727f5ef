// SPDX-License-Identifier: MIT
// whole: a file of a process read to its end, however long it is.
#pragma once

#include "sys/procfs.h"

#include <stddef.h>
#include <sys/types.h>

// The kernel takes no longer arguments (execve(2)): whoever shows more has made it up.
#define WIO_MOST_WHOLE ((size_t)6 << 20)

// Memory for a text. Zeroed memory holds none; the caller ends it with wio_whole_release.
typedef struct {
  char *text; // ended with a NUL
  size_t capacity;
} wio_whole;

// Reads PID/`name`. Returns its length, borrowed until the next call; -E2BIG when it is longer than WIO_MOST_WHOLE, or
// another negative errno.
ssize_t wio_whole_read(wio_procfs *fs, pid_t pid, const char *name, wio_whole *out);

// Frees the text, and leaves it empty.
void wio_whole_release(wio_whole *whole);
