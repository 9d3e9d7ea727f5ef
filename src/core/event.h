// SPDX-License-Identifier: MIT
// event: a change worth reporting, and the queue in which events wait. An event is the one struct that leaves the core.
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
  WIO_EVENT_IDLE,       // no kind did for as long as the watch's idle time
  WIO_EVENT_EXIT,       // its process ended
  WIO_EVENT_LEAVE,      // its process lives, but the watch no longer names it
  WIO_EVENT_UNREADABLE, // a kind that counts cannot be read; `kind` and `error` say which and why
  WIO_EVENT_READABLE,   // all kinds that count can be read again
  WIO_EVENT_MISSING,   // a pid of the watch is no process; without a pid: nothing that the watch names is there yet. No
                       // target
  WIO_EVENT_CANDIDATE, // a process matches, except for what only the caller can confirm with wio_monitor_answer. No
                       // target
  WIO_EVENT_NOISE,     // some kind moved, but not above its floor; see `gain`
  WIO_EVENT_WAITING, // it was quiet for long enough, but is not idle: its process `waiter` waits for `waits_for`. Quiet
                     // counts anew from here
  WIO_EVENT_FINISHED,    // the watch can never see anything again. No target
  WIO_EVENT_LIMIT_OVER,  // it is over the limit `limit` of its watch; `moved` holds the stretch that made it so
  WIO_EVENT_LIMIT_UNDER, // it is under the limit `limit` again
  WIO_EVENT_UNJUDGED, // limits cannot be judged: `kind`, which does not count as activity, cannot be read; `error` says
                      // why
  WIO_EVENT_SAMPLE,   // a watch that samples has looked at it; `moved` counts since the look before
  WIO_EVENT_ALARM,    // an alarm's time has come; only `alarm` and `time_ns` are set
  WIO_EVENT_TYPE_COUNT
} wio_event_type;

// The name of a type: "start", "active", …; NULL for WIO_EVENT_NONE.
const char *wio_event_name(wio_event_type type);

// The history of a target since it was first seen.
typedef struct {
  uint64_t longest_quiet_ns; // the longest time in which no kind rose above its floor
  uint64_t joined, most;     // how many processes of it were seen, and the most of them at one time
} wio_history;

// An event holds copies of all that it reports, so it stays true when its target or watch is gone. Ids are never used
// twice; 0 is none.
typedef struct {
  wio_event_type type;
  int error;      // an errno: why a kind is unreadable or a process missing
  wio_kind kind;  // the kind that is unreadable
  unsigned limit; // the limit's place among those of the watch
  uint64_t time_ns;
  uint64_t watch, target, alarm;
  pid_t pid;
  int known;     // the kinds whose totals are known
  bool at_least; // the total is a lower bound: a process ended whose last counters nobody could read
  char name[WIO_NAME_SIZE];
  uint64_t idle_for_ns;
  int moved_known;                   // of a sample: the kinds whose `moved` is known
  uint64_t moved[WIO_MEASURE_COUNT]; // since the reading before, where the type says nothing else; all zero in events
                                     // that have none
  uint64_t moved_in_ns;              // the time that `moved` covers
  uint64_t total[WIO_MEASURE_COUNT]; // since the target was first seen
  wio_history history;
  wio_wait waits_for; // of WIO_EVENT_WAITING, and of activity that consists of such a wait alone
  pid_t waiter;
  wio_gain gain; // of noise: what moved since the look before; of idle: what was last above a floor
} wio_event;

// A queue: first in, first out. Zeroed memory is an empty queue.
typedef struct {
  wio_event *ring;
  size_t capacity, first, count;
} wio_events;

// Appends a copy of `event`. 0, or -ENOMEM: then nothing has changed.
int wio_events_push(wio_events *events, const wio_event *event);

// Takes the oldest event into `out`; false when there is none.
bool wio_events_pop(wio_events *events, wio_event *out);

// Frees the queue with its events.
void wio_events_release(wio_events *events);
