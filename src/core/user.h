// SPDX-License-Identifier: MIT
// user: a user as the system's databases (passwd, group) describe it.
#pragma once

#include <stddef.h>
#include <sys/types.h>

typedef struct {
  const char *name, *home, *shell;
  uid_t uid;
  gid_t gid;
  const gid_t *groups; // all groups of the user, the primary one too
  size_t group_count;
} wio_user;
