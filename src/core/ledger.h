// SPDX-License-Identifier: MIT
// ledger: the total of a target whose members come and go: every byte once.
//
// wait(2) adds all that a child has counted of io, and all that the child had inherited, to its parent, at the wait and
// not at the exit. So the sum of the cumulative counters of all members, living and zombie, does not move when one of
// them is reaped, while the sum of what each process has gained counts a reaped child twice. The other kinds are
// nobody's but the process's own: what a member has counted of them stays in the total when it is gone.
#pragma once

#include "core/reading.h"

#include <stdbool.h>
#include <stdint.h>

// One member's part. With the kinds in `opened` set and all else zero it is the account of a process that was born
// inside: all that it does of them counts.
typedef struct {
  uint64_t counted[WIO_MEASURE_COUNT]; // its counters, as far as they are in the total
  int opened; // the kinds that are counted; the first reading of any other is where its counting begins
} wio_account;

// Adds what a member has gained to the total, in those of these kinds that are known. Says whether that was anything.
bool wio_ledger_count(wio_account *account, const wio_reading *reading, int kinds, uint64_t total[WIO_MEASURE_COUNT]);

// A member was reaped. If what its parent has gained of io and not yet counted (`parent_io`) covers all that the child
// had, the parent has waited for it: that part is counted already, as the child's, and is left out at the parent. False
// when the parent has not: then the child's part stays in the total as it is. A parent that ignores its children's end
// and did as much itself is taken for one that waited: the total can be too low, never too high.
bool wio_ledger_inherit(wio_account *parent, const uint64_t parent_io[WIO_IO_COUNT], const wio_account *child);
