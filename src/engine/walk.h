// SPDX-License-Identifier: MIT
// walk: goes around all processes, a few at a time, and finds those that have run since it passed them last: only they
// can have become another program, name or user, and nothing else tells of that where nobody hears of execs.
//
// A round of all takes a minute at most, and less the fewer there are and the fewer of them run: at 256 processes, of
// which 16 run, it is a second.
#pragma once

#include "core/pids.h"
#include "engine/source.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Whether a process has run since this was asked before, by its CPU clock, which `mark` keeps; zero has not asked yet.
// True where it has no clock, false when it is gone.
bool wio_walk_has_run(wio_source *source, pid_t pid, uint64_t *mark);

// Zeroed memory has passed nobody yet.
typedef struct {
  struct wio_passed *passed, *spare; // who lives in this round, by pid; the memory of the round before
  size_t count, capacity, spare_capacity, at;
  pid_t newest;      // the newest pid when it last listed them
  bool settled;      // it was the same the time before, so nobody was still on the way into the list
  uint64_t until_ns; // up to when it has gone on
} wio_walk;

// Begins anew, having passed everybody just now. `newest` is the newest pid, asked before; 0: unknown. 0 or a negative
// errno.
int wio_walk_begin(wio_walk *walk, wio_source *source, uint64_t now_ns, pid_t newest);

// Whether a process is observed by other means, so that the walk need not report it.
typedef struct {
  bool (*covers)(const void *data, pid_t pid);
  const void *data;
} wio_walk_cover;

// Goes on as far as the time since the last call allows, or around everybody (`whole`), and appends who has run to
// `found`, and who is new. Lists the processes only when somebody was born. 0 or a negative errno; then nothing is lost
// by going on later.
int wio_walk_go_on(wio_walk *walk, wio_source *source, uint64_t now_ns, pid_t newest, bool whole, wio_walk_cover cover,
                   wio_pids *found);

void wio_walk_release(wio_walk *walk);
