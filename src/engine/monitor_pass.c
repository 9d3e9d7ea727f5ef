// SPDX-License-Identifier: MIT
// One tick of the monitor: ends, births, readings, deadlines and alarms.
#include "engine/meter.h"
#include "engine/monitor_inside.h"
#include "engine/settle.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <string.h>

// How long births are gathered before they are inspected: many of the newborns are gone by then, and a burst is
// inspected once. After many births they are gathered for longer, so that a storm costs no more than an inspection now
// and then.
#define GATHER_NS (20 * WIO_NS_PER_MS)
#define MANY_BIRTHS 100

// How long lost births wait until they are searched for, unless an interval comes first.
#define LOST_NS (1000 * WIO_NS_PER_MS)

// This many processes take a megabyte or two.
#define MANY_PROCESSES 64

static void *containing(wio_due_entry *entry, size_t offset) { return (char *)entry - offset; }

// Fetches the memory of the next members into the cache. A second between two passes leaves it cold, and the kernel's
// work for one member leaves time for it.
static void prefetch(const wio_watch *watch, size_t i) {
  if (i + 3 >= watch->member_count) return;
  __builtin_prefetch(watch->members[i + 3]);
  const wio_member *member = watch->members[i + 2];
  for (size_t line = 0; line < sizeof *member->sample; line += 64)
    __builtin_prefetch((const char *)member->sample + line);
  __builtin_prefetch(member->target);
  __builtin_prefetch(&member->target->quiet_since_ns);
  __builtin_prefetch(watch->members[i + 1]->sample->pin);
  __builtin_prefetch((const char *)watch->members[i + 1]->sample->pin + 64);
}

// Reads one member, and marks its target when there is something to count.
static int refresh(wio_roster *roster, const wio_member *member, wio_care care) {
  wio_sample *sample = member->sample;
  bool had_ended = sample->ended;
  int rc = wio_sample_refresh(roster->source, sample, &roster->pass, care, &roster->tally);
  bool differs = member->seen != sample->version || sample->gone || sample->ended != had_ended;
  return rc == 0 && differs ? wio_settle_take_up(roster, member->target) : rc;
}

int wio_monitor_refresh_target(wio_roster *roster, const wio_target *target) {
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < target->count; i++) rc = refresh(roster, target->members[i], WIO_EXACT);
  return rc;
}

// Finds the members from `first` to `end` that have run or have news, and has them asked together, which is cheaper.
// Returns how many there are.
static size_t find_moving(wio_roster *roster, const wio_watch *watch, size_t first, size_t end,
                          const wio_member *moving[WIO_ASKED_TOGETHER]) {
  wio_source *source = roster->source;
  wio_pin *pins[WIO_ASKED_TOGETHER];
  size_t found = 0, count = 0;
  for (size_t i = first; i < end; i++) {
    prefetch(watch, i);
    const wio_member *member = watch->members[i];
    wio_sample *sample = member->sample;
    bool open = wio_sample_is_open(source, sample, &roster->pass, &roster->tally);
    if (open || sample->gone || member->seen != sample->version) moving[found++] = member;
    if (open && (sample->kinds & WIO_KIND_BIT(WIO_IO))) pins[count++] = sample->pin;
  }
  if (count > 1 && source->ops->ask_ahead) source->ops->ask_ahead(source, pins, count, roster->pass.moment);
  return found;
}

static int sample_members(wio_roster *roster, const wio_watch *watch) {
  const wio_member *moving[WIO_ASKED_TOGETHER];
  int rc = 0;
  for (size_t first = 0, end; rc == 0 && first < watch->member_count; first = end) {
    size_t rest = watch->member_count - first;
    end = first + (rest < WIO_ASKED_TOGETHER ? rest : WIO_ASKED_TOGETHER);
    size_t found = find_moving(roster, watch, first, end, moving);
    for (size_t i = 0; rc == 0 && i < found; i++) rc = refresh(roster, moving[i], WIO_GATED);
  }
  return rc;
}

// The schedule is absolute: missed samples are left out, and nothing drifts.
static uint64_t next_sample_ns(const wio_watch *watch, uint64_t now_ns) {
  uint64_t every_ns = watch->options.every_ns, last_ns = watch->sampling.at_ns;
  return last_ns ? last_ns + ((now_ns - last_ns) / every_ns + 1) * every_ns : now_ns + every_ns;
}

int wio_monitor_inspect(wio_monitor *monitor, bool told) {
  wio_roster *roster = &monitor->roster;
  wio_due_remove(&roster->due, &monitor->births_due);
  roster->births = false;
  return wio_discovery_round(&monitor->discovery, roster, monitor->watches, monitor->watch_count, told);
}

// Sets when births are inspected, now that the first ones have been told.
static void gather_births(wio_monitor *monitor) {
  wio_roster *roster = &monitor->roster;
  size_t told = monitor->discovery.births.told_count;
  if (wio_due_reserve(&roster->due, roster->others_due + roster->target_count) < 0) return; // the next interval does
  wio_due_put(&roster->due, &monitor->births_due, roster->now_ns + GATHER_NS * (1 + told / MANY_BIRTHS));
}

bool wio_monitor_is_patient(const wio_monitor *monitor) {
  bool any = false;
  for (size_t i = 0; i < monitor->watch_count; i++) {
    if (!wio_watch_wants_births(monitor->watches[i])) continue;
    if (!monitor->watches[i]->options.patient) return false;
    any = true;
  }
  return any;
}

// Even patient watches do not wait while a target is marked: it may have ended, and only the births can tell.
static bool are_births_due(const wio_monitor *monitor) {
  const wio_roster *roster = &monitor->roster;
  return roster->births && !monitor->births_due.slot && (roster->dirty || !wio_monitor_is_patient(monitor));
}

int wio_monitor_take_births(wio_monitor *monitor) {
  wio_roster *roster = &monitor->roster;
  int rc = wio_monitor_inspect(monitor, !monitor->discovery.births.lost);
  if (rc == 0 && monitor->discovery.births.lost)
    wio_due_put(&roster->due, &monitor->births_due, roster->now_ns + LOST_NS);
  return rc == 0 ? wio_settle(roster) : rc;
}

// Processes that joined since the watch's last look are included; ends were heard and counted before.
static int meter_targets(wio_roster *roster, const wio_watch *watch) {
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < watch->count; i++) {
    wio_target_catch_up(watch->targets[i]);
    rc = wio_meter_look(watch->targets[i], roster->now_ns, &roster->events);
  }
  return rc;
}

// A watch stays due when this fails: it is done again then, and finished steps are not done twice.
static int sample_watch(wio_monitor *monitor, wio_watch *watch) {
  wio_roster *roster = &monitor->roster;
  if (watch->credit.sampled_ns < roster->now_ns) watch->sampled_before_ns = watch->credit.sampled_ns;
  wio_credit_advance(&watch->credit, roster->now_ns);
  bool inspects = !watch->inspected || wio_watch_wants_births(watch);
  int rc = inspects ? wio_monitor_inspect(monitor, false) : 0;
  if (rc == 0) rc = sample_members(roster, watch);
  if (rc == 0) rc = wio_settle(roster);
  if (rc == 0 && wio_watch_meters(watch)) rc = meter_targets(roster, watch);
  if (rc == 0) wio_due_put(&roster->due, &watch->sampling, next_sample_ns(watch, roster->now_ns));
  return rc;
}

static int handle_due(wio_monitor *monitor, wio_due_entry *entry) {
  switch (entry->kind) {
    case WIO_DUE_SAMPLING: return sample_watch(monitor, containing(entry, offsetof(wio_watch, sampling)));
    case WIO_DUE_DEADLINE:
      return wio_monitor_judge_deadline(monitor, containing(entry, offsetof(wio_target, deadline)));
    case WIO_DUE_BIRTHS: return wio_monitor_take_births(monitor);
    default: return wio_monitor_ring(monitor, containing(entry, offsetof(wio_alarm, due)));
  }
}

// After a fork bomb the heap is full of holes, which glibc keeps unless it is asked to give them back.
static void give_memory_back(wio_monitor *monitor) {
  size_t processes = monitor->roster.process_count;
  if (processes > monitor->most_processes) monitor->most_processes = processes;
  if (monitor->most_processes < MANY_PROCESSES || processes > monitor->most_processes / 4) return;
  monitor->most_processes = processes;
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

int wio_monitor_tick(wio_monitor *monitor, uint64_t now_ns) {
  monitor->roster.now_ns = now_ns;
  monitor->roster.pass.moment++;
  monitor->roster.pass.fresh++;
  monitor->roster.tally.ticks++;
  int rc = wio_settle(&monitor->roster);
  for (wio_due_entry *first; rc == 0 && (first = wio_due_first(&monitor->roster.due)) && first->at_ns <= now_ns;)
    rc = handle_due(monitor, first);
  if (are_births_due(monitor)) gather_births(monitor);
  give_memory_back(monitor);
  return rc;
}
