// SPDX-License-Identifier: MIT
// What is done to targets: who gets signals and priorities, also of those that are forked meanwhile, and who never
// does.
#include "hunting.h"

static void all_of_a_tree_get_the_signal(void) {
  wio_monitor *m = begin();
  world_process *root = world_birth(&here, 10, "job");
  world_process *child = world_fork(&here, root, 11);
  wio_pinned pinned = hold(m, WIO_PER_TREE, "job");
  CHECK_INT(signal_all(m, &pinned, SIGTERM), 0);
  CHECK(root->signals == 1 && child->signals == 1);
  world_exit(&here, root);
  CHECK(wio_pinned_lives(m, &pinned));
  world_exit(&here, child);
  CHECK(!wio_pinned_lives(m, &pinned));
  CHECK_INT(signal_all(m, &pinned, SIGKILL), -ESRCH);
  CHECK_TEXT(refused.text, "");
  end(m, &pinned);
}

static void who_was_forked_meanwhile_gets_it_too(bool listed) {
  wio_monitor *m = begin();
  here.no_children = !listed;
  world_process *root = world_birth(&here, 10, "job");
  wio_pinned pinned = hold(m, WIO_PER_TREE, "job");
  // The grandchild's pid is the lower one, as after a wrap.
  world_process *grandchild = world_birth(&here, 9, "other");
  world_process *child = world_fork(&here, root, 11);
  grandchild->ppid = 11;
  CHECK_INT(signal_all(m, &pinned, SIGTERM), 0);
  CHECK(root->last_signal == SIGTERM && child->last_signal == SIGTERM && grandchild->last_signal == SIGTERM);
  wio_monitor_unwatch(m, 1); // pins stay, and what is forked later is found without the watch
  world_process *later = world_fork(&here, child, 12);
  CHECK_INT(signal_all(m, &pinned, SIGKILL), 0);
  CHECK_INT(later->last_signal, SIGKILL);
  end(m, &pinned);
}

static int forks_left;

// Who runs forks whenever somebody gets a signal.
static void fork_again(world *w, world_process *process, int signal) {
  if (process->stopped && signal != SIGSTOP) return;
  if (forks_left-- > 0) world_fork(w, process, 100 + forks_left);
}

static void fork_when_stopped(world *w, world_process *process, int signal) {
  if (signal == SIGSTOP && forks_left-- > 0) world_fork(w, process, 70);
}

static void who_forks_all_the_time_is_stopped_first(void) {
  wio_monitor *m = begin();
  world_process *root = world_birth(&here, 10, "job");
  wio_pinned pinned = hold(m, WIO_PER_TREE, "job");
  here.on_signal = fork_again;
  forks_left = 30;
  CHECK_INT(signal_all(m, &pinned, SIGKILL), 0);
  CHECK_INT(pinned.count, 31);
  for (size_t i = 0; i < pinned.count; i++) CHECK_INT(world_find(&here, pinned.pins[i].pid)->last_signal, SIGKILL);
  CHECK(root->stopped);
  end(m, &pinned);
}

// Nobody tells of births, and the parent is gone.
static void who_is_in_a_pinned_session_is_taken_in(void) {
  wio_monitor *m = begin();
  world_process *root = world_birth(&here, 10, "job");
  wio_pinned pinned = hold(m, WIO_PER_TREE, "job");
  world_process *between = world_fork(&here, root, 11);
  world_fork(&here, between, 12);
  world_vanish(&here, between);
  world_birth(&here, 13, "stranger");
  CHECK_INT(signal_all(m, &pinned, SIGKILL), 0);
  CHECK_INT(world_find(&here, 12)->last_signal, SIGKILL);
  CHECK_INT(world_find(&here, 13)->signals, 0);
  end(m, &pinned);
}

// Its second signal is the one that ends it: what it forks at the first, which stops it, has to be found.
static void who_is_ended_is_stopped_first(void) {
  wio_monitor *m = begin();
  world_process *root = world_birth(&here, 10, "job"), *child = world_fork(&here, root, 11);
  wio_pinned pinned = hold(m, WIO_PER_TREE, "job");
  here.on_signal = fork_when_stopped;
  forks_left = 1;
  CHECK_INT(signal_all(m, &pinned, SIGHUP), 0);
  CHECK(root->signals == 1 && child->signals == 1); // not stopped
  CHECK_INT(end_by(m, &pinned, SIGTERM), 0);
  CHECK_INT(pinned.count, 3);
  CHECK(!root->stopped && !child->stopped && !world_find(&here, 70)->stopped);
  CHECK_INT(world_find(&here, 70)->signals, 3); // STOP, TERM, CONT
  end(m, &pinned);
}

static void what_was_stopped_before_stays_stopped(void) {
  wio_monitor *m = begin();
  world_process *root = world_birth(&here, 10, "job"), *child = world_fork(&here, root, 11);
  wio_pinned pinned = hold(m, WIO_PER_TREE, "job");
  child->stopped = true;
  const pid_t first = 300;
  world_fork(&here, root, first);
  CHECK_INT(signal_all(m, &pinned, SIGTERM), 0);
  CHECK(!root->stopped && child->stopped);
  CHECK_INT(signal_all(m, &pinned, SIGSTOP), 0);
  CHECK(root->stopped && child->stopped && world_find(&here, first)->stopped);
  CHECK_INT(signal_all(m, &pinned, SIGCONT), 0);
  CHECK(!root->stopped && !child->stopped && !world_find(&here, first)->stopped);
  end(m, &pinned);
}

static void matches_of_their_own_take_no_descendants(void) {
  wio_monitor *m = begin();
  world_process *root = world_birth(&here, 10, "job"), *child = world_fork(&here, root, 11);
  wio_pinned pinned = hold(m, WIO_PER_PROCESS, "job");
  CHECK_INT(signal_all(m, &pinned, SIGTERM), 0);
  CHECK(root->signals == 1 && child->signals == 0);
  end(m, &pinned);
}

// All of them are found, also those below another match, which is a target of its own.
static void the_descendants_that_are_not_of_a_target_are_told(bool listed) {
  wio_monitor *m = begin();
  here.no_children = !listed;
  world_process *root = world_birth(&here, 10, "job"), *child = world_fork(&here, root, 11);
  world_fork(&here, child, 12);
  world_birth(&here, 13, "other");
  wio_pinned pinned = hold(m, WIO_PER_PROCESS, "job"), others;
  CHECK_INT(wio_pinned_hold_descendants(m, pinned.target, &others), 0);
  CHECK_INT(others.count, 2);
  for (size_t i = 0; i < others.count; i++) CHECK(others.pins[i].pid == 11 || others.pins[i].pid == 12);
  CHECK_INT(pinned.count, 1);
  wio_pinned_release(m, &others);
  CHECK_INT(wio_pinned_hold_descendants(m, 4711, &others), -ESRCH);
  end(m, &pinned);
}

static void a_child_of_another_with_the_number_is_not_taken(void) {
  wio_monitor *m = begin();
  world_process *root = world_birth(&here, 10, "job"), *child = world_fork(&here, root, 11);
  wio_pinned pinned = hold(m, WIO_PER_TREE, "job");
  world_vanish(&here, child);
  world_process *innocent = world_birth(&here, 11, "other"), *its = world_fork(&here, innocent, 12);
  CHECK_INT(signal_all(m, &pinned, SIGKILL), 0);
  CHECK(root->signals > 0 && innocent->signals == 0 && its->signals == 0);
  end(m, &pinned);
}

// ---- who never gets one

static void the_protected_spare_all(const char *name, const char *cmd) {
  wio_monitor *m = begin();
  world_process *root = world_birth(&here, 10, "job");
  wio_monitor_protect(m, WIO_PROTECTS_NAMED, named("keep*"));
  wio_pinned pinned = hold(m, WIO_PER_TREE, "job");
  world_process *child = world_fork(&here, root, 11); // after the watch has looked
  strcpy(child->name, name);
  child->cmd = cmd;
  CHECK_INT(signal_all(m, &pinned, SIGTERM), -EPERM);
  char expected[96];
  snprintf(expected, sizeof expected, "%s[11] of root is protected by the policy", name);
  CHECK_TEXT(refused.text, expected);
  CHECK(root->signals == 0 && child->signals == 0);
  strcpy(child->name, "other"); // by the name at the moment of the signal
  child->cmd = "";
  CHECK_INT(signal_all(m, &pinned, SIGTERM), 0);
  wio_monitor_protect(m, WIO_PROTECTS_NAMED, NULL);
  strcpy(child->name, name);
  CHECK_INT(signal_all(m, &pinned, SIGTERM), 0);
  end(m, &pinned);
}

static void fork_protected(world *w, world_process *process, int signal) {
  if (signal == SIGSTOP && forks_left-- > 0) strcpy(world_fork(w, process, 50)->name, "keeper");
}

static void one_that_is_forked_at_the_last_moment_spares_them_too(void) {
  wio_monitor *m = begin();
  world_process *root = world_birth(&here, 10, "job");
  wio_monitor_protect(m, WIO_PROTECTS_NAMED, named("keep*"));
  wio_pinned pinned = hold(m, WIO_PER_TREE, "job");
  here.on_signal = fork_protected;
  forks_left = 1;
  CHECK_INT(signal_all(m, &pinned, SIGKILL), -EPERM);
  CHECK_TEXT(refused.text, "keeper[50] of root is protected by the policy");
  CHECK(root->last_signal == SIGCONT && !root->stopped);
  end(m, &pinned);
}

// Not all of them are known then, so any process may be one.
static void all_are_spared_where_ancestors_have_no_end(void) {
  wio_monitor *m = begin();
  world_process *root = world_birth(&here, 10, "job");
  world_process *shell = world_birth(&here, 900, "shell"), *self = world_birth(&here, WORLD_SELF, "watchio");
  wio_pinned pinned = hold(m, WIO_PER_TREE, "job");
  self->ppid = shell->pid;
  shell->ppid = self->pid;
  CHECK_INT(signal_all(m, &pinned, SIGTERM), -EPERM);
  CHECK_TEXT(refused.text, "job[10] cannot be told from what is protected");
  shell->ppid = 1;
  CHECK_INT(signal_all(m, &pinned, SIGTERM), 0);
  CHECK(root->signals > 0);
  end(m, &pinned);
}

static void what_cannot_be_told_is_spared(void) {
  wio_monitor *m = begin();
  world_process *root = world_birth(&here, 10, "job: busy");
  wio_monitor_protect(m, WIO_PROTECTS_NAMED, named("keep*"));
  wio_pinned pinned = hold(m, WIO_PER_TREE, "job*");
  root->cmd = "job: a title";
  root->title = true;
  root->denied = EACCES; // its executable's name may be one of them
  CHECK_INT(signal_all(m, &pinned, SIGTERM), -EPERM);
  CHECK_TEXT(refused.text, "job: busy[10] of root cannot be told from what is protected");
  root->denied = 0;
  root->exe = "/bin/keeper";
  CHECK_INT(signal_all(m, &pinned, SIGTERM), -EPERM);
  root->exe = "/bin/other";
  CHECK_INT(signal_all(m, &pinned, SIGTERM), 0);
  end(m, &pinned);
}

// ---- priorities

static void fork_when_set(world *w, world_process *process, int signal) {
  (void)signal;
  if (forks_left-- > 0) world_fork(w, process, 60 + forks_left);
}

static void all_get_the_priority(void) {
  wio_monitor *m = begin();
  world_process *root = world_birth(&here, 10, "job"), *child = world_fork(&here, root, 11);
  wio_pinned pinned = hold(m, WIO_PER_TREE, "job");
  wio_priority priority = {.kind = WIO_PRIORITY_CPU, .value = 10};
  here.on_signal = fork_when_set;
  forks_left = 3;
  CHECK_INT(set(m, &pinned, priority), 0);
  CHECK_INT(pinned.count, 5);
  for (size_t i = 0; i < pinned.count; i++) CHECK(world_find(&here, pinned.pins[i].pid)->has_priority);
  root->refuses = EACCES;
  priority.value = -5;
  CHECK_INT(set(m, &pinned, priority), -EACCES);
  CHECK_INT(child->priority.value, -5); // the others have it
  for (size_t i = 0; i < pinned.count; i++) world_find(&here, pinned.pins[i].pid)->zombie = true;
  CHECK_INT(set(m, &pinned, priority), -ESRCH);
  end(m, &pinned);
}

int main(void) {
  all_of_a_tree_get_the_signal();
  who_was_forked_meanwhile_gets_it_too(true);
  who_was_forked_meanwhile_gets_it_too(false);
  who_forks_all_the_time_is_stopped_first();
  who_is_in_a_pinned_session_is_taken_in();
  who_is_ended_is_stopped_first();
  what_was_stopped_before_stays_stopped();
  matches_of_their_own_take_no_descendants();
  the_descendants_that_are_not_of_a_target_are_told(true);
  the_descendants_that_are_not_of_a_target_are_told(false);
  a_child_of_another_with_the_number_is_not_taken();
  the_protected_spare_all("keeper", "");
  the_protected_spare_all("python3", "python3 /srv/keeper.py");
  the_protected_spare_all("keeperwithalong", "/bin/keeperwithalongname");
  one_that_is_forked_at_the_last_moment_spares_them_too();
  what_cannot_be_told_is_spared();
  all_are_spared_where_ancestors_have_no_end();
  all_get_the_priority();
  return check_result();
}
