// waits: what the threads of a process wait for, by their states in proc(5).
#pragma once

#include "core/wait.h"
#include "sys/procfs.h"

// Looks at all threads. A wait in the kernel counts before one for a processor. In the kernel (state D) nothing is done for a
// parent that waits for the child of a vfork(2), which speaks for itself, and in a frozen cgroup; both are told apart where
// that can be read. 0 or a negative errno: -ESRCH when there is no such process.
int wio_waits_read(wio_procfs *fs, pid_t pid, wio_waiting *out);
