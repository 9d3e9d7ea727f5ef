// SPDX-License-Identifier: MIT
// activity: what one target is taken to be (new, active, idle, unknown), as a table of states and sights.
//
// Time is a parameter. Quiet is counted on a credited clock, which a stalled machine cannot make jump.
#pragma once

#include "core/event.h"

#include <stdint.h>

typedef enum { WIO_NEW, WIO_ACTIVE, WIO_IDLE, WIO_UNKNOWN, WIO_STATE_COUNT } wio_state;

// What a reading showed.
typedef enum {
  WIO_SAW_ACTIVITY,   // some kind rose above its floor
  WIO_SAW_QUIET,      // none did
  WIO_SAW_LONG_QUIET, // none did for as long as the watch asks
  WIO_SAW_NOTHING,    // a kind that counts has become unreadable
  WIO_SAW_TOO_LITTLE, // long quiet in all that can be read, while a kind cannot
  WIO_SAW_AGAIN,      // it could not be read before, and now it can
  WIO_SIGHT_COUNT
} wio_sight;

typedef struct {
  wio_state state;
  wio_event_type event; // what to tell of the step; WIO_EVENT_NONE for nothing
} wio_step;

// The state after a sight, and the event of that step.
wio_step wio_activity_step(wio_state state, wio_sight sight);

// "quiet" (since it was first seen, but not yet for long enough), "active", "idle", "unknown".
const char *wio_state_name(wio_state state);

// A clock of the time that was really watched: a gap between two samples counts for `most_ns` at most.
typedef struct {
  uint64_t sampled_ns;  // when it was last advanced
  uint64_t credited_ns; // its reading then
  uint64_t most_ns;
} wio_credit;

// Its reading at `now_ns`, without advancing it.
uint64_t wio_credit_at(const wio_credit *credit, uint64_t now_ns);

// Moves it on to `now_ns`.
void wio_credit_advance(wio_credit *credit, uint64_t now_ns);
