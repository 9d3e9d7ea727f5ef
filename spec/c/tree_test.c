// SPDX-License-Identifier: MIT
// Targets of several processes: who belongs to them, and that every byte counts once.
#include "engine/monitor.h"

#include "check.h"
#include "core/units.h"
#include "world.h"

#define S WIO_NS_PER_SECOND

static world here;

static wio_monitor *begin(void) { return wio_monitor_new(world_init(&here)); }

static uint64_t watch_selected(wio_monitor *m, wio_per per, wio_selector *selector, uint64_t idle_ns) {
  uint64_t id = 0;
  wio_watch_options options = {
      .kinds = WIO_KIND_BIT(WIO_IO), .per = per, .every_ns = S, .idle_after_ns = idle_ns, .events = UINT32_MAX};
  CHECK_INT(wio_monitor_watch(m, selector, &options, &id), 0);
  return id;
}

static uint64_t watch_per(wio_monitor *m, wio_per per, const char *glob, uint64_t idle_ns) {
  char message[128];
  wio_selector *selector = wio_selector_new();
  wio_selector_add_name(selector, glob, message, sizeof message);
  return watch_selected(m, per, selector, idle_ns);
}

static uint64_t watch_pid(wio_monitor *m, pid_t pid) {
  wio_selector *selector = wio_selector_new();
  wio_selector_add_pid(selector, pid);
  return watch_selected(m, WIO_PER_TREE, selector, 0);
}

// "start(7) active(7)"
static const char *tick(wio_monitor *m, uint64_t seconds) {
  static char text[1024];
  size_t length = 0;
  CHECK_INT(wio_monitor_tick(m, seconds * S), 0);
  text[0] = '\0';
  for (wio_event event; wio_monitor_next(m, &event) && length < sizeof text;) {
    length += (size_t)snprintf(text + length, sizeof text - length, "%s%s(%d)", length ? " " : "",
                               wio_event_name(event.type), event.pid);
  }
  return text;
}

static const wio_target *only_target(wio_monitor *m, uint64_t watch) {
  const wio_watch *w = wio_monitor_find_watch(m, watch);
  return w && w->count == 1 ? wio_monitor_target(m, w->targets[0]->id) : NULL;
}

static uint64_t rchar(wio_monitor *m, uint64_t watch) { return only_target(m, watch)->total[WIO_RCHAR]; }

static void the_topmost_match_and_its_descendants_are_one_target(void) {
  wio_monitor *m = begin();
  world_process *master = world_birth(&here, 10, "nginx");
  world_process *worker = world_fork(&here, master, 11);
  strcpy(world_fork(&here, worker, 12)->name, "helper");
  world_birth(&here, 20, "other");
  uint64_t watch = watch_per(m, WIO_PER_TREE, "nginx", 3 * S);
  CHECK_TEXT(tick(m, 1), "start(10)");
  CHECK_INT(only_target(m, watch)->count, 3);
  world_work(worker, 5);
  CHECK_TEXT(tick(m, 2), "active(10)"); // the worker's work is the target's
  strcpy(world_fork(&here, worker, 13)->name, "child");
  CHECK_TEXT(tick(m, 3), "");
  CHECK_INT(only_target(m, watch)->count, 4);
  wio_monitor_free(m);
  CHECK_INT(here.pins, 0);
}

static void a_busy_child_keeps_its_tree_from_being_idle(void) {
  wio_monitor *m = begin();
  world_process *shell = world_birth(&here, 10, "sh");
  watch_per(m, WIO_PER_TREE, "sh", 3 * S);
  tick(m, 1);
  world_process *child = world_fork(&here, shell, 11);
  strcpy(child->name, "rsync");
  for (uint64_t t = 2; t < 20; t++) {
    world_work(child, 10);
    CHECK_TEXT(tick(m, t), t == 2 ? "active(10)" : "");
  }
  for (uint64_t t = 20; t < 22; t++) CHECK_TEXT(tick(m, t), "");
  CHECK_TEXT(tick(m, 22), "idle(10)");
  wio_monitor_free(m);
}

static void quiet_counts_from_the_first_reading_of_who_joins_late(void) {
  wio_monitor *m = begin();
  world_birth(&here, 10, "job");
  world_process *other = world_birth(&here, 11, "other");
  watch_per(m, WIO_PER_ALL, "job", 3 * S);
  CHECK_TEXT(tick(m, 1), "start(10)");
  tick(m, 2);
  world_exec(&here, other, "job");
  for (uint64_t t = 3; t < 6; t++) CHECK_TEXT(tick(m, t), "");
  CHECK_TEXT(tick(m, 6), "idle(10)");
  wio_monitor_free(m);
}

static void a_tree_lives_until_its_last_process_ends(void) {
  wio_monitor *m = begin();
  world_process *root = world_birth(&here, 10, "job");
  world_process *child = world_fork(&here, root, 11);
  world_fork(&here, child, 12);
  uint64_t watch = watch_per(m, WIO_PER_TREE, "job", 0);
  tick(m, 1);
  world_exit(&here, root);
  world_reap(&here, root); // by init: the others are orphans now
  CHECK_TEXT(tick(m, 2), "");
  CHECK_INT(only_target(m, watch)->count, 2);
  world_exit(&here, child);
  CHECK_TEXT(tick(m, 3), "");
  world_exit(&here, world_find(&here, 12));
  CHECK_TEXT(tick(m, 4), "exit(10)");
  wio_monitor_free(m);
}

// The total stays what was done, however the members end.
static void a_reap_moves_nothing(void) {
  wio_monitor *m = begin();
  world_process *make = world_birth(&here, 10, "make");
  world_work(make, 1000); // before it was watched
  uint64_t watch = watch_per(m, WIO_PER_TREE, "make", 5 * S);
  tick(m, 1);
  CHECK_INT(rchar(m, watch), 0);
  world_process *cc = world_fork(&here, make, 11);
  world_work(cc, 70);
  tick(m, 2);
  CHECK_INT(rchar(m, watch), 70);
  world_exit(&here, cc);
  tick(m, 3);
  CHECK_INT(rchar(m, watch), 70);
  for (uint64_t t = 4; t < 7; t++) tick(m, t);
  CHECK_TEXT(tick(m, 7), "idle(10)");
  world_reap(&here, cc); // 70 bytes at once in the parent's counters
  CHECK_TEXT(tick(m, 8), "");
  CHECK_INT(rchar(m, watch), 70);
  world_work(make, 3);
  CHECK_TEXT(tick(m, 9), "active(10)");
  CHECK_INT(rchar(m, watch), 73);
  wio_monitor_free(m);
}

static void children_born_and_gone_between_two_samples_count(void) {
  wio_monitor *m = begin();
  world_process *make = world_birth(&here, 10, "make");
  uint64_t watch = watch_per(m, WIO_PER_TREE, "make", 0);
  tick(m, 1);
  world_process *cc = world_fork(&here, make, 11);
  world_process *as = world_fork(&here, cc, 12);
  world_work(as, 5);
  world_work(cc, 7);
  world_exit(&here, as);
  world_reap(&here, as);
  world_exit(&here, cc);
  world_reap(&here, cc);
  CHECK_TEXT(tick(m, 2), "active(10)");
  CHECK_INT(rchar(m, watch), 12);
  wio_monitor_free(m);
}

static void a_child_that_works_on_and_is_reaped_between_two_samples_counts_once(void) {
  wio_monitor *m = begin();
  world_process *make = world_birth(&here, 10, "make");
  world_process *cc = world_fork(&here, make, 11);
  world_process *as = world_fork(&here, cc, 12);
  world_work(cc, 100);
  world_work(as, 1000);
  uint64_t watch = watch_per(m, WIO_PER_TREE, "make", 0);
  tick(m, 1); // 100 and 1000 were before
  world_work(as, 1);
  world_work(cc, 2);
  tick(m, 2);
  CHECK_INT(rchar(m, watch), 3);
  world_work(as, 10);
  world_exit(&here, as);
  world_reap(&here, as);
  world_work(cc, 20);
  world_exit(&here, cc);
  world_reap(&here, cc);
  world_work(make, 40);
  tick(m, 3);
  CHECK_INT(rchar(m, watch), 73);
  CHECK_INT(only_target(m, watch)->count, 1);
  wio_monitor_free(m);
}

static void what_nobody_waits_for_stays_counted(void) {
  wio_monitor *m = begin();
  world_process *server = world_birth(&here, 10, "server");
  world_process *child = world_fork(&here, server, 11);
  world_process *orphan = world_fork(&here, child, 12);
  uint64_t watch = watch_per(m, WIO_PER_TREE, "server", 0);
  tick(m, 1);
  world_work(child, 5);
  world_work(orphan, 7);
  tick(m, 2);
  world_vanish(&here, child); // SIGCHLD is ignored
  tick(m, 3);
  CHECK_INT(rchar(m, watch), 12);
  world_exit(&here, orphan);
  world_reap(&here, orphan); // by init
  tick(m, 4);
  CHECK_INT(rchar(m, watch), 12);
  world_work(server, 1);
  tick(m, 5);
  CHECK_INT(rchar(m, watch), 13);
  wio_monitor_free(m);
}

static void an_unreadable_member_makes_its_tree_unknown(void) {
  wio_monitor *m = begin();
  world_process *shell = world_birth(&here, 10, "sh");
  watch_per(m, WIO_PER_TREE, "sh", 2 * S);
  tick(m, 1);
  world_process *sudo = world_fork(&here, shell, 11);
  sudo->io_error = EACCES;
  CHECK_TEXT(tick(m, 2), "unreadable(10)");
  for (uint64_t t = 3; t < 9; t++) CHECK_TEXT(tick(m, t), "");
  world_exit(&here, sudo);
  world_reap(&here, sudo);
  CHECK_TEXT(tick(m, 9), "readable(10)");
  CHECK_TEXT(tick(m, 10), "");
  CHECK_TEXT(tick(m, 11), "idle(10)");
  wio_monitor_free(m);
}

static void watchio_is_in_no_tree(void) {
  wio_monitor *m = begin();
  world_process *shell = world_birth(&here, 10, "tmux");
  world_process *self = world_fork(&here, shell, WORLD_SELF);
  world_process *command = world_fork(&here, self, 1001);
  command->session = 1001;
  uint64_t watch = watch_pid(m, 10);
  wio_monitor_ignore(m, 1001, true);
  tick(m, 1);
  CHECK_INT(only_target(m, watch)->count, 1);
  wio_monitor_free(m);
}

static void grouped(wio_per per, const char *expected) {
  wio_monitor *m = begin();
  world_process *a = world_birth(&here, 10, "xa");
  world_fork(&here, a, 11);
  world_birth(&here, 12, "xb")->uid = 33;
  world_birth(&here, 13, "xb");
  watch_per(m, per, "x?", 0);
  CHECK_TEXT(tick(m, 1), expected);
  wio_monitor_free(m);
}

#define CROWD 24 // how many of the world's places a random history uses

static bool has_children(const world_process *process) {
  for (int i = 0; i < CROWD; i++)
    if (here.processes[i].pid && here.processes[i].ppid == process->pid) return true;
  return false;
}

// Forks, works, ends or reaps somebody at random. Returns the bytes that were done.
static uint64_t act(unsigned *seed, pid_t *last_pid, bool orphans) {
  world_process *p = &here.processes[rand_r(seed) % CROWD], *root = &here.processes[0];
  uint64_t bytes = 0;
  if (!p->pid) return 0;
  switch (rand_r(seed) % 4) {
    case 0:
      if (!p->zombie && world_find(&here, 0) < &here.processes[CROWD])
        strcpy(world_fork(&here, p, ++*last_pid)->name, "child");
      break;
    case 1:
      if (p->zombie) break;
      bytes = (uint64_t)(rand_r(seed) % 1000 + 1);
      world_work(p, bytes);
      break;
    case 2:
      if (p != root && !p->zombie && (orphans || !has_children(p))) world_exit(&here, p);
      break;
    default:
      if (p->zombie) world_reap(&here, p);
  }
  return bytes;
}

// After any history the total is what was done since the first look: never more, and no less where everybody was waited
// for.
static void every_byte_counts_once(unsigned seed, bool orphans) {
  wio_monitor *m = begin();
  unsigned state = seed;
  uint64_t done = 0, t = 1;
  pid_t last_pid = 10;
  world_birth(&here, 10, "root");
  uint64_t watch = watch_per(m, WIO_PER_TREE, "root", 0);
  for (; t < 300 && !checks_failed; t++) {
    tick(m, t);
    CHECK(rchar(m, watch) <= done);
    for (int steps = rand_r(&state) % 6; steps > 0; steps--) done += act(&state, &last_pid, orphans);
  }
  for (int i = 1; i < CROWD; i++)
    if (here.processes[i].zombie && here.processes[i].pid) world_reap(&here, &here.processes[i]);
  tick(m, t++);
  tick(m, t);
  if (orphans) CHECK(rchar(m, watch) <= done);
  else CHECK_INT(rchar(m, watch), done);
  if (checks_failed) fprintf(stderr, "  with the seed %u, %s orphans\n", seed, orphans ? "with" : "without");
  wio_monitor_free(m);
  CHECK_INT(here.pins, 0);
}

int main(void) {
  the_topmost_match_and_its_descendants_are_one_target();
  a_busy_child_keeps_its_tree_from_being_idle();
  quiet_counts_from_the_first_reading_of_who_joins_late();
  a_tree_lives_until_its_last_process_ends();
  a_reap_moves_nothing();
  children_born_and_gone_between_two_samples_count();
  a_child_that_works_on_and_is_reaped_between_two_samples_counts_once();
  what_nobody_waits_for_stays_counted();
  an_unreadable_member_makes_its_tree_unknown();
  watchio_is_in_no_tree();
  grouped(WIO_PER_TREE, "start(10) start(12) start(13)");
  grouped(WIO_PER_PROCESS, "start(10) start(11) start(12) start(13)");
  grouped(WIO_PER_ALL, "start(10)");
  grouped(WIO_PER_NAME, "start(10) start(12)");
  grouped(WIO_PER_USER, "start(10) start(12)");
  for (unsigned seed = 1; seed <= 200 && !checks_failed; seed++) every_byte_counts_once(seed, seed % 2);
  return check_result();
}
