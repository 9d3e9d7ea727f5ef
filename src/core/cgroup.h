// SPDX-License-Identifier: MIT
// cgroup: the control groups of a process, parsed from /proc/PID/cgroup. The text has one line for each hierarchy; the
// line of version 2 is "0::PATH". See cgroups(7). The units in the paths are systemd's.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Whether the text names the cgroup `path`, or a cgroup below it, in any hierarchy. `path` begins with a slash and does
// not end with one, unless it is the root. `path` may also be a directory under /sys/fs/cgroup; with version 1 that
// includes the controller's directory.
bool wio_cgroup_is_below(const char *text, const char *path);

// The longest name of a unit, with its NUL: as long as a file's name can be.
#define WIO_UNIT_SIZE 256

// Writes the glob for a unit's name: "nginx" → "nginx.service", "getty@" → "getty@*.service". Returns NULL, or the
// reason why `unit` names no unit.
const char *wio_unit_glob(const char *unit, char out[WIO_UNIT_SIZE]);

// Whether the process is in a unit that the glob matches, or below such a unit: a service in a slice is in both. This
// function and the next two look at version 2 and at systemd's own hierarchy of version 1.
bool wio_cgroup_has_unit(const char *text, const char *glob);

// Finds the path of the process's cgroup among the units'. Returns the length of the path, 0 where there is none.
// `*out` points into `text`, and the path does not end with a NUL.
size_t wio_cgroup_path(const char *text, const char **out);

// Writes the name of the innermost service or scope that the process is in. False where it is in none.
bool wio_cgroup_unit(const char *text, char out[WIO_UNIT_SIZE]);

// A hash of the path of that unit's cgroup; 0 where the process is in no unit. It differs for units of the same name in
// different places, such as two containers.
uint64_t wio_cgroup_unit_id(const char *text);

// Copies the lines that name units, and a NUL behind them. Leaves out a line that does not fit whole into `size` bytes.
void wio_cgroup_keep_units(const char *text, char *out, size_t size);
