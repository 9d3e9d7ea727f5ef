// SPDX-License-Identifier: MIT
#include "engine/monitor.h"

#include "engine/discovery.h"
#include "engine/meter.h"
#include "engine/roster.h"
#include "engine/settle.h"

#include <errno.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
  uint64_t id; // first, for lookup
  wio_due_entry due;
} alarm_entry;

struct wio_monitor {
  wio_roster roster;
  wio_watch **watches; // in order of registration
  size_t watch_count;
  wio_index alarms; // by id
  wio_discovery discovery;
  wio_selector *protected[WIO_PROTECTION_COUNT]; // see engine/guard.h
  uint64_t most_processes;                       // held since memory was last given back
  wio_due_entry news;                            // when what the source tells of births is looked at
};

// How long news are gathered: much of what is born is gone by then, and a burst is one look. After many, longer, so
// that a storm costs no more than to look who is there now and then.
#define GATHER_NS (20 * WIO_NS_PER_MS)
#define MANY_NEWS 100

// How long what was lost waits to be found, unless an interval comes before.
#define LOST_NS (1000 * WIO_NS_PER_MS)

// So many processes take a megabyte or two.
#define MANY_PROCESSES 64

static void *containing(wio_due_entry *entry, size_t offset) { return (char *)entry - offset; }

wio_monitor *wio_monitor_new(wio_source *source) {
  wio_monitor *monitor = calloc(1, sizeof *monitor);
  if (!monitor) {
    source->ops->free(source);
    return NULL;
  }
  monitor->roster.source = source;
  monitor->roster.others_due = 1; // the news
  monitor->news.kind = WIO_DUE_NEWS;
  return monitor;
}

// ---- what is due

// A second between two passes leaves the targets' memory cold, and the kernel's work for one of them is time enough to
// fetch what the next ones need.
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
  int rc = wio_sample_refresh(roster->source, sample, roster->look, care, &roster->tally);
  bool news = member->seen != sample->version || sample->gone || sample->ended != had_ended;
  return rc == 0 && news ? wio_settle_take_up(roster, member->target) : rc;
}

static int refresh_target(wio_roster *roster, const wio_target *target) {
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < target->count; i++) rc = refresh(roster, target->members[i], WIO_EXACT);
  return rc;
}

static int sample_members(wio_roster *roster, const wio_watch *watch) {
  for (size_t i = 0; i < watch->member_count; i++) {
    prefetch(watch, i);
    int rc = refresh(roster, watch->members[i], WIO_GATED);
    if (rc < 0) return rc;
  }
  return 0;
}

// On an absolute schedule: what was missed is left out, and nothing drifts.
static uint64_t next_sample_ns(const wio_watch *watch, uint64_t now_ns) {
  uint64_t every_ns = watch->options.every_ns, last_ns = watch->sampling.at_ns;
  return last_ns ? last_ns + ((now_ns - last_ns) / every_ns + 1) * every_ns : now_ns + every_ns;
}

static int look_around(wio_monitor *monitor, bool told) {
  wio_roster *roster = &monitor->roster;
  wio_due_remove(&roster->due, &monitor->news);
  roster->news = false;
  return wio_discovery_round(&monitor->discovery, roster, monitor->watches, monitor->watch_count, told);
}

// The first of the news have come.
static void expect_news(wio_monitor *monitor) {
  wio_roster *roster = &monitor->roster;
  size_t news = monitor->discovery.births.news;
  if (wio_due_reserve(&roster->due, roster->others_due + roster->target_count) < 0) return; // the next interval looks
  wio_due_put(&roster->due, &monitor->news, roster->now_ns + GATHER_NS * (1 + news / MANY_NEWS));
}

// Whether nobody who wants to hear of births wants to before the next interval.
static bool is_patient(const wio_monitor *monitor) {
  bool any = false;
  for (size_t i = 0; i < monitor->watch_count; i++) {
    if (!wio_watch_wants_births(monitor->watches[i])) continue;
    if (!monitor->watches[i]->options.patient) return false;
    any = true;
  }
  return any;
}

// Also when a target may have ended, or not: that is marked until then.
static bool is_news_wanted(const wio_monitor *monitor) {
  const wio_roster *roster = &monitor->roster;
  return roster->news && !monitor->news.slot && (roster->dirty || !is_patient(monitor));
}

static int take_news(wio_monitor *monitor) {
  wio_roster *roster = &monitor->roster;
  int rc = look_around(monitor, !monitor->discovery.births.lost);
  if (rc == 0 && monitor->discovery.births.lost) wio_due_put(&roster->due, &monitor->news, roster->now_ns + LOST_NS);
  return rc == 0 ? wio_settle(roster) : rc;
}

// Those that joined since the watch's latest look as well; ends were heard and counted before.
static int meter_targets(wio_roster *roster, const wio_watch *watch) {
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < watch->count; i++) {
    wio_target_catch_up(watch->targets[i]);
    rc = wio_meter_look(watch->targets[i], roster->now_ns, &roster->events);
  }
  return rc;
}

// Stays due when it fails: it is done again then, and what it has done already is not done twice.
static int sample_watch(wio_monitor *monitor, wio_watch *watch) {
  wio_roster *roster = &monitor->roster;
  if (watch->credit.sampled_ns < roster->now_ns) watch->looked_ns = watch->credit.sampled_ns;
  wio_credit_advance(&watch->credit, roster->now_ns);
  bool looks = !watch->looked || wio_watch_wants_births(watch);
  int rc = looks ? look_around(monitor, false) : 0;
  if (rc == 0) rc = sample_members(roster, watch);
  if (rc == 0) rc = wio_settle(roster);
  if (rc == 0 && wio_watch_meters(watch)) rc = meter_targets(roster, watch);
  if (rc == 0) wio_due_put(&roster->due, &watch->sampling, next_sample_ns(watch, roster->now_ns));
  return rc;
}

// ---- idleness

// How long a target that wants to run is given to show that it does not come to it.
#define STARVED_NS (100 * WIO_NS_PER_MS)

// A target, and whichever of its processes waits.
typedef struct {
  wio_waiting waiting;
  pid_t waiter;
} wait_found;

static void add_wait(wait_found *found, pid_t pid, const wio_waiting *waiting) {
  if (waiting->wait == WIO_WAIT_NONE) return;
  if (waiting->wait == WIO_WAIT_KERNEL || found->waiting.wait == WIO_WAIT_NONE) found->waiter = pid;
  found->waiting.wait = waiting->wait;
  if (!waiting->again) return;
  found->waiting.again = true;
  if (waiting->waited_ns > found->waiting.waited_ns) found->waiting.waited_ns = waiting->waited_ns;
  if (waiting->ran_ns < found->waiting.ran_ns) found->waiting.ran_ns = waiting->ran_ns;
}

// What the processes of a target wait for: one that waits in the kernel says it all. 0, or a
// negative errno when there is no memory or file left to find out; what may not be read is judged by the counters
// alone.
static int find_wait(wio_roster *roster, const wio_target *target, wait_found *out) {
  *out = (wait_found){.waiting = {.wait = WIO_WAIT_NONE, .ran_ns = UINT64_MAX}};
  for (size_t i = 0; i < target->count && out->waiting.wait != WIO_WAIT_KERNEL; i++) {
    const wio_sample *sample = target->members[i]->sample;
    wio_waiting waiting = {.wait = WIO_WAIT_NONE};
    int rc = sample->ended ? 0 : roster->source->ops->waits(roster->source, sample->pin, &waiting);
    if (rc == -ENOMEM || rc == -EMFILE || rc == -ENFILE) return rc;
    if (rc == 0) add_wait(out, (pid_t)sample->key, &waiting);
  }
  return 0;
}

// Whether it is being judged again a little later, to be seen whether it runs: everybody wants to run now and then.
static bool is_given_time(wio_monitor *monitor, wio_target *target) {
  wio_roster *roster = &monitor->roster;
  if (target->given_since_ns) return false;
  target->given_since_ns = roster->now_ns;
  wio_due_put(&roster->due, &target->deadline, roster->now_ns + STARVED_NS);
  return true;
}

// Whether a thread of it has waited for a processor for half of the time that it was given, or still does: it did not
// sleep meanwhile, and hardly ran.
static bool is_starved(const wio_roster *roster, const wio_target *target, const wio_waiting *waiting) {
  uint64_t half_ns = (roster->now_ns - target->given_since_ns) / 2;
  return waiting->again && (waiting->waited_ns >= half_ns || waiting->ran_ns < half_ns);
}

static int see_wait(wio_roster *roster, wio_target *target, const wait_found *found) {
  uint64_t read_ns = roster->clock_ns ? roster->clock_ns() : roster->now_ns;
  return wio_target_see_wait(target, found->waiting.wait, found->waiter, roster->now_ns, read_ns, &roster->events);
}

static int judge_quiet(wio_monitor *monitor, wio_target *target) {
  wio_roster *roster = &monitor->roster;
  wait_found found = {.waiting = {.wait = WIO_WAIT_NONE}};
  int rc = wio_target_is_quiet_enough(target, roster->now_ns) ? find_wait(roster, target, &found) : 0;
  const wio_waiting *waiting = &found.waiting;
  if (rc < 0 || (waiting->wait == WIO_WAIT_CPU && is_given_time(monitor, target))) return rc;
  bool waits = waiting->wait == WIO_WAIT_KERNEL ||
               (waiting->wait == WIO_WAIT_CPU && is_starved(roster, target, waiting));
  rc = waits ? see_wait(roster, target, &found) : wio_target_judge_quiet(target, roster->now_ns, &roster->events);
  if (rc < 0) return rc;
  target->given_since_ns = 0;
  wio_roster_expect_idle(roster, target);
  return 0;
}

// The readings that decide about idleness are never gated, and who was just born is read too.
static int judge_deadline(wio_monitor *monitor, wio_target *target) {
  wio_roster *roster = &monitor->roster;
  uint64_t id = target->id;
  int rc = roster->news ? take_news(monitor) : 0;
  if (rc < 0 || !wio_index_find(&roster->targets, id)) return rc; // it may have ended
  rc = refresh_target(roster, target);
  if (rc == 0) rc = wio_settle(roster);
  if (rc < 0 || !wio_index_find(&roster->targets, id)) return rc;
  wio_target_catch_up(target);
  return judge_quiet(monitor, target);
}

static void free_alarm(wio_monitor *monitor, alarm_entry *alarm) {
  wio_due_remove(&monitor->roster.due, &alarm->due);
  wio_index_remove(&monitor->alarms, alarm->id);
  monitor->roster.others_due--;
  free(alarm);
}

static int ring(wio_monitor *monitor, alarm_entry *alarm) {
  wio_event event = {.type = WIO_EVENT_ALARM, .time_ns = monitor->roster.now_ns, .alarm = alarm->id};
  int rc = wio_events_push(&monitor->roster.events, &event);
  if (rc == 0) free_alarm(monitor, alarm);
  return rc;
}

static int handle_due(wio_monitor *monitor, wio_due_entry *entry) {
  switch (entry->kind) {
    case WIO_DUE_SAMPLING: return sample_watch(monitor, containing(entry, offsetof(wio_watch, sampling)));
    case WIO_DUE_DEADLINE: return judge_deadline(monitor, containing(entry, offsetof(wio_target, deadline)));
    case WIO_DUE_NEWS: return take_news(monitor);
    default: return ring(monitor, containing(entry, offsetof(alarm_entry, due)));
  }
}

// After a bomb the heap is full of holes, which glibc keeps unless it is asked.
static void give_memory_back(wio_monitor *monitor) {
  uint64_t processes = monitor->roster.tally.processes;
  if (processes > monitor->most_processes) monitor->most_processes = processes;
  if (monitor->most_processes < MANY_PROCESSES || processes > monitor->most_processes / 4) return;
  monitor->most_processes = processes;
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

int wio_monitor_tick(wio_monitor *monitor, uint64_t now_ns) {
  monitor->roster.now_ns = now_ns;
  monitor->roster.tick++;
  monitor->roster.look++;
  monitor->roster.tally.ticks++;
  int rc = wio_settle(&monitor->roster);
  for (wio_due_entry *first; rc == 0 && (first = wio_due_first(&monitor->roster.due)) && first->at_ns <= now_ns;)
    rc = handle_due(monitor, first);
  if (is_news_wanted(monitor)) expect_news(monitor);
  give_memory_back(monitor);
  return rc;
}

// ---- what is asked for from outside

static size_t watch_position(const wio_monitor *monitor, uint64_t id) {
  size_t i = 0;
  while (i < monitor->watch_count && monitor->watches[i]->id != id) i++;
  return i;
}

const wio_watch *wio_monitor_find_watch(const wio_monitor *monitor, uint64_t watch) {
  size_t i = watch_position(monitor, watch);
  return i < monitor->watch_count ? monitor->watches[i] : NULL;
}

const wio_target *wio_monitor_target(const wio_monitor *monitor, uint64_t id) {
  wio_target *target = wio_index_find(&monitor->roster.targets, id);
  if (target) wio_target_catch_up(target);
  return target;
}

bool wio_monitor_next(wio_monitor *monitor, wio_event *out) {
  while (wio_events_pop(&monitor->roster.events, out))
    if (out->type == WIO_EVENT_ALARM || wio_monitor_find_watch(monitor, out->watch)) return true;
  return false;
}

bool wio_monitor_has_events(const wio_monitor *monitor) { return monitor->roster.events.count > 0; }

bool wio_monitor_due(const wio_monitor *monitor, uint64_t *out_ns) {
  const wio_due_entry *first = wio_due_first(&monitor->roster.due);
  if (first) *out_ns = first->at_ns;
  return first != NULL;
}

void wio_monitor_set_clock(wio_monitor *monitor, uint64_t (*clock_ns)(void)) { monitor->roster.clock_ns = clock_ns; }

uint64_t wio_monitor_clock_ns(const wio_monitor *monitor) {
  return monitor->roster.clock_ns ? monitor->roster.clock_ns() : monitor->roster.now_ns;
}

uint64_t wio_monitor_now(const wio_monitor *monitor) { return monitor->roster.now_ns; }

int wio_monitor_exits_fd(const wio_monitor *monitor) {
  return monitor->roster.source->ops->exits_fd(monitor->roster.source);
}

wio_source *wio_monitor_source(const wio_monitor *monitor) { return monitor->roster.source; }

bool wio_monitor_hears_births(const wio_monitor *monitor) { return monitor->discovery.births.told; }

int wio_monitor_count_forks(wio_monitor *monitor, pid_t pid) {
  wio_source *source = monitor->roster.source;
  return source->ops->count_forks ? source->ops->count_forks(source, pid) : -ENOTSUP;
}

int wio_monitor_forks(wio_monitor *monitor, uint64_t *out) {
  wio_source *source = monitor->roster.source;
  return source->ops->forks_counted ? source->ops->forks_counted(source, out) : -ENOTSUP;
}

wio_tally wio_monitor_tally(const wio_monitor *monitor) { return monitor->roster.tally; }

int wio_monitor_watch(wio_monitor *monitor, wio_selector *selector, const wio_watch_options *options,
                      uint64_t *out_id) {
  wio_watch *watch = wio_watch_new(monitor->roster.last_id + 1, selector, options);
  if (!watch) return -ENOMEM;
  wio_watch **watches = realloc(monitor->watches, (monitor->watch_count + 1) * sizeof(wio_watch *));
  if (watches) monitor->watches = watches;
  if (!watches || wio_roster_reserve(&monitor->roster) < 0) {
    wio_watch_free(watch);
    return -ENOMEM;
  }
  monitor->watches[monitor->watch_count++] = watch;
  monitor->roster.others_due++;
  *out_id = monitor->roster.last_id = watch->id;
  watch->credit.sampled_ns = monitor->roster.now_ns;
  watch->sampling.kind = WIO_DUE_SAMPLING;
  watch->sampling.rank = watch->id;                       // of order 0, before the deadlines of its targets
  wio_due_put(&monitor->roster.due, &watch->sampling, 0); // at once, whatever the time is
  return 0;
}

// Nobody listens to births for nothing.
static void rest_if_done(wio_monitor *monitor) {
  for (size_t i = 0; i < monitor->watch_count; i++)
    if (wio_watch_wants_births(monitor->watches[i])) return;
  wio_due_remove(&monitor->roster.due, &monitor->news);
  monitor->roster.news = false;
  wio_discovery_rest(&monitor->discovery, monitor->roster.source);
}

void wio_monitor_unwatch(wio_monitor *monitor, uint64_t id) {
  size_t i = watch_position(monitor, id);
  if (i == monitor->watch_count) return;
  wio_watch *watch = monitor->watches[i];
  while (watch->count > 0) wio_roster_drop(&monitor->roster, watch->targets[watch->count - 1]);
  wio_due_remove(&monitor->roster.due, &watch->sampling);
  monitor->roster.others_due--;
  wio_watch_free(watch);
  memmove(&monitor->watches[i], &monitor->watches[i + 1], (--monitor->watch_count - i) * sizeof(wio_watch *));
  rest_if_done(monitor);
}

void wio_monitor_retime(wio_monitor *monitor, uint64_t id, uint64_t every_ns) {
  size_t i = watch_position(monitor, id);
  if (i == monitor->watch_count) return;
  wio_watch *watch = monitor->watches[i];
  watch->options.every_ns = every_ns;
  if (!watch->held) watch->credit.most_ns = 2 * every_ns;
  wio_due_put(&monitor->roster.due, &watch->sampling, monitor->roster.now_ns + every_ns);
}

void wio_monitor_hold(wio_monitor *monitor, uint64_t id, bool held, uint64_t now_ns) {
  size_t at = watch_position(monitor, id);
  if (at == monitor->watch_count || monitor->watches[at]->held == held) return;
  wio_watch *watch = monitor->watches[at];
  monitor->roster.now_ns = now_ns;
  wio_watch_hold(watch, held, now_ns);
  for (size_t i = 0; i < watch->count; i++) wio_roster_expect_idle(&monitor->roster, watch->targets[i]);
}

int wio_monitor_answer(wio_monitor *monitor, uint64_t watch, pid_t pid, uint64_t start_ticks, bool matches) {
  size_t i = watch_position(monitor, watch);
  if (i == monitor->watch_count) return 0;
  return wio_discovery_answer(&monitor->discovery, &monitor->roster, monitor->watches[i], pid, start_ticks, matches);
}

int wio_monitor_alarm(wio_monitor *monitor, uint64_t at_ns, uint64_t *out_id) {
  int rc = wio_roster_reserve(&monitor->roster);
  if (rc < 0) return rc;
  alarm_entry *alarm = calloc(1, sizeof *alarm);
  if (!alarm) return -ENOMEM;
  *alarm = (alarm_entry){.id = monitor->roster.last_id + 1, .due = {.kind = WIO_DUE_ALARM}};
  alarm->due.rank = UINT64_MAX; // after all watches
  alarm->due.order = alarm->id;
  rc = wio_index_add(&monitor->alarms, &alarm->id);
  if (rc < 0) {
    free(alarm);
    return rc;
  }
  monitor->roster.others_due++;
  wio_due_put(&monitor->roster.due, &alarm->due, at_ns);
  *out_id = monitor->roster.last_id = alarm->id;
  return 0;
}

void wio_monitor_cancel(wio_monitor *monitor, uint64_t id) {
  alarm_entry *alarm = wio_index_find(&monitor->alarms, id);
  if (alarm) free_alarm(monitor, alarm);
}

int wio_monitor_ignore(wio_monitor *monitor, pid_t session, bool ignored) {
  return wio_ignored_set(&monitor->discovery.ignored, session, ignored);
}

wio_look wio_monitor_look(wio_monitor *monitor, uint64_t id) {
  wio_roster *roster = &monitor->roster;
  // Who was born and not looked at yet is read too; before the ends are heard, so that nobody is gone who left a child.
  bool failed = wio_index_find(&roster->targets, id) && (roster->news || is_patient(monitor)) &&
                look_around(monitor, true) < 0;
  wio_target *target = wio_index_find(&roster->targets, id);
  if (!target) return WIO_LOOK_GONE;
  if (failed) return WIO_LOOK_UNKNOWN;
  uint64_t quiet_since_ns = target->quiet_since_ns;
  roster->look++; // what was read at the latest tick is old by now
  int rc = refresh_target(roster, target);
  if (rc == 0) rc = wio_settle(roster);
  if (!wio_index_find(&roster->targets, id)) return WIO_LOOK_GONE;
  if (rc < 0 || target->blind) return WIO_LOOK_UNKNOWN;
  wait_found found;
  rc = find_wait(roster, target, &found);
  bool waits = rc == 0 && found.waiting.wait == WIO_WAIT_KERNEL;
  // What is active is asked about often, by a throttle for one: that it waits is reported when it would become idle.
  bool reports = waits && target->state != WIO_ACTIVE;
  if (reports) rc = see_wait(roster, target, &found);
  if (rc < 0) return WIO_LOOK_UNKNOWN;
  if (reports) wio_roster_expect_idle(roster, target);
  return waits || target->quiet_since_ns != quiet_since_ns ? WIO_LOOK_MOVED : WIO_LOOK_QUIET;
}

bool wio_monitor_still_matches(wio_monitor *monitor, uint64_t id) {
  const wio_target *target = wio_monitor_target(monitor, id);
  wio_source *source = monitor->roster.source;
  const wio_sample *first = target ? wio_roster_sample(&monitor->roster, target->pid) : NULL;
  wio_description process;
  if (!first || first->ended || !wio_roster_member(first, target->watch)) return true;
  if (source->ops->describe(source, target->pid, 0, &process) < 0) return true;
  if (process.stat.start_ticks != first->start_ticks) return true;
  wio_discovery_refresh(&monitor->discovery, &monitor->roster, target->watch->selector);
  return wio_selector_match(target->watch->selector, source, &process);
}

int wio_monitor_hear(wio_monitor *monitor) { return monitor->discovery.births.told ? take_news(monitor) : 0; }

void wio_monitor_protect(wio_monitor *monitor, wio_protection protection, wio_selector *selector) {
  wio_selector_free(monitor->protected[protection]);
  monitor->protected[protection] = selector;
}

wio_selector *const *wio_monitor_protected(const wio_monitor *monitor) { return monitor->protected; }

int wio_monitor_read(wio_monitor *monitor, pid_t pid, int kinds, wio_reading *out) {
  wio_source *source = monitor->roster.source;
  wio_description process;
  wio_pin *pin;
  int rc = source->ops->describe(source, pid, 0, &process);
  if (rc == 0) rc = source->ops->pin(source, pid, process.stat.start_ticks, false, NULL, &pin);
  if (rc < 0) return rc;
  wio_request request = {.kinds = kinds, .look = ++monitor->roster.tally.ticks, .exact = true};
  rc = source->ops->read(source, pin, &request, out);
  source->ops->unpin(source, pin);
  return rc;
}

static int compare_pids(const void *a, const void *b) {
  pid_t left = *(const pid_t *)a, right = *(const pid_t *)b;
  return (left > right) - (left < right);
}

// Asks once more, after a moment, of one that is in the middle of an exec. `patience` is for all of them together.
static wio_match test_until_told(wio_source *source, const wio_selector *selector, int *patience,
                                 wio_description *process) {
  static const struct timespec moment = {.tv_nsec = WIO_NS_PER_MS};
  wio_match match = wio_selector_test(selector, source, process);
  while (match == WIO_MATCH_UNKNOWN && process->denied == EAGAIN && (*patience)-- > 0) {
    nanosleep(&moment, NULL);
    if (source->ops->describe(source, process->pid, 0, process) < 0) return WIO_MATCH_NO;
    match = wio_selector_test(selector, source, process);
  }
  return match;
}

static int find_among(wio_monitor *monitor, const wio_selector *selector, const pid_t *pids, size_t count,
                      wio_found *found, void *data) {
  wio_source *source = monitor->roster.source;
  const pid_t *named;
  bool by_pid = wio_selector_pids(selector, &named) > 0;
  int patience = 20;
  for (size_t i = 0; i < count; i++) {
    wio_description process;
    if (!wio_selector_may_match(selector, pids[i]) || source->ops->describe(source, pids[i], 0, &process) < 0) continue;
    if (wio_stat_ended(&process.stat) || (!by_pid && wio_ignored_has(&monitor->discovery.ignored, source, &process)))
      continue;
    wio_match match = test_until_told(source, selector, &patience, &process);
    if (match == WIO_MATCH_NO || source->ops->learn(source, WIO_WANT_ALL, &process) < 0) continue;
    int rc = found(data, &process, match);
    if (rc) return rc;
  }
  return 0;
}

int wio_monitor_find(wio_monitor *monitor, wio_selector *selector, wio_found *found, void *data) {
  const pid_t *pids;
  wio_discovery_refresh(&monitor->discovery, &monitor->roster, selector);
  size_t count = wio_selector_pids(selector, &pids);
  int rc = count ? 0 : monitor->roster.source->ops->list(monitor->roster.source, &pids, &count);
  if (rc < 0) return rc;
  // A copy: the list is the source's, and the caller may look at other things in between.
  pid_t *sorted = malloc(count * sizeof *sorted + 1);
  if (!sorted) return -ENOMEM;
  if (count) memcpy(sorted, pids, count * sizeof *sorted);
  qsort(sorted, count, sizeof *sorted, compare_pids);
  rc = find_among(monitor, selector, sorted, count, found, data);
  free(sorted);
  return rc;
}

void wio_monitor_free(wio_monitor *monitor) {
  if (!monitor) return;
  while (monitor->watch_count > 0) wio_monitor_unwatch(monitor, monitor->watches[monitor->watch_count - 1]->id);
  wio_due_remove(&monitor->roster.due, &monitor->news);
  for (wio_due_entry *first; (first = wio_due_first(&monitor->roster.due));)
    free_alarm(monitor, containing(first, offsetof(alarm_entry, due)));
  wio_roster_release(&monitor->roster);
  wio_discovery_release(&monitor->discovery);
  for (int i = 0; i < WIO_PROTECTION_COUNT; i++) wio_selector_free(monitor->protected[i]);
  free(monitor->watches);
  monitor->roster.source->ops->free(monitor->roster.source);
  free(monitor);
}
