// SPDX-License-Identifier: MIT
// meter: what a target did between two looks of its watch, and whether it is over the watch's limits. Only targets of
// watches that have limits or sample have one.
//
// A look is a pass in which the watch samples. A look less than half an interval after the one before is skipped (it
// can follow a late one): over so short a time a rate only shows when the process made its calls. Work that a quiet
// process does within a timer tick (10 ms at most) before a look may be seen only at the next look.
#pragma once

#include "core/limit.h"
#include "core/reading.h"
#include "engine/target.h"

#include <stdint.h>

typedef struct wio_meter {
  uint64_t at_ns, credited_ns;       // of the latest look
  uint64_t total[WIO_MEASURE_COUNT]; // then
  int known;                         // the kinds that could be read of all its processes then
  int told;                          // the kinds that were reported as unreadable
  uint64_t moved[WIO_MEASURE_COUNT]; // between the latest two looks
  uint64_t moved_in_ns;              // 0 before there are two
  int moved_known;                   // the kinds that were known at both
  wio_limit_course courses[];        // one for each limit
} wio_meter;

// For a target that is first seen now, and whose first process is counted. NULL when out of memory. The caller frees it
// with free().
wio_meter *wio_meter_new(const wio_target *target, uint64_t now_ns);

// Takes a look at a target that has a meter, in which all that was read until now is counted: judges its limits and
// tells the sample. 0 or -ENOMEM: then the same call at the same time, or a later one, does the rest.
int wio_meter_look(wio_target *target, uint64_t now_ns, wio_events *events);

// The last look, at a target that ends: at its totals only, since what a moment shows is no rate.
int wio_meter_end(wio_target *target, uint64_t now_ns, wio_events *events);
