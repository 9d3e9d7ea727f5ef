// SPDX-License-Identifier: MIT
// way: opens a file by its path, and tells who has a say over what is found there: the owners of the file and of each
// folder and link on the way to it.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

typedef struct {
  uid_t stranger;  // with `strangers`: who, besides root and the user of this process
  bool strangers;  // there is one
  bool several;    // and another
  bool by_anybody; // anybody may put another file there: a folder that all may write, without the sticky bit
} wio_way;

// Opens the file as open(2) does, without following what is put in its way meanwhile. The descriptor, which the caller
// closes, or a negative errno. -ELOOP: too many links.
int wio_way_open(const char *path, int flags, wio_way *out);
