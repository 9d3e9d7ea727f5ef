// SPDX-License-Identifier: MIT
// channels: the open files and the shared memory through which a process can do work, and whether the counters of its
// io file show that work. See proc(5): work through pipes, files and terminals shows; work through io_uring, devices
// and shared memory does not.
#pragma once

#include "core/lines.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// The kind of thing behind an open file.
typedef enum {
  WIO_CHANNEL_SHOWN,  // the io file counts all work through it, or there can be none
  WIO_CHANNEL_SOCKET, // a socket: the connections show its work
  WIO_CHANNEL_FILE,   // a path: shown, unless it is a device of another kind than wio_device_is_shown knows
  WIO_CHANNEL_HIDDEN,
} wio_channel;

// Tells the channel by the target of a link in /proc/PID/fd.
wio_channel wio_channel_of(const char *link);

// Whether a character device serves only reads and writes, as terminals and /dev/null do.
bool wio_device_is_shown(dev_t device);

// Whether a path is the usual name of such a device.
bool wio_path_has_shown_name(const char *path);

// Whether a path is the kernel's name for memory that has no place in the tree of files.
bool wio_path_is_memory(const char *path);

// Takes the next piece of the text of /proc/PID/maps, whose last line ends with a line feed. True when a line that ends
// in this piece is about memory that is shared and may be written: other processes may see it change.
bool wio_maps_shared(wio_lines *lines, const char *text, size_t length);
