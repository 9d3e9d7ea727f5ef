// SPDX-License-Identifier: MIT
// Hunts bit by bit: no step is long, whatever is forked; and what happens between two steps makes no difference.
#include "hunting.h"

#define KEPT 100 // of those that are forked without end

static const wio_deed kills = {.kind = WIO_DEED_SIGNAL, .signal = SIGKILL};
static const wio_deed ends = {.kind = WIO_DEED_SIGNAL, .signal = SIGTERM, .ends = true};
static const wio_deed stops = {.kind = WIO_DEED_SIGNAL, .signal = SIGSTOP};
static const wio_deed tells = {.kind = WIO_DEED_SIGNAL, .signal = SIGHUP};
static const wio_deed sets = {.kind = WIO_DEED_PRIORITY, .priority = {.kind = WIO_PRIORITY_CPU, .value = 10}};
static const wio_deed asks = {.kind = WIO_DEED_NONE};

static bool is_frozen(const world_process *process) { return process->stopped; }

static pid_t next_pid;

// Whenever somebody is looked at another one is there, and only the latest of them stay.
static void fork_without_end(world *w) {
  world_process *oldest = NULL, *root = world_find(w, 10);
  int count = 0;
  for (int i = 0; i < WORLD_SIZE; i++) {
    world_process *process = &w->processes[i];
    if (process->pid < 100 || process->pid == WORLD_SELF) continue;
    count++;
    if (!oldest || process->start_ticks < oldest->start_ticks) oldest = process;
  }
  if (count >= KEPT) oldest->pid = 0;
  if (next_pid == WORLD_SELF) next_pid++;
  if (root) world_fork(w, root, next_pid++);
}

static int asked(void) { return here.describes + here.learns + here.lists; }

static void no_step_is_long(const wio_deed *deed, bool listed) {
  enum { RATION = 24, MOST_STEPS = 100000 };
  // A process is inspected whole, and so are watchio's parents. A few are asked and signalled in one piece at the end,
  // and those that are not stopped also before.
  const int in_one_piece = 4 * 64, slack = deed == &tells ? in_one_piece : 40;
  wio_monitor *m = begin();
  here.no_children = !listed;
  world_birth(&here, 10, "job");
  wio_pinned pinned = hold(m, WIO_PER_TREE, "job");
  wio_hunt hunt = {0};
  int steps = 0, rc;
  next_pid = 100;
  here.on_question = fork_without_end;
  wio_hunt_begin(&hunt, &pinned, deed);
  do {
    int before = asked();
    rc = wio_hunt_step(m, &hunt, RATION, &refused);
    CHECK(asked() - before <= RATION + (rc == -EAGAIN ? slack : in_one_piece));
  } while (rc == -EAGAIN && ++steps < MOST_STEPS);
  CHECK_INT(rc, 0);
  CHECK(steps >= 1 && steps < MOST_STEPS);
  here.on_question = NULL;
  wio_hunt_give_up(m, &hunt);
  end(m, &pinned);
}

static int forks_left, ended; // how many got a signal that is to end them

static void fork_when_stopped(world *w, world_process *process, int signal) {
  ended += signal == SIGTERM || signal == SIGKILL;
  if (signal == SIGSTOP && forks_left > 0) world_fork(w, process, 100 + --forks_left);
}

static int forks; // in a tree: a few are dealt with in one piece once they stand still

// A tree, two processes of which were found by the watch.
static wio_pinned begin_tree(wio_monitor *m) {
  world_process *root = world_birth(&here, 10, "job");
  world_fork(&here, root, 11);
  wio_pinned pinned = hold(m, WIO_PER_TREE, "job");
  here.on_signal = fork_when_stopped;
  forks_left = forks;
  ended = 0;
  return pinned;
}

static int go_on(wio_monitor *m, wio_hunt *hunt, int steps) {
  int rc = -EAGAIN;
  for (int i = 0; rc == -EAGAIN && i < steps; i++) rc = wio_hunt_step(m, hunt, forks < 10 ? 1 : 200, &refused);
  return rc;
}

enum { ALL_STEPS = 10000 };

// Returns whether the hunt was over before so many steps.
static bool who_was_stopped_goes_on(const wio_deed *deed, int steps) {
  wio_monitor *m = begin();
  wio_hunt hunt = {0};
  wio_pinned pinned = begin_tree(m);
  wio_hunt_begin(&hunt, &pinned, deed);
  bool over = go_on(m, &hunt, steps) != -EAGAIN;
  wio_hunt_give_up(m, &hunt);
  for (int i = 0; !over && i < WORLD_SIZE; i++) CHECK(!here.processes[i].pid || !is_frozen(&here.processes[i]));
  wio_hunt_give_up(m, &hunt);
  end(m, &pinned);
  return over;
}

// One is continued by somebody else, and forks once more; the hunt goes on.
static bool who_is_continued_is_stopped_again(const wio_deed *deed, int steps) {
  wio_monitor *m = begin();
  wio_hunt hunt = {0};
  wio_pinned pinned = begin_tree(m);
  wio_hunt_begin(&hunt, &pinned, deed);
  bool over = go_on(m, &hunt, steps) != -EAGAIN, sent = hunt.phase == WIO_HUNT_SENDS && hunt.at > 1;
  if (!over && !sent) {
    world_find(&here, 11)->stopped = false;
    world_fork(&here, world_find(&here, 11), 200);
    CHECK_INT(go_on(m, &hunt, ALL_STEPS), 0);
    CHECK(hunt.rounds < 60);
    for (int i = 0; i < WORLD_SIZE; i++) {
      const world_process *process = &here.processes[i];
      if (process->pid) CHECK(process->last_signal == deed->signal && process->stopped);
    }
    CHECK(world_find(&here, 200));
  }
  wio_hunt_give_up(m, &hunt);
  end(m, &pinned);
  return over || sent;
}

// One is continued or not, and becomes one of the protected: it gets nothing, nor does any other unless it had it
// before.
static bool who_becomes_protected_spares_all(const wio_deed *deed, int steps, bool goes_on) {
  wio_monitor *m = begin();
  wio_hunt hunt = {0};
  wio_monitor_protect(m, WIO_PROTECTS_NAMED, named("keep*"));
  wio_pinned pinned = begin_tree(m);
  wio_hunt_begin(&hunt, &pinned, deed);
  bool over = go_on(m, &hunt, steps) != -EAGAIN;
  world_process *child = world_find(&here, 11);
  bool had_it = hunt.phase == WIO_HUNT_THAWS || (hunt.phase == WIO_HUNT_SENDS && hunt.at > 1);
  bool was_asked = hunt.phase == WIO_HUNT_SENDS || (hunt.phase == WIO_HUNT_CHECKS && hunt.at > 1);
  if (!over && !had_it) {
    int before = ended;
    child->stopped = child->stopped && !goes_on;
    strcpy(child->name, "keeper");
    CHECK_INT(go_on(m, &hunt, ALL_STEPS), -EPERM);
    CHECK_TEXT(refused.text, "keeper[11] of root is protected by the policy");
    // Once it was looked at where it stands still, its parent may get it before it is looked at again.
    CHECK(ended <= before + was_asked && (forks > 10 || ended == 0));
    CHECK(child->signals == 0 || child->last_signal == SIGCONT);
    for (int i = 0; i < WORLD_SIZE; i++) CHECK(!here.processes[i].pid || !is_frozen(&here.processes[i]));
  }
  wio_hunt_give_up(m, &hunt);
  end(m, &pinned);
  return over || had_it;
}

static bool who_goes_on_as_a_protected_one_spares_all(const wio_deed *deed, int steps) {
  return who_becomes_protected_spares_all(deed, steps, true);
}

static bool who_is_named_anew_while_stopped_spares_all(const wio_deed *deed, int steps) {
  return who_becomes_protected_spares_all(deed, steps, false);
}

static void nobody_is_stopped_where_one_is_refused_at_once(const wio_deed *deed) {
  wio_monitor *m = begin();
  wio_hunt hunt = {0};
  wio_monitor_protect(m, WIO_PROTECTS_NAMED, named("keep*"));
  wio_pinned pinned = begin_tree(m);
  const world_process *root = world_find(&here, 10), *child = world_fork(&here, world_find(&here, 11), 12);
  strcpy(world_find(&here, 12)->name, "keeper");
  wio_hunt_begin(&hunt, &pinned, deed);
  CHECK_INT(go_on(m, &hunt, ALL_STEPS), -EPERM);
  CHECK(root->signals == 0 && child->signals == 0);
  end(m, &pinned);
}

static int left; // questions until it has become the other program

static void exec_at_last(world *w) {
  if (left > 0 && --left == 0) world_find(w, 11)->denied = 0;
}

// One is in the middle of an exec when it is asked for.
static void who_is_in_an_exec_is_waited_for(const wio_deed *deed, bool in_steps, bool comes_to_its_end) {
  wio_monitor *m = begin();
  wio_hunt hunt = {0};
  wio_monitor_protect(m, WIO_PROTECTS_NAMED, named("keep*"));
  wio_pinned pinned = begin_tree(m);
  world_process *child = world_find(&here, 11);
  child->title = true;
  child->cmd = "a title";
  child->denied = EAGAIN;
  here.on_question = exec_at_last;
  left = comes_to_its_end ? 60 : 0;
  wio_hunt_begin(&hunt, &pinned, deed);
  int rc = in_steps ? go_on(m, &hunt, ALL_STEPS) : wio_hunt_step(m, &hunt, WIO_WITHOUT_END, &refused);
  CHECK_INT(rc, comes_to_its_end ? 0 : -EPERM);
  if (!comes_to_its_end) CHECK_TEXT(refused.text, "job[11] of root cannot be told from what is protected");
  for (int i = 0; !comes_to_its_end && i < WORLD_SIZE; i++) CHECK_INT(here.processes[i].signals, 0);
  here.on_question = NULL;
  end(m, &pinned);
}

// One ends and its number is given to a stranger.
static bool a_stranger_with_the_number_is_left_alone(const wio_deed *deed, int steps) {
  wio_monitor *m = begin();
  wio_hunt hunt = {0};
  wio_pinned pinned = begin_tree(m);
  wio_hunt_begin(&hunt, &pinned, deed);
  bool over = go_on(m, &hunt, steps) != -EAGAIN;
  world_vanish(&here, world_find(&here, 11));
  const world_process *stranger = world_birth(&here, 11, "other");
  const world_process *its = world_fork(&here, stranger, 12);
  go_on(m, &hunt, ALL_STEPS);
  CHECK(stranger->signals == 0 && its->signals == 0 && !stranger->has_priority && !its->has_priority);
  wio_hunt_give_up(m, &hunt);
  end(m, &pinned);
  return over;
}

// The target and its watch go, the monitor looks meanwhile, and the hunt comes to its end.
static bool the_watch_may_stop_meanwhile(const wio_deed *deed, int steps) {
  wio_monitor *m = begin();
  wio_hunt hunt = {0};
  wio_pinned pinned = begin_tree(m);
  wio_hunt_begin(&hunt, &pinned, deed);
  bool over = go_on(m, &hunt, steps) != -EAGAIN;
  CHECK_INT(wio_monitor_tick(m, (uint64_t)(steps + 2) * S), 0);
  wio_monitor_unwatch(m, 1);
  if (!over) CHECK_INT(go_on(m, &hunt, ALL_STEPS), 0);
  wio_hunt_give_up(m, &hunt);
  end(m, &pinned);
  return over;
}

// At every step of a hunt.
static void at_any_step(bool (*holds)(const wio_deed *deed, int steps), const wio_deed *deed) {
  int steps = 0;
  while (!holds(deed, steps) && CHECK(steps < ALL_STEPS)) steps++;
}

static void between_any_two_steps(int size) {
  const wio_deed *all[] = {&kills, &ends, &stops, &tells, &sets, &asks};
  forks = size;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    at_any_step(who_was_stopped_goes_on, all[i]);
    at_any_step(a_stranger_with_the_number_is_left_alone, all[i]);
    at_any_step(the_watch_may_stop_meanwhile, all[i]);
  }
  at_any_step(who_is_continued_is_stopped_again, &kills);
  at_any_step(who_is_continued_is_stopped_again, &stops);
  at_any_step(who_goes_on_as_a_protected_one_spares_all, &kills);
  at_any_step(who_goes_on_as_a_protected_one_spares_all, &ends);
  at_any_step(who_is_named_anew_while_stopped_spares_all, &kills);
  at_any_step(who_is_named_anew_while_stopped_spares_all, &ends);
}

int main(void) {
  const wio_deed *all[] = {&kills, &ends, &stops, &tells, &sets, &asks};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    no_step_is_long(all[i], true);
    no_step_is_long(all[i], false);
  }
  nobody_is_stopped_where_one_is_refused_at_once(&kills);
  nobody_is_stopped_where_one_is_refused_at_once(&ends);
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    if (all[i] == &sets) continue;
    who_is_in_an_exec_is_waited_for(all[i], true, true);
    who_is_in_an_exec_is_waited_for(all[i], true, false);
    who_is_in_an_exec_is_waited_for(all[i], false, true);
  }
  who_is_in_an_exec_is_waited_for(&kills, false, false);
  between_any_two_steps(4);
  between_any_two_steps(70);
  return check_result();
}
