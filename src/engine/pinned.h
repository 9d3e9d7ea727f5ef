// SPDX-License-Identifier: MIT
// pinned: the processes of a target, held for what is done to them: signals and priorities. They stay held whatever
// becomes of the target and its watch; of a tree those that are forked meanwhile are taken in.
#pragma once

#include "engine/guard.h"
#include "engine/monitor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct {
  pid_t pid;
  uint64_t start_ticks;
  wio_pin *pin;
  enum { WIO_PIN_RUNS, WIO_PIN_STOPPED_BEFORE, WIO_PIN_FROZEN } frozen; // within one call
} wio_pinned_process;

// Zeroed memory holds none.
typedef struct {
  uint64_t target;
  bool tree;                // its descendants belong to it
  wio_pinned_process *pins; // NULL when closed; parents before those of their children that were forked later
  size_t count, capacity;
  struct wio_pin_place *places; // of the first of them, by pid, while they are gathered
  size_t place_count, place_capacity;
  struct {
    bool under_way;
    int looks, quiet;
  } hunt; // for those that are forked while all are stopped
} wio_pinned;

// Pins a target's living processes for the caller, who gives them back with wio_pinned_release before the monitor is
// freed. 0; -ESRCH when it has ended; or another negative errno.
int wio_pinned_hold(wio_monitor *monitor, uint64_t target, wio_pinned *out);
void wio_pinned_release(wio_monitor *monitor, wio_pinned *pinned);

// Pins the living descendants of a target's processes that are not of it: of any target but a tree some may be
// nobody's. Like wio_pinned_hold, but that there may be none.
int wio_pinned_hold_descendants(wio_monitor *monitor, uint64_t target, wio_pinned *out);

// Lets those go that have ended, and takes in who has come to the target and whom they have forked since. A child is
// known by its living parent, and while the target lives also by what the kernel tells of births (engine/lineage.h). 0
// or a negative errno; `found` is told how many are new.
int wio_pinned_gather(wio_monitor *monitor, wio_pinned *pinned, size_t *found);

// Whether any of them lives, as last gathered.
bool wio_pinned_lives(wio_monitor *monitor, const wio_pinned *pinned);

// Whether one of them must not be signalled (engine/guard.h), as last gathered.
bool wio_pinned_is_refused(wio_monitor *monitor, const wio_pinned *pinned, wio_refusal *out);

// Signals all, parents first, those that are forked meanwhile as well. Where one must not be missed, all of a tree are
// stopped until nobody is new, and those that were not stopped before are then continued: before SIGKILL and SIGSTOP,
// before a signal that `ends` several (what the ended have forked at last would be nobody's child any more), and while
// the tree grows. -EPERM with `refusal` set, and no signal sent, when one of them must not be signalled; -ESRCH when
// all have ended; else what the kernel says when it took the signal for none of them.
//
// To find all of a tree that forks fast can take seconds. `in_slices`: after some 20 ms -EAGAIN says that it is to be
// called again with the same arguments, once the loop has had its turn; those that were found are stopped meanwhile,
// and continued if it is released instead.
int wio_pinned_signal(wio_monitor *monitor, wio_pinned *pinned, int signal, bool ends, bool in_slices,
                      wio_refusal *refusal);

// Sets a priority of all threads of all, also of those that are forked meanwhile. 0; -ESRCH when all have ended; else
// the first error, the others being set all the same. See wio_priority_set for -EPERM and -EACCES.
int wio_pinned_prioritise(wio_monitor *monitor, wio_pinned *pinned, const wio_priority *priority);
