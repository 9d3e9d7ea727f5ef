// SPDX-License-Identifier: MIT
// Questions that a monitor answers at once, apart from its passes.
#include "engine/monitor_inside.h"
#include "engine/settle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

wio_look wio_monitor_look(wio_monitor *monitor, uint64_t id) {
  wio_roster *roster = &monitor->roster;
  // Newborn processes are read, too. They are inspected before the ends are heard, so that no process is forgotten that
  // has left a child.
  bool failed = wio_index_find(&roster->targets, id) && (roster->births || wio_monitor_is_patient(monitor)) &&
                wio_monitor_inspect(monitor, true) < 0;
  wio_target *target = wio_index_find(&roster->targets, id);
  if (!target) return WIO_LOOK_GONE;
  if (failed) return WIO_LOOK_UNKNOWN;
  uint64_t quiet_since_ns = target->quiet_since_ns;
  roster->pass.fresh++; // what was read at the latest tick is old by now
  int rc = wio_monitor_refresh_target(roster, target);
  if (rc == 0) rc = wio_settle(roster);
  if (!wio_index_find(&roster->targets, id)) return WIO_LOOK_GONE;
  if (rc < 0 || target->blind) return WIO_LOOK_UNKNOWN;
  wio_wait_found found;
  rc = wio_monitor_find_wait(roster, target, &found);
  bool waits = rc == 0 && found.waiting.wait == WIO_WAIT_KERNEL;
  // An active target is asked about often, by a throttle for one; its wait is reported only when it would become idle.
  bool reports = waits && target->state != WIO_ACTIVE;
  if (reports) rc = wio_monitor_see_wait(roster, target, &found);
  if (rc < 0) return WIO_LOOK_UNKNOWN;
  if (reports) wio_roster_expect_idle(roster, target);
  return waits || target->quiet_since_ns != quiet_since_ns ? WIO_LOOK_MOVED : WIO_LOOK_QUIET;
}

bool wio_monitor_still_matches(wio_monitor *monitor, uint64_t id) {
  const wio_target *target = wio_monitor_target(monitor, id);
  wio_source *source = monitor->roster.source;
  const wio_sample *first = target ? wio_roster_sample(&monitor->roster, target->pid) : NULL;
  wio_description process;
  if (!first || first->ended || !wio_roster_member(first, target->watch)) return true;
  if (source->ops->describe(source, target->pid, 0, &process) < 0) return true;
  if (process.stat.start_ticks != first->start_ticks) return true;
  wio_discovery_refresh(&monitor->discovery, &monitor->roster, target->watch->selector);
  return wio_selector_match(target->watch->selector, source, &process);
}

int wio_monitor_read(wio_monitor *monitor, pid_t pid, int kinds, wio_reading *out) {
  wio_source *source = monitor->roster.source;
  wio_description process;
  wio_pin *pin;
  int rc = source->ops->describe(source, pid, 0, &process);
  if (rc == 0) rc = source->ops->pin(source, pid, process.stat.start_ticks, false, NULL, &pin);
  if (rc < 0) return rc;
  wio_request request = {.kinds = kinds, .moment = ++monitor->roster.pass.moment, .exact = true};
  rc = source->ops->read(source, pin, &request, out);
  source->ops->unpin(source, pin);
  return rc;
}

static int compare_pids(const void *a, const void *b) {
  pid_t left = *(const pid_t *)a, right = *(const pid_t *)b;
  return (left > right) - (left < right);
}

// A question about all processes.
typedef struct {
  const wio_ignored *ignored;
  wio_source *source;
  const wio_selector *selector;
  int patience; // how often processes may be asked once more, all together
} inquiry;

// Tests a process; one in the middle of an exec is asked again after a moment.
static wio_match test_until_told(inquiry *asked, wio_description *process, bool *left_out) {
  static const struct timespec moment = {.tv_nsec = WIO_NS_PER_MS};
  for (;;) {
    wio_match match = wio_ignored_test(asked->ignored, asked->source, asked->selector, process, left_out);
    if (match != WIO_MATCH_UNKNOWN || process->denied != EAGAIN || asked->patience-- <= 0) return match;
    nanosleep(&moment, NULL);
    if (asked->source->ops->describe(asked->source, process->pid, 0, process) < 0) return WIO_MATCH_NO;
  }
}

static int find_one(inquiry *asked, pid_t pid, wio_found *found, void *data) {
  wio_source *source = asked->source;
  wio_description process;
  bool left_out = false;
  if (!wio_selector_may_match(asked->selector, pid) || source->ops->describe(source, pid, 0, &process) < 0) return 0;
  const pid_t *named;
  bool by_pid = wio_selector_pids(asked->selector, &named) > 0;
  if (wio_stat_ended(&process.stat) || (!by_pid && wio_ignored_has(asked->ignored, source, &process))) return 0;
  wio_match match = test_until_told(asked, &process, &left_out);
  if ((match == WIO_MATCH_NO && !left_out) || source->ops->learn(source, WIO_WANT_ALL, &process) < 0) return 0;
  return found(data, &process, match);
}

static int find_among(wio_monitor *monitor, const wio_selector *selector, const pid_t *pids, size_t count,
                      wio_found *found, void *data) {
  wio_ignored *ignored = &monitor->discovery.ignored;
  inquiry asked = {.ignored = ignored, .source = monitor->roster.source, .selector = selector, .patience = 20};
  int rc = wio_ignored_find_runners(ignored, asked.source);
  for (size_t i = 0; rc == 0 && i < count; i++) rc = find_one(&asked, pids[i], found, data);
  return rc;
}

int wio_monitor_find(wio_monitor *monitor, wio_selector *selector, wio_found *found, void *data) {
  const pid_t *pids;
  wio_discovery_refresh(&monitor->discovery, &monitor->roster, selector);
  size_t count = wio_selector_pids(selector, &pids);
  int rc = count ? 0 : monitor->roster.source->ops->list(monitor->roster.source, &pids, &count);
  if (rc < 0) return rc;
  // A copy: the source owns the list, and the caller may ask it other things in between.
  pid_t *sorted = malloc(count * sizeof *sorted + 1);
  if (!sorted) return -ENOMEM;
  if (count) memcpy(sorted, pids, count * sizeof *sorted);
  qsort(sorted, count, sizeof *sorted, compare_pids);
  rc = find_among(monitor, selector, sorted, count, found, data);
  free(sorted);
  return rc;
}
