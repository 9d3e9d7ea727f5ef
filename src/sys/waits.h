// SPDX-License-Identifier: MIT
// waits: what the threads of a process wait for, by their states in proc(5).
#pragma once

#include "core/wait.h"
#include "sys/procfs.h"

// Threads that wanted to run, and what they had run and waited by then; so many of a process are remembered.
#define WIO_MOST_WANTS 8

typedef struct {
  struct wio_want {
    pid_t thread;
    uint64_t ran_ns, waited_ns, sleeps; // all 0 where the kernel does not tell
  } of[WIO_MOST_WANTS];
  size_t count;
} wio_wants;

// Looks at all threads. A wait in the kernel counts before one for a processor. In the kernel (state D) nothing is done
// for a parent that waits for the child of a vfork(2), which speaks for itself, and in a frozen cgroup; both are told
// apart where that can be read. 0 or a negative errno: -ESRCH when there is no such process. `wants` holds those that
// wanted to run when this was asked before, and then those of now; zeroed memory is none.
int wio_waits_read(wio_procfs *fs, pid_t pid, wio_wants *wants, wio_waiting *out);
