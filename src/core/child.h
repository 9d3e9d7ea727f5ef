// SPDX-License-Identifier: MIT
// child: what the kernel tells a parent about its children, and a process about the signals that it got.
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
  bool sent;    // by a process; else by the kernel, as for a key of the terminal: then all of the terminal's foreground
                // processes got it
  pid_t sender; // 0: the sender is in a pid namespace that this process cannot see, such as the one outside a container
} wio_signal;

// The use of the children that were waited for, together with the use that those children had inherited in the same
// way.
typedef struct {
  uint64_t io[WIO_IO_COUNT];
  int io_error; // an errno: why `io` is unknown
  uint64_t cpu_ns;
} wio_spent;
