// SPDX-License-Identifier: MIT
// wait: the thing that a process waits for while none of its counters moves.
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef enum {
  WIO_WAIT_NONE,   // nothing is being done for the process: it sleeps until something comes, or is stopped or frozen
  WIO_WAIT_KERNEL, // the kernel seems busy for the process: a long fsync(2) or direct write, or a file system that does
                   // not answer
  WIO_WAIT_CPU,    // the process wants to run
  WIO_WAIT_COUNT
} wio_wait;

typedef struct {
  wio_wait wait;
  bool again; // a thread that wanted to run at the question before wants to run again. Of such threads, since that
              // question:
  uint64_t waited_ns; // the longest time that one has waited for a core, by the kernel's count: a wait counts once it
                      // is over
  uint64_t ran_ns;    // the least time that one has run, among those that did not sleep; UINT64_MAX: each slept
} wio_waiting;
