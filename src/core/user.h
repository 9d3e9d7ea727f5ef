// SPDX-License-Identifier: MIT
// user: somebody as the lists of the system (passwd, group) describe him.
#pragma once

#include <stddef.h>
#include <sys/types.h>

typedef struct {
  const char *name, *home, *shell;
  uid_t uid;
  gid_t gid;
  const gid_t *groups; // all of its groups, the first one too
  size_t group_count;
} wio_user;
