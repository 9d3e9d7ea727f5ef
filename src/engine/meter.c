// SPDX-License-Identifier: MIT
#include "engine/meter.h"

#include "engine/watch.h"

#include <stdlib.h>
#include <string.h>

// The kinds that can be read for all living processes of a target.
static int known_of(const wio_target *target) {
  int known = target->watch->reads;
  for (size_t i = 0; i < target->count; i++)
    if (!target->members[i]->sample->ended) known &= target->members[i]->known;
  return known;
}

wio_meter *wio_meter_new(const wio_target *target, uint64_t now_ns) {
  const wio_watch *watch = target->watch;
  wio_meter *meter = calloc(1, sizeof *meter + watch->options.limit_count * sizeof meter->courses[0]);
  if (!meter) return NULL;
  meter->at_ns = now_ns;
  meter->credited_ns = wio_credit_at(&watch->credit, now_ns);
  meter->known = known_of(target);
  return meter;
}

static bool is_known(int kinds, wio_measure measure) { return kinds & WIO_KIND_BIT(wio_measure_kind(measure)); }

static int tell(const wio_target *target, wio_event *event, wio_events *events) {
  return wio_watch_tells(target->watch, event->type) ? wio_events_push(events, event) : 0;
}

// Tells once that a kind cannot be read, for the kinds that only limits ask for. For the kinds that count as activity,
// the target's state tells it.
static int tell_unjudged(wio_target *target, int known, uint64_t now_ns, wio_events *events) {
  const wio_watch *watch = target->watch;
  int unknown = watch->reads & ~watch->options.kinds & ~known & ~target->meter->told;
  for (wio_kind kind = 0; unknown && kind < WIO_KIND_COUNT; kind++) {
    if (!(unknown & WIO_KIND_BIT(kind))) continue;
    wio_event event;
    wio_target_tell(target, WIO_EVENT_UNJUDGED, now_ns, &event);
    event.kind = kind;
    event.error = wio_target_find_unknown(target, WIO_KIND_BIT(kind))->sample->reading.error[kind];
    int rc = tell(target, &event, events);
    if (rc < 0) return rc;
    target->meter->told |= WIO_KIND_BIT(kind);
  }
  return 0;
}

// Queues the event of a limit, and then enters the state that the event tells of.
static int take_course(wio_target *target, size_t limit, const wio_limit_course *after, wio_event_type type,
                       uint64_t now_ns, wio_events *events) {
  const wio_limit *it = &target->watch->options.limits[limit];
  if (type != WIO_EVENT_NONE) {
    wio_event event;
    wio_target_tell(target, type, now_ns, &event);
    event.limit = (unsigned)limit;
    event.moved[it->measure] = target->total[it->measure] - after->from.total;
    event.moved_in_ns = now_ns - (it->is_rate ? after->from.at_ns : target->seen_ns);
    int rc = tell(target, &event, events);
    if (rc < 0) return rc;
  }
  target->meter->courses[limit] = *after;
  return 0;
}

static int judge_rate(wio_target *target, size_t limit, int known, uint64_t now_ns, wio_events *events) {
  const wio_meter *meter = target->meter;
  const wio_limit *it = &target->watch->options.limits[limit];
  wio_limit_look before = {meter->at_ns, meter->credited_ns, meter->total[it->measure]};
  wio_limit_look now = {now_ns, wio_credit_at(&target->watch->credit, now_ns), target->total[it->measure]};
  wio_limit_course course = meter->courses[limit];
  bool rated = is_known(known & meter->known, it->measure);
  wio_event_type type = wio_limit_see_rate(it, &course, rated ? &before : NULL, &now);
  return take_course(target, limit, &course, type, now_ns, events);
}

static int judge_total(wio_target *target, size_t limit, uint64_t now_ns, wio_events *events) {
  const wio_limit *it = &target->watch->options.limits[limit];
  wio_limit_course course = target->meter->courses[limit];
  wio_event_type type = wio_limit_see_total(it, &course, target->total[it->measure]);
  return take_course(target, limit, &course, type, now_ns, events);
}

static int tell_sample(const wio_target *target, int known, uint64_t now_ns, wio_events *events) {
  const wio_meter *meter = target->meter;
  if (!target->watch->options.samples) return 0;
  wio_event event;
  wio_target_tell(target, WIO_EVENT_SAMPLE, now_ns, &event);
  event.moved_known = known & meter->known;
  for (int i = 0; i < WIO_MEASURE_COUNT; i++) event.moved[i] = target->total[i] - meter->total[i];
  event.moved_in_ns = now_ns - meter->at_ns;
  return tell(target, &event, events);
}

static void move_on(wio_target *target, int known, uint64_t now_ns) {
  wio_meter *meter = target->meter;
  for (int i = 0; i < WIO_MEASURE_COUNT; i++) meter->moved[i] = target->total[i] - meter->total[i];
  meter->moved_in_ns = now_ns - meter->at_ns;
  meter->moved_known = known & meter->known;
  memcpy(meter->total, target->total, sizeof meter->total);
  meter->known = known;
  meter->at_ns = now_ns;
  meter->credited_ns = wio_credit_at(&target->watch->credit, now_ns);
}

int wio_meter_look(wio_target *target, uint64_t now_ns, wio_events *events) {
  const wio_watch_options *options = &target->watch->options;
  int known = known_of(target);
  int rc = tell_unjudged(target, known, now_ns, events);
  if (rc < 0 || now_ns - target->meter->at_ns < options->every_ns / 2) return rc;
  for (size_t i = 0; rc == 0 && i < options->limit_count; i++)
    rc = options->limits[i].is_rate ? judge_rate(target, i, known, now_ns, events)
                                    : judge_total(target, i, now_ns, events);
  if (rc == 0) rc = tell_sample(target, known, now_ns, events); // last: each attempt tells the sample again
  if (rc == 0) move_on(target, known, now_ns);
  return rc;
}

int wio_meter_end(wio_target *target, uint64_t now_ns, wio_events *events) {
  const wio_watch_options *options = &target->watch->options;
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < options->limit_count; i++)
    if (!options->limits[i].is_rate) rc = judge_total(target, i, now_ns, events);
  return rc;
}
