// SPDX-License-Identifier: MIT
// floor: how much of each kind is only background noise, over any second or, where that is longer, between two looks.
//
// A program that waits still wakes up now and then: an event loop reads its timer, a server its clock. A floor is the
// rate up to which that does not count. It is kept as a bucket that drains at that rate and holds what one second of it
// brings, so that the verdict hardly depends on how often one looks.
#pragma once

#include "core/reading.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum {
  WIO_FLOOR_IO,    // bytes a second, through calls or on a device, whichever is more
  WIO_FLOOR_CALLS, // read and write calls a second
  WIO_FLOOR_NET,   // bytes a second, both ways
  WIO_FLOOR_CPU,   // nanoseconds run a second
  WIO_FLOOR_COUNT
} wio_floor;

// "io", "calls", "net", "cpu".
const char *wio_floor_name(wio_floor floor);

// Rates a second. Zero: anything counts.
typedef struct {
  double rate[WIO_FLOOR_COUNT];
} wio_floors;

// The floors for processes that may do what neither io nor net shows, and for those of which they show all: time run is
// the only sign of the former, and with the latter little of it alone is housekeeping.
typedef struct {
  wio_floors hidden, shown;
} wio_floor_pair;

// What there is of each between two readings, as the floors count it. Short, since a busy pass keeps one for each
// process.
typedef struct {
  float amount[WIO_FLOOR_COUNT];
} wio_gain;
wio_gain wio_gain_between(const uint64_t before[WIO_MEASURE_COUNT], const uint64_t after[WIO_MEASURE_COUNT]);

// What a target has stirred so far below its floors. Zeroed memory is silence since time 0.
typedef struct {
  double level[WIO_FLOOR_COUNT];
  uint64_t at_ns;
} wio_noise;

// Adds what was gained between the looks at `since_ns` and at `now_ns`. True when it is above a floor; the noise then
// starts anew from silence.
bool wio_noise_add(wio_noise *noise, const wio_floors *floors, const wio_gain *gain, uint64_t since_ns,
                   uint64_t now_ns);

// Whether so much gained between these looks is above a floor, whatever was stirred before.
bool wio_gain_is_loud(const wio_gain *gain, const wio_floors *floors, uint64_t since_ns, uint64_t now_ns);
