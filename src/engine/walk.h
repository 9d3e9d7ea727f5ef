// SPDX-License-Identifier: MIT
// walk: passes all processes in turn, a few at a time, and finds those that have run since it passed them last.
//
// Only a process that has run can have changed its program, name or user. Where the kernel does not report such
// changes, the walk is the only way to find them. A round takes a minute at most. It is shorter when there are fewer
// processes and fewer of them run: a second for 256 processes of which 16 run.
#pragma once

#include "core/pids.h"
#include "engine/source.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Whether a process has run since the last call, by its CPU clock. `mark` keeps the clock; zero: there was no call yet.
// True where the process has no clock, false when it is gone.
bool wio_walk_has_run(wio_source *source, pid_t pid, uint64_t *mark);

// Zeroed memory has passed no process yet.
typedef struct {
  struct wio_passed *passed, *spare; // the processes of this round, by pid; the memory of the round before
  size_t count, capacity, spare_capacity, at;
  pid_t newest;      // the newest pid when it last listed them
  bool settled;      // it was the same the time before, so no newborn was missing in the list
  uint64_t until_ns; // the time of the last call
} wio_walk;

// Begins anew, as if it had just passed all processes. `newest` is the newest pid, read before this call; 0: unknown. 0
// or a negative errno.
int wio_walk_begin(wio_walk *walk, wio_source *source, uint64_t now_ns, pid_t newest);

// Whether a process is observed by other means, so that the walk need not report it.
typedef struct {
  bool (*covers)(const void *data, pid_t pid);
  const void *data;
} wio_walk_cover;

// Goes on as far as the time since the last call allows, or through all processes (`whole`), and appends those that
// have run, and those that are new, to `found`. Lists the processes only after a birth. 0 or a negative errno; after an
// error nothing is lost by going on later.
int wio_walk_go_on(wio_walk *walk, wio_source *source, uint64_t now_ns, pid_t newest, bool whole, wio_walk_cover cover,
                   wio_pids *found);

void wio_walk_release(wio_walk *walk);
