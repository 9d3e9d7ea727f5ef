#include "engine/monitor.h"

#include "engine/births.h"
#include "engine/guard.h"
#include "engine/index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

// What a due entry is part of.
enum { DUE_SAMPLING, DUE_DEADLINE, DUE_ALARM };

// How far ahead the targets' memory is asked for while a watch is sampled: a second between two ticks leaves it cold.
#define PREFETCH_AHEAD 8

typedef struct {
  uint64_t id; // first, for lookup
  wio_due_entry due;
} alarm_entry;

struct wio_monitor {
  wio_source *source;
  uint64_t now_ns, tick;
  uint64_t last_id; // watches, targets and alarms share one row of numbers
  wio_watch **watches; // in order of registration
  size_t watch_count;
  size_t target_count, alarm_count;
  wio_index samples, targets, alarms; // by pid, by id, by id
  wio_due due;
  wio_events events;
  wio_births births;
  pid_t *ignored; // sessions that no pattern matches
  size_t ignored_count;
  wio_tally tally;
};

static void *containing(wio_due_entry *entry, size_t offset) { return (char *)entry - offset; }

wio_monitor *wio_monitor_new(wio_source *source) {
  wio_monitor *monitor = calloc(1, sizeof *monitor);
  if (!monitor) {
    source->ops->free(source);
    return NULL;
  }
  monitor->source = source;
  return monitor;
}

// ---- samples and targets

static int reserve_due(wio_monitor *monitor) {
  return wio_due_reserve(&monitor->due, monitor->watch_count + monitor->target_count + monitor->alarm_count + 1);
}

static void drop_sample(wio_monitor *monitor, wio_sample *sample) {
  monitor->tally.processes--;
  monitor->tally.held -= monitor->source->ops->held(monitor->source, sample->pin);
  wio_index_remove(&monitor->samples, sample->key);
  wio_sample_free(monitor->source, sample);
}

static int hold_sample(wio_monitor *monitor, pid_t pid, uint64_t start_ticks, wio_sample **out) {
  int rc = wio_sample_new(monitor->source, pid, start_ticks, out);
  if (rc < 0) return rc;
  rc = wio_index_add(&monitor->samples, &(*out)->key);
  if (rc < 0) {
    wio_sample_free(monitor->source, *out);
    return rc;
  }
  (*out)->tick = (*out)->read_tick = monitor->tick;
  monitor->tally.reads++;
  monitor->tally.processes++;
  monitor->tally.held += monitor->source->ops->held(monitor->source, (*out)->pin);
  return 0;
}

// Takes a target out of everything and frees it, and its process when nobody else judges it.
static void drop_target(wio_monitor *monitor, wio_target *target) {
  wio_sample *sample = target->sample;
  wio_target **link = &sample->targets;
  while (*link != target) link = &(*link)->next_of_sample;
  *link = target->next_of_sample;
  wio_due_remove(&monitor->due, &target->deadline);
  wio_watch_remove(target->watch, target);
  wio_index_remove(&monitor->targets, target->id);
  monitor->target_count--;
  free(target);
  if (!sample->targets) drop_sample(monitor, sample);
}

// Puts the deadline where a quiet target becomes idle.
static void expect_idle(wio_monitor *monitor, wio_target *target) {
  uint64_t idle_after_ns = target->watch->options.idle_after_ns;
  bool waits = target->state == WIO_NEW || target->state == WIO_ACTIVE;
  if (!idle_after_ns || !waits) {
    wio_due_remove(&monitor->due, &target->deadline);
    return;
  }
  uint64_t quiet_ns = wio_target_quiet_ns(target, monitor->now_ns);
  wio_due_put(&monitor->due, &target->deadline,
              monitor->now_ns + (quiet_ns < idle_after_ns ? idle_after_ns - quiet_ns : 0));
}

// Judges, and waits for idleness where the state has changed. A deadline that activity has moved on is left where it is:
// it finds out when it comes.
static int judge(wio_monitor *monitor, wio_target *target, bool *moved) {
  wio_state before = target->state;
  int rc = wio_target_judge(target, monitor->now_ns, &monitor->events, moved);
  if (target->state != before) expect_idle(monitor, target);
  return rc;
}

static void link_target(wio_monitor *monitor, wio_target *target, wio_sample *sample) {
  target->sample = sample;
  target->next_of_sample = sample->targets;
  sample->targets = target;
  monitor->target_count++;
}

// Makes a process a target of a watch.
static int add_target(wio_monitor *monitor, wio_watch *watch, wio_sample *sample, const char *name) {
  int rc = reserve_due(monitor);
  if (rc < 0) return rc;
  wio_target *target = calloc(1, sizeof *target);
  if (!target) return -ENOMEM;
  *target = (wio_target){.id = ++monitor->last_id, .watch = watch};
  memcpy(target->name, name, sizeof target->name);
  target->deadline.kind = DUE_DEADLINE;
  target->deadline.rank = watch->id << 1 | 1;
  rc = wio_index_add(&monitor->targets, &target->id);
  if (rc < 0) {
    free(target);
    return rc;
  }
  rc = wio_watch_add(watch, target);
  link_target(monitor, target, sample);
  if (rc == 0) rc = wio_target_begin(target, monitor->now_ns, &monitor->events);
  if (rc == 0) expect_idle(monitor, target);
  return rc;
}

static bool has_target_of(const wio_sample *sample, const wio_watch *watch) {
  for (const wio_target *target = sample->targets; target; target = target->next_of_sample)
    if (target->watch == watch) return true;
  return false;
}

static int tell_of_watch(wio_monitor *monitor, const wio_watch *watch, wio_event_type type, pid_t pid, int error) {
  if (!wio_watch_tells(watch, type)) return 0;
  wio_event event = {.type = type, .time_ns = monitor->now_ns, .watch = watch->id, .pid = pid, .error = error};
  return wio_events_push(&monitor->events, &event);
}

// A watch of pids whose processes are all gone can never see anything again.
static int tell_if_over(wio_monitor *monitor, wio_watch *watch) {
  if (watch->over || !watch->looked || watch->count > 0 || !wio_watch_names_pids(watch)) return 0;
  int rc = tell_of_watch(monitor, watch, WIO_EVENT_OVER, 0, 0);
  watch->over = rc == 0;
  return rc;
}

// Tells of the end of a process and takes its targets out. A zombie is read a last time, so that nothing it did is lost.
static int bury(wio_monitor *monitor, wio_sample *sample) {
  int rc = wio_sample_refresh(monitor->source, sample, monitor->tick, true, &monitor->tally);
  if (rc == -ENOMEM) return rc;
  rc = 0; // what else went wrong with the last reading does not change that it has ended
  for (wio_target *target = sample->targets, *next; target; target = next) {
    next = target->next_of_sample;
    if (!sample->reading.io_error) rc = judge(monitor, target, NULL);
    wio_event event;
    wio_target_tell(target, WIO_EVENT_EXIT, monitor->now_ns, &event);
    if (rc == 0 && wio_watch_tells(target->watch, WIO_EVENT_EXIT)) rc = wio_events_push(&monitor->events, &event);
    if (rc < 0) return rc;
    wio_watch *watch = target->watch;
    drop_target(monitor, target); // with the last one the sample goes too
    rc = tell_if_over(monitor, watch);
    if (rc < 0) return rc;
  }
  return 0;
}

static int take_exits(wio_monitor *monitor) {
  void *ended[64];
  for (size_t count = LENGTH(ended); count == LENGTH(ended);) {
    count = monitor->source->ops->exits(monitor->source, ended, LENGTH(ended));
    for (size_t i = 0; i < count; i++) {
      int rc = bury(monitor, ended[i]);
      if (rc < 0) return rc;
    }
  }
  return 0;
}

// ---- who joins

static bool is_ignored(const wio_monitor *monitor, const wio_description *process) {
  if (process->pid == monitor->source->ops->self(monitor->source)) return true;
  for (size_t i = 0; i < monitor->ignored_count; i++)
    if (process->stat.session == monitor->ignored[i]) return true;
  return false;
}

// Makes a process that was looked at a target of a watch that it matches, unless it is one already.
static int join(wio_monitor *monitor, wio_watch *watch, const wio_description *process) {
  wio_sample *sample = wio_index_find(&monitor->samples, (uint64_t)process->pid);
  int rc = 0;
  if (sample && sample->start_ticks != process->stat.start_ticks) {
    // Its end was not told by a pidfd: another process has the pid now.
    rc = bury(monitor, sample);
    sample = NULL;
  }
  if (rc == 0 && !sample) rc = hold_sample(monitor, process->pid, process->stat.start_ticks, &sample);
  if (rc < 0) return rc == -ENOMEM ? rc : 0;
  if (has_target_of(sample, watch)) return 0;
  rc = wio_sample_refresh(monitor->source, sample, monitor->tick, true, &monitor->tally);
  if (rc == 0) rc = add_target(monitor, watch, sample, process->stat.name);
  if (!sample->targets) drop_sample(monitor, sample);
  return rc;
}

// Offers a process to every watch of patterns that has looked around already, or (`late`) to those that have not.
static int offer(wio_monitor *monitor, pid_t pid, int wanted, bool all) {
  wio_description process;
  int rc = monitor->source->ops->describe(monitor->source, pid, wanted, &process);
  if (rc < 0) return rc == -ENOMEM ? rc : 0;
  if (wio_stat_ended(&process.stat) || is_ignored(monitor, &process)) return 0;
  for (size_t i = 0; i < monitor->watch_count; i++) {
    wio_watch *watch = monitor->watches[i];
    if (wio_watch_names_pids(watch) || (!all && !watch->looked)) continue;
    if (!wio_selector_match(watch->selector, &process)) continue;
    rc = join(monitor, watch, &process);
    if (rc < 0) return rc;
  }
  return 0;
}

// Looks for processes that match a pattern: the newborn, or all when a watch has not looked around yet.
static int discover(wio_monitor *monitor) {
  int wanted = 0;
  bool patterns = false, all = false;
  for (size_t i = 0; i < monitor->watch_count; i++) {
    const wio_watch *watch = monitor->watches[i];
    if (wio_watch_names_pids(watch)) continue;
    patterns = true;
    all = all || !watch->looked;
    wanted |= wio_selector_wants(watch->selector);
  }
  if (!patterns) return 0;
  const pid_t *pids;
  size_t count;
  bool scanned;
  int rc = wio_births_collect(&monitor->births, monitor->source, monitor->now_ns, all, &pids, &count, &scanned);
  if (rc < 0) return rc;
  monitor->tally.scans += scanned;
  for (size_t i = 0; i < count && rc == 0; i++) rc = offer(monitor, pids[i], wanted, all);
  for (size_t i = 0; i < monitor->watch_count && rc == 0; i++)
    if (!wio_watch_names_pids(monitor->watches[i])) monitor->watches[i]->looked = true;
  return rc;
}

// Looks up the pids that a watch names, once: a pid that comes back later is another process.
static int look_up_pids(wio_monitor *monitor, wio_watch *watch) {
  const pid_t *pids;
  size_t count = wio_selector_pids(watch->selector, &pids);
  for (size_t i = 0; i < count; i++) {
    wio_description process;
    int rc = monitor->source->ops->describe(monitor->source, pids[i], wio_selector_wants(watch->selector), &process);
    if (rc == 0 && wio_stat_ended(&process.stat)) rc = -ESRCH;
    if (rc == 0 && !wio_selector_match(watch->selector, &process)) rc = -ENOENT;
    size_t before = watch->count;
    if (rc == 0) rc = join(monitor, watch, &process);
    if (rc == -ENOMEM) return rc;
    wio_sample *sample = wio_index_find(&monitor->samples, (uint64_t)pids[i]);
    if (watch->count == before && !(sample && has_target_of(sample, watch)))
      rc = tell_of_watch(monitor, watch, WIO_EVENT_MISSING, pids[i], rc < 0 ? -rc : ESRCH);
    if (rc < 0) return rc;
  }
  watch->looked = true;
  return tell_if_over(monitor, watch);
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
    int rc = wio_sample_refresh(monitor->source, target->sample, monitor->tick, false, &monitor->tally);
    if (rc == 0) rc = judge(monitor, target, NULL);
    if (rc < 0) return rc;
  }
  return 0;
}

// Takes out those whose end was found by a read; they are not taken out while the list is walked.
static int bury_ended(wio_monitor *monitor, wio_watch *watch) {
  for (size_t i = 0; i < watch->count;) {
    wio_sample *sample = watch->targets[i]->sample;
    int rc = sample->ended ? bury(monitor, sample) : 0;
    if (rc < 0) return rc;
    if (i < watch->count && watch->targets[i]->sample == sample) i++;
  }
  return 0;
}

static int sample_watch(wio_monitor *monitor, wio_watch *watch) {
  uint64_t every_ns = watch->options.every_ns;
  uint64_t missed = (monitor->now_ns - watch->sampling.at_ns) / every_ns;
  // On an absolute schedule: what was missed is left out, and nothing drifts.
  uint64_t next_ns = watch->sampling.at_ns ? watch->sampling.at_ns + (missed + 1) * every_ns : monitor->now_ns + every_ns;
  wio_due_put(&monitor->due, &watch->sampling, next_ns);
  wio_credit_advance(&watch->credit, monitor->now_ns);
  int rc = !watch->looked && wio_watch_names_pids(watch) ? look_up_pids(monitor, watch) : 0;
  if (rc == 0) rc = sample_targets(monitor, watch);
  return rc < 0 ? rc : bury_ended(monitor, watch);
}

// The reading that decides about idleness is never gated.
static int judge_deadline(wio_monitor *monitor, wio_target *target) {
  wio_sample *sample = target->sample;
  int rc = wio_sample_refresh(monitor->source, sample, monitor->tick, true, &monitor->tally);
  if (rc == 0) rc = judge(monitor, target, NULL);
  if (rc < 0 || sample->ended) {
    // Judged again by the next sample; without it the deadline would stand at this tick for ever.
    wio_due_put(&monitor->due, &target->deadline, monitor->now_ns + target->watch->options.every_ns);
    return rc < 0 ? rc : bury(monitor, sample);
  }
  rc = wio_target_judge_quiet(target, monitor->now_ns, &monitor->events);
  if (rc < 0) wio_due_put(&monitor->due, &target->deadline, monitor->now_ns + target->watch->options.every_ns);
  else expect_idle(monitor, target);
  return rc;
}

static void free_alarm(wio_monitor *monitor, alarm_entry *alarm) {
  wio_due_remove(&monitor->due, &alarm->due);
  wio_index_remove(&monitor->alarms, alarm->id);
  monitor->alarm_count--;
  free(alarm);
}

static int ring(wio_monitor *monitor, alarm_entry *alarm) {
  wio_event event = {.type = WIO_EVENT_ALARM, .time_ns = monitor->now_ns, .alarm = alarm->id};
  int rc = wio_events_push(&monitor->events, &event);
  if (rc == 0) free_alarm(monitor, alarm);
  return rc;
}

static int handle_due(wio_monitor *monitor, wio_due_entry *entry) {
  switch (entry->kind) {
    case DUE_SAMPLING: return sample_watch(monitor, containing(entry, offsetof(wio_watch, sampling)));
    case DUE_DEADLINE: return judge_deadline(monitor, containing(entry, offsetof(wio_target, deadline)));
    default: return ring(monitor, containing(entry, offsetof(alarm_entry, due)));
  }
}

static bool is_pattern_due(const wio_monitor *monitor) {
  for (size_t i = 0; i < monitor->watch_count; i++) {
    const wio_watch *watch = monitor->watches[i];
    if (watch->sampling.at_ns <= monitor->now_ns && !wio_watch_names_pids(watch)) return true;
  }
  return false;
}

int wio_monitor_tick(wio_monitor *monitor, uint64_t now_ns) {
  monitor->now_ns = now_ns;
  monitor->tick++;
  monitor->tally.ticks++;
  int rc = take_exits(monitor);
  if (rc == 0 && is_pattern_due(monitor)) rc = discover(monitor);
  for (wio_due_entry *first; rc == 0 && (first = wio_due_first(&monitor->due)) && first->at_ns <= now_ns;)
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
  return wio_index_find(&monitor->targets, target);
}

bool wio_monitor_next(wio_monitor *monitor, wio_event *out) {
  while (wio_events_pop(&monitor->events, out))
    if (out->type == WIO_EVENT_ALARM || wio_monitor_find_watch(monitor, out->watch)) return true;
  return false;
}

bool wio_monitor_has_events(const wio_monitor *monitor) { return monitor->events.count > 0; }

bool wio_monitor_due(const wio_monitor *monitor, uint64_t *out_ns) {
  const wio_due_entry *first = wio_due_first(&monitor->due);
  if (first) *out_ns = first->at_ns;
  return first != NULL;
}

uint64_t wio_monitor_now(const wio_monitor *monitor) { return monitor->now_ns; }

int wio_monitor_exits_fd(const wio_monitor *monitor) { return monitor->source->ops->exits_fd(monitor->source); }

wio_source *wio_monitor_source(const wio_monitor *monitor) { return monitor->source; }

wio_tally wio_monitor_tally(const wio_monitor *monitor) { return monitor->tally; }

int wio_monitor_watch(wio_monitor *monitor, wio_selector *selector, const wio_watch_options *options,
                      uint64_t *out_id) {
  wio_watch *watch = wio_watch_new(monitor->last_id + 1, selector, options);
  if (!watch) return -ENOMEM;
  wio_watch **watches = realloc(monitor->watches, (monitor->watch_count + 1) * sizeof(wio_watch *));
  if (watches) monitor->watches = watches;
  if (!watches || reserve_due(monitor) < 0) {
    wio_watch_free(watch);
    return -ENOMEM;
  }
  monitor->watches[monitor->watch_count++] = watch;
  *out_id = monitor->last_id = watch->id;
  watch->credit.sampled_ns = monitor->now_ns;
  watch->sampling.kind = DUE_SAMPLING;
  watch->sampling.rank = watch->id << 1;
  wio_due_put(&monitor->due, &watch->sampling, 0); // at once, whatever the time is
  return 0;
}

void wio_monitor_unwatch(wio_monitor *monitor, uint64_t id) {
  size_t i = watch_position(monitor, id);
  if (i == monitor->watch_count) return;
  wio_watch *watch = monitor->watches[i];
  while (watch->count > 0) drop_target(monitor, watch->targets[watch->count - 1]);
  wio_due_remove(&monitor->due, &watch->sampling);
  wio_watch_free(watch);
  memmove(&monitor->watches[i], &monitor->watches[i + 1], (--monitor->watch_count - i) * sizeof(wio_watch *));
}

int wio_monitor_alarm(wio_monitor *monitor, uint64_t at_ns, uint64_t *out_id) {
  int rc = reserve_due(monitor);
  if (rc < 0) return rc;
  alarm_entry *alarm = calloc(1, sizeof *alarm);
  if (!alarm) return -ENOMEM;
  *alarm = (alarm_entry){.id = monitor->last_id + 1, .due = {.kind = DUE_ALARM}};
  alarm->due.rank = UINT64_MAX / 2 + alarm->id; // after all watches
  rc = wio_index_add(&monitor->alarms, &alarm->id);
  if (rc < 0) {
    free(alarm);
    return rc;
  }
  monitor->alarm_count++;
  wio_due_put(&monitor->due, &alarm->due, at_ns);
  *out_id = monitor->last_id = alarm->id;
  return 0;
}

void wio_monitor_cancel(wio_monitor *monitor, uint64_t id) {
  alarm_entry *alarm = wio_index_find(&monitor->alarms, id);
  if (alarm) free_alarm(monitor, alarm);
}

int wio_monitor_ignore(wio_monitor *monitor, pid_t session, bool ignored) {
  size_t i = 0;
  while (i < monitor->ignored_count && monitor->ignored[i] != session) i++;
  bool is = i < monitor->ignored_count;
  if (is == ignored) return 0;
  if (is) {
    monitor->ignored[i] = monitor->ignored[--monitor->ignored_count];
    return 0;
  }
  pid_t *sessions = realloc(monitor->ignored, (monitor->ignored_count + 1) * sizeof *sessions);
  if (!sessions) return -ENOMEM;
  monitor->ignored = sessions;
  monitor->ignored[monitor->ignored_count++] = session;
  return 0;
}

wio_look wio_monitor_look(wio_monitor *monitor, uint64_t id) {
  wio_target *target = wio_index_find(&monitor->targets, id);
  if (!target || monitor->source->ops->ended(monitor->source, target->sample->pin)) return WIO_LOOK_GONE;
  wio_sample *sample = target->sample;
  monitor->tick++; // what was read at the latest tick is old by now
  bool moved = false;
  int rc = wio_sample_refresh(monitor->source, sample, monitor->tick, true, &monitor->tally);
  if (rc == 0) rc = judge(monitor, target, &moved);
  if (sample->ended) return WIO_LOOK_GONE;
  if (rc < 0 || target->state == WIO_UNKNOWN) return WIO_LOOK_UNKNOWN;
  return moved ? WIO_LOOK_MOVED : WIO_LOOK_QUIET;
}

int wio_monitor_signal(wio_monitor *monitor, uint64_t id, int signal, const char **reason) {
  const wio_target *target = wio_monitor_target(monitor, id);
  if (!target) return -ESRCH;
  *reason = signal ? wio_guard_reason(monitor->source, (pid_t)target->sample->key) : NULL;
  return *reason ? -EPERM : monitor->source->ops->signal(monitor->source, target->sample->pin, signal);
}

int wio_monitor_pin(wio_monitor *monitor, uint64_t id, wio_pin **out) {
  const wio_target *target = wio_monitor_target(monitor, id);
  if (!target) return -ESRCH;
  return monitor->source->ops->pin(monitor->source, (pid_t)target->sample->key, target->sample->start_ticks, NULL, out);
}

void wio_monitor_unpin(wio_monitor *monitor, wio_pin *pin) { monitor->source->ops->unpin(monitor->source, pin); }

int wio_monitor_read(wio_monitor *monitor, pid_t pid, wio_reading *out) {
  wio_source *source = monitor->source;
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
  const pid_t *named;
  bool by_pid = wio_selector_pids(selector, &named) > 0;
  for (size_t i = 0; i < count; i++) {
    wio_description process;
    int wanted = wio_selector_wants(selector) | WIO_WANT_CMD | WIO_WANT_UID;
    if (monitor->source->ops->describe(monitor->source, pids[i], wanted, &process) < 0) continue;
    if (wio_stat_ended(&process.stat) || (!by_pid && is_ignored(monitor, &process))) continue;
    int rc = wio_selector_match(selector, &process) ? found(data, &process) : 0;
    if (rc) return rc;
  }
  return 0;
}

int wio_monitor_find(wio_monitor *monitor, const wio_selector *selector,
                     int (*found)(void *data, const wio_description *process), void *data) {
  const pid_t *pids;
  size_t count = wio_selector_pids(selector, &pids);
  int rc = count ? 0 : monitor->source->ops->list(monitor->source, &pids, &count);
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
  for (wio_due_entry *first; (first = wio_due_first(&monitor->due));)
    free_alarm(monitor, containing(first, offsetof(alarm_entry, due)));
  wio_due_release(&monitor->due);
  wio_events_release(&monitor->events);
  wio_births_release(&monitor->births);
  free(monitor->ignored);
  monitor->source->ops->free(monitor->source);
  free(monitor);
}
