// SPDX-License-Identifier: MIT
// A subreaper's view of what it has started: orphans stay in the target, quiet can be held, and its history is kept.
#include "engine/monitor.h"

#include "check.h"
#include "core/units.h"
#include "world.h"

#define S WIO_NS_PER_SECOND

static world here;

static uint64_t watch_pid(wio_monitor *m, pid_t pid, bool orphans, uint64_t idle_ns) {
  uint64_t id = 0;
  wio_selector *selector = wio_selector_new();
  CHECK_INT(wio_selector_add_pid(selector, pid), 0);
  wio_watch_options options = {.kinds = WIO_KIND_BIT(WIO_IO),
                               .every_ns = S,
                               .idle_after_ns = idle_ns,
                               .events = UINT32_MAX,
                               .patient = true,
                               .orphans = orphans};
  CHECK_INT(wio_monitor_watch(m, selector, &options, &id), 0);
  return id;
}

// "start(7) active(7)"; the history that was told last.
static wio_history told;
static const char *tick(wio_monitor *m, uint64_t seconds) {
  static char text[256];
  size_t length = 0;
  CHECK_INT(wio_monitor_tick(m, seconds * S), 0);
  text[0] = '\0';
  for (wio_event event; wio_monitor_next(m, &event) && length < sizeof text;) {
    if (!event.target) continue;
    length += (size_t)snprintf(text + length, sizeof text - length, "%s%s(%d)", length ? " " : "",
                               wio_event_name(event.type), event.pid);
    told = event.history;
  }
  return text;
}

static const wio_target *only_target(wio_monitor *m, uint64_t watch) {
  const wio_watch *w = wio_monitor_find_watch(m, watch);
  return w && w->count == 1 ? wio_monitor_target(m, w->targets[0]->id) : NULL;
}

static world_process *own_child(pid_t pid, const char *name) {
  world_process *child = world_birth(&here, pid, name);
  child->ppid = WORLD_SELF;
  return child;
}

static void an_orphan_that_was_never_seen_with_its_parent_joins(void) {
  wio_monitor *m = wio_monitor_new(world_init(&here));
  own_child(10, "make");
  uint64_t with = watch_pid(m, 10, true, 0), without = watch_pid(m, 10, false, 0);
  tick(m, 1);
  world_process *orphan = own_child(12, "daemon"); // its parent, 11, is gone already
  world_fork(&here, orphan, 13);
  tick(m, 2);
  CHECK_INT(only_target(m, with)->count, 3);
  CHECK_INT(only_target(m, without)->count, 1);
  world_birth(&here, 20, "other");
  tick(m, 3);
  CHECK_INT(only_target(m, with)->count, 3);
  wio_monitor_free(m);
  CHECK_INT(here.pins, 0);
}

static void an_orphan_keeps_the_target_alive_and_awake(void) {
  wio_monitor *m = wio_monitor_new(world_init(&here));
  world_process *command = own_child(10, "make");
  watch_pid(m, 10, true, 3 * S);
  tick(m, 1);
  world_process *orphan = own_child(12, "daemon");
  tick(m, 2);
  world_exit(&here, command);
  world_reap(&here, command);
  for (uint64_t t = 3; t < 10; t++) {
    world_work(orphan, 100);
    CHECK_TEXT(tick(m, t), t == 3 ? "active(10)" : "");
  }
  for (uint64_t t = 10; t < 12; t++) CHECK_TEXT(tick(m, t), "");
  CHECK_TEXT(tick(m, 12), "idle(10)");
  world_exit(&here, orphan);
  CHECK_TEXT(tick(m, 13), "exit(10)");
  wio_monitor_free(m);
}

static void held_quiet_is_not_counted(void) {
  wio_monitor *m = wio_monitor_new(world_init(&here));
  own_child(10, "make");
  uint64_t watch = watch_pid(m, 10, true, 5 * S);
  tick(m, 1);
  tick(m, 2);
  tick(m, 3); // quiet for two seconds
  wio_monitor_hold(m, watch, true, 3 * S + S / 2);
  wio_monitor_hold(m, watch, true, 3 * S + S / 2); // twice
  for (uint64_t t = 4; t < 100; t++) CHECK_TEXT(tick(m, t), "");
  wio_monitor_hold(m, watch, false, 99 * S + S / 2);
  CHECK_TEXT(tick(m, 100), "");
  CHECK_TEXT(tick(m, 101), "");
  CHECK_INT(wio_monitor_tick(m, 101 * S + 999 * WIO_NS_PER_MS), 0);
  CHECK(!wio_monitor_has_events(m)); // never early
  CHECK_TEXT(tick(m, 102), "idle(10)");
  wio_monitor_hold(m, watch, false, 102 * S);
  wio_monitor_hold(m, watch + 9, true, 102 * S); // there is none
  wio_monitor_free(m);
}

static void a_machine_that_stood_still_credits_nothing_while_held(void) {
  wio_monitor *m = wio_monitor_new(world_init(&here));
  own_child(10, "make");
  uint64_t watch = watch_pid(m, 10, true, 5 * S);
  tick(m, 1);
  wio_monitor_hold(m, watch, true, 2 * S);
  wio_monitor_hold(m, watch, false, 1000 * S); // nobody ticked meanwhile
  for (uint64_t t = 1000; t < 1004; t++) CHECK_TEXT(tick(m, t), "");
  CHECK_TEXT(tick(m, 1004), "idle(10)");
  wio_monitor_free(m);
}

static void activity_is_told_while_held(void) {
  wio_monitor *m = wio_monitor_new(world_init(&here));
  world_process *command = own_child(10, "make");
  uint64_t watch = watch_pid(m, 10, true, 5 * S);
  tick(m, 1);
  wio_monitor_hold(m, watch, true, 2 * S);
  world_work(command, 100);
  CHECK_TEXT(tick(m, 3), "active(10)");
  wio_monitor_free(m);
}

static void its_history_is_told_at_the_end(void) {
  wio_monitor *m = wio_monitor_new(world_init(&here));
  world_process *command = own_child(10, "make");
  watch_pid(m, 10, true, 0);
  tick(m, 1);
  for (uint64_t t = 2; t < 6; t++) world_work(command, 100), tick(m, t);
  world_process *child = world_fork(&here, command, 11);
  for (uint64_t t = 6; t < 14; t++) tick(m, t); // quiet from 5, seen to be so until 13
  world_work(command, 100);
  tick(m, 14);
  world_exit(&here, child);
  world_reap(&here, child);
  world_fork(&here, command, 12);
  tick(m, 15);
  world_exit(&here, world_find(&here, 12));
  world_exit(&here, command);
  CHECK_TEXT(tick(m, 16), "exit(10)");
  CHECK_INT(told.joined, 3);
  CHECK_INT(told.most, 2);
  CHECK_INT(told.longest_quiet_ns, 8 * S);
  wio_monitor_free(m);
}

static void who_is_born_is_inspected_at_the_intervals(void) {
  wio_monitor *m = wio_monitor_new(world_init(&here));
  here.hears = true;
  world_process *command = own_child(10, "make");
  uint64_t watch = watch_pid(m, 10, true, 0);
  tick(m, 1);
  world_fork(&here, command, 11);
  for (uint64_t ms = 1010; ms < 2000; ms += 10) CHECK_INT(wio_monitor_tick(m, ms * WIO_NS_PER_MS), 0);
  CHECK_INT(only_target(m, watch)->count, 1);
  tick(m, 2);
  CHECK_INT(only_target(m, watch)->count, 2);
  wio_monitor_free(m);
}

static void who_was_just_born_is_read_before_a_verdict(void) {
  wio_monitor *m = wio_monitor_new(world_init(&here));
  here.hears = true;
  world_process *command = own_child(10, "make");
  watch_pid(m, 10, true, 3 * S + S / 2);
  for (uint64_t t = 1; t <= 4; t++) tick(m, t);
  world_work(world_fork(&here, command, 11), 100);
  CHECK_INT(wio_monitor_tick(m, 4 * S + S / 4), 0);
  CHECK_INT(wio_monitor_tick(m, 4 * S + S / 2), 0); // the deadline
  CHECK_TEXT(tick(m, 5), "active(10)");
  wio_monitor_free(m);
}

int main(void) {
  who_is_born_is_inspected_at_the_intervals();
  who_was_just_born_is_read_before_a_verdict();
  an_orphan_that_was_never_seen_with_its_parent_joins();
  an_orphan_keeps_the_target_alive_and_awake();
  held_quiet_is_not_counted();
  a_machine_that_stood_still_credits_nothing_while_held();
  activity_is_told_while_held();
  its_history_is_told_at_the_end();
  return check_result();
}
