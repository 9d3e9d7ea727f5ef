// SPDX-License-Identifier: MIT
// netns: the network namespace of a process (network_namespaces(7)). Takes the permission of its io file.
#pragma once

#include "sys/procfs.h"

#include <stdbool.h>
#include <stdint.h>

// Tells which one it is by its number, the one of /proc/PID/ns/net; pid 0 is this process. 0 or a negative errno; a
// zombie has none: -ENOENT.
int wio_netns_read(wio_procfs *fs, pid_t pid, uint64_t *out);

// Opens its file, close-on-exec. The caller closes it. Returns the descriptor or a negative errno.
int wio_netns_open(wio_procfs *fs, pid_t pid);

// Whether there is any TCP socket in it, as far as it can be told without entering it: true when in doubt.
bool wio_netns_has_tcp(wio_procfs *fs, pid_t pid);
