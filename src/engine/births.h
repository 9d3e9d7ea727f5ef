// births: who has to be looked at because it is new. A machine whose newest pid stands still is not scanned.
//
// The kernel gives pids out in a circle, so those born since the last look are the ones behind the newest pid of then, up to
// the newest of now; nobody has to remember who was there before.
#pragma once

#include "engine/source.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Zeroed memory has looked at nothing yet.
typedef struct {
  uint64_t all_ns; // when all processes were last looked at
  pid_t newest;    // of the last look; 0: unknown
  pid_t before;    // of the look before that one
  bool unsettled;  // somebody was born at the last look: another can still have been on the way into the list
  struct wio_newborn *young;
  size_t young_count, young_capacity;
  size_t recent; // how many of the young, at the end, are of the last look; sorted by pid
  pid_t *look_at;
  size_t look_count, look_capacity;
} wio_births;

// Collects who is to be looked at now: all processes when `all`, and once a minute, since nothing tells of an exec or a new
// name late in a life; else those born since the last call, and again for a second the newborn of before, since a fork is seen
// before its exec. `scanned` says whether /proc was listed. The list is borrowed
// until the next call. 0 or a negative errno.
int wio_births_collect(wio_births *births, wio_source *source, uint64_t now_ns, bool all, const pid_t **pids,
                       size_t *count, bool *scanned);

void wio_births_release(wio_births *births);
