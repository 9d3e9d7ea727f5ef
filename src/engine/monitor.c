// SPDX-License-Identifier: MIT
#include "engine/monitor.h"

#include "engine/monitor_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

wio_monitor *wio_monitor_new(wio_source *source) {
  wio_monitor *monitor = calloc(1, sizeof *monitor);
  if (!monitor) {
    source->ops->free(source);
    return NULL;
  }
  monitor->roster.source = source;
  monitor->roster.others_due = 1; // births_due
  monitor->births_due.kind = WIO_DUE_BIRTHS;
  return monitor;
}

static void free_alarm(wio_monitor *monitor, wio_alarm *alarm) {
  wio_due_remove(&monitor->roster.due, &alarm->due);
  wio_index_remove(&monitor->alarms, alarm->id);
  monitor->roster.others_due--;
  free(alarm);
}

int wio_monitor_ring(wio_monitor *monitor, wio_alarm *alarm) {
  wio_event event = {.type = WIO_EVENT_ALARM, .time_ns = monitor->roster.now_ns, .alarm = alarm->id};
  int rc = wio_events_push(&monitor->roster.events, &event);
  if (rc == 0) free_alarm(monitor, alarm);
  return rc;
}

static size_t watch_position(const wio_monitor *monitor, uint64_t id) {
  size_t i = 0;
  while (i < monitor->watch_count && monitor->watches[i]->id != id) i++;
  return i;
}

const wio_watch *wio_monitor_find_watch(const wio_monitor *monitor, uint64_t watch) {
  size_t i = watch_position(monitor, watch);
  return i < monitor->watch_count ? monitor->watches[i] : NULL;
}

const wio_target *wio_monitor_target(const wio_monitor *monitor, uint64_t id) {
  wio_target *target = wio_index_find(&monitor->roster.targets, id);
  if (target) wio_target_catch_up(target);
  return target;
}

bool wio_monitor_next(wio_monitor *monitor, wio_event *out) {
  while (wio_events_pop(&monitor->roster.events, out))
    if (out->type == WIO_EVENT_ALARM || wio_monitor_find_watch(monitor, out->watch)) return true;
  return false;
}

bool wio_monitor_has_events(const wio_monitor *monitor) { return monitor->roster.events.count > 0; }

bool wio_monitor_due(const wio_monitor *monitor, uint64_t *out_ns) {
  const wio_due_entry *first = wio_due_first(&monitor->roster.due);
  if (first) *out_ns = first->at_ns;
  return first != NULL;
}

void wio_monitor_set_clock(wio_monitor *monitor, uint64_t (*clock_ns)(void)) { monitor->roster.clock_ns = clock_ns; }

uint64_t wio_monitor_now(const wio_monitor *monitor) { return monitor->roster.now_ns; }

int wio_monitor_exits_fd(const wio_monitor *monitor) {
  return monitor->roster.source->ops->exits_fd(monitor->roster.source);
}

wio_source *wio_monitor_source(const wio_monitor *monitor) { return monitor->roster.source; }

bool wio_monitor_hears_births(const wio_monitor *monitor) { return monitor->discovery.births.told; }

int wio_monitor_count_forks(wio_monitor *monitor, pid_t pid) {
  wio_source *source = monitor->roster.source;
  return source->ops->count_forks ? source->ops->count_forks(source, pid) : -ENOTSUP;
}

int wio_monitor_forks(wio_monitor *monitor, uint64_t *out) {
  wio_source *source = monitor->roster.source;
  return source->ops->forks_counted ? source->ops->forks_counted(source, out) : -ENOTSUP;
}

wio_tally wio_monitor_tally(const wio_monitor *monitor) {
  wio_tally tally = monitor->roster.tally;
  tally.processes = monitor->roster.process_count;
  tally.held = monitor->roster.held_count;
  return tally;
}

int wio_monitor_watch(wio_monitor *monitor, wio_selector *selector, const wio_watch_options *options,
                      uint64_t *out_id) {
  wio_watch *watch = wio_watch_new(monitor->roster.last_id + 1, selector, options);
  if (!watch) return -ENOMEM;
  wio_watch **watches = realloc(monitor->watches, (monitor->watch_count + 1) * sizeof(wio_watch *));
  if (watches) monitor->watches = watches;
  if (!watches || wio_roster_reserve(&monitor->roster) < 0) {
    wio_watch_free(watch);
    return -ENOMEM;
  }
  monitor->watches[monitor->watch_count++] = watch;
  monitor->roster.others_due++;
  *out_id = monitor->roster.last_id = watch->id;
  watch->credit.sampled_ns = monitor->roster.now_ns;
  watch->sampling.kind = WIO_DUE_SAMPLING;
  watch->sampling.rank = watch->id;                       // of order 0, before the deadlines of its targets
  wio_due_put(&monitor->roster.due, &watch->sampling, 0); // at once, whatever the time is
  return 0;
}

// Stops listening to births when no watch wants them.
static void rest_if_done(wio_monitor *monitor) {
  for (size_t i = 0; i < monitor->watch_count; i++)
    if (wio_watch_wants_births(monitor->watches[i])) return;
  wio_due_remove(&monitor->roster.due, &monitor->births_due);
  monitor->roster.births = false;
  wio_discovery_rest(&monitor->discovery, monitor->roster.source);
}

void wio_monitor_unwatch(wio_monitor *monitor, uint64_t id) {
  size_t i = watch_position(monitor, id);
  if (i == monitor->watch_count) return;
  wio_watch *watch = monitor->watches[i];
  while (watch->count > 0) wio_roster_drop(&monitor->roster, watch->targets[watch->count - 1]);
  wio_due_remove(&monitor->roster.due, &watch->sampling);
  monitor->roster.others_due--;
  wio_watch_free(watch);
  memmove(&monitor->watches[i], &monitor->watches[i + 1], (--monitor->watch_count - i) * sizeof(wio_watch *));
  rest_if_done(monitor);
}

void wio_monitor_retime(wio_monitor *monitor, uint64_t id, uint64_t every_ns) {
  size_t i = watch_position(monitor, id);
  if (i == monitor->watch_count) return;
  wio_watch *watch = monitor->watches[i];
  watch->options.every_ns = every_ns;
  if (!watch->held) watch->credit.most_ns = 2 * every_ns;
  wio_due_put(&monitor->roster.due, &watch->sampling, monitor->roster.now_ns + every_ns);
}

void wio_monitor_hold(wio_monitor *monitor, uint64_t id, bool held, uint64_t now_ns) {
  size_t at = watch_position(monitor, id);
  if (at == monitor->watch_count || monitor->watches[at]->held == held) return;
  wio_watch *watch = monitor->watches[at];
  monitor->roster.now_ns = now_ns;
  wio_watch_hold(watch, held, now_ns);
  for (size_t i = 0; i < watch->count; i++) wio_roster_expect_idle(&monitor->roster, watch->targets[i]);
}

int wio_monitor_answer(wio_monitor *monitor, uint64_t watch, pid_t pid, uint64_t start_ticks, bool matches) {
  size_t i = watch_position(monitor, watch);
  if (i == monitor->watch_count) return 0;
  return wio_discovery_answer(&monitor->discovery, &monitor->roster, monitor->watches[i], pid, start_ticks, matches);
}

int wio_monitor_alarm(wio_monitor *monitor, uint64_t at_ns, uint64_t *out_id) {
  int rc = wio_roster_reserve(&monitor->roster);
  if (rc < 0) return rc;
  wio_alarm *alarm = calloc(1, sizeof *alarm);
  if (!alarm) return -ENOMEM;
  *alarm = (wio_alarm){.id = monitor->roster.last_id + 1, .due = {.kind = WIO_DUE_ALARM}};
  alarm->due.rank = UINT64_MAX; // after all watches
  alarm->due.order = alarm->id;
  rc = wio_index_add(&monitor->alarms, &alarm->id);
  if (rc < 0) {
    free(alarm);
    return rc;
  }
  monitor->roster.others_due++;
  wio_due_put(&monitor->roster.due, &alarm->due, at_ns);
  *out_id = monitor->roster.last_id = alarm->id;
  return 0;
}

void wio_monitor_cancel(wio_monitor *monitor, uint64_t id) {
  wio_alarm *alarm = wio_index_find(&monitor->alarms, id);
  if (alarm) free_alarm(monitor, alarm);
}

int wio_monitor_ignore(wio_monitor *monitor, pid_t session, bool ignored) {
  return wio_ignored_set(&monitor->discovery.ignored, session, ignored);
}

int wio_monitor_hear(wio_monitor *monitor) {
  return monitor->discovery.births.told ? wio_monitor_take_births(monitor) : 0;
}

void wio_monitor_protect(wio_monitor *monitor, wio_protection protection, wio_selector *selector) {
  wio_selector_free(monitor->protected[protection]);
  monitor->protected[protection] = selector;
}

wio_selector *const *wio_monitor_protected(const wio_monitor *monitor) { return monitor->protected; }

void wio_monitor_free(wio_monitor *monitor) {
  if (!monitor) return;
  while (monitor->watch_count > 0) wio_monitor_unwatch(monitor, monitor->watches[monitor->watch_count - 1]->id);
  wio_due_remove(&monitor->roster.due, &monitor->births_due);
  for (wio_due_entry *first; (first = wio_due_first(&monitor->roster.due));)
    free_alarm(monitor, (wio_alarm *)(void *)((char *)first - offsetof(wio_alarm, due)));
  wio_roster_release(&monitor->roster);
  wio_discovery_release(&monitor->discovery);
  for (int i = 0; i < WIO_PROTECTION_COUNT; i++) wio_selector_free(monitor->protected[i]);
  free(monitor->watches);
  monitor->roster.source->ops->free(monitor->roster.source);
  free(monitor);
}
