// wait: what a process waits for while none of its counters moves.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef enum {
  WIO_WAIT_NONE,   // nothing is being done for it: it sleeps until something comes, or is stopped or frozen
  WIO_WAIT_KERNEL, // the kernel is busy for it, as far as can be told: a long fsync(2) or direct write, a file system that does not answer
  WIO_WAIT_CPU,    // it wants to run
  WIO_WAIT_COUNT
} wio_wait;

typedef struct {
  wio_wait wait;
  bool delay_known;
  uint64_t delay_ns; // how long its threads have waited for a processor in all, where it waits for one and that is known; a wait counts
                     // once it is over
  uint64_t ran_ns, sleeps; // how long those have run that want to, and how often they went to sleep
} wio_waiting;
