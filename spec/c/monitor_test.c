// SPDX-License-Identifier: MIT
// The engine on a scripted world and a made-up clock.
#include "engine/monitor.h"

#include "check.h"
#include "core/units.h"
#include "engine/hunt.h"
#include "world.h"

#define S WIO_NS_PER_SECOND
#define MS WIO_NS_PER_MS
#define ALL_EVENTS (~(1u << WIO_EVENT_NOISE))

static world here;

static wio_monitor *begin(void) { return wio_monitor_new(world_init(&here)); }

static uint64_t watch_per(wio_monitor *m, wio_per per, const char *glob, uint64_t every_ns, uint64_t idle_ns) {
  char message[128];
  uint64_t id = 0;
  wio_selector *selector = wio_selector_new();
  wio_selector_add_name(selector, glob, message, sizeof message);
  wio_watch_options options = {
      .kinds = WIO_KIND_BIT(WIO_IO), .per = per, .every_ns = every_ns, .idle_after_ns = idle_ns, .events = ALL_EVENTS};
  CHECK_INT(wio_monitor_watch(m, selector, &options, &id), 0);
  return id;
}

static uint64_t watch_name(wio_monitor *m, const char *glob, uint64_t every_ns, uint64_t idle_ns) {
  return watch_per(m, WIO_PER_TREE, glob, every_ns, idle_ns);
}

static const wio_target *target_of(wio_monitor *m, uint64_t watch, size_t i) {
  const wio_watch *w = wio_monitor_find_watch(m, watch);
  return w && i < w->count ? w->targets[i] : NULL;
}

static uint64_t watch_pid(wio_monitor *m, pid_t pid, uint64_t every_ns, uint64_t idle_ns) {
  uint64_t id = 0;
  wio_selector *selector = wio_selector_new();
  wio_selector_add_pid(selector, pid);
  wio_watch_options options = {
      .kinds = WIO_KIND_BIT(WIO_IO), .every_ns = every_ns, .idle_after_ns = idle_ns, .events = ALL_EVENTS};
  CHECK_INT(wio_monitor_watch(m, selector, &options, &id), 0);
  return id;
}

// Drains the events into "start(7) active(7) …".
static const char *drain(wio_monitor *m) {
  static char text[1024];
  size_t length = 0;
  text[0] = '\0';
  for (wio_event event; wio_monitor_next(m, &event) && length < sizeof text;)
    length += (size_t)snprintf(text + length, sizeof text - length, event.pid ? "%s%s(%d)" : "%s%s", length ? " " : "",
                               wio_event_name(event.type), event.pid);
  return text;
}

static const char *tick(wio_monitor *m, uint64_t now_ns) {
  CHECK_INT(wio_monitor_tick(m, now_ns), 0);
  return drain(m);
}

static void a_target_starts_works_rests_and_ends(void) {
  wio_monitor *m = begin();
  world_process *p = world_birth(&here, 7, "nginx");
  watch_name(m, "nginx", S, 3 * S);
  CHECK_TEXT(tick(m, 10 * S), "start(7)");
  CHECK_TEXT(tick(m, 11 * S), "");
  world_work(p, 100);
  CHECK_TEXT(tick(m, 12 * S), "active(7)");
  world_work(p, 100);
  CHECK_TEXT(tick(m, 13 * S), "");
  for (uint64_t t = 14; t < 16; t++) CHECK_TEXT(tick(m, t * S), "");
  CHECK_TEXT(tick(m, 15 * S + 999 * MS), "");
  CHECK_TEXT(tick(m, 16 * S), "idle(7)"); // three seconds after it was last seen to move
  CHECK_TEXT(tick(m, 30 * S), "");        // once per quiet period
  world_work(p, 1);
  CHECK_TEXT(tick(m, 31 * S), "active(7)");
  p->zombie = true;
  CHECK_TEXT(tick(m, 31 * S + 1), "exit(7)"); // at once, and a zombie has ended
  CHECK_INT(here.pins, 0);
  wio_monitor_free(m);
}

static void idle_is_decided_at_its_deadline_by_a_reading_of_then(void) {
  wio_monitor *m = begin();
  world_process *p = world_birth(&here, 7, "x");
  watch_name(m, "x", 10 * S, 3 * S);
  tick(m, 100 * S);
  uint64_t due_ns = 0;
  CHECK(wio_monitor_due(m, &due_ns));
  CHECK_INT(due_ns, 103 * S); // not the next sample, at 110
  // The clock stands still, as it can for a tick after a write: the reading must not believe it.
  p->io[WIO_WCHAR] += 1;
  CHECK_TEXT(tick(m, 103 * S), "active(7)");
  CHECK_TEXT(tick(m, 106 * S), "idle(7)");
  wio_monitor_free(m);
}

static void the_gate_saves_reads_and_loses_nothing(void) {
  wio_monitor *m = begin();
  world_process *p = world_birth(&here, 7, "x");
  watch_name(m, "x", S, 0);
  tick(m, 1 * S);
  tick(m, 2 * S);
  int reads = p->reads;
  for (uint64_t t = 3; t < 20; t++) tick(m, t * S);
  CHECK_INT(p->reads, reads);
  world_work(p, 5);
  CHECK_TEXT(tick(m, 20 * S), "active(7)");
  world_work(p, 5); // found active, so read without asking the clock
  p->cpu_ns = p->asked_cpu_ns;
  reads = p->reads;
  tick(m, 21 * S);
  CHECK_INT(p->reads, reads + 1);
  wio_monitor_free(m);
}

static void a_process_is_read_once_a_tick_for_all_its_watches(void) {
  wio_monitor *m = begin();
  world_process *p = world_birth(&here, 7, "x");
  for (int i = 0; i < 3; i++) watch_name(m, "x", S, S);
  CHECK_TEXT(tick(m, 1 * S), "start(7) start(7) start(7)");
  CHECK_INT(p->reads, 1);
  world_work(p, 1);
  CHECK_TEXT(tick(m, 2 * S), "active(7) active(7) active(7)");
  CHECK_INT(p->reads, 2);
  CHECK_INT(here.pins, 1);
  wio_monitor_free(m);
}

static void each_watch_judges_for_itself(void) {
  wio_monitor *m = begin();
  world_process *p = world_birth(&here, 7, "x");
  watch_name(m, "x", S, 0);
  uint64_t slow = watch_name(m, "x", 5 * S, 0);
  tick(m, 10 * S);
  world_work(p, 1);
  CHECK_TEXT(tick(m, 11 * S), "active(7)");
  CHECK_TEXT(tick(m, 12 * S), "");
  CHECK_INT(wio_monitor_tick(m, 15 * S), 0);
  wio_event event;
  CHECK(wio_monitor_next(m, &event)); // read long before, but not yet judged by the slow one
  CHECK_INT(event.watch, slow);
  CHECK_INT(event.type, WIO_EVENT_ACTIVE);
  CHECK_INT(event.moved[WIO_RCHAR], 1);
  wio_monitor_free(m);
}

static void unknown_is_never_idle(void) {
  wio_monitor *m = begin();
  world_process *p = world_birth(&here, 7, "x");
  p->io_error = EACCES;
  watch_name(m, "x", S, 2 * S);
  CHECK_TEXT(tick(m, 1 * S), "start(7) unreadable(7)");
  for (uint64_t t = 2; t < 100; t++) {
    p->cpu_ns++;
    CHECK_TEXT(tick(m, t * S), ""); // said once, and never idle
  }
  p->io_error = 0;
  p->cpu_ns++;
  CHECK_TEXT(tick(m, 100 * S), "readable(7)");
  CHECK_TEXT(tick(m, 101 * S), "");
  CHECK_TEXT(tick(m, 102 * S), "idle(7)"); // quiet counts from the first reading
  p->io_error = EPERM;
  p->cpu_ns++;
  CHECK_TEXT(tick(m, 103 * S), "unreadable(7)");
  p->io_error = 0;
  world_work(p, 9); // unseen work is work
  CHECK_TEXT(tick(m, 104 * S), "readable(7) active(7)");
  wio_monitor_free(m);
}

static void a_stalled_machine_is_not_a_quiet_one(void) {
  wio_monitor *m = begin();
  world_birth(&here, 7, "x");
  watch_name(m, "x", S, 10 * S);
  tick(m, 1 * S);
  CHECK_TEXT(tick(m, 1000 * S), ""); // 999 seconds unwatched: two are credited
  for (uint64_t t = 1001; t < 1008; t++) CHECK_TEXT(tick(m, t * S), "");
  CHECK_TEXT(tick(m, 1008 * S), "idle(7)");
  wio_monitor_free(m);
}

static void samples_keep_an_absolute_schedule(void) {
  wio_monitor *m = begin();
  world_birth(&here, 7, "x");
  watch_name(m, "x", 100 * MS, 0);
  tick(m, 1 * S);
  uint64_t due_ns;
  for (uint64_t i = 1; i < 1000; i++) {
    CHECK(wio_monitor_due(m, &due_ns));
    CHECK_INT(due_ns, S + i * 100 * MS);
    tick(m, due_ns + i % 90 * MS); // always late, never drifting
  }
  tick(m, 900 * S + 30 * MS); // what was missed is left out
  CHECK(wio_monitor_due(m, &due_ns));
  CHECK_INT(due_ns, 900 * S + 100 * MS);
  wio_monitor_free(m);
}

static void newborn_are_found_and_only_they_are_inspected(void) {
  wio_monitor *m = begin();
  for (pid_t pid = 100; pid < 120; pid++) world_birth(&here, pid, "old");
  watch_name(m, "new", S, 0);
  tick(m, 1 * S);
  for (uint64_t t = 2; t < 5; t++) tick(m, t * S); // by then nobody is young any more
  int lists = here.lists, describes = here.describes;
  for (uint64_t t = 5; t < 10; t++) tick(m, t * S);
  CHECK_INT(here.lists, lists); // nothing was born, so nothing is scanned
  CHECK_INT(here.describes, describes);
  world_birth(&here, 120, "new");
  CHECK_TEXT(tick(m, 10 * S), "start(120)");
  CHECK(here.describes - describes <= 2);
  world_birth(&here, 5, "new"); // pids went round
  CHECK_TEXT(tick(m, 11 * S), "start(5)");
  world_process *shell = world_birth(&here, 6, "sh"); // a fork before its exec
  CHECK_TEXT(tick(m, 12 * S), "");
  strcpy(shell->name, "new");
  CHECK_TEXT(tick(m, 13 * S), "start(6)");
  wio_monitor_free(m);
}

static void a_late_exec_is_found_after_an_interval(void) {
  wio_monitor *m = begin();
  world_process *shell = world_birth(&here, 100, "sh");
  watch_name(m, "server", S, 0);
  CHECK_TEXT(tick(m, 1 * S), "missing"); // once
  uint64_t t = 2;
  for (; t < 30; t++) CHECK_TEXT(tick(m, t * S), "");
  world_exec(&here, shell, "server"); // nobody was born
  CHECK_TEXT(tick(m, t++ * S), "start(100)");
  int describes = here.describes;
  for (; t < 40; t++) CHECK_TEXT(tick(m, t * S), "");
  CHECK(here.describes - describes <= 1); // who does not run is not looked at
  wio_monitor_free(m);
}

// Where everybody runs all the time it takes a minute at most.
static void a_late_exec_among_busy_ones_is_found_within_a_minute(void) {
  wio_monitor *m = begin();
  for (pid_t pid = 100; pid < 160; pid++) world_birth(&here, pid, "busy");
  watch_name(m, "server", S, 0);
  CHECK_TEXT(tick(m, 1 * S), "missing");
  uint64_t t = 2, found = 0;
  for (; t < 100 && !found; t++) {
    for (pid_t pid = 100; pid < 160; pid++) world_find(&here, pid)->cpu_ns += 7;
    if (t == 30) world_exec(&here, world_find(&here, 159), "server");
    if (*tick(m, t * S)) found = t;
  }
  CHECK(found >= 30 && found <= 34); // sixty, sixteen a second
  wio_monitor_free(m);
}

static void a_process_may_come_later_than_its_pid(void) {
  wio_monitor *m = begin();
  world_birth(&here, 100, "old");
  watch_name(m, "new", S, 0);
  for (uint64_t t = 1; t < 5; t++) tick(m, t * S);
  world_birth(&here, 102, "other");
  CHECK_TEXT(tick(m, 5 * S), ""); // 101 is on its way
  world_birth(&here, 101, "new");
  here.newest = 102;
  CHECK_TEXT(tick(m, 6 * S), "start(101)");
  int lists = here.lists;
  for (uint64_t t = 7; t < 10; t++) tick(m, t * S);
  CHECK_INT(here.lists, lists);
  wio_monitor_free(m);
}

static void a_reused_pid_is_another_process(void) {
  wio_monitor *m = begin();
  world_process *p = world_birth(&here, 7, "x");
  watch_pid(m, 7, S, S);
  uint64_t by_name = watch_name(m, "x", S, 0);
  CHECK_TEXT(tick(m, 1 * S), "start(7) start(7)");
  p->pid = 0;
  world_birth(&here, 7, "x");
  // The pid's watch never takes the second for the first; the name's watch takes it as a new target.
  CHECK_TEXT(tick(m, 2 * S), "exit(7) finished exit(7) start(7)");
  CHECK_INT(wio_monitor_find_watch(m, by_name)->count, 1);
  wio_monitor_free(m);
}

static void an_end_without_a_held_file_is_found_by_reading(void) {
  wio_monitor *m = begin();
  world_process *p = world_birth(&here, 7, "x");
  world_process *q = world_birth(&here, 8, "x");
  p->unheld = q->unheld = true;
  watch_name(m, "x", S, 0);
  CHECK_TEXT(tick(m, 1 * S), "start(7) start(8)");
  p->zombie = q->zombie = true;
  p->cpu_ns++, q->cpu_ns++; // ending takes time too
  CHECK_TEXT(tick(m, 2 * S), "exit(7) exit(8)");
  wio_monitor_free(m);
}

static void missing_pids_are_named(void) {
  wio_monitor *m = begin();
  world_birth(&here, 8, "z")->zombie = true;
  watch_pid(m, 7, S, 0);
  watch_pid(m, 8, S, 0);
  CHECK_TEXT(tick(m, 1 * S), "missing(7) missing(8) finished finished");
  wio_monitor_free(m);
}

static void last_work_before_the_end_is_seen(void) {
  wio_monitor *m = begin();
  world_process *p = world_birth(&here, 7, "x");
  watch_pid(m, 7, S, 0);
  tick(m, 1 * S);
  world_work(p, 5);
  p->zombie = true;
  CHECK_TEXT(tick(m, 1 * S + MS), "active(7) exit(7) finished");
  wio_monitor_free(m);
}

// ---- kinds and floors

static uint64_t watch_pair(wio_monitor *m, int kinds, wio_floor_pair floors) {
  wio_selector *selector = wio_selector_new();
  char message[80];
  wio_selector_add_name(selector, "x", message, sizeof message);
  wio_watch_options options = {
      .kinds = kinds, .floors = floors, .every_ns = S, .idle_after_ns = 3 * S, .events = ALL_EVENTS};
  uint64_t id;
  CHECK_INT(wio_monitor_watch(m, selector, &options, &id), 0);
  return id;
}

static uint64_t watch_kinds(wio_monitor *m, int kinds, wio_floors floors) {
  return watch_pair(m, kinds, (wio_floor_pair){floors, floors});
}

static void each_kind_counts_alone(void) {
  for (wio_kind kind = 0; kind < WIO_KIND_COUNT; kind++) {
    wio_monitor *m = begin();
    world_process *p = world_birth(&here, 7, "x");
    watch_kinds(m, WIO_KIND_BIT(kind), (wio_floors){{0}});
    tick(m, 1 * S);
    p->cpu_ns += 1000;
    CHECK_TEXT(tick(m, 2 * S), kind == WIO_CPU ? "active(7)" : "");
    world_work(p, 1);
    CHECK_TEXT(tick(m, 3 * S), kind == WIO_IO ? "active(7)" : "");
    p->cpu_ns++;
    p->net_tx += 5;
    CHECK_TEXT(tick(m, 4 * S), kind == WIO_NET ? "active(7)" : "");
    wio_monitor_free(m);
  }
}

static void only_what_counts_is_in_the_total(void) {
  wio_monitor *m = begin();
  world_process *p = world_birth(&here, 7, "x");
  uint64_t net = watch_kinds(m, WIO_KIND_BIT(WIO_NET), (wio_floors){{0}});
  tick(m, 1 * S);
  watch_kinds(m, WIO_ALL_KINDS, (wio_floors){{0}}); // the same process is read for more by now
  tick(m, 2 * S);
  world_work(p, 100);
  p->net_rx += 7;
  tick(m, 3 * S);
  const wio_target *narrow = wio_monitor_target(m, wio_monitor_find_watch(m, net)->targets[0]->id);
  CHECK_INT(narrow->total[WIO_NET_RX], 7);
  CHECK_INT(narrow->total[WIO_RCHAR], 0);
  CHECK_INT(narrow->total[WIO_CPU_NS], 0);
  CHECK_INT(wio_target_known(narrow), WIO_KIND_BIT(WIO_NET));
  wio_monitor_free(m);
}

static void noise_is_told_to_who_asks(void) {
  wio_monitor *m = begin();
  world_process *p = world_birth(&here, 7, "x");
  wio_watch_options options = {.kinds = WIO_KIND_BIT(WIO_IO), .every_ns = S, .events = UINT32_MAX};
  options.floors.hidden = options.floors.shown = (wio_floors){{[WIO_FLOOR_IO] = 1000, [WIO_FLOOR_CALLS] = 20}};
  wio_selector *selector = wio_selector_new();
  wio_selector_add_pid(selector, 7);
  uint64_t watch;
  CHECK_INT(wio_monitor_watch(m, selector, &options, &watch), 0);
  CHECK_TEXT(tick(m, 1 * S), "start(7)");
  world_work(p, 300);
  wio_monitor_tick(m, 2 * S);
  wio_event event;
  CHECK(wio_monitor_next(m, &event));
  CHECK_INT(event.type, WIO_EVENT_NOISE);
  CHECK_INT((int)event.gain.amount[WIO_FLOOR_IO], 300);
  CHECK_INT(event.moved_in_ns, S);
  CHECK_TEXT(tick(m, 3 * S), ""); // nothing moved
  const wio_target *target = wio_monitor_target(m, event.target);
  CHECK_INT((int)target->stirred.amount[WIO_FLOOR_IO], 0); // noise stirs nothing
  world_work(p, 5000);
  CHECK_TEXT(tick(m, 4 * S), "active(7)");
  CHECK_INT((int)target->stirred.amount[WIO_FLOOR_IO], 5000);
  world_work(p, 6000);
  CHECK_TEXT(tick(m, 5 * S), "");
  CHECK_INT((int)target->stirred.amount[WIO_FLOOR_IO], 6000);
  wio_monitor_free(m);
}

static void noise_below_the_floor_is_idleness(void) {
  wio_monitor *m = begin();
  world_process *p = world_birth(&here, 7, "x");
  watch_kinds(m, WIO_ALL_KINDS, (wio_floors){{[WIO_FLOOR_IO] = 4000, [WIO_FLOOR_CALLS] = 20, [WIO_FLOOR_CPU] = 5000}});
  tick(m, 1 * S);
  for (uint64_t t = 2; t < 4; t++) {
    world_work(p, 300); // and runs 1000 ns
    CHECK_TEXT(tick(m, t * S), "");
  }
  world_work(p, 300);
  CHECK_TEXT(tick(m, 4 * S), "idle(7)");
  world_work(p, 300);
  CHECK_TEXT(tick(m, 5 * S), "");
  world_work(p, 4001);
  CHECK_TEXT(tick(m, 6 * S), "active(7)");
  for (uint64_t t = 7; t < 9; t++) {
    world_work(p, 300);
    CHECK_TEXT(tick(m, t * S), ""); // quiet by its floor, and not late: what it did before was judged then
  }
  CHECK_TEXT(tick(m, 9 * S), "idle(7)");
  p->cpu_ns += 5001;
  CHECK_TEXT(tick(m, 10 * S), "active(7)");
  wio_monitor_free(m);
}

// Time run is the only sign of what a process does by datagrams or shared memory.
static void a_process_that_shows_all_may_run_more(void) {
  static const wio_floor_pair floors = {.hidden = {{[WIO_FLOOR_CPU] = 10}}, .shown = {{[WIO_FLOOR_CPU] = 5000}}};
  for (int hidden = 0; hidden < 2; hidden++) {
    wio_monitor *m = begin();
    world_process *p = world_birth(&here, 7, "x");
    p->hidden = hidden;
    watch_pair(m, WIO_ALL_KINDS, floors);
    tick(m, 1 * S);
    p->cpu_ns += 1000;
    CHECK_TEXT(tick(m, 2 * S), hidden ? "active(7)" : "");
    wio_monitor_free(m);
  }
}

// A process that goes on being busy is not counted each time; the first quiet second after that is quiet all the same.
static void what_is_counted_late_is_not_activity_now(void) {
  wio_monitor *m = begin();
  world_process *p = world_birth(&here, 7, "x");
  uint64_t watch = watch_kinds(m, WIO_KIND_BIT(WIO_IO), (wio_floors){{[WIO_FLOOR_IO] = 4000, [WIO_FLOOR_CALLS] = 20}});
  tick(m, 1 * S);
  for (uint64_t t = 2; t <= 4; t++) {
    world_work(p, 100000);
    tick(m, t * S);
  }
  world_work(p, 300);
  CHECK_TEXT(tick(m, 5 * S), "");
  CHECK_TEXT(tick(m, 7 * S), "idle(7)"); // three seconds after the last loud reading
  CHECK_INT(wio_monitor_target(m, wio_monitor_find_watch(m, watch)->targets[0]->id)->total[WIO_RCHAR], 300300);
  wio_monitor_free(m);
}

static void one_unknown_kind_forbids_idleness_and_nothing_else(void) {
  wio_monitor *m = begin();
  world_process *p = world_birth(&here, 7, "x");
  p->net_error = EACCES;
  watch_kinds(m, WIO_ALL_KINDS, (wio_floors){{0}});
  wio_event event;
  CHECK_INT(wio_monitor_tick(m, 1 * S), 0);
  CHECK(wio_monitor_next(m, &event) && event.type == WIO_EVENT_START);
  CHECK(wio_monitor_next(m, &event) && event.type == WIO_EVENT_UNREADABLE);
  CHECK_INT(event.kind, WIO_NET);
  CHECK_INT(event.error, EACCES);
  world_work(p, 1);
  CHECK_TEXT(tick(m, 2 * S), "active(7)"); // as far as can be seen
  for (uint64_t t = 3; t < 20; t++) CHECK_TEXT(tick(m, t * S), "");
  world_work(p, 1);
  CHECK_TEXT(tick(m, 20 * S), "active(7)"); // it was unknown again in between
  p->net_error = 0;
  p->cpu_ns++;
  CHECK_TEXT(tick(m, 21 * S), "readable(7)");
  CHECK_TEXT(tick(m, 23 * S), "");
  CHECK_TEXT(tick(m, 24 * S), "idle(7)");
  wio_monitor_free(m);
}

static void watchio_and_its_commands_match_no_pattern(void) {
  wio_monitor *m = begin();
  world_birth(&here, WORLD_SELF, "x");
  world_birth(&here, 20, "x")->session = 20;
  world_birth(&here, 21, "x")->session = 20;
  world_birth(&here, 30, "x");
  wio_monitor_ignore(m, 20, true);
  watch_name(m, "x", S, 0);
  CHECK_TEXT(tick(m, 1 * S), "start(30)");
  watch_pid(m, WORLD_SELF, S, 0); // named, it is watched
  watch_pid(m, 21, S, 0);
  CHECK_TEXT(tick(m, 2 * S), "start(1000) start(21)");
  wio_monitor_free(m);
}

static void the_untouchable_get_no_signal(void) {
  wio_monitor *m = begin();
  world_birth(&here, 1, "x");
  world_birth(&here, 900, "x")->ppid = 1; // the shell
  world_birth(&here, WORLD_SELF, "me")->ppid = 900;
  world_birth(&here, 3, "x")->kernel_thread = true;
  world_birth(&here, 7, "x");
  uint64_t watch = watch_per(m, WIO_PER_PROCESS, "x", S, 0);
  uint64_t own = watch_pid(m, WORLD_SELF, S, 0), shell = watch_pid(m, 900, S, 0);
  tick(m, 1 * S);
  for (size_t i = 0; i < 5; i++) {
    const wio_target *target = i < 3 ? target_of(m, watch, i) : target_of(m, i < 4 ? own : shell, 0);
    wio_pinned pinned;
    wio_refusal refusal;
    CHECK_INT(wio_pinned_hold(m, target->id, &pinned), 0);
    int rc = wio_hunt_whole(m, &pinned, &(wio_deed){.kind = WIO_DEED_SIGNAL, .signal = 15}, &refusal);
    wio_pinned_release(m, &pinned);
    bool may = target->pid == 7;
    CHECK_INT(rc, may ? 0 : -EPERM);
    CHECK((refusal.text[0] == '\0') == may);
    CHECK_INT(world_find(&here, target->pid)->signals, may);
  }
  wio_monitor_free(m);
}

static void a_last_look_sees_what_the_clock_hides(void) {
  wio_monitor *m = begin();
  world_process *p = world_birth(&here, 7, "x");
  uint64_t watch = watch_name(m, "x", S, S);
  tick(m, 1 * S);
  CHECK_TEXT(tick(m, 2 * S), "idle(7)");
  uint64_t target = target_of(m, watch, 0)->id;
  CHECK_INT(wio_monitor_look(m, target), WIO_LOOK_QUIET);
  p->io[WIO_RCHAR]++;
  CHECK_INT(wio_monitor_look(m, target), WIO_LOOK_MOVED);
  CHECK_TEXT(drain(m), "active(7)");
  p->zombie = true;
  CHECK_INT(wio_monitor_look(m, target), WIO_LOOK_GONE);
  wio_monitor_free(m);
}

static void events_come_in_order_of_time_then_of_registration(void) {
  wio_monitor *m = begin();
  world_birth(&here, 7, "x");
  uint64_t alarm;
  watch_name(m, "x", S, 2 * S);
  watch_name(m, "x", S, S);
  tick(m, 1 * S);
  CHECK_INT(wio_monitor_alarm(m, 2 * S, &alarm), 0);
  CHECK_INT(wio_monitor_tick(m, 9 * S), 0);
  // After a stall of eight seconds only two are credited, to both.
  CHECK_TEXT(drain(m), "idle(7) alarm idle(7)");
  wio_monitor_free(m);
}

static void alarms_go_off_once_and_can_be_cancelled(void) {
  wio_monitor *m = begin();
  uint64_t first, second, due_ns;
  CHECK(!wio_monitor_due(m, &due_ns));
  wio_monitor_alarm(m, 5 * S, &first);
  wio_monitor_alarm(m, 4 * S, &second);
  CHECK(wio_monitor_due(m, &due_ns) && due_ns == 4 * S);
  wio_monitor_cancel(m, second);
  CHECK_TEXT(tick(m, 4 * S), "");
  CHECK_TEXT(tick(m, 5 * S), "alarm");
  CHECK(!wio_monitor_due(m, &due_ns));
  wio_monitor_cancel(m, first); // harmless
  wio_monitor_alarm(m, 6 * S, &first);
  wio_monitor_free(m);
}

static void a_stopped_watch_is_silent(void) {
  wio_monitor *m = begin();
  world_birth(&here, 7, "x");
  uint64_t first = watch_name(m, "x", S, 0);
  watch_name(m, "x", S, 0);
  CHECK_INT(wio_monitor_tick(m, S), 0);
  wio_monitor_unwatch(m, first); // with its start undelivered
  wio_monitor_unwatch(m, first);
  CHECK_TEXT(drain(m), "start(7)");
  CHECK_INT(here.pins, 1);
  wio_monitor_free(m);
  CHECK_INT(here.pins, 0);
}

int main(void) {
  a_target_starts_works_rests_and_ends();
  idle_is_decided_at_its_deadline_by_a_reading_of_then();
  the_gate_saves_reads_and_loses_nothing();
  a_process_is_read_once_a_tick_for_all_its_watches();
  each_watch_judges_for_itself();
  unknown_is_never_idle();
  a_stalled_machine_is_not_a_quiet_one();
  samples_keep_an_absolute_schedule();
  newborn_are_found_and_only_they_are_inspected();
  a_late_exec_is_found_after_an_interval();
  a_late_exec_among_busy_ones_is_found_within_a_minute();
  a_process_may_come_later_than_its_pid();
  a_reused_pid_is_another_process();
  an_end_without_a_held_file_is_found_by_reading();
  missing_pids_are_named();
  last_work_before_the_end_is_seen();
  each_kind_counts_alone();
  only_what_counts_is_in_the_total();
  noise_below_the_floor_is_idleness();
  noise_is_told_to_who_asks();
  a_process_that_shows_all_may_run_more();
  what_is_counted_late_is_not_activity_now();
  one_unknown_kind_forbids_idleness_and_nothing_else();
  watchio_and_its_commands_match_no_pattern();
  the_untouchable_get_no_signal();
  a_last_look_sees_what_the_clock_hides();
  events_come_in_order_of_time_then_of_registration();
  alarms_go_off_once_and_can_be_cancelled();
  a_stopped_watch_is_silent();
  return check_result();
}
