// SPDX-License-Identifier: MIT
// Running out of memory only delays: the n-th allocation fails, for every n, and no event is lost, doubled or changed.
#include "engine/monitor.h"

#include "check.h"
#include "world.h"

#define S UINT64_C(1000000000)

// The linker sends the engine's allocations here (--wrap in CMakeLists.txt).
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static int allocations, failing; // the number of the one that fails; 0: none

static bool fails(void) { return ++allocations == failing; }
void *__wrap_malloc(size_t size) { return fails() ? NULL : __real_malloc(size); }
void *__wrap_calloc(size_t count, size_t size) { return fails() ? NULL : __real_calloc(count, size); }
void *__wrap_realloc(void *old, size_t size) { return fails() ? NULL : __real_realloc(old, size); }

static world here;
static char told[4096];

static void drain(wio_monitor *m) {
  for (wio_event event; wio_monitor_next(m, &event);) {
    size_t length = strlen(told);
    snprintf(told + length, sizeof told - length, "%s(%d) ", wio_event_name(event.type), event.pid);
  }
}

// Ticks until it works; a second failure cannot come, since only one allocation fails.
static void tick(wio_monitor *m, uint64_t now_ns) {
  int tries = 0;
  while (wio_monitor_tick(m, now_ns) < 0 && tries < 3) tries++;
  CHECK(tries < 3);
  drain(m);
}

static wio_monitor *make_monitor(void) {
  wio_monitor *m = wio_monitor_new(world_init(&here));
  return m ? m : wio_monitor_new(world_init(&here));
}

static void watch(wio_monitor *m, const char *name, pid_t pid) {
  const wio_limit limits[] = {{.measure = WIO_RCHAR, .is_rate = true, .above = 4, .below = 3},
                              {.measure = WIO_RCHAR, .above = 4},
                              {.measure = WIO_NET_TX, .above = 1}};
  wio_watch_options options = {.kinds = WIO_KIND_BIT(WIO_IO),
                               .every_ns = S,
                               .idle_after_ns = 2 * S,
                               .events = UINT32_MAX,
                               .samples = true,
                               .limits = limits,
                               .limit_count = 3};
  for (int rc = -1, tries = 0; rc < 0 && tries < 3; tries++) {
    char message[128];
    uint64_t id;
    wio_selector *selector = wio_selector_new();
    if (!selector) continue;
    rc = name ? wio_selector_add_name(selector, name, message, sizeof message) : wio_selector_add_pid(selector, pid);
    if (rc < 0) wio_selector_free(selector);
    else rc = wio_monitor_watch(m, selector, &options, &id);
  }
}

static void live(bool hears) {
  told[0] = '\0';
  wio_monitor *m = make_monitor();
  here.hears = hears;
  world_process *p = world_birth(&here, 7, "x");
  world_process *q = world_birth(&here, 8, "y");
  q->io_error = EACCES;
  q->net_error = EPERM;
  watch(m, "x", 0);
  watch(m, "y", 0);
  watch(m, NULL, 7);
  watch(m, NULL, 9);
  tick(m, 1 * S);
  uint64_t alarm;
  if (wio_monitor_alarm(m, 2 * S, &alarm) < 0) CHECK_INT(wio_monitor_alarm(m, 2 * S, &alarm), 0);
  world_work(p, 5);
  tick(m, 2 * S);
  for (pid_t pid = 10; pid < 30; pid++) world_birth(&here, pid, "x");
  tick(m, 3 * S);
  world_fork(&here, world_find(&here, 20), 31);
  tick(m, 3 * S + 1);
  tick(m, 3 * S + S / 2);
  world_process *parent = world_find(&here, 20);
  if (parent) world_exec(&here, parent, "z"); // its child stays
  q->io_error = 0;
  world_work(q, 1);
  tick(m, 4 * S);
  p->zombie = true;
  tick(m, 5 * S);
  tick(m, 6 * S);
  wio_monitor_free(m);
  CHECK_INT(here.pins, 0);
}

// Every candidate is confirmed; what memory did not suffice for is asked again.
static void answer(wio_monitor *m) {
  for (wio_event event; wio_monitor_next(m, &event);) {
    if (event.type == WIO_EVENT_START) snprintf(told + strlen(told), 32, "start(%d) ", event.pid);
    if (event.type == WIO_EVENT_CANDIDATE)
      wio_monitor_answer(m, event.watch, event.pid, world_find(&here, event.pid)->start_ticks, true);
  }
}

static void live_by_answers(void) {
  wio_watch_options options = {.every_ns = S, .events = UINT32_MAX};
  told[0] = '\0';
  wio_monitor *m = make_monitor();
  world_process *parent = world_birth(&here, 7, "x");
  world_fork(&here, parent, 8);
  for (int rc = -1, tries = 0; rc < 0 && tries < 3; tries++) {
    uint64_t id;
    wio_selector *selector = wio_selector_new();
    if (!selector) continue;
    wio_selector_ask(selector);
    rc = wio_monitor_watch(m, selector, &options, &id);
  }
  for (uint64_t now_ns = S; now_ns < 5 * S; now_ns += S) {
    for (int tries = 0; wio_monitor_tick(m, now_ns) < 0 && tries < 3;) tries++;
    answer(m);
  }
  wio_monitor_free(m);
  CHECK_INT(here.pins, 0);
}

static void answers_are_only_delayed(void) {
  failing = allocations = 0;
  live_by_answers();
  CHECK_TEXT(told, "start(7) ");
  int count = allocations;
  for (failing = 1; failing <= count && !checks_failed; failing++) {
    allocations = 0;
    live_by_answers();
    if (!CHECK_TEXT(told, "start(7) ")) fprintf(stderr, "  when allocation %d fails\n", failing);
  }
}

static void live_with_each_failure(bool hears) {
  char expected[sizeof told];
  allocations = failing = 0;
  live(hears);
  strcpy(expected, told);
  CHECK(strstr(expected, "start(7)") && strstr(expected, "idle(29)") && strstr(expected, "exit(7)"));
  CHECK(strstr(expected, "leave(20)") && strstr(expected, "start(31)"));
  CHECK(strstr(expected, "over(7)") && strstr(expected, "under(7)"));
  CHECK(strstr(expected, "unjudged(8)") && strstr(expected, "sample(7)"));
  int count = allocations;
  CHECK(count > 50);
  for (failing = 1; failing <= count && !checks_failed; failing++) {
    allocations = 0;
    live(hears);
    if (!CHECK_TEXT(told, expected)) fprintf(stderr, "  when allocation %d fails\n", failing);
  }
}

int main(void) {
  live_with_each_failure(false);
  live_with_each_failure(true);
  answers_are_only_delayed();
  return check_result();
}
