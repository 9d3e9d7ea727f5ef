#include "engine/monitor.h"

#include "engine/discovery.h"
#include "engine/guard.h"
#include "engine/roster.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

// How far ahead the targets' memory is asked for while a watch is sampled: a second between two ticks leaves it cold.
#define PREFETCH_AHEAD 8

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
};

static void *containing(wio_due_entry *entry, size_t offset) { return (char *)entry - offset; }

wio_monitor *wio_monitor_new(wio_source *source) {
  wio_monitor *monitor = calloc(1, sizeof *monitor);
  if (!monitor) {
    source->ops->free(source);
    return NULL;
  }
  monitor->roster.source = source;
  return monitor;
}

static int take_exits(wio_monitor *monitor) {
  void *ended[64];
  for (size_t count = LENGTH(ended); count == LENGTH(ended);) {
    count = monitor->roster.source->ops->exits(monitor->roster.source, ended, LENGTH(ended));
    for (size_t i = 0; i < count; i++) {
      int rc = wio_roster_bury(&monitor->roster, ended[i]);
      if (rc < 0) return rc;
    }
  }
  return 0;
}

// ---- what is due

static void prefetch(const wio_watch *watch, size_t i) {
  if (i + 2 * PREFETCH_AHEAD < watch->count) __builtin_prefetch(watch->targets[i + 2 * PREFETCH_AHEAD]);
  if (i + PREFETCH_AHEAD < watch->count) __builtin_prefetch(watch->targets[i + PREFETCH_AHEAD]->sample);
}

static int sample_targets(wio_monitor *monitor, wio_watch *watch) {
  for (size_t i = 0; i < watch->count; i++) {
    prefetch(watch, i);
    wio_target *target = watch->targets[i];
    int rc = wio_sample_refresh(monitor->roster.source, target->sample, monitor->roster.tick, false, &monitor->roster.tally);
    if (rc == 0) rc = wio_roster_judge(&monitor->roster, target, NULL);
    if (rc < 0) return rc;
  }
  return 0;
}

// Takes out those whose end was found by a read; they are not taken out while the list is walked.
static int bury_ended(wio_monitor *monitor, wio_watch *watch) {
  for (size_t i = 0; i < watch->count;) {
    wio_sample *sample = watch->targets[i]->sample;
    int rc = sample->ended ? wio_roster_bury(&monitor->roster, sample) : 0;
    if (rc < 0) return rc;
    if (i < watch->count && watch->targets[i]->sample == sample) i++;
  }
  return 0;
}

// On an absolute schedule: what was missed is left out, and nothing drifts.
static uint64_t next_sample_ns(const wio_watch *watch, uint64_t now_ns) {
  uint64_t every_ns = watch->options.every_ns, last_ns = watch->sampling.at_ns;
  return last_ns ? last_ns + ((now_ns - last_ns) / every_ns + 1) * every_ns : now_ns + every_ns;
}

// Stays due when it fails: it is done again then, and what it has done already is not done twice.
static int sample_watch(wio_monitor *monitor, wio_watch *watch) {
  wio_credit_advance(&watch->credit, monitor->roster.now_ns);
  int rc = wio_watch_names_pids(watch)
               ? wio_discovery_pids(&monitor->roster, watch)
               : wio_discovery_patterns(&monitor->discovery, &monitor->roster, monitor->watches, monitor->watch_count);
  if (rc == 0) rc = sample_targets(monitor, watch);
  if (rc == 0) rc = bury_ended(monitor, watch);
  if (rc == 0) wio_due_put(&monitor->roster.due, &watch->sampling, next_sample_ns(watch, monitor->roster.now_ns));
  return rc;
}

// The reading that decides about idleness is never gated.
static int judge_deadline(wio_monitor *monitor, wio_target *target) {
  wio_roster *roster = &monitor->roster;
  int rc = wio_sample_refresh(roster->source, target->sample, roster->tick, true, &roster->tally);
  if (rc == 0 && target->sample->ended) return wio_roster_bury(roster, target->sample);
  if (rc == 0) rc = wio_roster_judge(roster, target, NULL);
  if (rc == 0) rc = wio_target_judge_quiet(target, roster->now_ns, &roster->events);
  if (rc == 0) wio_roster_expect_idle(roster, target);
  return rc;
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
    default: return ring(monitor, containing(entry, offsetof(alarm_entry, due)));
  }
}

int wio_monitor_tick(wio_monitor *monitor, uint64_t now_ns) {
  monitor->roster.now_ns = now_ns;
  monitor->roster.tick++;
  monitor->roster.tally.ticks++;
  int rc = take_exits(monitor);
  for (wio_due_entry *first; rc == 0 && (first = wio_due_first(&monitor->roster.due)) && first->at_ns <= now_ns;)
    rc = handle_due(monitor, first);
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

const wio_target *wio_monitor_target(const wio_monitor *monitor, uint64_t target) {
  return wio_index_find(&monitor->roster.targets, target);
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

uint64_t wio_monitor_now(const wio_monitor *monitor) { return monitor->roster.now_ns; }

int wio_monitor_exits_fd(const wio_monitor *monitor) { return monitor->roster.source->ops->exits_fd(monitor->roster.source); }

wio_source *wio_monitor_source(const wio_monitor *monitor) { return monitor->roster.source; }

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
  watch->sampling.rank = watch->id; // of order 0, before the deadlines of its targets
  wio_due_put(&monitor->roster.due, &watch->sampling, 0); // at once, whatever the time is
  return 0;
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
  return wio_discovery_ignore(&monitor->discovery, session, ignored);
}

wio_look wio_monitor_look(wio_monitor *monitor, uint64_t id) {
  wio_target *target = wio_index_find(&monitor->roster.targets, id);
  if (!target || monitor->roster.source->ops->ended(monitor->roster.source, target->sample->pin)) return WIO_LOOK_GONE;
  wio_sample *sample = target->sample;
  monitor->roster.tick++; // what was read at the latest tick is old by now
  bool moved = false;
  int rc = wio_sample_refresh(monitor->roster.source, sample, monitor->roster.tick, true, &monitor->roster.tally);
  if (rc == 0) rc = wio_roster_judge(&monitor->roster, target, &moved);
  if (sample->ended) return WIO_LOOK_GONE;
  if (rc < 0 || target->state == WIO_UNKNOWN) return WIO_LOOK_UNKNOWN;
  return moved ? WIO_LOOK_MOVED : WIO_LOOK_QUIET;
}

static int send_signal(wio_source *source, pid_t pid, wio_pin *pin, int signal, const char **reason) {
  *reason = signal ? wio_guard_reason(source, pid) : NULL;
  return *reason ? -EPERM : source->ops->signal(source, pin, signal);
}

int wio_monitor_signal(wio_monitor *monitor, uint64_t id, int signal, const char **reason) {
  const wio_target *target = wio_monitor_target(monitor, id);
  if (!target) return -ESRCH;
  return send_signal(monitor->roster.source, (pid_t)target->sample->key, target->sample->pin, signal, reason);
}

int wio_monitor_signal_pinned(wio_monitor *monitor, const wio_pinned *pinned, int signal, const char **reason) {
  return send_signal(monitor->roster.source, pinned->pid, pinned->pin, signal, reason);
}

int wio_monitor_pin(wio_monitor *monitor, uint64_t id, wio_pinned *out) {
  const wio_target *target = wio_monitor_target(monitor, id);
  wio_source *source = monitor->roster.source;
  if (!target) return -ESRCH;
  out->pid = (pid_t)target->sample->key;
  return source->ops->pin(source, out->pid, target->sample->start_ticks, NULL, &out->pin);
}

void wio_monitor_unpin(wio_monitor *monitor, wio_pinned *pinned) {
  monitor->roster.source->ops->unpin(monitor->roster.source, pinned->pin);
  pinned->pin = NULL;
}

int wio_monitor_read(wio_monitor *monitor, pid_t pid, wio_reading *out) {
  wio_source *source = monitor->roster.source;
  wio_description process;
  wio_pin *pin;
  int rc = source->ops->describe(source, pid, 0, &process);
  if (rc == 0) rc = source->ops->pin(source, pid, process.stat.start_ticks, NULL, &pin);
  if (rc < 0) return rc;
  rc = source->ops->read(source, pin, out);
  source->ops->unpin(source, pin);
  return rc;
}

static int compare_pids(const void *a, const void *b) {
  pid_t left = *(const pid_t *)a, right = *(const pid_t *)b;
  return (left > right) - (left < right);
}

static int find_among(wio_monitor *monitor, const wio_selector *selector, const pid_t *pids, size_t count,
                      int (*found)(void *, const wio_description *), void *data) {
  wio_source *source = monitor->roster.source;
  const pid_t *named;
  bool by_pid = wio_selector_pids(selector, &named) > 0;
  for (size_t i = 0; i < count; i++) {
    wio_description process;
    int wanted = wio_selector_wants(selector) | WIO_WANT_CMD | WIO_WANT_UID;
    if (source->ops->describe(source, pids[i], wanted, &process) < 0) continue;
    if (wio_stat_ended(&process.stat) || (!by_pid && wio_discovery_ignores(&monitor->discovery, source, &process))) continue;
    int rc = wio_selector_match(selector, &process) ? found(data, &process) : 0;
    if (rc) return rc;
  }
  return 0;
}

int wio_monitor_find(wio_monitor *monitor, const wio_selector *selector,
                     int (*found)(void *data, const wio_description *process), void *data) {
  const pid_t *pids;
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
  for (wio_due_entry *first; (first = wio_due_first(&monitor->roster.due));)
    free_alarm(monitor, containing(first, offsetof(alarm_entry, due)));
  wio_roster_release(&monitor->roster);
  wio_discovery_release(&monitor->discovery);
  free(monitor->watches);
  monitor->roster.source->ops->free(monitor->roster.source);
  free(monitor);
}
