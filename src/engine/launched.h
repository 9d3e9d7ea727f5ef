// SPDX-License-Identifier: MIT
// launched: the processes of a command that was launched: all of the session that it leads, whatever process groups
// they make.
#pragma once

#include "engine/monitor.h"

#include <stdbool.h>
#include <sys/types.h>

// Signals the living processes of the session: the leader's process group at once, and each of the others by itself. A
// process that is forked meanwhile may be missed by a signal other than SIGKILL. The kernel gives the session's number
// to no other process while one of the session lives. 0; -ESRCH when there is none; otherwise the kernel's error when
// no process took the signal.
int wio_launched_signal(wio_monitor *monitor, pid_t session, int signal);

// Whether a process of the session lives. True also when that cannot be told, because processes were born during the
// scan.
bool wio_launched_live(wio_monitor *monitor, pid_t session);
