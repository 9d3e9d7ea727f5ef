// SPDX-License-Identifier: MIT
// pids: a list of pids.
#pragma once

#include <stddef.h>
#include <sys/types.h>

// Zeroed memory is an empty list. The owner frees `pid` with free(3).
typedef struct {
  pid_t *pid;
  size_t count, capacity;
} wio_pids;

// Appends a pid. 0 or -ENOMEM.
int wio_pids_add(wio_pids *pids, pid_t pid);
