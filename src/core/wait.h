// SPDX-License-Identifier: MIT
// wait: what a process waits for while none of its counters moves.
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef enum {
  WIO_WAIT_NONE,   // nothing is being done for it: it sleeps until something comes, or is stopped or frozen
  WIO_WAIT_KERNEL, // the kernel is busy for it, as far as can be told: a long fsync(2) or direct write, a file system
                   // that does not answer
  WIO_WAIT_CPU,    // it wants to run
  WIO_WAIT_COUNT
} wio_wait;

typedef struct {
  wio_wait wait;
  bool again; // one of its threads that wanted to run when this was asked before wants to again; of such, since then:
  uint64_t waited_ns; // the longest that one has waited, as far as the kernel counts: a wait counts once it is over
  uint64_t ran_ns;    // the least that one has run which did not sleep; UINT64_MAX: each slept
} wio_waiting;
