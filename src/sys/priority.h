// SPDX-License-Identifier: MIT
// priority: sets the nice value or the I/O priority of all threads of a process; on Linux each thread has its own,
// which what it starts inherits (setpriority(2), ioprio_set(2)).
#pragma once

#include "core/priority.h"
#include "sys/procfs.h"

#include <stdbool.h>
#include <sys/types.h>

// Sets it for every thread of the process that has this pid now, also of those that are started meanwhile. The kernel
// takes numbers here, no pidfds: `pidfd` is looked at before each of them, so that only a process that ends within that
// microsecond, and whose number is given again within it, hands its value on; with -1 the caller looks before and
// afterwards. 0; -ESRCH when it has ended; else the first error, the other threads being set all the same: -EPERM
// (another user's, or a real-time class), -EACCES (a lower nice value than RLIMIT_NICE allows).
int wio_priority_set(wio_procfs *fs, pid_t pid, int pidfd, const wio_priority *priority);

// Whether such a priority changes anything on this machine, as far as that can be told: with autogroups a nice value
// counts among the processes of one session only (sched(7)); I/O priorities count where the scheduler of a disk is bfq
// or mq-deadline.
bool wio_priority_acts(wio_priority_kind kind);
