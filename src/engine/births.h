// SPDX-License-Identifier: MIT
// births: which processes must be inspected, because they are new or have another program, name or user.
//
// Where the source tells of births and changes, only those processes are inspected. Where it does not, /proc is scanned
// when the newest pid has moved. The kernel gives pids out in a circle, so the processes born since the last round have
// the pids between the newest one of that round and the newest one of now; no list of earlier processes is needed. A
// newborn is inspected again for a second, since a fork is seen before its exec. Later changes are found by the walk.
#pragma once

#include "engine/source.h"
#include "engine/walk.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Zeroed memory has inspected nothing yet.
typedef struct {
  bool told;         // the source tells of births and changes
  bool lost;         // but some of them are lost, and not made up for yet
  size_t told_count; // how many were told the last time
  bool begun;        // all processes were inspected once
  pid_t newest;      // the newest pid of the last round; 0: unknown
  pid_t before;      // that of the round before it
  bool unsettled;    // a process was born in the last round: another one may not have been in the list yet
  struct wio_newborn *young;
  size_t young_count, young_capacity;
  size_t recent; // how many of the young, at the end, are of the last round; sorted by pid
  wio_walk walk;
  wio_walk_cover cover; // set by the owner
  wio_pids to_inspect;
} wio_births;

// Which processes are collected: those that the source tells of; those that have to be found as well; all.
typedef enum { WIO_BIRTHS_TOLD, WIO_BIRTHS_FOUND, WIO_BIRTHS_ALL } wio_births_scope;

// Collects the processes to inspect now, each once, in order of pid. With `changes`, processes that may have changed
// late in their life are collected, too: the walk finds those of which the source does not tell. `scanned` says whether
// the processes were listed to find births. The list is borrowed until the next call. 0 or a negative errno; after an
// error all are to be collected.
int wio_births_collect(wio_births *births, wio_source *source, uint64_t now_ns, wio_births_scope scope, bool changes,
                       const pid_t **pids, size_t *count, bool *scanned);

void wio_births_release(wio_births *births);
