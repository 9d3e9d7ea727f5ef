// SPDX-License-Identifier: MIT
#include "engine/ignored.h"

#include "check.h"
#include "world.h"

static wio_selector *named(const char *glob) {
  char message[128];
  wio_selector *selector = wio_selector_new();
  CHECK_INT(wio_selector_add_name(selector, glob, message, sizeof message), 0);
  return selector;
}

static world_process *born(world *w, pid_t pid, const char *name, pid_t ppid, pid_t session) {
  world_process *process = world_birth(w, pid, name);
  process->ppid = ppid;
  process->session = session;
  return process;
}

// Pid 1, a login of it with its shell, in which watchio and a job run, and another shell.
static wio_source *login(world *w, pid_t session_of_first) {
  wio_source *source = world_init(w);
  born(w, 1, "init", 0, session_of_first);
  born(w, 50, "sshd", 1, 50);
  born(w, 60, "bash", 50, 60);
  born(w, WORLD_SELF, "watchio", 60, 60);
  born(w, 70, "bash", 60, 60);
  born(w, 80, "bash", 1, 80);
  return source;
}

static wio_match test(wio_ignored *ignored, wio_source *source, const wio_selector *selector, pid_t pid, bool *out) {
  wio_description process;
  CHECK_INT(wio_ignored_find_runners(ignored, source), 0);
  CHECK_INT(source->ops->describe(source, pid, 0, &process), 0);
  *out = false;
  return wio_ignored_test(ignored, source, selector, &process, out);
}

static void what_runs_watchio_is_left_out(void) {
  static const struct {
    pid_t pid;
    wio_match match;
    bool left_out;
  } cases[] = {
      {1, WIO_MATCH_YES, false},  {50, WIO_MATCH_NO, true},   {60, WIO_MATCH_NO, true},
      {70, WIO_MATCH_YES, false}, {80, WIO_MATCH_YES, false},
  };
  world here;
  wio_source *source = login(&here, 1);
  wio_ignored ignored = {.walked = false};
  wio_selector *all = named("*");
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    bool left_out;
    wio_match match = test(&ignored, source, all, cases[i].pid, &left_out);
    if (!CHECK_INT(match, cases[i].match) || !CHECK_INT(left_out, cases[i].left_out))
      fprintf(stderr, "  in the case of %d\n", cases[i].pid);
  }
  wio_selector_free(all);
  wio_ignored_release(&ignored);
}

// As in a container: nobody else has begun a session there.
static void the_first_process_is_left_out_where_all_is_in_its_session(void) {
  world here;
  bool left_out;
  wio_source *source = world_init(&here);
  born(&here, 1, "sh", 0, 1);
  born(&here, WORLD_SELF, "watchio", 1, 1);
  wio_ignored ignored = {.walked = false};
  wio_selector *sh = named("sh");
  CHECK_INT(test(&ignored, source, sh, 1, &left_out), WIO_MATCH_NO);
  CHECK(left_out);
  wio_selector_free(sh);
  wio_ignored_release(&ignored);
}

static void a_named_pid_is_not_left_out(void) {
  world here;
  bool left_out;
  wio_source *source = login(&here, 1);
  wio_ignored ignored = {.walked = false};
  wio_selector *pid = wio_selector_new(), *all = named("*"), *either = wio_selector_new();
  CHECK_INT(wio_selector_add_pid(pid, 60), 0);
  CHECK_INT(test(&ignored, source, pid, 60, &left_out), WIO_MATCH_YES);
  CHECK_INT(wio_selector_add_any(either, pid), 0);
  CHECK_INT(wio_selector_add_any(either, all), 0);
  CHECK_INT(test(&ignored, source, either, 60, &left_out), WIO_MATCH_YES);
  CHECK_INT(test(&ignored, source, either, 50, &left_out), WIO_MATCH_NO);
  wio_selector_free(either);
  wio_ignored_release(&ignored);
}

// Its number belongs to another process later.
static void who_has_the_number_of_an_ended_ancestor_is_not_left_out(void) {
  world here;
  bool left_out;
  wio_source *source = login(&here, 1);
  wio_ignored ignored = {.walked = false};
  wio_selector *all = named("*");
  CHECK_INT(test(&ignored, source, all, 60, &left_out), WIO_MATCH_NO);
  world_exit(&here, world_find(&here, 60));
  world_reap(&here, world_find(&here, 60));
  born(&here, 60, "job", 1, 60);
  CHECK_INT(test(&ignored, source, all, 60, &left_out), WIO_MATCH_YES);
  wio_selector_free(all);
  wio_ignored_release(&ignored);
}

// A line of cron whose watchio waits for the same: each would wait for the other.
static void what_runs_another_watchio_is_left_out_where_its_command_line_matches(void) {
  static const struct {
    const char *cmd;
    bool kindred;
    wio_match match;
  } cases[] = {
      {"sh -c watchio wait exit cmd=nas", true, WIO_MATCH_NO},
      {"sh -c watchio wait exit cmd=nas", false, WIO_MATCH_YES},
      {"sh -c rsync nas", true, WIO_MATCH_YES},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    world here;
    bool left_out;
    char message[128];
    wio_source *source = login(&here, 1);
    wio_ignored ignored = {.walked = false};
    wio_selector *nas = wio_selector_new();
    CHECK_INT(wio_selector_add_cmd(nas, "nas", message, sizeof message), 0);
    born(&here, 90, "sh", 1, 90)->cmd = cases[i].cmd;
    born(&here, 91, "timeout", 90, 90)->cmd = "timeout 9 watchio wait exit cmd=nas";
    born(&here, 92, "watchio", 91, 90)->kindred = cases[i].kindred;
    CHECK_INT(test(&ignored, source, nas, 90, &left_out), cases[i].match);
    wio_selector_free(nas);
    wio_ignored_release(&ignored);
  }
}

static void another_watchio_is_left_out(void) {
  world here;
  bool left_out;
  wio_source *source = login(&here, 1);
  wio_ignored ignored = {.walked = false};
  wio_selector *all = named("*");
  born(&here, 90, "watchio", 80, 80)->kindred = true;
  born(&here, 91, "watchio", 80, 80); // which only bears the name
  CHECK_INT(test(&ignored, source, all, 90, &left_out), WIO_MATCH_NO);
  CHECK(left_out);
  CHECK_INT(test(&ignored, source, all, 91, &left_out), WIO_MATCH_YES);
  wio_selector_free(all);
  wio_ignored_release(&ignored);
}

// Nor does a tree begin with the shell that runs watchio: its other jobs are trees of their own.
static void a_tree_begins_below_what_runs_watchio(void) {
  world here;
  wio_source *source = login(&here, 1);
  wio_monitor *monitor = wio_monitor_new(source);
  uint64_t id;
  static const wio_watch_options options = {
      .kinds = WIO_KIND_BIT(WIO_IO), .per = WIO_PER_TREE, .every_ns = 1, .events = UINT32_MAX};
  CHECK_INT(wio_monitor_watch(monitor, named("bash"), &options, &id), 0);
  CHECK_INT(wio_monitor_tick(monitor, 1), 0);
  const wio_watch *watch = wio_monitor_find_watch(monitor, id);
  CHECK_INT(watch->count, 2);
  for (size_t i = 0; i < watch->count; i++) {
    CHECK(watch->targets[i]->pid == 70 || watch->targets[i]->pid == 80);
    CHECK_INT(watch->targets[i]->count, 1);
  }
  wio_monitor_free(monitor);
}

int main(void) {
  what_runs_watchio_is_left_out();
  the_first_process_is_left_out_where_all_is_in_its_session();
  a_named_pid_is_not_left_out();
  who_has_the_number_of_an_ended_ancestor_is_not_left_out();
  another_watchio_is_left_out();
  what_runs_another_watchio_is_left_out_where_its_command_line_matches();
  a_tree_begins_below_what_runs_watchio();
  return check_result();
}
