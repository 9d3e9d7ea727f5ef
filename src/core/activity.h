// SPDX-License-Identifier: MIT
// activity: the state of one target (new, active, idle, unknown), as a table of states and sights.
//
// Time is a parameter. Quiet is counted on a credited clock: a machine that stalled cannot make this clock jump.
#pragma once

#include "core/event.h"

#include <stdint.h>

typedef enum { WIO_NEW, WIO_ACTIVE, WIO_IDLE, WIO_UNKNOWN, WIO_STATE_COUNT } wio_state;

// The result of a reading.
typedef enum {
  WIO_SAW_ACTIVITY,   // some kind rose above its floor
  WIO_SAW_QUIET,      // no kind did
  WIO_SAW_LONG_QUIET, // no kind did for as long as the watch's idle time
  WIO_SAW_NOTHING,    // a kind that counts has become unreadable
  WIO_SAW_TOO_LITTLE, // long quiet in all kinds that can be read, but a kind that counts cannot be read
  WIO_SAW_AGAIN,      // a kind that counts could not be read before, and now all can
  WIO_SIGHT_COUNT
} wio_sight;

typedef struct {
  wio_state state;
  wio_event_type event; // the event to report for the step; WIO_EVENT_NONE: none
} wio_step;

// Returns the state after a sight, and the event of that step.
wio_step wio_activity_step(wio_state state, wio_sight sight);

// The name of a state: "quiet" for WIO_NEW (quiet since the target was first seen, but not yet for long enough),
// "active", "idle", "unknown".
const char *wio_state_name(wio_state state);

// A clock that counts only the time that was really watched: a gap between two samples counts for `most_ns` at most.
typedef struct {
  uint64_t sampled_ns;  // when the clock was last advanced
  uint64_t credited_ns; // the clock's reading then
  uint64_t most_ns;
} wio_credit;

// Returns the clock's reading at `now_ns`, without advancing the clock.
uint64_t wio_credit_at(const wio_credit *credit, uint64_t now_ns);

// Advances the clock to `now_ns`.
void wio_credit_advance(wio_credit *credit, uint64_t now_ns);
