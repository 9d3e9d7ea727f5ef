// SPDX-License-Identifier: MIT
// priority: sets the nice value or the I/O priority of all threads of a process. On Linux each thread has its own, and
// the threads and processes that it starts inherit it (setpriority(2), ioprio_set(2)).
#pragma once

#include "core/priority.h"
#include "sys/procfs.h"

#include <stdbool.h>
#include <sys/types.h>

// Sets the priority of every thread of the process that has this pid now, also of threads that are started meanwhile.
// The kernel takes numbers here, not pidfds, so `pidfd` is checked before each thread. Another thread can get the
// priority only if the process ends within that microsecond, and the number is given out again within it. With `pidfd`
// -1 the caller must check the process before and afterwards. 0; -ESRCH when the process has ended; otherwise the first
// error, after which the other threads are set all the same: -EPERM (another user's process, or a real-time class),
// -EACCES (a lower nice value than RLIMIT_NICE allows).
int wio_priority_set(wio_procfs *fs, pid_t pid, int pidfd, const wio_priority *priority);

// Whether such a priority has any effect on this machine; true when in doubt. With autogroups a nice value counts only
// among the processes of one session (sched(7)). I/O priorities count only where the scheduler of a disk is bfq,
// mq-deadline or cfq.
bool wio_priority_acts(wio_priority_kind kind);
