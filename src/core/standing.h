// SPDX-License-Identifier: MIT
// standing: the user of a process, and whether its program is the system's own. Serves to protect names that only the
// system's programs may bear.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

typedef struct {
  uid_t uid;       // the real user id: the user who started the process, also where its program is setuid
  bool own;        // `uid` is that of this very process
  int its_program; // 1: its executable belongs to root, at a place that only root can change; 0: it does not; unknown:
                   // a negative errno
} wio_standing;
