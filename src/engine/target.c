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

bool wio_target_is_counted(const wio_target *target) {
  static const uint64_t nothing[WIO_IO_COUNT];
  for (size_t i = 0; i < target->count; i++)
    if (target->members[i]->known) return true;
  return memcmp(target->total, nothing, sizeof nothing) != 0;
}

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
                     .total_known = wio_target_is_counted(target)};
  memcpy(out->name, target->name, sizeof out->name);
  memcpy(out->total, target->total, sizeof out->total);
}

bool wio_target_count_member(wio_target *target, wio_member *member) {
  const wio_reading *now = &member->sample->reading;
  if (member->version == member->sample->version) return false;
  member->version = member->seen = member->sample->version;
  bool was_known = member->known;
  member->known = now->io_error == 0;
  if (!member->known && !was_known) return false;
  bool opened = member->opened;
  member->opened = true;
  if (opened) return wio_ledger_count(&member->account, now->io, target->total);
  wio_ledger_open(&member->account, now->io);
  return false;
}

bool wio_target_count(wio_target *target) {
  bool moved = false;
  for (size_t i = 0; i < target->count; i++) moved |= wio_target_count_member(target, target->members[i]);
  return moved;
}

void wio_target_catch_up(wio_target *target) {
  if (target->count == 1) wio_target_count(target);
}

// Queues what the step tells, if the watch wants to hear it, and then takes it.
static int take_step(wio_target *target, wio_sight sight, const wio_event *event, wio_events *events) {
  wio_step step = wio_activity_step(target->state, sight);
  if (step.event != WIO_EVENT_NONE && wio_watch_tells(target->watch, step.event)) {
    wio_event told = *event;
    told.type = step.event;
    int rc = wio_events_push(events, &told);
    if (rc < 0) return rc;
  }
  // An active target is not compared with what was judged last: only when it stops being active is that noted again.
  if (target->state == WIO_ACTIVE && step.state != WIO_ACTIVE) memcpy(target->judged, target->total, sizeof target->judged);
  target->state = step.state;
  return 0;
}

static int see_nothing(wio_target *target, const wio_member *unknown, uint64_t now_ns, wio_events *events) {
  wio_event event;
  wio_target_tell(target, WIO_EVENT_UNREADABLE, now_ns, &event);
  event.error = unknown->sample->reading.io_error;
  return take_step(target, WIO_SAW_NOTHING, &event, events);
}

// A reading after none: nothing is known of the time between, so quiet is counted from here.
static int see_again(wio_target *target, uint64_t now_ns, uint64_t read_ns, wio_events *events) {
  wio_event event;
  wio_target_tell(target, WIO_EVENT_READABLE, now_ns, &event);
  int rc = take_step(target, WIO_SAW_AGAIN, &event, events);
  if (rc == 0) target->quiet_since_ns = wio_credit_at(&target->watch->credit, read_ns);
  return rc;
}

static int see_activity(wio_target *target, uint64_t now_ns, uint64_t read_ns, wio_events *events) {
  wio_event event;
  wio_target_tell(target, WIO_EVENT_ACTIVE, now_ns, &event);
  for (int i = 0; i < WIO_IO_COUNT; i++) event.moved[i] = target->total[i] - target->judged[i];
  int rc = take_step(target, WIO_SAW_ACTIVITY, &event, events);
  if (rc < 0) return rc;
  memcpy(target->judged, target->total, sizeof target->judged);
  target->quiet_since_ns = wio_credit_at(&target->watch->credit, read_ns);
  return 0;
}

// A member whose counters cannot be read; NULL when there is none. What a zombie did is counted as far as it was known.
static const wio_member *find_unknown(const wio_target *target) {
  for (size_t i = 0; i < target->count; i++)
    if (!target->members[i]->known && !target->members[i]->sample->ended) return target->members[i];
  return NULL;
}

int wio_target_judge(wio_target *target, bool moved, uint64_t now_ns, uint64_t read_ns, wio_events *events) {
  const wio_member *unknown = find_unknown(target);
  if (unknown) return target->state == WIO_UNKNOWN ? 0 : see_nothing(target, unknown, now_ns, events);
  if (target->state == WIO_ACTIVE) {
    // It stays active and tells nothing: the common case of a busy machine.
    if (moved) target->quiet_since_ns = wio_credit_at(&target->watch->credit, read_ns);
    return 0;
  }
  int rc = target->state == WIO_UNKNOWN ? see_again(target, now_ns, read_ns, events) : 0;
  if (rc < 0 || memcmp(target->total, target->judged, sizeof target->total) == 0) return rc;
  return see_activity(target, now_ns, read_ns, events);
}

int wio_target_judge_quiet(wio_target *target, uint64_t now_ns, wio_events *events) {
  if (wio_target_quiet_ns(target, now_ns) < target->watch->options.idle_after_ns) return 0;
  wio_event event;
  wio_target_tell(target, WIO_EVENT_IDLE, now_ns, &event);
  return take_step(target, WIO_SAW_LONG_QUIET, &event, events);
}
