// SPDX-License-Identifier: MIT
// watch: a selector, how the processes that match are judged (which kinds count, above which floors), and the targets
// that they form.
#pragma once

#include "core/activity.h"
#include "core/due.h"
#include "core/floor.h"
#include "core/limit.h"
#include "core/units.h"
#include "engine/selector.h"
#include "engine/target.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// At least 10 ms: with shorter intervals a sampler costs more than what it watches.
#define WIO_EVERY_MIN_NS (WIO_NS_PER_MS * 10)

// How matches form targets.
typedef enum {
  WIO_PER_TREE,    // each topmost match and all its descendants
  WIO_PER_PROCESS, // each match alone
  WIO_PER_ALL,     // everything matched together
  WIO_PER_NAME,    // all matches of one name
  WIO_PER_USER,    // all matches of one user
  WIO_PER_UNIT,    // all matches of one systemd unit; each alone that is in none
  WIO_PER_COUNT
} wio_per;

typedef struct {
  wio_per per;
  int kinds; // what counts as activity
  wio_floor_pair floors;
  uint64_t every_ns;      // sampling interval
  uint64_t idle_after_ns; // quiet time until idle; 0: never
  uint32_t events;        // bit set of 1 << wio_event_type: the events that are told
  bool samples;           // whether each sample is told, if WIO_EVENT_SAMPLE is
  const wio_limit *limits;
  size_t limit_count;
  bool patient; // newborns are inspected only at the intervals and before a verdict: most are gone by then
  bool orphans; // a process that becomes a child of watchio itself joins its first target: for a subreaper (prctl(2))
} wio_watch_options;

// A process about which the caller was asked (WIO_EVENT_CANDIDATE).
typedef struct {
  pid_t pid;
  uint64_t start_ticks;
} wio_candidate;

typedef struct wio_watch {
  uint64_t id;
  wio_selector *selector; // owned
  wio_watch_options options;
  int reads; // the kinds that are read: those that count, and those of its limits
  wio_credit credit;
  uint64_t sampled_before_ns; // the pass before the latest one; see wio_watch_sampled_before
  wio_due_entry sampling;
  bool held;                // no quiet is credited
  bool inspected;           // all processes were inspected for it once
  size_t asked;             // candidates that are not answered yet
  wio_candidate *confirmed; // those that match, until all are answered
  size_t confirmed_count;
  size_t pids_inspected; // how many of the pids that it names were inspected
  bool over;
  wio_target **targets; // in the order in which they were first seen
  size_t count, capacity;
  wio_member **members; // of all targets: what a sample goes through
  size_t member_count, member_capacity;
  size_t next_visited; // the member whose turn it is to be asked whether it still matches
} wio_watch;

// Takes the selector over, also on failure, and copies the limits. NULL when out of memory.
wio_watch *wio_watch_new(uint64_t id, wio_selector *selector, const wio_watch_options *options);

// Frees it; the targets must have been removed.
void wio_watch_free(wio_watch *watch);

// When its targets were last sampled before `now_ns`, but at most two intervals ago. Their gain at `now_ns` was made
// since then.
uint64_t wio_watch_sampled_before(const wio_watch *watch, uint64_t now_ns);

// Whether its targets have meters: it has limits, or it samples. See engine/meter.h.
bool wio_watch_meters(const wio_watch *watch);

// Stops its credited clock at `now_ns`, or lets it go on.
void wio_watch_hold(wio_watch *watch, bool held, uint64_t now_ns);

// Whether that kind of event is told.
bool wio_watch_tells(const wio_watch *watch, wio_event_type type);

// Whether it names pids, which are inspected once, or patterns, which any newborn can match.
bool wio_watch_names_pids(const wio_watch *watch);

// Whether it must hear of births: to find matches, or the processes that a match has forked.
bool wio_watch_wants_births(const wio_watch *watch);

// Makes room for one more candidate that may be confirmed. 0 or -ENOMEM.
int wio_watch_reserve_candidate(wio_watch *watch);

// Notes that a candidate matches; room was made for it.
void wio_watch_confirm(wio_watch *watch, pid_t pid, uint64_t start_ticks);

// Append a target or a member of one. 0 or -ENOMEM.
int wio_watch_add_target(wio_watch *watch, wio_target *target);
int wio_watch_add_member(wio_watch *watch, wio_member *member);

// Take a target or a member out of its list; the order of the others stays. Harmless when it is not there.
void wio_watch_remove_target(wio_watch *watch, const wio_target *target);
void wio_watch_remove_member(wio_watch *watch, const wio_member *member);
