// SPDX-License-Identifier: MIT
// pidfile: reads the file in which a program has written its pid. See core/pidfile.h for the process that it names.
#pragma once

#include "core/pidfile.h"
#include "sys/procfs.h"

// Reads the file at `path`. 0 or a negative errno: -ENOENT where there is none, -EISDIR for a directory, -EPERM where
// anybody may write it, -EBADMSG where there is no pid in it, as when it is just being written.
int wio_pidfile_read(wio_procfs *fs, const char *path, wio_pidfile *out);
