// SPDX-License-Identifier: MIT
// launched: the processes of a command that was launched: its session, which it leads, whatever process groups they
// make.
#pragma once

#include "engine/monitor.h"

#include <stdbool.h>
#include <sys/types.h>

// Signals those that live, the leader's process group at once and each of the others by itself; who is forked meanwhile
// may be missed by another signal than SIGKILL. The number cannot be that of others while one of them lives: the kernel
// does not give it again. 0; -ESRCH when there are none; else what the kernel says when it took the signal for none of
// them.
int wio_launched_signal(wio_monitor *monitor, pid_t session, int signal);

// Whether any of them has not ended. True also when it cannot be told, because processes were born during the scan.
bool wio_launched_live(wio_monitor *monitor, pid_t session);
