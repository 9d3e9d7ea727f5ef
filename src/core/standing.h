// SPDX-License-Identifier: MIT
// standing: whose a process is, and whether what it runs is the system's own program; for names that only some may
// bear.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

typedef struct {
  uid_t uid;       // the real one: who has started it, also where its program is setuid
  bool own;        // it is that of this very process
  int its_program; // 1: its executable is root's, and at a place that only root can change; 0: not; else a negative
                   // errno
} wio_standing;
