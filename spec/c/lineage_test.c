// SPDX-License-Identifier: MIT
// Orphans belong to the tree of whom the kernel says that they were born of; and nobody else is claimed.
#include "engine/monitor.h"

#include "check.h"
#include "core/units.h"
#include "world.h"

#define S WIO_NS_PER_SECOND
#define MS WIO_NS_PER_MS

static world here;
static uint64_t now_ns;

// A tree of one process, 10, and a stranger, 500.
static wio_monitor *begin_with(bool patient) {
  char message[128];
  uint64_t id = 0;
  wio_monitor *m = wio_monitor_new(world_init(&here));
  here.hears = true;
  world_birth(&here, 500, "stranger");
  world_birth(&here, 10, "job");
  wio_selector *selector = wio_selector_new();
  wio_selector_add_name(selector, "job", message, sizeof message);
  wio_watch_options options = {
      .kinds = WIO_KIND_BIT(WIO_IO), .every_ns = 3600 * S, .events = UINT32_MAX, .patient = patient};
  CHECK_INT(wio_monitor_watch(m, selector, &options, &id), 0);
  now_ns = S;
  CHECK_INT(wio_monitor_tick(m, now_ns), 0);
  return m;
}

static wio_monitor *begin(void) { return begin_with(false); }

// The births are heard of, and inspected.
static void pass(wio_monitor *m) {
  for (int i = 0; i < 2; i++) CHECK_INT(wio_monitor_tick(m, now_ns += 100 * MS), 0);
}

// The living of the tree, as "10 12".
static const char *tree(wio_monitor *m) {
  static char text[256];
  const wio_watch *watch = wio_monitor_find_watch(m, 1);
  size_t length = 0;
  text[0] = '\0';
  for (size_t i = 0; watch->count && i < watch->targets[0]->count; i++) {
    const wio_sample *sample = watch->targets[0]->members[i]->sample;
    if (!sample->ended)
      length += (size_t)snprintf(text + length, sizeof text - length, length ? " %d" : "%d", (int)sample->key);
  }
  return text;
}

static void end(wio_monitor *m) {
  wio_monitor_free(m);
  CHECK_INT(here.pins, 0);
}

static world_process *at(pid_t pid) { return world_find(&here, pid); }

// 10 forks `between`, which forks `pid` and is gone.
static void fork_twice(pid_t between, pid_t pid) {
  world_process *first = world_fork(&here, at(10), between);
  world_fork(&here, first, pid);
  world_vanish(&here, first);
}

static void whose_parents_were_never_seen_belong_to_the_tree(void) {
  wio_monitor *m = begin();
  fork_twice(11, 12);
  world_process *a = world_fork(&here, at(10), 13), *b = world_fork(&here, a, 14), *c = world_fork(&here, b, 15);
  world_vanish(&here, a);
  world_vanish(&here, b);
  world_work(c, 100);
  strcpy(c->name, "other");
  strcpy(at(12)->name, "other");
  pass(m);
  CHECK_TEXT(tree(m), "10 12 15");
  const wio_target *target = wio_monitor_target(m, wio_monitor_find_watch(m, 1)->targets[0]->id);
  CHECK_INT(target->total[WIO_RCHAR], 100); // all it has done was done inside
  end(m);
}

static void whose_parent_was_seen_and_has_ended_since_does_too(bool reaped) {
  wio_monitor *m = begin();
  world_process *parent = world_fork(&here, at(10), 11);
  pass(m);
  CHECK_TEXT(tree(m), "10 11");
  world_fork(&here, parent, 12);
  if (reaped) world_vanish(&here, parent);
  else world_exit(&here, parent);
  pass(m);
  CHECK_TEXT(tree(m), "10 12");
  end(m);
}

// Told of and gone before it could be held; what it had forked at last is told of later.
static void whose_parent_was_only_told_of_does_too(void) {
  wio_monitor *m = begin();
  world_process *between = world_fork(&here, at(10), 11);
  between->zombie = true; // it cannot be held any more
  CHECK_INT(wio_monitor_hear(m), 0);
  CHECK_TEXT(tree(m), "10");
  world_fork(&here, between, 12)->ppid = 1;
  CHECK_INT(wio_monitor_hear(m), 0);
  CHECK_TEXT(tree(m), "10 12");
  end(m);
}

// 11 forks 12, which forks 13, which forks 14; each parent ends after its fork, and between two forks the births are
// taken.
static void a_chain_of_quick_forks_is_followed(bool held) {
  wio_monitor *m = begin();
  world_process *last = world_fork(&here, at(10), 11);
  for (pid_t pid = 12; pid < 18; pid++) {
    if (!held) last->zombie = true; // it cannot be held any more when it is told
    CHECK_INT(wio_monitor_hear(m), 0);
    world_process *next = world_fork(&here, last, pid);
    if (held) world_vanish(&here, last);
    else next->ppid = 1, last->pid = 0;
    last = next;
  }
  pass(m);
  CHECK_TEXT(tree(m), "10 17");
  end(m);
}

static void a_job_that_is_new_itself_has_its_orphans(void) {
  wio_monitor *m = begin();
  world_process *job = world_fork(&here, at(500), 20);
  strcpy(job->name, "job");
  world_process *between = world_fork(&here, job, 21);
  strcpy(world_fork(&here, between, 22)->name, "other");
  world_vanish(&here, between);
  pass(m);
  const wio_watch *watch = wio_monitor_find_watch(m, 1);
  CHECK_INT(watch->count, 2);
  CHECK_INT(watch->count == 2 ? watch->targets[1]->count : 0, 2);
  end(m);
}

// The number of one that was missed is a stranger's in the next batch.
static void nor_is_that_of_a_number_that_was_missed(void) {
  wio_monitor *m = begin();
  world_process *between = world_fork(&here, at(10), 11);
  between->zombie = true;
  CHECK_INT(wio_monitor_hear(m), 0);
  between->pid = 0;
  world_process *stranger = world_fork(&here, at(500), 11);
  world_fork(&here, stranger, 12);
  world_vanish(&here, stranger);
  pass(m);
  CHECK_TEXT(tree(m), "10");
  end(m);
}

static void they_do_though_they_match_by_themselves(void) {
  wio_monitor *m = begin();
  fork_twice(11, 12);
  CHECK_TEXT(at(12)->name, "job");
  pass(m);
  CHECK_INT(wio_monitor_find_watch(m, 1)->count, 1);
  CHECK_TEXT(tree(m), "10 12");
  end(m);
}

static void they_are_found_at_once_when_asked(void) {
  wio_monitor *m = begin();
  fork_twice(11, 12);
  CHECK_INT(wio_monitor_hear(m), 0);
  CHECK_TEXT(tree(m), "10 12");
  end(m);
}

static void a_strangers_orphan_is_not_claimed(void) {
  wio_monitor *m = begin();
  world_process *between = world_fork(&here, at(500), 11);
  world_fork(&here, between, 12);
  world_vanish(&here, between);
  pass(m);
  CHECK_TEXT(tree(m), "10");
  end(m);
}

// The number of a member that has ended is a stranger's now.
static void nor_is_that_of_a_number_that_was_a_members(void) {
  wio_monitor *m = begin();
  world_process *member = world_fork(&here, at(10), 11);
  pass(m);
  world_vanish(&here, member);
  world_process *stranger = world_fork(&here, at(500), 11);
  world_fork(&here, stranger, 12); // told along with the end
  pass(m);
  CHECK_TEXT(tree(m), "10");
  world_fork(&here, stranger, 13); // and later
  world_vanish(&here, stranger);
  pass(m);
  CHECK_TEXT(tree(m), "10");
  end(m);
}

// A stranger's child was born before its parent's number was given to one of the tree.
static void nor_is_who_was_born_before_the_number_was_given_again(void) {
  wio_monitor *m = begin();
  world_process *stranger = world_fork(&here, at(500), 11);
  pass(m);
  world_fork(&here, stranger, 12);
  world_vanish(&here, stranger);
  world_fork(&here, at(10), 11);
  pass(m);
  CHECK_TEXT(tree(m), "10 11");
  end(m);
}

static void nor_is_who_was_born_of_a_number_that_was_given_twice(void) {
  wio_monitor *m = begin();
  fork_twice(11, 12);
  world_vanish(&here, at(12));
  world_process *stranger = world_fork(&here, at(500), 11);
  world_fork(&here, stranger, 12);
  world_vanish(&here, stranger);
  pass(m);
  CHECK_TEXT(tree(m), "10");
  end(m);
}

static void what_is_lost_claims_nobody(void) {
  wio_monitor *m = begin();
  fork_twice(11, 12);
  here.loses = true;
  pass(m);
  CHECK_TEXT(tree(m), "10");
  end(m);
}

// Nobody tells of births, and the links between are gone: their session tells.
static void who_is_in_a_members_session_belongs_to_its_tree(void) {
  wio_monitor *m = begin();
  here.hears = false;
  fork_twice(11, 12);
  strcpy(at(12)->name, "other");
  fork_twice(15, 16); // which matches by itself
  world_process *stranger = world_fork(&here, at(500), 13);
  strcpy(stranger->name, "other");
  now_ns += 3600 * S;
  pass(m);
  CHECK_TEXT(tree(m), "10 16 12");
  world_fork(&here, at(12), 14)->ppid = 1;
  strcpy(at(14)->name, "other");
  world_vanish(&here, at(10)); // the number of the session is nobody's now, as far as can be told
  now_ns += 3600 * S;
  pass(m);
  CHECK_TEXT(tree(m), "16 12");
  end(m);
}

static int count_exits(wio_monitor *m) {
  int exits = 0;
  for (wio_event event; wio_monitor_next(m, &event);) exits += event.type == WIO_EVENT_EXIT;
  return exits;
}

// The parent ends before it was looked at whom it forked.
static void what_goes_into_the_background_has_not_ended(bool patient) {
  wio_monitor *m = begin_with(patient);
  world_process *left = world_fork(&here, at(10), 11);
  world_vanish(&here, at(10));
  pass(m);
  CHECK_INT(count_exits(m), 0);
  CHECK_TEXT(tree(m), "11");
  world_fork(&here, left, 12);
  world_vanish(&here, left);
  pass(m);
  CHECK_INT(count_exits(m), 0);
  CHECK_TEXT(tree(m), "12");
  world_vanish(&here, at(12));
  pass(m);
  CHECK_INT(count_exits(m), 1);
  end(m);
}

static void who_leaves_nobody_has_though_others_fork(bool patient) {
  wio_monitor *m = begin_with(patient);
  world_fork(&here, at(500), 501);
  world_vanish(&here, at(10));
  pass(m);
  CHECK_INT(count_exits(m), 1);
  end(m);
}

int main(void) {
  for (int patient = 0; patient < 2; patient++) {
    what_goes_into_the_background_has_not_ended(patient);
    who_leaves_nobody_has_though_others_fork(patient);
  }
  whose_parents_were_never_seen_belong_to_the_tree();
  whose_parent_was_seen_and_has_ended_since_does_too(false);
  whose_parent_was_seen_and_has_ended_since_does_too(true);
  whose_parent_was_only_told_of_does_too();
  a_chain_of_quick_forks_is_followed(true);
  a_chain_of_quick_forks_is_followed(false);
  a_job_that_is_new_itself_has_its_orphans();
  nor_is_that_of_a_number_that_was_missed();
  they_do_though_they_match_by_themselves();
  they_are_found_at_once_when_asked();
  a_strangers_orphan_is_not_claimed();
  nor_is_that_of_a_number_that_was_a_members();
  nor_is_who_was_born_before_the_number_was_given_again();
  nor_is_who_was_born_of_a_number_that_was_given_twice();
  what_is_lost_claims_nobody();
  who_is_in_a_members_session_belongs_to_its_tree();
  return check_result();
}
