// SPDX-License-Identifier: MIT
#include "core/event.h"

#include <errno.h>
#include <stdlib.h>

const char *wio_event_name(wio_event_type type) {
  static const char *const names[WIO_EVENT_TYPE_COUNT] = {
      [WIO_EVENT_START] = "start",       [WIO_EVENT_ACTIVE] = "active",         [WIO_EVENT_IDLE] = "idle",
      [WIO_EVENT_EXIT] = "exit",         [WIO_EVENT_UNREADABLE] = "unreadable", [WIO_EVENT_READABLE] = "readable",
      [WIO_EVENT_MISSING] = "missing",   [WIO_EVENT_CANDIDATE] = "candidate",   [WIO_EVENT_NOISE] = "noise",
      [WIO_EVENT_WAITING] = "waiting",   [WIO_EVENT_FINISHED] = "finished",     [WIO_EVENT_ALARM] = "alarm",
      [WIO_EVENT_LEAVE] = "leave",       [WIO_EVENT_LIMIT_OVER] = "over",       [WIO_EVENT_LIMIT_UNDER] = "under",
      [WIO_EVENT_UNJUDGED] = "unjudged", [WIO_EVENT_SAMPLE] = "sample",
  };
  return names[type];
}

static int grow(wio_events *events) {
  size_t capacity = events->capacity ? events->capacity * 2 : 16;
  wio_event *ring = malloc(capacity * sizeof *ring);
  if (!ring) return -ENOMEM;
  for (size_t i = 0; i < events->count; i++) ring[i] = events->ring[(events->first + i) % events->capacity];
  free(events->ring);
  *events = (wio_events){.ring = ring, .capacity = capacity, .count = events->count};
  return 0;
}

int wio_events_push(wio_events *events, const wio_event *event) {
  if (events->count == events->capacity) {
    int rc = grow(events);
    if (rc < 0) return rc;
  }
  events->ring[(events->first + events->count++) % events->capacity] = *event;
  return 0;
}

bool wio_events_pop(wio_events *events, wio_event *out) {
  if (events->count == 0) return false;
  *out = events->ring[events->first];
  events->first = (events->first + 1) % events->capacity;
  events->count--;
  return true;
}

void wio_events_release(wio_events *events) {
  free(events->ring);
  *events = (wio_events){0};
}
