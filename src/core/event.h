// SPDX-License-Identifier: MIT
// event: a change worth telling, the one struct that leaves the core; and the queue in which it waits.
#pragma once

#include "core/floor.h"
#include "core/wait.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
  WIO_EVENT_NONE,
  WIO_EVENT_START,      // a target appeared
  WIO_EVENT_ACTIVE,     // some kind rose above its floor, coming from new, idle or unknown
  WIO_EVENT_IDLE,       // none did for as long as the watch asks
  WIO_EVENT_EXIT,       // its process ended
  WIO_EVENT_LEAVE,      // its process lives, but is no longer what the watch names
  WIO_EVENT_UNREADABLE, // a kind that counts cannot be read; `kind` and `error` say which and why
  WIO_EVENT_READABLE,   // all that count can be read again
  WIO_EVENT_MISSING,    // a pid of the watch is no process, or without a pid: what it names is not there yet; no target
  WIO_EVENT_CANDIDATE, // a process matches but for what the caller has to confirm: wio_monitor_answer is waited for; no
                       // target
  WIO_EVENT_NOISE,     // something moved, but not above its floor; `gain`
  WIO_EVENT_WAITING,   // it was quiet for long enough, but is not idle: `waits_for`, of its process `waiter`; quiet
                       // counts from here
  WIO_EVENT_FINISHED,  // the watch can never see anything again; no target
  WIO_EVENT_LIMIT_OVER,  // it is over a limit of its watch; `limit`, and `moved` in the stretch that made it so
  WIO_EVENT_LIMIT_UNDER, // it is under that limit again
  WIO_EVENT_UNJUDGED, // limits cannot be judged: `kind`, which does not count as activity, cannot be read, for `error`
  WIO_EVENT_SAMPLE,   // a watch that samples has looked at it; `moved` since the look before
  WIO_EVENT_ALARM,    // an alarm's time has come; only `alarm` and `time_ns`
  WIO_EVENT_TYPE_COUNT
} wio_event_type;

// "start", "active", …; NULL for WIO_EVENT_NONE.
const char *wio_event_name(wio_event_type type);

// What a target has been since it was first seen.
typedef struct {
  uint64_t longest_quiet_ns; // the longest time that nothing of it rose above its floor
  uint64_t joined, most;     // how many processes of it were seen, and how many of them at once
} wio_history;

// A copy of all it tells: it stays true when its target or watch is gone. Ids are never used twice; 0 is none.
typedef struct {
  wio_event_type type;
  int error;      // an errno: why unreadable or missing
  wio_kind kind;  // what is unreadable
  unsigned limit; // its place among those of the watch
  uint64_t time_ns;
  uint64_t watch, target, alarm;
  pid_t pid;
  int known;     // the kinds whose totals are known
  bool at_least; // more was read and written than the total has: somebody ended whose last counters nobody has
  char name[WIO_NAME_SIZE];
  uint64_t idle_for_ns;
  int moved_known;                   // of a sample: the kinds of which it is known what moved
  uint64_t moved[WIO_MEASURE_COUNT]; // since the reading before, where the event says nothing else; else all zero
  uint64_t moved_in_ns;              // how long that was
  uint64_t total[WIO_MEASURE_COUNT]; // since the target was first seen
  wio_history history;
  wio_wait waits_for; // of waiting, and of activity that is nothing else
  pid_t waiter;
  wio_gain gain; // of noise: what moved since the look before; of idleness: what was last above a floor
} wio_event;

// A queue, first in, first out. Zeroed memory is an empty one.
typedef struct {
  wio_event *ring;
  size_t capacity, first, count;
} wio_events;

// Appends a copy. 0 or -ENOMEM, and then nothing has changed.
int wio_events_push(wio_events *events, const wio_event *event);

// Takes the oldest into `out`; false when there is none.
bool wio_events_pop(wio_events *events, wio_event *out);

void wio_events_release(wio_events *events);
