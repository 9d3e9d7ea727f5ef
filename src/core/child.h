// SPDX-License-Identifier: MIT
// child: what the kernel tells a parent of its children, and a process of the signals that it got.
#pragma once

#include "core/reading.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef enum {
  WIO_CHILD_EXITED,    // `value` is the status
  WIO_CHILD_KILLED,    // `value` is the signal
  WIO_CHILD_STOPPED,   // likewise
  WIO_CHILD_CONTINUED, // no value
  WIO_CHILD_CHANGE_COUNT
} wio_child_change_type;

typedef struct {
  pid_t pid;
  wio_child_change_type type;
  int value;
} wio_child_change;

// "exited", "killed", "stopped", "continued".
const char *wio_child_change_name(wio_child_change_type type);

typedef struct {
  int number;
  bool sent; // by a process; else by the kernel, as for a key of the terminal: all of its foreground processes got it
  pid_t sender; // 0: it is in no pid namespace that this one can see, as who stops a container
} wio_signal;

// What the children that were waited for have used, and all that those had waited for.
typedef struct {
  uint64_t io[WIO_IO_COUNT];
  int io_error; // an errno: why `io` is unknown
  uint64_t cpu_ns;
} wio_spent;
