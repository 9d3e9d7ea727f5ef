// SPDX-License-Identifier: MIT
// floor: how much activity is only background noise: over any second or, where that is longer, between two looks.
//
// A program that waits still wakes up now and then: an event loop reads its timer, a server its clock. A floor is the
// rate up to which such work does not count. A floor is kept as a bucket that drains at that rate and holds the amount
// of one second. So the verdict hardly depends on how often the target is looked at.
#pragma once

#include "core/reading.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum {
  WIO_FLOOR_IO,    // bytes a second, through calls or to and from a device, whichever is more
  WIO_FLOOR_CALLS, // read and write calls a second
  WIO_FLOOR_NET,   // bytes a second, both ways
  WIO_FLOOR_CPU,   // nanoseconds run a second
  WIO_FLOOR_COUNT
} wio_floor;

// The name of a floor: "io", "calls", "net", "cpu".
const char *wio_floor_name(wio_floor floor);

// Rates a second. With a rate of 0 anything counts.
typedef struct {
  double rate[WIO_FLOOR_COUNT];
} wio_floors;

// Two sets of floors. `hidden` is for processes that may do work which neither io nor net shows: CPU time is the only
// sign of it. `shown` is for processes whose work io and net show in full: a little CPU time alone is housekeeping
// there.
typedef struct {
  wio_floors hidden, shown;
} wio_floor_pair;

// The gain between two readings, in the units of the floors. A float is enough, and a busy pass keeps one gain
// for each process.
typedef struct {
  float amount[WIO_FLOOR_COUNT];
} wio_gain;
wio_gain wio_gain_between(const uint64_t before[WIO_MEASURE_COUNT], const uint64_t after[WIO_MEASURE_COUNT]);

// The noise of a target so far, below its floors. Zeroed memory is silence since time 0.
typedef struct {
  double level[WIO_FLOOR_COUNT];
  uint64_t at_ns;
} wio_noise;

// Adds what was gained between the looks at `since_ns` and at `now_ns`. True when the sum is above a floor; the noise
// then starts anew from silence.
bool wio_noise_add(wio_noise *noise, const wio_floors *floors, const wio_gain *gain, uint64_t since_ns,
                   uint64_t now_ns);

// Whether the gain between these looks is above a floor by itself, without any earlier noise.
bool wio_gain_is_loud(const wio_gain *gain, const wio_floors *floors, uint64_t since_ns, uint64_t now_ns);
