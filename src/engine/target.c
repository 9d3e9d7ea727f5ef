#include "engine/target.h"

#include "engine/watch.h"

#include <string.h>

uint64_t wio_target_quiet_ns(const wio_target *target, uint64_t now_ns) {
  return wio_credit_at(&target->watch->credit, now_ns) - target->quiet_since_ns;
}

void wio_target_tell(const wio_target *target, wio_event_type type, uint64_t now_ns, wio_event *out) {
  *out = (wio_event){.type = type,
                     .time_ns = now_ns,
                     .watch = target->watch->id,
                     .target = target->id,
                     .pid = (pid_t)target->sample->key,
                     .idle_for_ns = wio_target_quiet_ns(target, now_ns),
                     .total_known = target->first_known};
  memcpy(out->name, target->name, sizeof out->name);
  if (!target->first_known) return;
  for (int i = 0; i < WIO_IO_COUNT; i++) out->total[i] = target->judged.io[i] - target->first[i];
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
  target->state = step.state;
  return 0;
}

static int see_nothing(wio_target *target, uint64_t now_ns, wio_events *events) {
  wio_event event;
  wio_target_tell(target, WIO_EVENT_UNREADABLE, now_ns, &event);
  event.error = target->sample->reading.io_error;
  return take_step(target, WIO_SAW_NOTHING, &event, events);
}

// A reading after none: nothing is known of the time between, so quiet is counted from here.
static int see_again(wio_target *target, uint64_t now_ns, wio_events *events) {
  wio_event event;
  wio_target_tell(target, WIO_EVENT_READABLE, now_ns, &event);
  int rc = take_step(target, WIO_SAW_AGAIN, &event, events);
  if (rc < 0) return rc;
  target->quiet_since_ns = wio_credit_at(&target->watch->credit, now_ns);
  if (target->first_known) return 0;
  target->judged = target->sample->reading;
  memcpy(target->first, target->judged.io, sizeof target->first);
  target->first_known = true;
  return 0;
}

int wio_target_begin(wio_target *target, uint64_t now_ns, wio_events *events) {
  target->version = target->sample->version;
  target->seen_ns = now_ns;
  target->quiet_since_ns = wio_credit_at(&target->watch->credit, now_ns);
  target->first_known = target->sample->reading.io_error == 0;
  if (target->first_known) {
    target->judged = target->sample->reading;
    memcpy(target->first, target->judged.io, sizeof target->first);
  } else target->version--; // still to be judged: it cannot be read
  wio_event event;
  wio_target_tell(target, WIO_EVENT_START, now_ns, &event);
  return wio_watch_tells(target->watch, WIO_EVENT_START) ? wio_events_push(events, &event) : 0;
}

static int see_activity(wio_target *target, uint64_t now_ns, wio_events *events) {
  const wio_reading *now = &target->sample->reading;
  // An active target that stays active tells nothing: the common case of a busy machine builds no event.
  if (target->state != WIO_ACTIVE) {
    wio_event event;
    wio_target_tell(target, WIO_EVENT_ACTIVE, now_ns, &event);
    for (int i = 0; i < WIO_IO_COUNT; i++) {
      event.moved[i] = now->io[i] - target->judged.io[i];
      event.total[i] += event.moved[i];
    }
    int rc = take_step(target, WIO_SAW_ACTIVITY, &event, events);
    if (rc < 0) return rc;
  }
  target->judged = *now;
  target->quiet_since_ns = wio_credit_at(&target->watch->credit, now_ns);
  return 0;
}

int wio_target_judge(wio_target *target, uint64_t now_ns, wio_events *events, bool *moved) {
  if (moved) *moved = false;
  if (target->version == target->sample->version) return 0;
  const wio_reading *now = &target->sample->reading;
  int rc = 0;
  if (now->io_error) {
    if (target->state != WIO_UNKNOWN) rc = see_nothing(target, now_ns, events);
  } else {
    if (target->state == WIO_UNKNOWN) rc = see_again(target, now_ns, events);
    if (rc == 0 && wio_reading_moved(&target->judged, now)) {
      if (moved) *moved = true;
      rc = see_activity(target, now_ns, events);
    }
  }
  if (rc == 0) target->version = target->sample->version;
  return rc;
}

int wio_target_judge_quiet(wio_target *target, uint64_t now_ns, wio_events *events) {
  if (wio_target_quiet_ns(target, now_ns) < target->watch->options.idle_after_ns) return 0;
  wio_event event;
  wio_target_tell(target, WIO_EVENT_IDLE, now_ns, &event);
  return take_step(target, WIO_SAW_LONG_QUIET, &event, events);
}
