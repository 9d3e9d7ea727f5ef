// SPDX-License-Identifier: MIT
// hunting: what the tests of pinned processes and hunts share.
#pragma once

#include "engine/hunt.h"

#include "check.h"
#include "core/units.h"
#include "world.h"

#define S WIO_NS_PER_SECOND

static world here;

static inline wio_monitor *begin(void) { return wio_monitor_new(world_init(&here)); }

static inline wio_selector *named(const char *glob) {
  char message[128];
  wio_selector *selector = wio_selector_new();
  CHECK_INT(wio_selector_add_name(selector, glob, message, sizeof message), 0);
  return selector;
}

// Watches what has this name, and pins the first target.
static inline wio_pinned hold(wio_monitor *m, wio_per per, const char *glob) {
  wio_watch_options options = {.kinds = WIO_KIND_BIT(WIO_IO), .per = per, .every_ns = S, .events = UINT32_MAX};
  wio_pinned pinned = {0};
  uint64_t id = 0;
  CHECK_INT(wio_monitor_watch(m, named(glob), &options, &id), 0);
  CHECK_INT(wio_monitor_tick(m, S), 0);
  const wio_watch *watch = wio_monitor_find_watch(m, id);
  if (CHECK(watch->count > 0)) CHECK_INT(wio_pinned_hold(m, watch->targets[0]->id, &pinned), 0);
  return pinned;
}

static inline void end(wio_monitor *m, wio_pinned *pinned) {
  wio_pinned_release(m, pinned);
  wio_monitor_free(m);
  CHECK_INT(here.pins, 0);
}

static wio_refusal refused; // of the latest signal

static inline int do_it(wio_monitor *m, wio_pinned *pinned, wio_deed deed) {
  return wio_hunt_whole(m, pinned, &deed, &refused);
}

static inline int signal_all(wio_monitor *m, wio_pinned *pinned, int signal) {
  return do_it(m, pinned, (wio_deed){.kind = WIO_DEED_SIGNAL, .signal = signal});
}

// Several are to be ended by it.
static inline int end_by(wio_monitor *m, wio_pinned *pinned, int signal) {
  return do_it(m, pinned, (wio_deed){.kind = WIO_DEED_SIGNAL, .signal = signal, .ends = true});
}

static inline int set(wio_monitor *m, wio_pinned *pinned, wio_priority priority) {
  return do_it(m, pinned, (wio_deed){.kind = WIO_DEED_PRIORITY, .priority = priority});
}
