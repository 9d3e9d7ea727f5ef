// SPDX-License-Identifier: MIT
// target: the processes that are judged as one: its members, their total, and its state over time.
#pragma once

#include "core/activity.h"
#include "core/due.h"
#include "core/floor.h"
#include "core/ledger.h"
#include "engine/sample.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wio_watch;
struct wio_meter;

// One process as a part of one target. The fields that a busy pass touches come first.
typedef struct wio_member {
  wio_sample *sample;
  struct wio_target *target;
  uint32_t seen;    // version of the sample, as it was last taken up
  uint32_t version; // of the sample, as it was last counted
  int known;        // the kinds that were known then
  bool inherited;   // it is gone, and its parent has its part
  bool buried;      // its end is known to the lineage
  wio_account account;
  struct wio_member *next_of_sample;
} wio_member;

typedef struct wio_target {
  uint64_t id; // first, for lookup
  struct wio_watch *watch;
  wio_member **members; // in the order in which they joined: parents before their children
  size_t count, capacity;
  wio_member *only; // the memory of `members` while there is one
  wio_state state;
  bool dirty;    // something of it is still to be counted or judged
  bool put_off;  // the births that were told decide whether it has ended, once they are inspected
  bool blind;    // a kind that counts cannot be read
  int known;     // the kinds of which anything was ever known
  bool hidden;   // a process whose work may not be shown has run since the last verdict
  bool knocked;  // a connection waits to be accepted by one of its processes
  bool missed;   // since the last verdict a process was born in it and gone before it could be held, or was revealed
  bool at_least; // more was read and written than its total has
  uint64_t quiet_since_ns;            // on the watch's credited clock
  wio_gain stirred;                   // what was above a floor then
  uint64_t total[WIO_MEASURE_COUNT];  // since it was first seen; see wio_target_catch_up
  uint64_t judged[WIO_MEASURE_COUNT]; // the total as it was last judged
  uint64_t given_since_ns; // it wants to run, and is given a little time to do so before it is judged; 0: it is not
  wio_noise noise;
  wio_history history;
  uint64_t seen_ns; // when it was first seen
  wio_due_entry deadline;
  struct wio_target *next_dirty;
  pid_t pid; // of its first process, also after that has ended
  uid_t uid;
  uint64_t unit; // of its first process, where the watch asks for units: see wio_cgroup_unit_id
  char name[WIO_NAME_SIZE];
  struct wio_meter *meter; // NULL: its watch neither has limits nor samples
} wio_target;

// Appends a member. 0 or -ENOMEM.
int wio_target_add(wio_target *target, wio_member *member);

// Frees the list of members.
void wio_target_release(wio_target *target);

// Takes a member out; the order of the others stays.
void wio_target_remove(wio_target *target, const wio_member *member);

// Whether every process of the target has ended; zombies have.
bool wio_target_is_over(const wio_target *target);

// The kinds whose totals hold anything that is known.
int wio_target_known(const wio_target *target);

// A living member of which one of these kinds cannot be read; NULL when there is none. The work of a zombie is counted
// as far as it was known.
const wio_member *wio_target_find_unknown(const wio_target *target, int kinds);

// Notes how many of its processes live now.
void wio_target_note_most(wio_target *target);

// Fills an event of this target: its identity, its total, and how long it has been quiet at `now_ns`.
void wio_target_tell(const wio_target *target, wio_event_type type, uint64_t now_ns, wio_event *out);

// Adds what a member, or all of them, have read since they were last counted.
void wio_target_count_member(wio_target *target, wio_member *member);
void wio_target_count(wio_target *target);

// Whether a target of a single process stays what it is, active, by what was just read of it: it did so much that
// nothing needs to be counted to see it. Quiet is then counted from `read_ns`.
bool wio_target_stays_active(wio_target *target, uint64_t now_ns, uint64_t read_ns);

// Counts what a target of a single process has left uncounted while it stayed active, as judged then. Its counters are
// cumulative, so nothing is lost by waiting, and a busy pass touches less memory.
void wio_target_catch_up(wio_target *target);

// Judges what was counted from readings of `read_ns` at the latest, in the pass of `now_ns`. Events are queued before
// anything changes, so running out of memory (-ENOMEM) only delays them.
int wio_target_judge(wio_target *target, uint64_t now_ns, uint64_t read_ns, wio_events *events);

// Counts and judges what a target of a single process has just read.
int wio_target_judge_single(wio_target *target, uint64_t now_ns, uint64_t read_ns, wio_events *events);

// Tells of idleness if the target has been quiet for as long as its watch asks. Exact readings of `now_ns` must have
// been counted before.
int wio_target_judge_quiet(wio_target *target, uint64_t now_ns, wio_events *events);

// Whether the target has been quiet for as long as its watch asks.
bool wio_target_is_quiet_enough(const wio_target *target, uint64_t now_ns);

// Notes that one of its processes, `waiter`, waits for work that is done for it, as read at `read_ns`: the target is
// not idle, and quiet counts from then. 0 or -ENOMEM; after an error nothing has changed.
int wio_target_see_wait(wio_target *target, wio_wait wait, pid_t waiter, uint64_t now_ns, uint64_t read_ns,
                        wio_events *events);

// Nanoseconds of credited quiet at `now_ns`.
uint64_t wio_target_quiet_ns(const wio_target *target, uint64_t now_ns);
