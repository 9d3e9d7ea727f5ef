// SPDX-License-Identifier: MIT
// pidfile: reads the file in which a program has written its pid; see core/pidfile.h for whom it names.
#pragma once

#include "core/pidfile.h"
#include "sys/procfs.h"

// Reads the file at `path`. -ENOENT where there is none, -EISDIR for a directory, -EPERM where anybody may write it,
// -EBADMSG where there is no pid in it, as when it is just being written.
int wio_pidfile_read(wio_procfs *fs, const char *path, wio_pidfile *out);
