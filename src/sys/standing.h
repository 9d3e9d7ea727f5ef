// SPDX-License-Identifier: MIT
// standing: looks up whose a process is, and what it runs.
#pragma once

#include "core/standing.h"
#include "sys/procfs.h"

// 0, -ESRCH, or a negative errno when it cannot be told whose it is. No file system is asked but the one of the
// system's programs: what a user has mounted is not waited for.
int wio_standing_read(wio_procfs *fs, pid_t pid, wio_standing *out);
