// SPDX-License-Identifier: MIT
// fork: a new process and its parent, as the kernel tells them at the fork.
#pragma once

#include <sys/types.h>

typedef struct {
  pid_t pid, parent;
} wio_fork;
