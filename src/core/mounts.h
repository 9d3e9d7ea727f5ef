// SPDX-License-Identifier: MIT
// mounts: parsers of the text of /proc/PID/mountinfo; see proc(5).
#pragma once

#include "core/lines.h"

#include <stdbool.h>
#include <stddef.h>

// Finds the option hidepid of the proc file system that was mounted last at `place`. Writes its value: "0", "1", "2",
// "4", or the kernel's word for it ("invisible"); "0" where the option is not given. Returns false and writes an empty
// text when `text` has no such mount.
bool wio_hidepid_parse(const char *text, size_t length, const char *place, char *out, size_t size);

// The kinds of mount, by who may have to answer when a file is looked at.
typedef enum {
  WIO_MOUNT_UNKNOWN,    // the mount is not in the text
  WIO_MOUNT_LOCAL,      // the kernel alone answers
  WIO_MOUNT_QUEUES,     // the same; its files are message queues, see mq_overview(7)
  WIO_MOUNT_NO_DEVICES, // a program or another machine may have to answer, and may never do so; no device can be opened
                        // there
  WIO_MOUNT_ASKS,       // the same, and there may be devices
} wio_mount;

// Finds the mount with the number `id` in the next piece of the text; WIO_MOUNT_UNKNOWN when none of the lines that end
// in this piece is that mount's.
wio_mount wio_mount_find(wio_lines *lines, const char *text, size_t length, int id);
