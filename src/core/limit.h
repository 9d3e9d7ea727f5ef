// SPDX-License-Identifier: MIT
// limit: whether what a target does is over a bound: a rate above X for Y, or a total above Z, as a table of states and
// sights.
//
// A rate is what was done between two looks by the time that passed between them, whenever they came: a late look makes
// it a mean over longer, never a wrong one. A rate is over once it was above the limit in every look of a stretch as
// long as `hold`, and under again once it was at most `below` for as long; what lies between changes nothing. The
// stretch is measured on the watch's credited clock, from the look before the first that was above: so a look that
// comes late, or a machine that stalled, vouches for two intervals of it at most, and what was above all the time is
// told less than an interval after `hold`. A total only grows: it is over once, for good.
#pragma once

#include "core/event.h"
#include "core/reading.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct {
  wio_measure measure;
  bool is_rate;        // a second; else a total since the target was first seen
  double above, below; // of cpu: nanoseconds; `below` is at most `above`, and means nothing for a total
  uint64_t hold_ns;    // of a rate; 0: one look
} wio_limit;

typedef enum {
  WIO_UNDER,
  WIO_RISING, // above, but not for long enough yet
  WIO_OVER,
  WIO_FALLING, // over, and below, but not for long enough yet
  WIO_LIMIT_STATE_COUNT
} wio_limit_state;

// What a look showed.
typedef enum {
  WIO_SAW_NO_RATE, // it is not known what was done since the look before
  WIO_SAW_ABOVE,
  WIO_SAW_LONG_ABOVE, // for as long as the limit asks
  WIO_SAW_BETWEEN,    // neither above it nor below the lower edge
  WIO_SAW_BELOW,
  WIO_SAW_LONG_BELOW,
  WIO_LIMIT_SIGHT_COUNT
} wio_limit_sight;

typedef struct {
  wio_limit_state state;
  wio_event_type event; // WIO_EVENT_LIMIT_OVER, WIO_EVENT_LIMIT_UNDER; WIO_EVENT_NONE for nothing
} wio_limit_step;

// The state after a sight, and the event of that step.
wio_limit_step wio_limit_next(wio_limit_state state, wio_limit_sight sight);

// What the total was at a look.
typedef struct {
  uint64_t at_ns;
  uint64_t credited_ns; // on the watch's credited clock
  uint64_t total;       // of the limit's measure
} wio_limit_look;

// How a target stands to one limit. Zeroed memory is one that was never above.
typedef struct {
  wio_limit_state state;
  wio_limit_sight side; // what all looks since `from` have shown
  wio_limit_look from;  // the look before the first of them
} wio_limit_course;

// Takes a look at a rate, of which the one before was `before`; NULL: what was done between them is not known, and the
// hold starts anew. Returns the event.
wio_event_type wio_limit_see_rate(const wio_limit *limit, wio_limit_course *course, const wio_limit_look *before,
                                  const wio_limit_look *now);

// Takes a look at a total. What is not known of it is missing, so that it can be over too late but never too early.
wio_event_type wio_limit_see_total(const wio_limit *limit, wio_limit_course *course, uint64_t total);
