// SPDX-License-Identifier: MIT
// Who joins and who leaves: births, execs and new names, told by the kernel or found at the intervals.
#include "engine/monitor.h"

#include "check.h"
#include "core/units.h"
#include "world.h"

#define S WIO_NS_PER_SECOND
#define MS WIO_NS_PER_MS

static world here;

static uint64_t every_ns = S;

static wio_monitor *begin(bool hears) {
  wio_monitor *m = wio_monitor_new(world_init(&here));
  here.hears = hears;
  return m;
}

static uint64_t watch_per(wio_monitor *m, wio_per per, const char *glob) {
  char message[128];
  uint64_t id = 0;
  wio_selector *selector = wio_selector_new();
  wio_selector_add_name(selector, glob, message, sizeof message);
  wio_watch_options options = {.kinds = WIO_KIND_BIT(WIO_IO), .per = per, .every_ns = every_ns, .events = UINT32_MAX};
  CHECK_INT(wio_monitor_watch(m, selector, &options, &id), 0);
  return id;
}

static uint64_t watch_name(wio_monitor *m, const char *glob) { return watch_per(m, WIO_PER_TREE, glob); }

static wio_event last; // the last event of a tick

// A pass, and its events as "start(7) active(7)".
static const char *tick(wio_monitor *m, uint64_t now_ns) {
  static char text[4096];
  size_t length = 0;
  CHECK_INT(wio_monitor_tick(m, now_ns), 0);
  text[0] = '\0';
  for (wio_event event; wio_monitor_next(m, &event) && length < sizeof text; last = event)
    length += (size_t)snprintf(text + length, sizeof text - length, "%s%s(%d)", length ? " " : "",
                               wio_event_name(event.type), event.pid);
  return text;
}

// The loop wakes up for the first birth, and again when births have been gathered.
static const char *wake(wio_monitor *m, uint64_t now_ns) {
  CHECK_TEXT(tick(m, now_ns), "");
  return tick(m, now_ns + 20 * MS);
}

static const wio_target *only_target(wio_monitor *m, uint64_t watch) {
  const wio_watch *w = wio_monitor_find_watch(m, watch);
  return w && w->count == 1 ? wio_monitor_target(m, w->targets[0]->id) : NULL;
}

static void what_is_told_is_seen_at_once(void) {
  wio_monitor *m = begin(true);
  for (pid_t pid = 10; pid < 30; pid++) world_birth(&here, pid, "old");
  watch_name(m, "new");
  CHECK_TEXT(tick(m, 1 * S), "missing(0)");
  CHECK(wio_monitor_hears_births(m));
  int lists = here.lists, describes = here.describes;
  world_process *shell = world_birth(&here, 30, "sh");
  CHECK_TEXT(tick(m, 1500 * MS), "");
  uint64_t due_ns = 0;
  CHECK(wio_monitor_due(m, &due_ns));
  CHECK_INT(due_ns, 1520 * MS); // gathered
  world_exec(&here, shell, "new");
  CHECK_TEXT(tick(m, 1520 * MS), "start(30)");
  CHECK_INT(here.lists, lists);
  CHECK_INT(here.describes - describes, 2);        // once for two births; and its parent, which may match
  world_exec(&here, world_find(&here, 12), "new"); // late in its life
  CHECK_TEXT(wake(m, 1600 * MS), "start(12)");
  wio_monitor_free(m);
  CHECK_INT(here.pins, 0);
}

static void what_is_gone_again_is_not_inspected(void) {
  wio_monitor *m = begin(true);
  watch_name(m, "new");
  tick(m, 1 * S);
  int describes = here.describes;
  uint64_t at_ns = 1100 * MS;
  for (pid_t pid = 1; pid <= 40; pid++) {
    world_vanish(&here, world_birth(&here, pid + 100, "new"));
    tick(m, at_ns += MS);
  }
  tick(m, 2 * S);
  CHECK_INT(here.describes - describes, 40); // each asked for once
  CHECK_INT(wio_monitor_tally(m).processes, 0);
  CHECK_INT(here.pins, 0);
  wio_monitor_free(m);
}

// Many at once are gathered for longer, so that a storm of them costs no more than an interval's look.
static void a_storm_is_inspected_less_often(void) {
  wio_monitor *m = begin(true);
  world_process *p = world_birth(&here, 10, "p");
  watch_name(m, "new");
  tick(m, 1 * S);
  for (int i = 0; i < 200; i++) world_tell(&here, p->pid);
  wake(m, 1100 * MS);
  world_tell(&here, p->pid);
  tick(m, 1130 * MS);
  uint64_t due_ns = 0;
  CHECK(wio_monitor_due(m, &due_ns));
  CHECK_INT(due_ns, 1190 * MS);
  wio_monitor_free(m);
}

static void what_is_lost_is_found_within_a_second(void) {
  every_ns = 100 * S;
  wio_monitor *m = begin(true);
  watch_name(m, "new");
  tick(m, 1 * S);
  here.loses = true;
  world_birth(&here, 30, "new");
  CHECK_TEXT(wake(m, 1100 * MS), "");
  uint64_t due_ns = 0;
  CHECK(wio_monitor_due(m, &due_ns));
  CHECK_INT(due_ns, 2120 * MS);
  CHECK_TEXT(tick(m, due_ns), "start(30)");
  wio_monitor_free(m);
  every_ns = S;
}

static void what_is_lost_is_found_at_the_next_interval(void) {
  wio_monitor *m = begin(true);
  for (pid_t pid = 10; pid < 30; pid++) world_birth(&here, pid, "old");
  watch_name(m, "new");
  tick(m, 1 * S);
  here.loses = true;
  world_exec(&here, world_find(&here, 12), "new");
  world_birth(&here, 30, "new");
  CHECK_TEXT(wake(m, 1100 * MS), "");
  world_birth(&here, 31, "new");
  CHECK_TEXT(wake(m, 1200 * MS), ""); // nothing wakes before the interval
  CHECK_TEXT(tick(m, 2 * S), "start(12) start(30) start(31)");
  int lists = here.lists;
  world_birth(&here, 32, "new");
  CHECK_TEXT(wake(m, 2100 * MS), "start(32)"); // told again
  CHECK_INT(here.lists, lists);
  wio_monitor_free(m);
}

static void a_late_match_joins_with_its_children(bool hears, bool no_children) {
  wio_monitor *m = begin(hears);
  here.no_children = no_children;
  world_process *shell = world_birth(&here, 10, "sh");
  world_process *child = world_fork(&here, shell, 11);
  world_fork(&here, child, 12);
  uint64_t watch = watch_name(m, "server");
  for (uint64_t t = 1; t < 5; t++) tick(m, t * S);
  world_exec(&here, shell, "server");
  CHECK_TEXT(tick(m, 5 * S), "start(10)");
  if (no_children) CHECK_TEXT(tick(m, 6 * S), ""); // a look at all
  CHECK_INT(only_target(m, watch)->count, 3);
  wio_monitor_free(m);
}

static void who_no_longer_matches_leaves(bool hears) {
  wio_monitor *m = begin(hears);
  world_process *root = world_birth(&here, 10, "server");
  world_process *child = world_fork(&here, root, 11);
  strcpy(world_fork(&here, child, 12)->name, "helper");
  uint64_t watch = watch_name(m, "server");
  CHECK_TEXT(tick(m, 1 * S), "start(10)");
  world_exec(&here, child, "worker"); // by descent, so it stays
  CHECK_TEXT(tick(m, 2 * S), "");
  CHECK_INT(only_target(m, watch)->count, 3);
  world_work(child, 7);
  world_exec(&here, child, "server");
  tick(m, 3 * S);
  world_work(root, 5);
  world_exec(&here, root, "other");
  CHECK_TEXT(tick(m, 4 * S), "leave(10) start(11)"); // the child is a match of its own now
  CHECK_INT(only_target(m, watch)->count, 2);
  CHECK_INT(here.pins, 2);
  wio_monitor_free(m);
}

static void what_it_did_before_it_left_is_told(void) {
  wio_monitor *m = begin(true);
  world_process *p = world_birth(&here, 10, "x");
  watch_per(m, WIO_PER_PROCESS, "x");
  tick(m, 1 * S);
  world_work(p, 5);
  world_exec(&here, p, "y");
  CHECK_TEXT(wake(m, 1100 * MS), "active(10) leave(10)");
  CHECK_INT(last.total[WIO_RCHAR], 5);
  world_exec(&here, p, "x"); // and it comes back as a new target
  CHECK_TEXT(wake(m, 1200 * MS), "start(10)");
  CHECK_INT(last.total[WIO_RCHAR], 0);
  wio_monitor_free(m);
}

static void one_that_ends_as_another_has_ended(void) {
  wio_monitor *m = begin(true);
  world_process *p = world_birth(&here, 10, "x");
  watch_name(m, "x");
  tick(m, 1 * S);
  world_exec(&here, p, "y");
  CHECK_TEXT(tick(m, 1100 * MS), "");
  world_exit(&here, p);
  CHECK_TEXT(tick(m, 1120 * MS), "exit(10)");
  wio_monitor_free(m);
}

static void one_of_a_group_leaves_alone(void) {
  wio_monitor *m = begin(true);
  world_process *a = world_birth(&here, 10, "x");
  world_process *b = world_birth(&here, 11, "x");
  uint64_t watch = watch_per(m, WIO_PER_ALL, "x");
  tick(m, 1 * S);
  world_work(a, 5);
  world_work(b, 7);
  world_exec(&here, a, "y");
  CHECK_TEXT(wake(m, 1100 * MS), "active(10)");
  CHECK_INT(only_target(m, watch)->count, 1);
  CHECK_INT(only_target(m, watch)->total[WIO_RCHAR], 12); // what it did stays counted
  world_work(a, 100);
  CHECK_TEXT(tick(m, 2 * S), "");
  CHECK_INT(only_target(m, watch)->total[WIO_RCHAR], 12);
  world_exec(&here, b, "y");
  CHECK_TEXT(wake(m, 2100 * MS), "leave(10)");
  CHECK_INT(here.pins, 0);
  wio_monitor_free(m);
}

static void a_new_name_or_user_is_another_group(void) {
  wio_monitor *m = begin(true);
  world_process *a = world_birth(&here, 10, "xa");
  world_birth(&here, 11, "xa");
  watch_per(m, WIO_PER_NAME, "x?");
  watch_per(m, WIO_PER_USER, "x?");
  CHECK_TEXT(tick(m, 1 * S), "start(10) start(10)");
  world_exec(&here, a, "xb");
  CHECK_TEXT(wake(m, 1100 * MS), "start(10)");
  a->uid = 33;
  world_tell(&here, a->pid);
  CHECK_TEXT(wake(m, 1200 * MS), "start(10)");
  wio_monitor_free(m);
}

// Ten new names a second: every one that is there at a look is one edge, no two alike in a row, and nothing stays
// behind.
static void one_that_keeps_renaming_itself(void) {
  wio_monitor *m = begin(true);
  world_process *p = world_birth(&here, 10, "x");
  watch_name(m, "x");
  tick(m, 1 * S);
  bool there = true;
  for (uint64_t at_ns = 1100 * MS; at_ns < 20 * S; at_ns += 100 * MS) {
    world_exec(&here, p, there ? "y" : "x");
    bool at_interval = *tick(m, at_ns); // which looks at once
    if (!at_interval) tick(m, at_ns + 20 * MS);
    CHECK_INT(last.type, there ? WIO_EVENT_LEAVE : WIO_EVENT_START);
    there = !there;
    CHECK_INT(here.pins, there);
  }
  wio_monitor_free(m);
}

static void a_thousand_matches_a_second_leave_nothing(bool hears) {
  wio_monitor *m = begin(hears);
  watch_name(m, "x");
  tick(m, 1 * S);
  pid_t pid = 100;
  uint64_t at_ns = 1 * S;
  for (int round = 0; round < 100; round++) {
    for (int i = 0; i < 10; i++) world_birth(&here, ++pid, "x");
    tick(m, at_ns += 10 * MS);
    tick(m, at_ns += 20 * MS);
    for (int i = 0; i < 10; i++) world_vanish(&here, world_find(&here, pid - i));
  }
  for (int i = 0; i < 5; i++) tick(m, at_ns += S);
  CHECK_INT(here.pins, 0);
  CHECK_INT(wio_monitor_tally(m).processes, 0);
  wio_monitor_free(m);
}

static void without_watches_nobody_listens(void) {
  wio_monitor *m = begin(true);
  uint64_t watch = watch_name(m, "x");
  tick(m, 1 * S);
  wio_monitor_unwatch(m, watch);
  world_birth(&here, 10, "x");
  uint64_t due_ns;
  tick(m, 1100 * MS);
  CHECK(!wio_monitor_due(m, &due_ns));
  watch_name(m, "x");
  CHECK_TEXT(tick(m, 2 * S), "start(10)");
  wio_monitor_free(m);
}

int main(void) {
  what_is_told_is_seen_at_once();
  what_is_gone_again_is_not_inspected();
  a_storm_is_inspected_less_often();
  what_is_lost_is_found_within_a_second();
  what_is_lost_is_found_at_the_next_interval();
  for (int i = 0; i < 4; i++) a_late_match_joins_with_its_children(i & 1, i & 2);
  for (int i = 0; i < 2; i++) who_no_longer_matches_leaves(i);
  what_it_did_before_it_left_is_told();
  one_that_ends_as_another_has_ended();
  one_of_a_group_leaves_alone();
  a_new_name_or_user_is_another_group();
  one_that_keeps_renaming_itself();
  for (int i = 0; i < 2; i++) a_thousand_matches_a_second_leave_nothing(i);
  without_watches_nobody_listens();
  return check_result();
}
