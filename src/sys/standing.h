// SPDX-License-Identifier: MIT
// standing: looks up the user of a process, and whether its program is the system's own (core/standing.h).
#pragma once

#include "core/standing.h"
#include "sys/procfs.h"

// 0; -ESRCH when there is no such process, or another negative errno when its user is unknown. Never waits long for a
// file system that a user has mounted.
int wio_standing_read(wio_procfs *fs, pid_t pid, wio_standing *out);
