// SPDX-License-Identifier: MIT
// Idleness is decided by what a target waits for, too; and nobody is asked for that before.
#include "engine/monitor.h"

#include "check.h"
#include "core/units.h"
#include "world.h"

#define S WIO_NS_PER_SECOND
#define MS WIO_NS_PER_MS

static world here;
static uint64_t now_ns;

static wio_monitor *begin(void) {
  char message[128];
  uint64_t id = 0;
  wio_monitor *m = wio_monitor_new(world_init(&here));
  world_birth(&here, 10, "job");
  wio_selector *selector = wio_selector_new();
  wio_selector_add_name(selector, "job", message, sizeof message);
  wio_watch_options options = {.kinds = WIO_KIND_BIT(WIO_IO),
                               .every_ns = S,
                               .idle_after_ns = 60 * S,
                               .events = UINT32_MAX & ~(1u << WIO_EVENT_NOISE)};
  CHECK_INT(wio_monitor_watch(m, selector, &options, &id), 0);
  now_ns = S;
  CHECK_INT(wio_monitor_tick(m, now_ns), 0);
  return m;
}

static void go_on_until(wio_monitor *m, uint64_t until_ns) {
  for (uint64_t due_ns; wio_monitor_due(m, &due_ns) && due_ns <= until_ns;)
    CHECK_INT(wio_monitor_tick(m, now_ns = due_ns > now_ns ? due_ns : now_ns), 0);
}

// The events so far, as "start idle".
static const char *told(wio_monitor *m) {
  static char text[256];
  text[0] = '\0';
  for (wio_event event; wio_monitor_next(m, &event);) {
    if (text[0]) strcat(text, " ");
    strcat(text, wio_event_name(event.type));
  }
  return text;
}

static world_process *job(void) { return world_find(&here, 10); }

static void nobody_is_asked_before_idleness_is_decided(void) {
  wio_monitor *m = begin();
  go_on_until(m, 60 * S);
  CHECK_INT(here.waits, 0);
  go_on_until(m, 300 * S);
  CHECK_INT(here.waits, 1);
  CHECK_TEXT(told(m), "start idle");
  wio_monitor_free(m);
}

// Wanting to run at the deadline, this is what is read a little later.
static const char *want_to_run(wio_waiting later) {
  static char text[256];
  wio_monitor *m = begin();
  job()->waiting = (wio_waiting){
      .wait = WIO_WAIT_CPU, .again = true, .waited_ns = 9 * S}; // what was before says nothing
  go_on_until(m, 61 * S);
  CHECK_TEXT(told(m), "start");
  job()->waiting = later;
  job()->waiting.wait = WIO_WAIT_CPU;
  go_on_until(m, 62 * S);
  strcpy(text, told(m));
  wio_monitor_free(m);
  return text;
}

static void who_wants_to_run_and_does_not_come_to_it_is_not_idle(void) {
  CHECK_TEXT(want_to_run((wio_waiting){.again = true, .waited_ns = 60 * MS, .ran_ns = UINT64_MAX}), "active");
  CHECK_TEXT(want_to_run((wio_waiting){.again = true, .ran_ns = 0}), "active");      // it has waited all the time
  CHECK_TEXT(want_to_run((wio_waiting){.again = true, .ran_ns = 3 * MS}), "active"); // since it ran
  CHECK_TEXT(want_to_run((wio_waiting){.again = true, .ran_ns = 90 * MS}),
             "idle"); // it runs, which is no activity here
  // By chance it wanted to run both times.
  CHECK_TEXT(want_to_run((wio_waiting){.again = true, .waited_ns = 10 * MS, .ran_ns = UINT64_MAX}), "idle");
  CHECK_TEXT(want_to_run((wio_waiting){.again = false}), "idle"); // another thread
}

static void who_does_something_meanwhile_begins_afresh(void) {
  wio_monitor *m = begin();
  job()->waiting = (wio_waiting){.wait = WIO_WAIT_CPU, .again = true};
  go_on_until(m, 61 * S);
  world_work(job(), 100);
  go_on_until(m, 120 * S);
  CHECK_TEXT(told(m), "start active");
  go_on_until(m, 121 * S + 50 * MS);
  CHECK_TEXT(told(m), ""); // given time again
  go_on_until(m, 122 * S);
  CHECK_TEXT(told(m), "waiting");
  wio_monitor_free(m);
}

static void what_may_not_be_read_is_judged_by_the_counters_and_want_of_files_delays(void) {
  wio_monitor *m = begin();
  job()->waits_error = EACCES;
  go_on_until(m, 70 * S);
  CHECK_TEXT(told(m), "start idle");
  wio_monitor_free(m);
  m = begin();
  go_on_until(m, 60 * S);
  job()->waits_error = EMFILE;
  CHECK_INT(wio_monitor_tick(m, now_ns = 61 * S + 1), -EMFILE);
  CHECK_TEXT(told(m), "start");
  job()->waits_error = 0;
  CHECK_INT(wio_monitor_tick(m, now_ns = 61 * S + 2), 0);
  CHECK_TEXT(told(m), "idle");
  wio_monitor_free(m);
}

static void a_question_finds_who_waits_in_the_kernel(void) {
  wio_monitor *m = begin();
  go_on_until(m, 61 * S);
  uint64_t id = wio_monitor_find_watch(m, 1)->targets[0]->id;
  CHECK_TEXT(told(m), "start idle");
  CHECK_INT(wio_monitor_look(m, id), WIO_LOOK_QUIET);
  job()->waiting = (wio_waiting){.wait = WIO_WAIT_CPU, .again = true};
  CHECK_INT(wio_monitor_look(m, id), WIO_LOOK_QUIET); // that can be chance
  job()->waiting = (wio_waiting){.wait = WIO_WAIT_KERNEL};
  CHECK_INT(wio_monitor_look(m, id), WIO_LOOK_MOVED);
  CHECK_TEXT(told(m), "active");
  wio_monitor_free(m);
}

// Asked as it is idle, and again after a while.
static wio_starvation starve(wio_waiting later, uint64_t later_ns) {
  wio_monitor *m = begin();
  go_on_until(m, 61 * S);
  uint64_t id = wio_monitor_find_watch(m, 1)->targets[0]->id;
  CHECK_TEXT(told(m), "start idle");
  job()->waiting = (wio_waiting){.wait = WIO_WAIT_CPU, .again = true, .waited_ns = 9 * S};
  CHECK_INT(wio_monitor_starves(m, id), WIO_STARVES_PERHAPS);
  CHECK_INT(wio_monitor_tick(m, now_ns += later_ns), 0);
  job()->waiting = later;
  wio_starvation starves = wio_monitor_starves(m, id);
  CHECK_TEXT(told(m), starves == WIO_STARVES ? "active" : "");
  CHECK_INT(wio_monitor_starves(m, 4711), WIO_STARVES_NOT);
  wio_monitor_free(m);
  return starves;
}

static void who_is_idle_may_come_to_starve(void) {
  const wio_waiting starves = {.wait = WIO_WAIT_CPU, .again = true, .ran_ns = 0};
  CHECK_INT(starve(starves, 100 * MS), WIO_STARVES);
  CHECK_INT(starve(starves, 50 * MS), WIO_STARVES_PERHAPS);
  CHECK_INT(starve((wio_waiting){.wait = WIO_WAIT_CPU, .again = true, .ran_ns = 90 * MS}, 100 * MS), WIO_STARVES_NOT);
  CHECK_INT(starve((wio_waiting){.wait = WIO_WAIT_CPU}, 100 * MS), WIO_STARVES_NOT);
  CHECK_INT(starve((wio_waiting){.wait = WIO_WAIT_NONE}, 50 * MS), WIO_STARVES_NOT);
}

int main(void) {
  nobody_is_asked_before_idleness_is_decided();
  who_wants_to_run_and_does_not_come_to_it_is_not_idle();
  who_does_something_meanwhile_begins_afresh();
  what_may_not_be_read_is_judged_by_the_counters_and_want_of_files_delays();
  a_question_finds_who_waits_in_the_kernel();
  who_is_idle_may_come_to_starve();
  return check_result();
}
