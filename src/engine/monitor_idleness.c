// SPDX-License-Identifier: MIT
// The verdict at a target's deadline: idle, or waiting.
#include "engine/monitor_inside.h"
#include "engine/settle.h"

#include <errno.h>

static void add_wait(wio_wait_found *found, pid_t pid, const wio_waiting *waiting) {
  if (waiting->wait == WIO_WAIT_NONE) return;
  if (waiting->wait == WIO_WAIT_KERNEL || found->waiting.wait == WIO_WAIT_NONE) found->waiter = pid;
  found->waiting.wait = waiting->wait;
  if (!waiting->again) return;
  found->waiting.again = true;
  if (waiting->waited_ns > found->waiting.waited_ns) found->waiting.waited_ns = waiting->waited_ns;
  if (waiting->ran_ns < found->waiting.ran_ns) found->waiting.ran_ns = waiting->ran_ns;
}

int wio_monitor_find_wait(wio_roster *roster, const wio_target *target, wio_wait_found *out) {
  *out = (wio_wait_found){.waiting = {.wait = WIO_WAIT_NONE, .ran_ns = UINT64_MAX}};
  for (size_t i = 0; i < target->count && out->waiting.wait != WIO_WAIT_KERNEL; i++) {
    const wio_sample *sample = target->members[i]->sample;
    wio_waiting waiting = {.wait = WIO_WAIT_NONE};
    int rc = sample->ended ? 0 : roster->source->ops->waits(roster->source, sample->pin, &waiting);
    if (rc == -ENOMEM || rc == -EMFILE || rc == -ENFILE) return rc;
    if (rc == 0) add_wait(out, (pid_t)sample->key, &waiting);
  }
  // A process that does not answer waits in the kernel, and holds a lock there.
  pid_t silent = wio_silent_in_tree(&roster->silent, roster->source, target);
  if (silent) add_wait(out, silent, &(wio_waiting){.wait = WIO_WAIT_KERNEL});
  return 0;
}

// Whether the target is given a little time, to see whether it gets to run, and is judged after that: any process wants
// to run now and then.
static bool is_given_time(wio_monitor *monitor, wio_target *target) {
  wio_roster *roster = &monitor->roster;
  if (target->given_since_ns) return false;
  target->given_since_ns = roster->now_ns;
  wio_due_put(&roster->due, &target->deadline, roster->now_ns + WIO_STARVED_NS);
  return true;
}

// Whether a thread of the target has waited for a processor for half of the time that it was given, or still waits: it
// did not sleep meanwhile, and hardly ran.
static bool is_starved(const wio_roster *roster, const wio_target *target, const wio_waiting *waiting) {
  uint64_t half_ns = (roster->now_ns - target->given_since_ns) / 2;
  return waiting->again && (waiting->waited_ns >= half_ns || waiting->ran_ns < half_ns);
}

int wio_monitor_see_wait(wio_roster *roster, wio_target *target, const wio_wait_found *found) {
  uint64_t read_ns = roster->clock_ns ? roster->clock_ns() : roster->now_ns;
  return wio_target_see_wait(target, found->waiting.wait, found->waiter, roster->now_ns, read_ns, &roster->events);
}

static int judge_quiet(wio_monitor *monitor, wio_target *target) {
  wio_roster *roster = &monitor->roster;
  wio_wait_found found = {.waiting = {.wait = WIO_WAIT_NONE}};
  int rc = wio_target_is_quiet_enough(target, roster->now_ns) ? wio_monitor_find_wait(roster, target, &found) : 0;
  const wio_waiting *waiting = &found.waiting;
  if (rc < 0 || (waiting->wait == WIO_WAIT_CPU && is_given_time(monitor, target))) return rc;
  bool waits = waiting->wait == WIO_WAIT_KERNEL ||
               (waiting->wait == WIO_WAIT_CPU && is_starved(roster, target, waiting));
  rc = waits ? wio_monitor_see_wait(roster, target, &found)
             : wio_target_judge_quiet(target, roster->now_ns, &roster->events);
  if (rc < 0) return rc;
  target->given_since_ns = 0;
  wio_roster_expect_idle(roster, target);
  return 0;
}

// The readings that decide on idleness are never gated, and newborn processes are read, too.
int wio_monitor_judge_deadline(wio_monitor *monitor, wio_target *target) {
  wio_roster *roster = &monitor->roster;
  uint64_t id = target->id;
  int rc = roster->births ? wio_monitor_take_births(monitor) : 0;
  if (rc < 0 || !wio_index_find(&roster->targets, id)) return rc; // the target may have ended
  rc = wio_monitor_refresh_target(roster, target);
  if (rc == 0) rc = wio_settle(roster);
  if (rc < 0 || !wio_index_find(&roster->targets, id)) return rc;
  wio_target_catch_up(target);
  return judge_quiet(monitor, target);
}

wio_starvation wio_monitor_starves(wio_monitor *monitor, uint64_t id) {
  wio_roster *roster = &monitor->roster;
  wio_target *target = wio_index_find(&roster->targets, id);
  if (!target || target->state != WIO_IDLE) return WIO_STARVES_NOT;
  wio_wait_found found;
  int rc = wio_monitor_find_wait(roster, target, &found);
  uint64_t since_ns = target->given_since_ns;
  if (rc == 0 && found.waiting.wait == WIO_WAIT_CPU && (!since_ns || roster->now_ns - since_ns < WIO_STARVED_NS)) {
    if (!since_ns) target->given_since_ns = roster->now_ns;
    return WIO_STARVES_PERHAPS;
  }
  bool starves = rc == 0 && found.waiting.wait == WIO_WAIT_CPU && is_starved(roster, target, &found.waiting);
  target->given_since_ns = 0;
  if (!starves || wio_monitor_see_wait(roster, target, &found) < 0) return WIO_STARVES_NOT;
  wio_roster_expect_idle(roster, target);
  return WIO_STARVES;
}
