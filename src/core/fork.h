// SPDX-License-Identifier: MIT
// fork: who was born of whom, as the kernel tells it at the birth.
#pragma once

#include <sys/types.h>

typedef struct {
  pid_t pid, parent;
} wio_fork;
