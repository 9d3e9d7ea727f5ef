// SPDX-License-Identifier: MIT
// births: who has to be looked at, because it is new or has become another program, name or user.
//
// Where the source tells the news, that is all. Where it does not, a machine whose newest pid stands still is not
// scanned: the kernel gives pids out in a circle, so those born since the last look are the ones behind the newest pid
// of then, up to the newest of now; nobody has to remember who was there before. A newborn is looked at again for a
// second, since a fork is seen before its exec, and what becomes of the others later the walk finds.
#pragma once

#include "engine/source.h"
#include "engine/walk.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Zeroed memory has looked at nothing yet.
typedef struct {
  bool told;      // the source tells the news
  bool lost;      // but some of it is lost, and not made up for yet
  size_t news;    // how much was told the last time
  bool begun;     // all processes were looked at once
  pid_t newest;   // of the last look; 0: unknown
  pid_t before;   // of the look before that one
  bool unsettled; // somebody was born at the last look: another can still have been on the way into the list
  struct wio_newborn *young;
  size_t young_count, young_capacity;
  size_t recent; // how many of the young, at the end, are of the last look; sorted by pid
  wio_walk walk;
  wio_walk_cover cover; // set by the owner
  wio_pids look_at;
} wio_births;

// What is asked for: what the source tells of itself; besides that what has to be found; everybody.
typedef enum { WIO_BIRTHS_TOLD, WIO_BIRTHS_FOUND, WIO_BIRTHS_ALL } wio_births_scope;

// Collects who is to be looked at now, each once, in order of pid. `changes`: also who may have changed late in its
// life, which the walk finds where it is not told, or not of that kind. `scanned` says whether the processes were
// listed for those born. The list is borrowed until the next call. 0 or a negative errno; then everybody is to be
// collected.
int wio_births_collect(wio_births *births, wio_source *source, uint64_t now_ns, wio_births_scope scope, bool changes,
                       const pid_t **pids, size_t *count, bool *scanned);

void wio_births_release(wio_births *births);
