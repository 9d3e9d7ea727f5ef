// SPDX-License-Identifier: MIT
// ledger: the total of a target whose member processes come and go; every byte counts once.
//
// When a parent waits for a child, wait(2) adds the child's io counters to the parent's, together with those that the
// child had inherited itself. This happens at the wait, not at the exit. So the sum of the cumulative counters of all
// members, living and zombie, does not change when a member is reaped; but the sum of all processes' gains would count
// a reaped child twice. The counters of the other kinds are never inherited: a member's part stays in the total when
// the member is gone.
#pragma once

#include "core/reading.h"

#include <stdbool.h>
#include <stdint.h>

// One member's part. For a process that was born inside the target, set the kinds in `opened` and leave all else zero:
// then all that the process does of these kinds counts.
typedef struct {
  uint64_t counted[WIO_MEASURE_COUNT]; // the part of the member's counters that is in the total
  int opened; // the kinds that are counted; the counting of any other kind begins at its first reading
} wio_account;

// Adds a member's gain to the total, in those of `kinds` that the reading knows. Returns whether there was any gain.
bool wio_ledger_count(wio_account *account, const wio_reading *reading, int kinds, uint64_t total[WIO_MEASURE_COUNT]);

// Settles a child that was reaped with its parent. `parent_io` holds the parent's io counters now. If the parent's gain
// that is not counted yet covers all that the child had, the parent has waited for the child: the child's part is in
// the total already, and is left out at the parent. Returns false when the gain does not cover it: then the parent has
// not waited, and the child's part stays in the total as it is. A parent that ignores the end of its children but did
// as much itself is taken for one that waited: the total can be too low, never too high.
bool wio_ledger_inherit(wio_account *parent, const uint64_t parent_io[WIO_IO_COUNT], const wio_account *child);
