// SPDX-License-Identifier: MIT
// netns: the network namespace of a process (network_namespaces(7)). Needs the same permission as the process's io
// file.
#pragma once

#include "sys/procfs.h"

#include <stdbool.h>
#include <stdint.h>

// Reads the number of a process's namespace from /proc/PID/ns/net; pid 0 is this process. 0 or a negative errno:
// -ENOENT for a zombie, which has no namespace.
int wio_netns_read(wio_procfs *fs, pid_t pid, uint64_t *out);

// Opens the namespace's file, close-on-exec. Returns the descriptor, which the caller closes, or a negative errno.
int wio_netns_open(wio_procfs *fs, pid_t pid);

// Whether there is any TCP socket in the process's namespace, as far as this is known without entering it. True when in
// doubt.
bool wio_netns_has_tcp(wio_procfs *fs, pid_t pid);
