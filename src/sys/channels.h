// SPDX-License-Identifier: MIT
// channels: what a process can do things through, as far as its open files and its memory tell, and whether the
// counters of its io file show what goes through it. See facts in proc(5): pipes, files and terminals show; io_uring,
// devices and shared memory do not.
#pragma once

#include "core/lines.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// What there is behind an open file.
typedef enum {
  WIO_CHANNEL_SHOWN,  // its io file counts all that is done through it, or nothing is done through it
  WIO_CHANNEL_SOCKET, // the connections tell
  WIO_CHANNEL_FILE,   // a path: shown, unless it is a device of another kind than wio_device_is_shown knows
  WIO_CHANNEL_HIDDEN,
} wio_channel;

// By the target of a link in /proc/PID/fd.
wio_channel wio_channel_of(const char *link);

// Whether reads and writes are all that a character device is good for: terminals and those like /dev/null.
bool wio_device_is_shown(dev_t device);

// Whether a path is the usual name of such a device.
bool wio_path_has_shown_name(const char *path);

// Whether a path is what the kernel calls memory without a place in the tree of files.
bool wio_path_is_memory(const char *path);

// Takes the next piece of the text of /proc/PID/maps; true when it ends a line of memory that is shared and can be
// written, which other processes may see change. The last line has its line feed.
bool wio_maps_shared(wio_lines *lines, const char *text, size_t length);
