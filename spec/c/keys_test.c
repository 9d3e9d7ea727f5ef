// SPDX-License-Identifier: MIT
// The keys of a selector that look at more than the command: executable, unit, cgroup, port, pidfile, exceptions, and
// what the caller confirms.
#include "check.h"
#include "world.h"

#define S UINT64_C(1000000000)

static world here;
static wio_source *source;
static char told[512], message[256];

static void begin(void) { source = world_init(&here); }

static wio_match test(const wio_selector *selector, pid_t pid, int *denied) {
  wio_description one;
  if (source->ops->describe(source, pid, 0, &one) < 0) return WIO_MATCH_NO;
  wio_match match = wio_selector_test(selector, source, &one);
  if (denied) *denied = one.denied;
  return match;
}

// ---- one process

typedef int add_text(wio_selector *selector, const char *text, char *out, size_t size);

static const struct {
  add_text *add;
  const char *text;
  bool matches;
} places[] = {
    {wio_selector_add_exe, "/usr/sbin/nginx", true},
    {wio_selector_add_exe, "/usr/*", true},
    {wio_selector_add_exe, "*/nginx", true},
    {wio_selector_add_exe, "/nginx", false},
    {wio_selector_add_unit, "nginx", true},
    {wio_selector_add_unit, "system.slice", true},
    {wio_selector_add_unit, "nginx@*", false},
    {wio_selector_add_cgroup, "/system.slice/", true},
    {wio_selector_add_cgroup, "/system.slice/n", false},
    {wio_selector_add_cgroup, "/", true},
    {wio_selector_add_cgroup, "/sys/fs/cgroup/system.slice", true},
};

static void an_executable_and_a_place_match(void) {
  for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
    begin();
    world_process *process = world_birth(&here, 7, "nginx");
    process->exe = "/usr/sbin/nginx";
    process->cgroup = "0::/system.slice/nginx.service\n";
    wio_selector *selector = wio_selector_new();
    CHECK_INT(places[i].add(selector, places[i].text, message, sizeof message), 0);
    if (!CHECK_INT(test(selector, 7, NULL), places[i].matches)) fprintf(stderr, "  in the case %s\n", places[i].text);
    wio_selector_free(selector);
  }
}

static const struct {
  add_text *add;
  const char *text, *message;
} bad[] = {
    {wio_selector_add_exe, "", "bad glob \"\": it is empty"},
    {wio_selector_add_exe, "nginx",
     "bad exe \"nginx\": it matches no path (want e.g. \"/usr/sbin/nginx\" or \"*/nginx\")"},
    {wio_selector_add_exe, "/[a", "bad glob \"/[a\": a [ is not closed"},
    {wio_selector_add_unit, "", "bad unit \"\": it is empty"},
    {wio_selector_add_unit, "a/b", "bad unit \"a/b\": a unit's name has no slashes and no blanks"},
    {wio_selector_add_unit, "a[", "bad unit \"a[\": a [ is not closed"},
    {wio_selector_add_cgroup, "a", "bad cgroup \"a\": it does not begin with a slash"},
    {wio_selector_add_cgroup, "", "bad cgroup \"\": it does not begin with a slash"},
};

static void what_can_never_match_is_refused(void) {
  wio_selector *selector = wio_selector_new();
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    CHECK_INT(bad[i].add(selector, bad[i].text, message, sizeof message), -EINVAL);
    CHECK_TEXT(message, bad[i].message);
  }
  CHECK(wio_selector_is_empty(selector));
  wio_selector_free(selector);
}

static void what_may_not_be_read_is_unknown(void) {
  int denied = 0;
  begin();
  world_process *process = world_birth(&here, 7, "nginx");
  process->exe = "/usr/sbin/nginx";
  process->denied = EACCES;
  wio_selector *selector = wio_selector_new();
  wio_selector_add_exe(selector, "/usr/sbin/nginx", message, sizeof message);
  CHECK_INT(test(selector, 7, &denied), WIO_MATCH_UNKNOWN);
  CHECK_INT(denied, EACCES);
  wio_selector_add_name(selector, "other", message, sizeof message); // another key tells
  CHECK_INT(test(selector, 7, &denied), WIO_MATCH_NO);
  CHECK_INT(denied, 0);
  wio_selector_free(selector);
  selector = wio_selector_new();
  wio_selector_add_port(selector, 80);
  CHECK_INT(test(selector, 7, NULL), WIO_MATCH_UNKNOWN);
  process->kernel_thread = true;
  CHECK_INT(test(selector, 7, NULL), WIO_MATCH_NO);
  wio_selector_free(selector);
}

static void exceptions_are_left_out_also_when_they_cannot_be_told(void) {
  begin();
  world_birth(&here, 7, "sh");
  world_process *denied = world_birth(&here, 8, "sh");
  world_birth(&here, 9, "sh")->exe = "/bin/keep";
  denied->denied = EACCES;
  wio_selector *selector = wio_selector_new(), *except = wio_selector_new();
  wio_selector_add_exe(except, "/bin/keep", message, sizeof message);
  CHECK_INT(wio_selector_add_except(selector, except), 0);
  CHECK(wio_selector_is_empty(selector));
  wio_selector_add_name(selector, "sh", message, sizeof message);
  CHECK_INT(test(selector, 7, NULL), WIO_MATCH_YES);
  CHECK_INT(test(selector, 8, NULL), WIO_MATCH_UNKNOWN);
  CHECK_INT(test(selector, 9, NULL), WIO_MATCH_NO);
  wio_selector_free(selector);
}

static void a_pidfile_names_who_could_have_written_it(void) {
  begin();
  world_birth(&here, 7, "a");
  world_birth(&here, 8, "b")->uid = 33;
  wio_selector *selector = wio_selector_new();
  wio_selector_add_pidfile(selector, "x.pid");
  CHECK(!wio_selector_refresh(selector, source));
  CHECK_INT(test(selector, 7, NULL), WIO_MATCH_NO);
  here.pidfile = (wio_pidfile){.pid = 7, .trusted = true, .written_ns = 1};
  CHECK(wio_selector_refresh(selector, source));
  CHECK(!wio_selector_refresh(selector, source));
  CHECK_INT(test(selector, 7, NULL), WIO_MATCH_YES);
  CHECK(wio_selector_may_match(selector, 7) && !wio_selector_may_match(selector, 8));
  here.pidfile_empty = true;
  CHECK(!wio_selector_refresh(selector, source));
  CHECK_INT(test(selector, 7, NULL), WIO_MATCH_YES);
  here.pidfile_empty = false;
  here.pidfile.pid = 8; // it began at 2
  CHECK(wio_selector_refresh(selector, source));
  CHECK_INT(test(selector, 8, NULL), WIO_MATCH_NO);
  // The clock was set forward after it was written.
  here.pidfile.of_this_boot = true;
  wio_selector_refresh(selector, source);
  CHECK_INT(test(selector, 8, NULL), WIO_MATCH_NO);
  here.pids_are_fresh = true;
  CHECK_INT(test(selector, 8, NULL), WIO_MATCH_YES);
  here.pids_are_fresh = false;
  here.pidfile = (wio_pidfile){.pid = 8, .owner = 33, .written_ns = 2};
  wio_selector_refresh(selector, source);
  CHECK_INT(test(selector, 8, NULL), WIO_MATCH_YES);
  here.pidfile.owner = 34;
  CHECK(wio_selector_refresh(selector, source));
  CHECK_INT(test(selector, 8, NULL), WIO_MATCH_NO);
  wio_selector_free(selector);
}

// ---- watches

static wio_monitor *monitor;
static uint64_t now_ns;

static void drain(void) {
  for (wio_event event; wio_monitor_next(monitor, &event);) {
    size_t length = strlen(told);
    snprintf(told + length, sizeof told - length, "%s(%d) ", wio_event_name(event.type), event.pid);
  }
}

// What is told by a tick a moment later.
static const char *after(uint64_t ns) {
  told[0] = '\0';
  now_ns += ns;
  CHECK_INT(wio_monitor_tick(monitor, now_ns), 0);
  drain();
  return told;
}

static uint64_t watch(wio_selector *selector, wio_per per, uint64_t every_ns) {
  wio_watch_options options = {.kinds = WIO_KIND_BIT(WIO_IO), .per = per, .every_ns = every_ns, .events = UINT32_MAX};
  uint64_t id;
  monitor = wio_monitor_new(source);
  CHECK_INT(wio_monitor_watch(monitor, selector, &options, &id), 0);
  now_ns = 100 * S;
  return id;
}

static void a_pidfile_is_waited_for_and_followed(void) {
  begin();
  world_birth(&here, 7, "a");
  world_birth(&here, 8, "b");
  wio_selector *selector = wio_selector_new();
  wio_selector_add_pidfile(selector, "x.pid");
  watch(selector, WIO_PER_PROCESS, S);
  CHECK_TEXT(after(0), "missing(0) ");
  CHECK_TEXT(after(5 * S), "");
  here.pidfile = (wio_pidfile){.pid = 7, .trusted = true, .written_ns = 9};
  CHECK_TEXT(after(S), "start(7) ");
  here.pidfile.pid = 0;
  CHECK_TEXT(after(S), "leave(7) ");
  here.pidfile = (wio_pidfile){.pid = 8, .trusted = true, .written_ns = 9};
  CHECK_TEXT(after(S), "start(8) ");
  int lists = here.lists;
  CHECK_TEXT(after(5 * S), "");
  CHECK_INT(here.lists, lists); // nothing changed, so nobody is looked for
  wio_monitor_free(monitor);
}

static void who_begins_to_listen_is_found_within_a_second(void) {
  begin();
  world_process *server = world_birth(&here, 7, "a");
  world_birth(&here, 8, "b");
  wio_selector *selector = wio_selector_new();
  wio_selector_add_port(selector, 80);
  watch(selector, WIO_PER_PROCESS, S / 10);
  CHECK_TEXT(after(0), "missing(0) ");
  for (int i = 0; i < 20; i++) after(S / 10);
  CHECK_INT(here.listenings, 3);
  server->port = 80;
  CHECK_TEXT(after(S), "start(7) ");
  wio_monitor_free(monitor);
}

static void those_of_one_unit_are_one_target(void) {
  begin();
  static const char *const cgroups[] = {"0::/a.service", "0::/b.service", "0::/a.service/x", "0::/", "0::/"};
  for (pid_t pid = 7; pid < 12; pid++) world_birth(&here, pid, "sh")->cgroup = cgroups[pid - 7];
  wio_selector *selector = wio_selector_new();
  wio_selector_add_name(selector, "sh", message, sizeof message);
  watch(selector, WIO_PER_UNIT, S);
  CHECK_TEXT(after(0), "start(7) start(8) start(10) start(11) ");
  world_birth(&here, 12, "sh")->cgroup = cgroups[1];
  CHECK_TEXT(after(S), "");
  wio_monitor_free(monitor);
}

static void a_candidate_waits_for_its_answer(void) {
  begin();
  world_process *parent = world_birth(&here, 7, "sh");
  world_fork(&here, parent, 8);
  wio_selector *selector = wio_selector_new();
  wio_selector_ask(selector);
  uint64_t id = watch(selector, WIO_PER_TREE, S);
  CHECK_TEXT(after(0), "candidate(7) candidate(8) ");
  CHECK_INT(wio_monitor_answer(monitor, id, 7, parent->start_ticks, true), 0);
  CHECK_INT(wio_monitor_answer(monitor, id, 8, 99, true), 0); // another process by now
  CHECK_TEXT(after(0), "start(7) ");
  CHECK_INT(wio_monitor_find_watch(monitor, id)->targets[0]->count, 2); // the child has joined with its parent
  CHECK_TEXT(after(S), "");
  world_birth(&here, 9, "x");
  CHECK_TEXT(after(S), "candidate(9) ");
  CHECK_INT(wio_monitor_answer(monitor, id, 9, 3, false), 0);
  CHECK_TEXT(after(10 * S), "candidate(9) ");                    // a newborn is looked at again
  CHECK_INT(wio_monitor_answer(monitor, id + 1, 9, 3, true), 0); // of no watch
  wio_monitor_free(monitor);
}

static void the_topmost_is_found_whoever_is_confirmed_first(void) {
  begin();
  world_process *child = world_birth(&here, 9, "sh");
  world_process *parent = world_birth(&here, 7, "sh");
  child->ppid = 7;
  wio_selector *selector = wio_selector_new();
  wio_selector_add_name(selector, "sh", message, sizeof message);
  wio_selector_ask(selector);
  uint64_t id = watch(selector, WIO_PER_TREE, S);
  CHECK_TEXT(after(0), "candidate(7) candidate(9) ");
  CHECK_INT(wio_monitor_answer(monitor, id, 9, child->start_ticks, true), 0);
  CHECK_INT(wio_monitor_answer(monitor, id, 7, parent->start_ticks, true), 0);
  CHECK_TEXT(after(0), "start(7) ");
  CHECK_INT(wio_monitor_find_watch(monitor, id)->count, 1);
  wio_monitor_free(monitor);
}

static void a_pid_that_is_not_confirmed_is_missing(void) {
  begin();
  world_birth(&here, 7, "sh");
  wio_selector *selector = wio_selector_new();
  wio_selector_add_pid(selector, 7);
  wio_selector_ask(selector);
  uint64_t id = watch(selector, WIO_PER_PROCESS, S);
  CHECK_TEXT(after(0), "candidate(7) ");
  CHECK_INT(wio_monitor_answer(monitor, id, 7, 1, false), 0);
  CHECK_TEXT(after(S), "missing(7) finished(0) ");
  wio_monitor_free(monitor);
}

int main(void) {
  an_executable_and_a_place_match();
  what_can_never_match_is_refused();
  what_may_not_be_read_is_unknown();
  exceptions_are_left_out_also_when_they_cannot_be_told();
  a_pidfile_names_who_could_have_written_it();
  a_pidfile_is_waited_for_and_followed();
  who_begins_to_listen_is_found_within_a_second();
  those_of_one_unit_are_one_target();
  a_candidate_waits_for_its_answer();
  the_topmost_is_found_whoever_is_confirmed_first();
  a_pid_that_is_not_confirmed_is_missing();
  return check_result();
}
