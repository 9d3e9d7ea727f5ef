// SPDX-License-Identifier: MIT
#include "engine/target.h"

#include "engine/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int grow(wio_target *target) {
  if (target->capacity == 0) {
    target->members = &target->only;
    target->capacity = 1;
    return 0;
  }
  size_t capacity = target->capacity * 2;
  wio_member **members = malloc(capacity * sizeof(wio_member *));
  if (!members) return -ENOMEM;
  memcpy(members, target->members, target->count * sizeof(wio_member *));
  wio_target_release(target);
  target->members = members;
  target->capacity = capacity;
  return 0;
}

int wio_target_add(wio_target *target, wio_member *member) {
  int rc = target->count == target->capacity ? grow(target) : 0;
  if (rc == 0) target->members[target->count++] = member;
  return rc;
}

void wio_target_release(wio_target *target) {
  if (target->members != &target->only) free(target->members);
}

void wio_target_remove(wio_target *target, const wio_member *member) {
  size_t i = 0;
  while (i < target->count && target->members[i] != member) i++;
  if (i == target->count) return;
  memmove(&target->members[i], &target->members[i + 1], (--target->count - i) * sizeof(wio_member *));
}

bool wio_target_is_over(const wio_target *target) {
  for (size_t i = 0; i < target->count; i++)
    if (!target->members[i]->sample->ended) return false;
  return true;
}

void wio_target_note_most(wio_target *target) {
  size_t living = 0;
  for (size_t i = 0; i < target->count; i++) living += !target->members[i]->sample->ended;
  if (living > target->history.most) target->history.most = living;
}

// The kinds that count as activity; and the kinds that are read, which are those and the kinds of its limits.
static int judged_kinds(const wio_target *target) { return target->watch->options.kinds; }
static int read_kinds(const wio_target *target) { return target->watch->reads; }

int wio_target_known(const wio_target *target) { return target->known & read_kinds(target); }

uint64_t wio_target_quiet_ns(const wio_target *target, uint64_t now_ns) {
  uint64_t credited_ns = wio_credit_at(&target->watch->credit, now_ns);
  // Quiet counts from after the readings, which is later than the beginning of their own pass.
  return credited_ns > target->quiet_since_ns ? credited_ns - target->quiet_since_ns : 0;
}

void wio_target_tell(const wio_target *target, wio_event_type type, uint64_t now_ns, wio_event *out) {
  *out = (wio_event){.type = type,
                     .time_ns = now_ns,
                     .watch = target->watch->id,
                     .target = target->id,
                     .pid = target->pid,
                     .idle_for_ns = wio_target_quiet_ns(target, now_ns),
                     .known = wio_target_known(target),
                     .at_least = target->at_least,
                     .history = target->history};
  if (out->history.longest_quiet_ns < out->idle_for_ns) out->history.longest_quiet_ns = out->idle_for_ns;
  memcpy(out->name, target->name, sizeof out->name);
  memcpy(out->total, target->total, sizeof out->total);
}

void wio_target_count_member(wio_target *target, wio_member *member) {
  if (member->version == member->sample->version) return;
  member->version = member->seen = member->sample->version;
  member->known = wio_reading_known(&member->sample->reading, read_kinds(target));
  target->known |= member->known;
  target->hidden |= member->sample->reading.hidden;
  target->missed |= member->sample->reading.revealed;
  target->knocked |= member->sample->reading.knocked;
  wio_ledger_count(&member->account, &member->sample->reading, read_kinds(target), target->total);
}

void wio_target_count(wio_target *target) {
  for (size_t i = 0; i < target->count; i++) wio_target_count_member(target, target->members[i]);
}

// The target moved between `since_ns` and `read_ns`: one quiet period ends at the first, another begins at the second.
static void end_quiet(wio_target *target, uint64_t since_ns, uint64_t now_ns, uint64_t read_ns) {
  uint64_t quiet_ns = wio_target_quiet_ns(target, now_ns), moved_ns = now_ns - since_ns;
  if (quiet_ns > moved_ns && quiet_ns - moved_ns > target->history.longest_quiet_ns)
    target->history.longest_quiet_ns = quiet_ns - moved_ns;
  target->quiet_since_ns = wio_credit_at(&target->watch->credit, read_ns);
}

bool wio_target_stays_active(wio_target *target, uint64_t now_ns, uint64_t read_ns) {
  if (target->state != WIO_ACTIVE || target->blind) return false;
  const wio_watch *watch = target->watch;
  wio_member *member = target->members[0];
  const wio_sample *sample = member->sample;
  int kinds = judged_kinds(target);
  if (sample->kinds != kinds || (member->known & wio_reading_known(&sample->reading, kinds)) != kinds) return false;
  const wio_floors *floors = sample->reading.hidden ? &watch->options.floors.hidden : &watch->options.floors.shown;
  uint64_t since_ns = wio_watch_sampled_before(watch, now_ns);
  if (!wio_gain_is_loud(&sample->gain, floors, since_ns, now_ns)) return false;
  member->seen = sample->version;
  end_quiet(target, since_ns, now_ns, read_ns);
  target->stirred = sample->gain;
  return true;
}

// Whether what a single process did before its reading of version `version` was judged as it was read, but not counted.
static bool owes(const wio_target *target, uint32_t version) {
  const wio_member *only = target->members[0];
  return target->count == 1 && only->version != only->seen && only->seen == version;
}

void wio_target_catch_up(wio_target *target) {
  if (target->count != 1) return;
  bool owed = owes(target, target->members[0]->sample->version);
  wio_target_count(target);
  if (owed) memcpy(target->judged, target->total, sizeof target->judged);
}

// Queues the event of a step, if the watch wants to hear it, and then takes the step.
static int take_step(wio_target *target, wio_sight sight, const wio_event *event, wio_events *events) {
  wio_step step = wio_activity_step(target->state, sight);
  if (step.event != WIO_EVENT_NONE && wio_watch_tells(target->watch, step.event)) {
    wio_event told = *event;
    told.type = step.event;
    int rc = wio_events_push(events, &told);
    if (rc < 0) return rc;
  }
  target->state = step.state;
  return 0;
}

const wio_member *wio_target_find_unknown(const wio_target *target, int kinds) {
  for (size_t i = 0; i < target->count; i++) {
    const wio_member *member = target->members[i];
    if ((kinds & ~member->known) && !member->sample->ended) return member;
  }
  return NULL;
}

static int see_nothing(wio_target *target, const wio_member *unknown, uint64_t now_ns, wio_events *events) {
  wio_event event;
  wio_target_tell(target, WIO_EVENT_UNREADABLE, now_ns, &event);
  while (!(judged_kinds(target) & ~unknown->known & WIO_KIND_BIT(event.kind))) event.kind++;
  event.error = unknown->sample->reading.error[event.kind];
  int rc = take_step(target, WIO_SAW_NOTHING, &event, events);
  if (rc == 0) target->blind = true;
  return rc;
}

// The target can be read again. Nothing is known of the time between, so quiet is counted from here.
static int see_again(wio_target *target, uint64_t now_ns, uint64_t read_ns, wio_events *events) {
  wio_event event;
  wio_target_tell(target, WIO_EVENT_READABLE, now_ns, &event);
  int rc = take_step(target, WIO_SAW_AGAIN, &event, events);
  if (rc < 0) return rc;
  target->blind = false;
  target->quiet_since_ns = wio_credit_at(&target->watch->credit, read_ns);
  return 0;
}

static int see_activity(wio_target *target, uint64_t since_ns, uint64_t now_ns, uint64_t read_ns, wio_events *events) {
  wio_event event;
  wio_target_tell(target, WIO_EVENT_ACTIVE, now_ns, &event);
  for (wio_measure i = 0; i < WIO_MEASURE_COUNT; i++)
    if (judged_kinds(target) & WIO_KIND_BIT(wio_measure_kind(i))) event.moved[i] = target->total[i] - target->judged[i];
  event.moved_in_ns = now_ns - since_ns;
  int rc = take_step(target, WIO_SAW_ACTIVITY, &event, events);
  if (rc == 0) end_quiet(target, since_ns, now_ns, read_ns);
  return rc;
}

// Nobody can tell what a process did that was gone before it could be held, nor what went through something that was
// just found open. But there was time to run: it counts as activity.
static int see_missed(wio_target *target, uint64_t now_ns, uint64_t read_ns, wio_events *events) {
  // A connection that waits to be accepted has carried nothing yet, but it is there.
  bool counts = (target->missed && (judged_kinds(target) & WIO_KIND_BIT(WIO_CPU))) ||
                (target->knocked && (judged_kinds(target) & WIO_KIND_BIT(WIO_NET)));
  int rc = counts ? see_activity(target, wio_watch_sampled_before(target->watch, now_ns), now_ns, read_ns, events) : 0;
  if (rc < 0) return rc;
  if (counts) target->stirred = (wio_gain){0};
  target->missed = target->knocked = false;
  return 0;
}

static bool is_nothing(const wio_gain *gain) {
  for (int i = 0; i < WIO_FLOOR_COUNT; i++)
    if (gain->amount[i] > 0) return false;
  return true;
}

// A gain below the floors is no activity, and is told only to watches that ask for it. Kinds that only limits ask for
// are not held against floors.
static int see_noise(const wio_target *target, const wio_gain *gain, uint64_t since_ns, uint64_t now_ns,
                     wio_events *events) {
  if (!wio_watch_tells(target->watch, WIO_EVENT_NOISE) || is_nothing(gain)) return 0;
  wio_event event;
  wio_target_tell(target, WIO_EVENT_NOISE, now_ns, &event);
  event.gain = *gain;
  event.moved_in_ns = now_ns - since_ns;
  return wio_events_push(events, &event);
}

// Holds the gain since the last verdict against the floors.
static int judge_gain(wio_target *target, const wio_gain *gain, uint64_t now_ns, uint64_t read_ns, wio_events *events) {
  uint64_t since_ns = wio_watch_sampled_before(target->watch, now_ns);
  if (since_ns < target->noise.at_ns) since_ns = target->noise.at_ns;
  // One member whose work may be hidden makes the floors for hidden work apply to its whole target.
  const wio_floor_pair *floors = &target->watch->options.floors;
  wio_noise noise = target->noise;
  bool loud = wio_noise_add(&noise, target->hidden ? &floors->hidden : &floors->shown, gain, since_ns, now_ns);
  int rc = loud ? see_activity(target, since_ns, now_ns, read_ns, events)
                : see_noise(target, gain, since_ns, now_ns, events);
  if (rc < 0) return rc;
  if (loud) target->stirred = *gain;
  target->noise = noise;
  target->hidden = false;
  memcpy(target->judged, target->total, sizeof target->judged);
  return 0;
}

// The gain since the last verdict, of the kinds that count as activity.
static wio_gain judged_gain(const wio_target *target) {
  wio_gain gain = wio_gain_between(target->judged, target->total);
  int others = read_kinds(target) & ~judged_kinds(target);
  if (others & WIO_KIND_BIT(WIO_IO)) gain.amount[WIO_FLOOR_IO] = gain.amount[WIO_FLOOR_CALLS] = 0;
  if (others & WIO_KIND_BIT(WIO_NET)) gain.amount[WIO_FLOOR_NET] = 0;
  if (others & WIO_KIND_BIT(WIO_CPU)) gain.amount[WIO_FLOOR_CPU] = 0;
  return gain;
}

int wio_target_judge(wio_target *target, uint64_t now_ns, uint64_t read_ns, wio_events *events) {
  const wio_member *unknown = wio_target_find_unknown(target, judged_kinds(target));
  int rc = 0;
  if (unknown && !target->blind) rc = see_nothing(target, unknown, now_ns, events);
  else if (!unknown && target->blind) rc = see_again(target, now_ns, read_ns, events);
  bool unseen = target->missed || target->knocked;
  if (rc == 0 && unseen && !wio_target_is_over(target)) rc = see_missed(target, now_ns, read_ns, events);
  if (rc < 0 || memcmp(target->total, target->judged, sizeof target->total) == 0) return rc;
  wio_gain gain = judged_gain(target);
  if (wio_target_is_over(target)) gain.amount[WIO_FLOOR_CPU] = 0; // ending takes time, but is no activity
  return judge_gain(target, &gain, now_ns, read_ns, events);
}

int wio_target_judge_single(wio_target *target, uint64_t now_ns, uint64_t read_ns, wio_events *events) {
  const wio_sample *sample = target->members[0]->sample;
  bool owed = owes(target, sample->version - 1);
  wio_target_count(target);
  bool whole = !wio_target_find_unknown(target, judged_kinds(target));
  if (!owed || !whole || target->missed || target->knocked) return wio_target_judge(target, now_ns, read_ns, events);
  memcpy(target->judged, target->total, sizeof target->judged);
  return judge_gain(target, &sample->gain, now_ns, read_ns, events);
}

bool wio_target_is_quiet_enough(const wio_target *target, uint64_t now_ns) {
  return wio_target_quiet_ns(target, now_ns) >= target->watch->options.idle_after_ns;
}

int wio_target_see_wait(wio_target *target, wio_wait wait, pid_t waiter, uint64_t now_ns, uint64_t read_ns,
                        wio_events *events) {
  wio_event event;
  wio_target_tell(target, WIO_EVENT_WAITING, now_ns, &event);
  event.waits_for = wait;
  event.waiter = waiter;
  wio_step step = wio_activity_step(target->state, WIO_SAW_ACTIVITY);
  bool told = step.event == WIO_EVENT_NONE && wio_watch_tells(target->watch, WIO_EVENT_WAITING);
  int rc = told ? wio_events_push(events, &event) : take_step(target, WIO_SAW_ACTIVITY, &event, events);
  if (rc < 0) return rc;
  end_quiet(target, now_ns, now_ns, read_ns);
  target->stirred = (wio_gain){0};
  target->given_since_ns = 0;
  return 0;
}

int wio_target_judge_quiet(wio_target *target, uint64_t now_ns, wio_events *events) {
  if (!wio_target_is_quiet_enough(target, now_ns)) return 0;
  wio_event event;
  wio_target_tell(target, WIO_EVENT_IDLE, now_ns, &event);
  event.gain = target->stirred;
  return take_step(target, target->blind ? WIO_SAW_TOO_LITTLE : WIO_SAW_LONG_QUIET, &event, events);
}
