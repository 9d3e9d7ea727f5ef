// SPDX-License-Identifier: MIT
// cgroup: where a process stands among the control groups, as /proc/PID/cgroup tells: one line a hierarchy, with
// version 2 in one line "0::PATH". See cgroups(7); the units in the paths are systemd's.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Whether the text names that cgroup, in any hierarchy, or one below it. `path` begins with a slash and does not end
// with one, unless it is the root. It may be the directory under /sys/fs/cgroup, of version 1 with the controller's.
bool wio_cgroup_is_below(const char *text, const char *path);

// The longest name of a unit with its NUL; as a file's.
#define WIO_UNIT_SIZE 256

// The glob for a unit's name: "nginx" → "nginx.service", "getty@" → "getty@*.service". NULL, or why it names no
// unit.
const char *wio_unit_glob(const char *unit, char out[WIO_UNIT_SIZE]);

// Whether it stands in a unit that the glob matches, or below it: a service in a slice is in both. Asked of version 2
// and of systemd's own hierarchy of version 1, as are the next two.
bool wio_cgroup_has_unit(const char *text, const char *glob);

// The path among the units' cgroups; its length, 0 where there is none. It is not ended with a NUL, and lies in `text`.
size_t wio_cgroup_path(const char *text, const char **out);

// The innermost service or scope it stands in. False where it is in none.
bool wio_cgroup_unit(const char *text, char out[WIO_UNIT_SIZE]);

// A figure of that unit's cgroup, which also tells units of the same name apart, as in two containers; 0 where it is in
// none.
uint64_t wio_cgroup_unit_id(const char *text);

// Copies the lines that tell of units, those that fit whole, and a NUL behind them.
void wio_cgroup_keep_units(const char *text, char *out, size_t size);
