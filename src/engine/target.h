// target: what is judged as one, and its judgement over time.
#pragma once

#include "core/activity.h"
#include "core/due.h"
#include "engine/sample.h"

#include <stdbool.h>
#include <stdint.h>

struct wio_watch;

typedef struct wio_target {
  uint64_t id; // first, for lookup
  wio_sample *sample;
  struct wio_watch *watch;
  uint32_t version; // of the sample, as it was last judged
  wio_state state;
  bool first_known;
  uint64_t quiet_since_ns; // on the watch's credited clock
  uint64_t seen_ns;        // when it was first seen
  wio_reading judged;      // the last known reading that was judged
  uint64_t first[WIO_IO_COUNT];
  wio_due_entry deadline;
  struct wio_target *next_of_sample;
  char name[WIO_NAME_SIZE];
} wio_target;

// Tells that it started, with the sample's reading as the first one. The sample's reading must be an exact one of `now_ns`.
int wio_target_begin(wio_target *target, uint64_t now_ns, wio_events *events);

// Fills an event of this target: who it is, its total, how long it has been quiet at `now_ns`.
void wio_target_tell(const wio_target *target, wio_event_type type, uint64_t now_ns, wio_event *out);

// Judges the sample's reading if it is another one than was judged last. Events are queued before anything changes, so
// running out of memory (-ENOMEM) only delays them. `moved`, if given, says whether a counter had moved.
int wio_target_judge(wio_target *target, uint64_t now_ns, wio_events *events, bool *moved);

// Tells of idleness if it has been quiet for as long as its watch asks. The reading must be an exact one of `now_ns`.
int wio_target_judge_quiet(wio_target *target, uint64_t now_ns, wio_events *events);

// Nanoseconds of credited quiet at `now_ns`.
uint64_t wio_target_quiet_ns(const wio_target *target, uint64_t now_ns);
