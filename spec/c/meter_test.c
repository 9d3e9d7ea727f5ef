// SPDX-License-Identifier: MIT
// Limits and samples on a scripted world and a made-up clock.
#include "engine/meter.h"
#include "engine/monitor.h"

#include "check.h"
#include "core/units.h"
#include "world.h"

#define S WIO_NS_PER_SECOND
#define MS WIO_NS_PER_MS
#define IO WIO_KIND_BIT(WIO_IO)
#define CPU WIO_KIND_BIT(WIO_CPU)

static world here;

static wio_monitor *begin(void) { return wio_monitor_new(world_init(&here)); }

static wio_limit rate_of(wio_measure measure, double above, uint64_t hold_ns) {
  return (wio_limit){.measure = measure, .is_rate = true, .above = above, .below = above * 0.9, .hold_ns = hold_ns};
}

static uint64_t watch(wio_monitor *m, wio_watch_options options) {
  char message[128];
  uint64_t id = 0;
  wio_selector *selector = wio_selector_new();
  wio_selector_add_name(selector, "x", message, sizeof message);
  if (!options.every_ns) options.every_ns = S;
  if (!options.events) options.events = ~(1u << WIO_EVENT_NOISE);
  CHECK_INT(wio_monitor_watch(m, selector, &options, &id), 0);
  return id;
}

static uint64_t watch_limit(wio_monitor *m, int kinds, wio_limit limit) {
  return watch(m, (wio_watch_options){.kinds = kinds, .limits = &limit, .limit_count = 1});
}

static wio_event last; // the latest one that was told

// One tick, and what it tells: "start over under".
static const char *tick(wio_monitor *m, uint64_t now_ns) {
  static char text[512];
  size_t length = 0;
  text[0] = '\0';
  CHECK_INT(wio_monitor_tick(m, now_ns), 0);
  for (wio_event event; wio_monitor_next(m, &event) && length < sizeof text; last = event)
    length += (size_t)snprintf(text + length, sizeof text - length, "%s%s", length ? " " : "",
                               wio_event_name(event.type));
  return text;
}

static void a_rate_is_over_when_it_held_and_under_when_it_is_low_for_as_long(void) {
  wio_monitor *m = begin();
  world_process *p = world_birth(&here, 7, "x");
  watch_limit(m, IO, rate_of(WIO_RCHAR, 100, 3 * S));
  CHECK_TEXT(tick(m, 10 * S), "start");
  world_work(p, 101);
  CHECK_TEXT(tick(m, 11 * S), "active");
  world_work(p, 101);
  CHECK_TEXT(tick(m, 12 * S), "");
  world_work(p, 104);
  CHECK_TEXT(tick(m, 13 * S), "over");
  CHECK_INT(last.moved[WIO_RCHAR], 306);
  CHECK_INT(last.moved_in_ns, 3 * S);
  CHECK_INT(last.total[WIO_RCHAR], 306);
  world_work(p, 500);
  CHECK_TEXT(tick(m, 14 * S), ""); // once
  world_work(p, 90);
  CHECK_TEXT(tick(m, 15 * S), "");
  CHECK_TEXT(tick(m, 16 * S), ""); // it did not run: a rate of zero, without a reading
  CHECK_TEXT(tick(m, 17 * S), "under");
  CHECK_INT(last.moved[WIO_RCHAR], 90);
  wio_monitor_free(m);
}

static void a_late_look_divides_by_the_time_that_passed(void) {
  wio_monitor *m = begin();
  world_process *p = world_birth(&here, 7, "x");
  watch_limit(m, IO, rate_of(WIO_RCHAR, 100, 0));
  tick(m, 10 * S);
  world_work(p, 300);
  CHECK_TEXT(tick(m, 15 * S), "active"); // 60 a second
  world_work(p, 99);
  CHECK_TEXT(tick(m, 15 * S + 900 * MS), ""); // nothing is due
  CHECK_TEXT(tick(m, 16 * S), "");
  world_work(p, 100);
  tick(m, 17 * S + 990 * MS);
  world_work(p, 10);
  CHECK_TEXT(tick(m, 18 * S), ""); // ten milliseconds after a late one is too short to tell: left to the next
  world_work(p, 100);
  CHECK_TEXT(tick(m, 19 * S), "over");
  CHECK_INT(last.moved[WIO_RCHAR], 110);
  CHECK_INT(last.moved_in_ns, 1010 * MS);
  wio_monitor_free(m);
}

static void a_stalled_machine_vouches_for_two_intervals(void) {
  wio_monitor *m = begin();
  world_process *p = world_birth(&here, 7, "x");
  watch_limit(m, IO, rate_of(WIO_RCHAR, 100, 4 * S));
  tick(m, 10 * S);
  world_work(p, 101 * 60);
  CHECK_TEXT(tick(m, 70 * S), "active");
  world_work(p, 101);
  CHECK_TEXT(tick(m, 71 * S), "");
  world_work(p, 101);
  CHECK_TEXT(tick(m, 72 * S), "over");
  CHECK_INT(last.moved_in_ns, 62 * S); // the mean is told over all of it
  wio_monitor_free(m);
}

static void a_tree_is_one_and_a_reap_is_no_activity(void) {
  wio_monitor *m = begin();
  world_process *parent = world_birth(&here, 7, "x");
  watch_limit(m, IO, rate_of(WIO_RCHAR, 100, 0));
  tick(m, 10 * S);
  world_process *child = world_fork(&here, parent, 8);
  world_work(child, 60);
  world_work(parent, 30);
  CHECK_TEXT(tick(m, 11 * S), "active");
  world_work(child, 60);
  world_work(parent, 30);
  world_exit(&here, child);
  CHECK_TEXT(tick(m, 12 * S), "");
  world_reap(&here, child); // the parent's own counters leap by 120
  world_work(parent, 30);
  CHECK_TEXT(tick(m, 13 * S), "");
  world_work(world_fork(&here, parent, 9), 60);
  world_work(parent, 41);
  CHECK_TEXT(tick(m, 14 * S), "over"); // together
  wio_monitor_free(m);
}

static void a_total_is_over_once_also_at_the_end(void) {
  wio_monitor *m = begin();
  world_process *p = world_birth(&here, 7, "x");
  world_process *q = world_birth(&here, 8, "x");
  world_work(p, 5000); // before it was seen
  watch_limit(m, IO, (wio_limit){.measure = WIO_RCHAR, .above = 100});
  tick(m, 10 * S);
  world_work(p, 100);
  CHECK_TEXT(tick(m, 11 * S), "active");
  world_work(p, 1);
  CHECK_TEXT(tick(m, 12 * S), "over");
  CHECK_INT(last.total[WIO_RCHAR], 101);
  CHECK_INT(last.moved_in_ns, 2 * S);
  world_work(p, 1000);
  CHECK_TEXT(tick(m, 13 * S), "");
  world_work(q, 200);
  world_exit(&here, q);
  CHECK_TEXT(tick(m, 13 * S + MS), "active over exit");
  wio_monitor_free(m);
}

static void what_is_unknown_is_not_judged(void) {
  wio_monitor *m = begin();
  world_process *p = world_birth(&here, 7, "x");
  wio_limit limits[] = {rate_of(WIO_RCHAR, 100, 2 * S), {.measure = WIO_RCHAR, .above = 1000}};
  watch(m, (wio_watch_options){.kinds = IO, .limits = limits, .limit_count = 2});
  tick(m, 10 * S);
  world_work(p, 101);
  tick(m, 11 * S);
  p->io_error = EACCES;
  world_work(p, 900);
  CHECK_TEXT(tick(m, 12 * S), "unreadable");
  p->io_error = 0;
  world_work(p, 1);
  CHECK_TEXT(tick(m, 13 * S), "readable active over"); // the total catches up
  CHECK_INT(last.limit, 1);
  world_work(p, 101);
  CHECK_TEXT(tick(m, 14 * S), "");
  world_work(p, 101);
  CHECK_TEXT(tick(m, 15 * S), "over"); // the hold has begun anew at 13
  CHECK_INT(last.limit, 0);
  p->io_error = EACCES;
  world_work(p, 1);
  tick(m, 16 * S);
  for (uint64_t t = 17; t < 30; t++) CHECK_TEXT(tick(m, t * S), ""); // unknown is not zero
  wio_monitor_free(m);
}

static void a_zombie_that_was_never_readable_forbids_no_judgement(void) {
  wio_monitor *m = begin();
  world_process *p = world_birth(&here, 7, "x");
  watch_limit(m, IO, rate_of(WIO_RCHAR, 100, 0));
  tick(m, 10 * S);
  world_process *child = world_fork(&here, p, 8);
  child->io_error = EACCES;
  world_work(p, 200);
  CHECK_TEXT(tick(m, 11 * S), "unreadable active");
  world_exit(&here, child);
  CHECK_TEXT(tick(m, 12 * S), "readable");
  world_work(p, 101);
  CHECK_TEXT(tick(m, 13 * S), "over");
  wio_monitor_free(m);
}

static void a_kind_of_limits_alone_forbids_no_idleness_and_is_no_activity(void) {
  wio_monitor *m = begin();
  world_process *p = world_birth(&here, 7, "x");
  wio_limit limits[] = {rate_of(WIO_RCHAR, 100, 0), rate_of(WIO_SYSCR, 100, 0)};
  watch(m, (wio_watch_options){.kinds = CPU,
                               .idle_after_ns = 5 * S,
                               .limits = limits,
                               .limit_count = 2,
                               .floors = {{.rate = {[WIO_FLOOR_CPU] = 1e6}}, {.rate = {[WIO_FLOOR_CPU] = 1e6}}}});
  tick(m, 10 * S);
  world_work(p, 101);
  CHECK_TEXT(tick(m, 11 * S), "over");
  CHECK_INT(last.known, IO | CPU);
  p->io_error = EACCES;
  world_work(p, 1);
  CHECK_TEXT(tick(m, 12 * S), "unjudged"); // once, not once for each limit
  CHECK_INT(last.kind, WIO_IO);
  CHECK_INT(last.error, EACCES);
  CHECK_TEXT(tick(m, 13 * S), "");
  CHECK_TEXT(tick(m, 15 * S), "idle");
  p->io_error = 0;
  world_work(p, 1);
  tick(m, 16 * S);
  CHECK_TEXT(tick(m, 17 * S), "under");
  wio_monitor_free(m);
}

static void a_kind_of_limits_alone_is_no_noise(void) {
  wio_monitor *m = begin();
  world_process *p = world_birth(&here, 7, "x");
  wio_limit limit = rate_of(WIO_RCHAR, 100, 0);
  wio_floors floors = {.rate = {[WIO_FLOOR_CPU] = 1e6}};
  watch(m, (wio_watch_options){
               .kinds = CPU, .events = UINT32_MAX, .limits = &limit, .limit_count = 1, .floors = {floors, floors}});
  tick(m, 10 * S);
  world_work(p, 1);
  CHECK_TEXT(tick(m, 11 * S), "noise");
  p->io[WIO_RCHAR] += 101;
  CHECK_TEXT(tick(m, 12 * S), "over");
  wio_monitor_free(m);
}

static void a_watch_that_samples_is_told_each_time(void) {
  wio_monitor *m = begin();
  world_process *p = world_birth(&here, 7, "x");
  watch(m, (wio_watch_options){.kinds = IO | CPU, .samples = true});
  CHECK_TEXT(tick(m, 10 * S), "start");
  world_work(p, 40);
  CHECK_TEXT(tick(m, 11 * S), "active sample");
  CHECK_INT(last.moved[WIO_RCHAR], 40);
  CHECK_INT(last.moved_in_ns, S);
  CHECK_INT(last.moved_known, IO | CPU);
  CHECK_TEXT(tick(m, 12 * S), "sample");
  CHECK_INT(last.moved[WIO_RCHAR], 0);
  CHECK_INT(last.total[WIO_RCHAR], 40);
  p->io_error = EACCES;
  world_work(p, 1);
  CHECK_TEXT(tick(m, 14 * S), "unreadable active sample");
  CHECK_INT(last.moved_known, CPU);
  CHECK_INT(last.moved_in_ns, 2 * S);
  wio_monitor_free(m);
}

// Another watch looks at other times, and reads more.
static void other_watches_change_nothing(void) {
  wio_monitor *m = begin();
  world_process *p = world_birth(&here, 7, "x");
  uint64_t id = watch_limit(m, IO, rate_of(WIO_RCHAR, 100, 2 * S));
  watch(m, (wio_watch_options){.kinds = WIO_ALL_KINDS, .every_ns = 300 * MS, .events = 1 << WIO_EVENT_EXIT});
  tick(m, 10 * S);
  for (uint64_t t = 101; t < 120; t++) {
    world_work(p, 11);
    tick(m, t * 100 * MS);
  }
  world_work(p, 11);
  CHECK_TEXT(tick(m, 12 * S), "over");
  CHECK_INT(last.watch, id);
  CHECK_INT(last.moved[WIO_RCHAR], 220);
  wio_monitor_free(m);
}

int main(void) {
  a_rate_is_over_when_it_held_and_under_when_it_is_low_for_as_long();
  a_late_look_divides_by_the_time_that_passed();
  a_stalled_machine_vouches_for_two_intervals();
  a_tree_is_one_and_a_reap_is_no_activity();
  a_total_is_over_once_also_at_the_end();
  what_is_unknown_is_not_judged();
  a_zombie_that_was_never_readable_forbids_no_judgement();
  a_kind_of_limits_alone_forbids_no_idleness_and_is_no_activity();
  a_kind_of_limits_alone_is_no_noise();
  a_watch_that_samples_is_told_each_time();
  other_watches_change_nothing();
  return check_result();
}
