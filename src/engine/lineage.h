// SPDX-License-Identifier: MIT
// lineage: finds the tree of a process whose parent has already exited: a command that goes into the background by two
// forks, or whose shell ends at once, still belongs to the tree.
//
// The kernel reports all forks in the order of time; the source hands them over in batches. A pid can be given to
// another process, so a process is identified here by its pid and its birth. Of earlier batches only the graves are
// kept: the processes that have ended and were in a tree. Forks that are lost, or not reported at all, are not made up
// for.
#pragma once

#include "engine/source.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Zeroed memory is an empty lineage.
typedef struct {
  struct wio_told_fork *forks; // of the latest batch, by pid and birth
  size_t fork_count, fork_capacity;
  uint64_t told, told_before; // how many births were reported in all, and how many before the latest batch
  struct wio_grave *graves;
  size_t grave_count, grave_capacity;
  bool sorted;    // the graves are, by pid and birth
  bool open;      // between wio_lineage_begin and wio_lineage_end
  uint64_t batch; // the number of the latest one
} wio_lineage;

// A process as a fork reports it.
typedef struct {
  pid_t pid;
  uint64_t birth; // births are numbered from 1; 0: it was not born in the latest batch
} wio_forebear;

// Takes the latest batch of forks from the source; the one before is kept as well if wio_lineage_end was not called for
// it. 0 or -ENOMEM.
int wio_lineage_begin(wio_lineage *lineage, wio_source *source);

// Forgets the processes that had ended before the latest batch: all their forks are reported by now.
void wio_lineage_end(wio_lineage *lineage);

// The birth of the process that has the pid now; 0 when the latest batch does not report it.
uint64_t wio_lineage_birth(const wio_lineage *lineage, pid_t pid);

// Moves `at` to the process that forked it. False when the latest batch does not report the birth.
bool wio_lineage_climb(const wio_lineage *lineage, wio_forebear *at);

// Whether a forebear is the process that has its pid and that birth (0: unknown).
bool wio_lineage_is(const wio_lineage *lineage, wio_forebear forebear, uint64_t birth);

// Notes that a process of a target has ended. 0 or -ENOMEM.
int wio_lineage_bury(wio_lineage *lineage, wio_forebear gone, uint64_t target);

// Returns how many graves a process has, and the place of the first one. Places are valid until the next call of this
// function.
size_t wio_lineage_graves(wio_lineage *lineage, wio_forebear forebear, size_t *first);

// The target of a grave.
uint64_t wio_lineage_grave(const wio_lineage *lineage, size_t place);

// Notes that the process that has the pid now, if the latest batch reports its birth, was gone when it was inspected.
void wio_lineage_miss(wio_lineage *lineage, pid_t pid);

// The next process of the latest batch, after `*place`, that was gone when it was inspected; false when there is none.
bool wio_lineage_missed(const wio_lineage *lineage, size_t *place, wio_forebear *out);

void wio_lineage_release(wio_lineage *lineage);
