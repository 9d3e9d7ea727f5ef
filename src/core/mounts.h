// SPDX-License-Identifier: MIT
// mounts: what a text as of PID/mountinfo says of a process tree; see proc(5).
#pragma once

#include "core/lines.h"

#include <stdbool.h>
#include <stddef.h>

// Finds the option hidepid of the process tree that was mounted at `place` last: "0", "1", "2", "4", or the kernel's
// word for it
// ("invisible"); "0" where it is not given. False, and an empty text, when no such mount is in the text.
bool wio_hidepid_parse(const char *text, size_t length, const char *place, char *out, size_t size);

// What looking at a file of a mount takes.
typedef enum {
  WIO_MOUNT_UNKNOWN,    // it is not in the text
  WIO_MOUNT_LOCAL,      // the kernel alone answers
  WIO_MOUNT_QUEUES,     // the same; its files are message queues, see mq_overview(7)
  WIO_MOUNT_NO_DEVICES, // another may have to be asked, who may never answer; no device can be opened there
  WIO_MOUNT_ASKS,       // the same, and there may be devices
} wio_mount;

// Finds the mount with this number in the next piece of the text; WIO_MOUNT_UNKNOWN when no line that it ends is of it.
wio_mount wio_mount_find(wio_lines *lines, const char *text, size_t length, int id);
