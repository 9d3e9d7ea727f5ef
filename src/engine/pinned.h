// SPDX-License-Identifier: MIT
// pinned: the processes of a target, held so that something can be done to them (engine/hunt.h). They stay held when
// the target or its watch ends. Processes that a tree forks meanwhile are added.
#pragma once

#include "engine/refusal.h"
#include "engine/monitor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// How many questions to the kernel may still be asked before the loop has its turn. A step that was begun is finished.
typedef size_t wio_ration;
enum { WIO_COSTS_LITTLE = 1, WIO_COSTS_MUCH = 8 }; // a signal; a visit of files of /proc
#define WIO_WITHOUT_END SIZE_MAX

// Takes `cost` from a ration. False when nothing was left.
bool wio_ration_take(wio_ration *ration, size_t cost);

typedef struct {
  pid_t pid;
  uint64_t start_ticks;
  wio_pin *pin; // NULL: it was seen to have ended, and goes at the next gathering
  enum { WIO_PIN_RUNS, WIO_PIN_STOPPED_BEFORE, WIO_PIN_FROZEN } frozen; // its state in one hunt
  bool is_set;                                                          // in one hunt: it has got the priority
} wio_pinned_process;

// How far a gathering has come; zeroed memory: none is under way.
typedef struct {
  enum { WIO_GATHERS_NOT, WIO_GATHERS_ENDED, WIO_GATHERS_MEMBERS, WIO_GATHERS_CHILDREN, WIO_GATHERS_ALL } phase;
  size_t at;      // the pinned process whose turn it is
  size_t before;  // how many were pinned at first,
  size_t grown;   // and when all processes were gone over last
  bool is_listed; // `listed` holds the processes that may be pinned:
  pid_t *listed;  // the children of that one, or all processes
  size_t listed_count, listed_capacity, next;
} wio_gathering;

// Zeroed memory holds no process.
typedef struct {
  uint64_t target;
  bool tree;                // its descendants belong to it
  wio_pinned_process *pins; // NULL when closed; parents before those of their children that were forked later
  size_t count, capacity;
  struct wio_pin_place *places; // the places of the first `place_count` pins, sorted by pid
  size_t place_count, place_capacity;
  wio_gathering gathering;
} wio_pinned;

// Pins a target's living processes for the caller, who gives them back with wio_pinned_release before the monitor is
// freed. 0; -ESRCH when it has ended; or another negative errno.
int wio_pinned_hold(wio_monitor *monitor, uint64_t target, wio_pinned *out);
void wio_pinned_release(wio_monitor *monitor, wio_pinned *pinned);

// Pins the living descendants of a target's processes that are not in the target; only a tree has them all. Like
// wio_pinned_hold, but there may be none.
int wio_pinned_hold_descendants(wio_monitor *monitor, uint64_t target, wio_pinned *out);

// Drops processes that have ended, and adds new members of the target and the children that were forked since. A child
// is identified by its living parent and, while the target lives, also by the births that the kernel reports
// (engine/lineage.h). 0 or a negative errno; `found` is how many are new. -EAGAIN: the ration is used up, and the next
// call does the rest. Meanwhile anything may be done to processes and watches.
int wio_pinned_gather(wio_monitor *monitor, wio_pinned *pinned, wio_ration *ration, size_t *found);

// Forgets how far a gathering has come: the next one begins anew.
void wio_pinned_leave_off(wio_pinned *pinned);

// Whether a pinned process has ended.
bool wio_pinned_has_ended(wio_source *source, const wio_pinned_process *process);

// Whether any of the processes lives, as last gathered.
bool wio_pinned_lives(wio_monitor *monitor, const wio_pinned *pinned);
