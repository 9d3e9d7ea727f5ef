// SPDX-License-Identifier: MIT
// whole: reads a file of a process to its end, even when it is long.
#pragma once

#include "sys/procfs.h"

#include <stddef.h>
#include <sys/types.h>

// The longest text that is read. The kernel takes no longer arguments (execve(2)), so a longer text is made up.
#define WIO_MOST_WHOLE ((size_t)6 << 20)

// Memory for a text. Zeroed memory holds none; the caller frees it with wio_whole_release.
typedef struct {
  char *text; // ended with a NUL
  size_t capacity;
} wio_whole;

// Reads PID/`name` into `out->text`, where it stays until the next call. Returns its length, or a negative errno:
// -E2BIG when it is longer than WIO_MOST_WHOLE.
ssize_t wio_whole_read(wio_procfs *fs, pid_t pid, const char *name, wio_whole *out);

// Frees the text, and leaves the memory as one that holds none.
void wio_whole_release(wio_whole *whole);
