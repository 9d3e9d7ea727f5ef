// SPDX-License-Identifier: MIT
// Those that were born in a tree and are gone before they could be held did something that nobody can tell: the tree is
// not idle, and its total is known to lack it, or not to.
#include "engine/monitor.h"

#include "check.h"
#include "core/units.h"
#include "world.h"

#define S WIO_NS_PER_SECOND
#define MS WIO_NS_PER_MS

static world here;
static uint64_t now_ns;

static wio_monitor *begin(int kinds) {
  char message[128];
  uint64_t id = 0;
  wio_monitor *m = wio_monitor_new(world_init(&here));
  here.hears = true;
  world_birth(&here, 500, "stranger");
  world_birth(&here, 10, "job");
  wio_selector *selector = wio_selector_new();
  wio_selector_add_name(selector, "job", message, sizeof message);
  wio_floors one_percent = {.rate = {[WIO_FLOOR_CPU] = 1e7}};
  wio_watch_options options = {.kinds = kinds,
                               .every_ns = 100 * MS,
                               .idle_after_ns = S,
                               .events = UINT32_MAX,
                               .floors = {one_percent, one_percent}};
  CHECK_INT(wio_monitor_watch(m, selector, &options, &id), 0);
  now_ns = S;
  CHECK_INT(wio_monitor_tick(m, now_ns), 0);
  return m;
}

static void end(wio_monitor *m) {
  wio_monitor_free(m);
  CHECK_INT(here.pins, 0);
}

// Ticks for so long; how many events of a type there were. `last` is the last of them.
static int count(wio_monitor *m, uint64_t for_ns, wio_event_type type, wio_event *last) {
  int found = 0;
  for (uint64_t until_ns = now_ns + for_ns; now_ns < until_ns;) {
    CHECK_INT(wio_monitor_tick(m, now_ns += 100 * MS), 0);
    for (wio_event event; wio_monitor_next(m, &event);) {
      found += event.type == type;
      if (event.type == type && last) *last = event;
    }
  }
  return found;
}

static void fork_and_vanish(pid_t parent) { world_vanish(&here, world_fork(&here, world_find(&here, parent), 11)); }

static void it_keeps_its_tree_from_being_idle(void) {
  wio_monitor *m = begin(WIO_KIND_BIT(WIO_IO) | WIO_KIND_BIT(WIO_CPU));
  count(m, 800 * MS, WIO_EVENT_IDLE, NULL);
  fork_and_vanish(10);
  CHECK_INT(count(m, 900 * MS, WIO_EVENT_IDLE, NULL), 0);
  CHECK_INT(count(m, 500 * MS, WIO_EVENT_IDLE, NULL), 1);
  fork_and_vanish(10);
  CHECK_INT(count(m, 500 * MS, WIO_EVENT_ACTIVE, NULL), 1);
  end(m);
}

static void it_does_not_where_time_run_is_no_activity(void) {
  wio_monitor *m = begin(WIO_KIND_BIT(WIO_IO));
  count(m, 800 * MS, WIO_EVENT_IDLE, NULL);
  fork_and_vanish(10);
  CHECK_INT(count(m, 400 * MS, WIO_EVENT_IDLE, NULL), 1);
  end(m);
}

static void a_strangers_does_not(void) {
  wio_monitor *m = begin(WIO_KIND_BIT(WIO_IO) | WIO_KIND_BIT(WIO_CPU));
  count(m, 800 * MS, WIO_EVENT_IDLE, NULL);
  fork_and_vanish(500);
  CHECK_INT(count(m, 400 * MS, WIO_EVENT_IDLE, NULL), 1);
  end(m);
}

// `late`: after all that it did was read.
static void nor_does_what_was_just_found_open(bool late) {
  wio_monitor *m = begin(WIO_KIND_BIT(WIO_IO) | WIO_KIND_BIT(WIO_CPU) | WIO_KIND_BIT(WIO_NET));
  world_process *job = world_find(&here, 10);
  count(m, 800 * MS, WIO_EVENT_IDLE, NULL);
  job->cpu_ns += 100;
  if (late) count(m, 100 * MS, WIO_EVENT_IDLE, NULL);
  job->revealed = true;
  CHECK_INT(count(m, 900 * MS, WIO_EVENT_IDLE, NULL), 0);
  CHECK_INT(count(m, 500 * MS, WIO_EVENT_IDLE, NULL), 1);
  end(m);
}

// The look that decides is one that samples, too.
static void what_decides_is_read_exactly(void) {
  wio_monitor *m = begin(WIO_KIND_BIT(WIO_IO) | WIO_KIND_BIT(WIO_CPU) | WIO_KIND_BIT(WIO_NET));
  world_process *job = world_find(&here, 10);
  count(m, 900 * MS, WIO_EVENT_IDLE, NULL);
  job->cpu_ns += 100;
  job->opened = true;
  CHECK_INT(count(m, 900 * MS, WIO_EVENT_IDLE, NULL), 0);
  end(m);
}

// ---- the total

static void reap_unread(world_process *job) { world_vanish(&here, job); }
static void end_and_stay(world_process *job) { world_exit(&here, job); }
static void lose_child(world_process *job) {
  fork_and_vanish(job->pid);
  end_and_stay(job);
}

static const struct {
  void (*end)(world_process *job);
  bool ignores, at_least;
} ends[] = {
    {reap_unread, false, true},
    {end_and_stay, false, false},
    {lose_child, true, false}, // who is gone itself cannot be asked
    {lose_child, false, false},
};

static void a_total_says_whether_it_is_all(void) {
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    wio_monitor *m = begin(WIO_KIND_BIT(WIO_IO));
    wio_event last = {0};
    world_process *job = world_find(&here, 10);
    here.ignores = ends[i].ignores;
    world_work(job, 100);
    ends[i].end(job);
    CHECK_INT(count(m, 300 * MS, WIO_EVENT_EXIT, &last), 1);
    CHECK_INT(last.at_least, ends[i].at_least);
    end(m);
  }
}

static void what_nobody_waits_for_is_lacking(bool ignores) {
  wio_monitor *m = begin(WIO_KIND_BIT(WIO_IO));
  wio_event last = {0};
  here.ignores = ignores;
  fork_and_vanish(10);
  count(m, 300 * MS, WIO_EVENT_IDLE, NULL);
  CHECK_INT(count(m, S, WIO_EVENT_IDLE, &last), 1);
  CHECK_INT(last.at_least, ignores);
  end(m);
}

int main(void) {
  it_keeps_its_tree_from_being_idle();
  it_does_not_where_time_run_is_no_activity();
  a_strangers_does_not();
  nor_does_what_was_just_found_open(false);
  nor_does_what_was_just_found_open(true);
  what_decides_is_read_exactly();
  a_total_says_whether_it_is_all();
  what_nobody_waits_for_is_lacking(true);
  what_nobody_waits_for_is_lacking(false);
  return check_result();
}
