// SPDX-License-Identifier: MIT
// way: opens a file by its path, and tells which users have a say over the file found there: the owners of the file and
// of each folder and link on the path.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

typedef struct {
  uid_t stranger;  // with `strangers`: an owner other than root and the user of this process
  bool strangers;  // there is such an owner
  bool several;    // there is more than one such owner
  bool by_anybody; // any user may put another file there: a folder on the path is writable by all and has no sticky bit
} wio_way;

// Opens the file as open(2) does, but does not follow a link that is put in its place meanwhile. Returns the
// descriptor, which the caller closes, or a negative errno: -ELOOP for too many links.
int wio_way_open(const char *path, int flags, wio_way *out);
