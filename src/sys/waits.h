// SPDX-License-Identifier: MIT
// waits: what the threads of a process wait for, by their states in proc(5).
#pragma once

#include "core/wait.h"
#include "sys/procfs.h"

// Threads that wanted to run, and the time that they had run and waited by then. At most this many of a process are
// remembered.
#define WIO_MOST_WANTS 8

typedef struct {
  struct wio_want {
    pid_t thread;
    uint64_t ran_ns, waited_ns, sleeps; // each 0 where the kernel does not tell
  } of[WIO_MOST_WANTS];
  size_t count;
} wio_wants;

// Looks at all threads of a process. A wait in the kernel counts before a wait for a processor. Two threads in the
// kernel (state D) do not count, where they can be recognised: the parent that waits for the child of a vfork(2), since
// the child counts for itself; and a thread in a frozen cgroup. `wants` holds the threads that wanted to run at the
// call before, and afterwards those of this call; zeroed memory holds none. 0 or a negative errno: -ESRCH when there is
// no such process.
int wio_waits_read(wio_procfs *fs, pid_t pid, wio_wants *wants, wio_waiting *out);
