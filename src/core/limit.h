// SPDX-License-Identifier: MIT
// limit: whether a target is over a bound (a rate above X for Y, or a total above Z), as a table of states and sights.
//
// A rate is the gain between two looks, divided by the time between them. A late look gives the mean over a longer
// time, never a wrong rate. A rate is over once it was above the limit in every look of a stretch as long as `hold_ns`.
// It is under again once it was at most `below` for as long; a rate between the two changes nothing. The stretch begins
// at the look before the first one that was above, and is measured on the watch's credited clock. So a late look, or a
// machine that stalled, counts for two intervals of it at most; and a rate that was above all the time is reported less
// than an interval after `hold_ns`. A total only grows: it is over once, for good.
#pragma once

#include "core/event.h"
#include "core/reading.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct {
  wio_measure measure;
  bool is_rate;        // true: a rate a second; false: a total since the target was first seen
  double above, below; // in the measure's unit (cpu: nanoseconds); `below` is at most `above`, and a total has none
  uint64_t hold_ns;    // how long a rate must last; 0: one look is enough; a total has none
} wio_limit;

typedef enum {
  WIO_UNDER,
  WIO_RISING, // the rate is above the limit, but not for long enough yet
  WIO_OVER,
  WIO_FALLING, // over; the rate is below the lower edge, but not for long enough yet
  WIO_LIMIT_STATE_COUNT
} wio_limit_state;

// The result of one look.
typedef enum {
  WIO_SAW_NO_RATE, // the gain since the look before is not known
  WIO_SAW_ABOVE,
  WIO_SAW_LONG_ABOVE, // for the limit's `hold_ns`
  WIO_SAW_BETWEEN,    // neither above the limit nor at or below the lower edge
  WIO_SAW_BELOW,
  WIO_SAW_LONG_BELOW,
  WIO_LIMIT_SIGHT_COUNT
} wio_limit_sight;

typedef struct {
  wio_limit_state state;
  wio_event_type event; // WIO_EVENT_LIMIT_OVER, WIO_EVENT_LIMIT_UNDER; WIO_EVENT_NONE: none
} wio_limit_step;

// Returns the state after a sight, and the event of that step.
wio_limit_step wio_limit_next(wio_limit_state state, wio_limit_sight sight);

// The total at the time of a look.
typedef struct {
  uint64_t at_ns;
  uint64_t credited_ns; // on the watch's credited clock
  uint64_t total;       // of the limit's measure
} wio_limit_look;

// How a target stands to one limit. Zeroed memory is a target that was never above.
typedef struct {
  wio_limit_state state;
  wio_limit_sight side; // the result of all looks since `from`
  wio_limit_look from;  // the look before the first of these
} wio_limit_course;

// Takes a look at a rate; `before` is the look before `now`. With `before` NULL the gain between them is not known, and
// the hold starts anew. Returns the event.
wio_event_type wio_limit_see_rate(const wio_limit *limit, wio_limit_course *course, const wio_limit_look *before,
                                  const wio_limit_look *now);

// Takes a look at a total. `total` may lack amounts that are not known, so it can be over too late but never too early.
// Returns the event.
wio_event_type wio_limit_see_total(const wio_limit *limit, wio_limit_course *course, uint64_t total);
