// SPDX-License-Identifier: MIT
// pinned: the processes of a target, held for what is done to them (engine/hunt.h). They stay held whatever becomes of
// the target and its watch; of a tree those that are forked meanwhile are taken in.
#pragma once

#include "engine/refusal.h"
#include "engine/monitor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// How much may still be done before the loop has its turn, in questions to the kernel; what is begun is carried
// through.
typedef size_t wio_ration;
enum { WIO_COSTS_LITTLE = 1, WIO_COSTS_MUCH = 8 }; // a signal; a visit of files of /proc
#define WIO_WITHOUT_END SIZE_MAX

// Takes from a ration that is not used up. Says whether there was any left.
bool wio_ration_take(wio_ration *ration, size_t cost);

typedef struct {
  pid_t pid;
  uint64_t start_ticks;
  wio_pin *pin; // NULL: it was seen to have ended, and goes at the next gathering
  enum { WIO_PIN_RUNS, WIO_PIN_STOPPED_BEFORE, WIO_PIN_FROZEN } frozen; // within one hunt,
  bool is_set;                                                          // as is this: it has the priority
} wio_pinned_process;

// How far a gathering has come; zeroed, none is under way.
typedef struct {
  enum { WIO_GATHERS_NOT, WIO_GATHERS_ENDED, WIO_GATHERS_MEMBERS, WIO_GATHERS_CHILDREN, WIO_GATHERS_ALL } phase;
  size_t at;      // the pinned process whose turn it is
  size_t before;  // how many were pinned at first,
  size_t grown;   // and when all processes were gone over last
  bool is_listed; // those that it may take in:
  pid_t *listed;  // the children of that one, or all processes
  size_t listed_count, listed_capacity, next;
} wio_gathering;

// Zeroed memory holds none.
typedef struct {
  uint64_t target;
  bool tree;                // its descendants belong to it
  wio_pinned_process *pins; // NULL when closed; parents before those of their children that were forked later
  size_t count, capacity;
  struct wio_pin_place *places; // of the first of them, by pid, while they are gathered
  size_t place_count, place_capacity;
  wio_gathering gathering;
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
// or a negative errno; `found` is told how many are new. -EAGAIN: the ration is used up; to be called again for the
// rest. Meanwhile anything may be done to processes and watches.
int wio_pinned_gather(wio_monitor *monitor, wio_pinned *pinned, wio_ration *ration, size_t *found);

// Forgets how far a gathering has come: the next one begins anew.
void wio_pinned_leave_off(wio_pinned *pinned);

// Whether one of them has ended.
bool wio_pinned_has_ended(wio_source *source, const wio_pinned_process *process);

// Whether any of them lives, as last gathered.
bool wio_pinned_lives(wio_monitor *monitor, const wio_pinned *pinned);
