#include "engine/pinned.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

// A tree that still grows after so many looks is dealt with as far as it is known.
#define MOST_LOOKS 100

// Who is stopped forks no more, but a fork that has begun is carried through: nobody may be new twice in a row.
#define QUIET_LOOKS 2

static bool has_ended(wio_source *source, const wio_pinned_process *process) {
  return source->ops->ended(source, process->pin);
}

// ---- who they are

static bool is_pinned(const wio_pinned *pinned, pid_t pid, uint64_t start_ticks) {
  for (size_t i = 0; i < pinned->count; i++)
    if (pinned->pins[i].pid == pid && pinned->pins[i].start_ticks == start_ticks) return true;
  return false;
}

static int make_room(wio_pinned *pinned) {
  if (pinned->count < pinned->capacity) return 0;
  size_t capacity = pinned->capacity ? pinned->capacity * 2 : 4;
  wio_pinned_process *pins = realloc(pinned->pins, capacity * sizeof *pins);
  if (!pins) return -ENOMEM;
  pinned->pins = pins;
  pinned->capacity = capacity;
  return 0;
}

// Pins one that is not pinned yet. One that has ended meanwhile is left out.
static int take(wio_source *source, wio_pinned *pinned, pid_t pid, uint64_t start_ticks) {
  if (is_pinned(pinned, pid, start_ticks)) return 0;
  int rc = make_room(pinned);
  if (rc < 0) return rc;
  wio_pinned_process *next = &pinned->pins[pinned->count];
  *next = (wio_pinned_process){.pid = pid, .start_ticks = start_ticks};
  rc = source->ops->pin(source, pid, start_ticks, false, NULL, &next->pin);
  pinned->count += rc == 0;
  return rc == -ESRCH ? 0 : rc;
}

static int take_members(wio_monitor *monitor, wio_pinned *pinned) {
  const wio_target *target = wio_monitor_target(monitor, pinned->target);
  int rc = 0;
  for (size_t i = 0; target && rc == 0 && i < target->count; i++) {
    const wio_sample *sample = target->members[i]->sample;
    if (!sample->ended) rc = take(wio_monitor_source(monitor), pinned, (pid_t)sample->key, sample->start_ticks);
  }
  return rc;
}

// Takes a process in if it is the child of one that is pinned. The parent lives after that was looked up: so it was its child,
// not that of another process which had the number before or has it now.
static int take_child(wio_source *source, wio_pinned *pinned, pid_t pid) {
  wio_description child;
  if (source->ops->describe(source, pid, 0, &child) < 0 || wio_stat_ended(&child.stat)) return 0;
  for (size_t i = 0; i < pinned->count; i++)
    if (pinned->pins[i].pid == child.stat.ppid && !has_ended(source, &pinned->pins[i]))
      return take(source, pinned, pid, child.stat.start_ticks);
  return 0;
}

static int take_children(wio_source *source, wio_pinned *pinned) {
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < pinned->count; i++) {
    const pid_t *pids;
    size_t count;
    rc = source->ops->children(source, pinned->pins[i].pid, &pids, &count);
    for (size_t j = 0; rc == 0 && j < count; j++) rc = take_child(source, pinned, pids[j]);
    if (rc == -ESRCH) rc = 0; // it has ended meanwhile
  }
  return rc;
}

// Where the kernel does not list the children: children may stand before their parents, so it is gone over until nobody is new.
static int take_children_of_all(wio_source *source, wio_pinned *pinned) {
  const pid_t *pids;
  size_t count, before;
  int rc = source->ops->list(source, &pids, &count);
  do {
    before = pinned->count;
    for (size_t i = 0; rc == 0 && i < count; i++) rc = take_child(source, pinned, pids[i]);
  } while (rc == 0 && pinned->count > before);
  return rc;
}

static void drop_ended(wio_source *source, wio_pinned *pinned) {
  size_t kept = 0;
  for (size_t i = 0; i < pinned->count; i++) {
    if (has_ended(source, &pinned->pins[i])) source->ops->unpin(source, pinned->pins[i].pin);
    else pinned->pins[kept++] = pinned->pins[i];
  }
  pinned->count = kept;
}

int wio_pinned_gather(wio_monitor *monitor, wio_pinned *pinned, size_t *found) {
  wio_source *source = wio_monitor_source(monitor);
  drop_ended(source, pinned);
  size_t before = pinned->count;
  int rc = pinned->tree ? wio_monitor_hear(monitor) : 0;
  if (rc == 0) rc = take_members(monitor, pinned);
  if (rc == 0 && pinned->tree) rc = take_children(source, pinned);
  if (rc == -ENOTSUP) rc = take_children_of_all(source, pinned);
  *found = pinned->count - before;
  return rc;
}

int wio_pinned_hold(wio_monitor *monitor, uint64_t id, wio_pinned *out) {
  const wio_target *target = wio_monitor_target(monitor, id);
  if (!target) return -ESRCH;
  wio_pinned pinned = {.target = id, .tree = target->watch->options.per == WIO_PER_TREE};
  int rc = take_members(monitor, &pinned);
  if (rc == 0 && pinned.count == 0) rc = -ESRCH;
  if (rc < 0) wio_pinned_release(monitor, &pinned);
  else *out = pinned;
  return rc;
}

static bool is_member(const wio_target *target, const wio_pinned_process *process) {
  for (size_t i = 0; target && i < target->count; i++) {
    const wio_sample *sample = target->members[i]->sample;
    if (sample->key == (uint64_t)process->pid && sample->start_ticks == process->start_ticks) return true;
  }
  return false;
}

static void drop_members(wio_monitor *monitor, wio_pinned *pinned) {
  wio_source *source = wio_monitor_source(monitor);
  const wio_target *target = wio_monitor_target(monitor, pinned->target);
  size_t kept = 0;
  for (size_t i = 0; i < pinned->count; i++) {
    if (is_member(target, &pinned->pins[i])) source->ops->unpin(source, pinned->pins[i].pin);
    else pinned->pins[kept++] = pinned->pins[i];
  }
  pinned->count = kept;
}

int wio_pinned_hold_descendants(wio_monitor *monitor, uint64_t target, wio_pinned *out) {
  wio_pinned pinned;
  size_t found;
  int rc = wio_pinned_hold(monitor, target, &pinned);
  if (rc < 0) return rc;
  pinned.tree = true;
  rc = wio_pinned_gather(monitor, &pinned, &found);
  if (rc < 0) {
    wio_pinned_release(monitor, &pinned);
    return rc;
  }
  drop_members(monitor, &pinned);
  *out = pinned;
  return 0;
}

void wio_pinned_release(wio_monitor *monitor, wio_pinned *pinned) {
  wio_source *source = wio_monitor_source(monitor);
  for (size_t i = 0; i < pinned->count; i++) source->ops->unpin(source, pinned->pins[i].pin);
  free(pinned->pins);
  *pinned = (wio_pinned){0};
}

bool wio_pinned_lives(wio_monitor *monitor, const wio_pinned *pinned) {
  for (size_t i = 0; i < pinned->count; i++)
    if (!has_ended(wio_monitor_source(monitor), &pinned->pins[i])) return true;
  return false;
}

bool wio_pinned_is_refused(wio_monitor *monitor, const wio_pinned *pinned, wio_refusal *out) {
  wio_guard guard;
  out->text[0] = '\0';
  wio_guard_begin(wio_monitor_source(monitor), wio_monitor_protected(monitor), &guard);
  for (size_t i = 0; i < pinned->count; i++)
    if (wio_guard_refuses(&guard, pinned->pins[i].pid, out)) return true;
  return false;
}

// ---- signals

// Sends it to all. 0 when any of them took it.
static int send_to_all(wio_source *source, const wio_pinned *pinned, int signal) {
  int result = -ESRCH;
  for (size_t i = 0; i < pinned->count; i++) {
    int rc = source->ops->signal(source, pinned->pins[i].pin, signal);
    if (rc == 0 || (rc != -ESRCH && result == -ESRCH)) result = rc;
  }
  return result;
}

// Stops one, if it is not. Says whether it may still fork: it runs, and what it was sent has not reached it yet.
static bool stop_one(wio_source *source, wio_pinned_process *process) {
  wio_description seen;
  if (source->ops->describe(source, process->pid, 0, &seen) < 0 || seen.stat.start_ticks != process->start_ticks) return false;
  bool runs = seen.stat.state == 'R' || seen.stat.state == 'S';
  if (process->frozen == WIO_PIN_RUNS) {
    process->frozen = runs || seen.stat.state == 'D' ? WIO_PIN_FROZEN : WIO_PIN_STOPPED_BEFORE;
    if (process->frozen == WIO_PIN_FROZEN) source->ops->signal(source, process->pin, SIGSTOP);
  }
  return runs;
}

// Stops all until nobody is new. -EPERM when one of them must not be signalled, who is not stopped then.
static int freeze(wio_monitor *monitor, wio_pinned *pinned, wio_refusal *refusal) {
  for (int look = 0, quiet = 0; look < MOST_LOOKS && quiet < QUIET_LOOKS; look++) {
    bool forks = false;
    size_t found;
    if (wio_pinned_is_refused(monitor, pinned, refusal)) return -EPERM;
    for (size_t i = 0; i < pinned->count; i++)
      if (stop_one(wio_monitor_source(monitor), &pinned->pins[i])) forks = true;
    int rc = wio_pinned_gather(monitor, pinned, &found);
    if (rc < 0) return rc;
    quiet = found || forks ? 0 : quiet + 1;
  }
  return wio_pinned_is_refused(monitor, pinned, refusal) ? -EPERM : 0;
}

// Continues those that were stopped here.
static void thaw(wio_source *source, wio_pinned *pinned) {
  for (size_t i = 0; i < pinned->count; i++)
    if (pinned->pins[i].frozen == WIO_PIN_FROZEN) source->ops->signal(source, pinned->pins[i].pin, SIGCONT);
}

static int signal_frozen(wio_monitor *monitor, wio_pinned *pinned, int signal, wio_refusal *refusal) {
  wio_source *source = wio_monitor_source(monitor);
  for (size_t i = 0; i < pinned->count; i++) pinned->pins[i].frozen = WIO_PIN_RUNS;
  int rc = freeze(monitor, pinned, refusal);
  int sent = rc < 0 ? rc : send_to_all(source, pinned, signal);
  if (sent < 0 || (signal != SIGSTOP && signal != SIGKILL)) thaw(source, pinned);
  return sent;
}

int wio_pinned_signal(wio_monitor *monitor, wio_pinned *pinned, int signal, bool ends, wio_refusal *refusal) {
  wio_source *source = wio_monitor_source(monitor);
  size_t found = 0;
  refusal->text[0] = '\0';
  if (signal == 0) return send_to_all(source, pinned, 0);
  int rc = wio_pinned_gather(monitor, pinned, &found);
  if (rc < 0) return rc;
  // Half a target is worse than all of it: if one of them is not to be signalled, none is.
  if (wio_pinned_is_refused(monitor, pinned, refusal)) return -EPERM;
  if (!pinned->tree) return send_to_all(source, pinned, signal);
  rc = wio_pinned_gather(monitor, pinned, &found);
  if (rc < 0) return rc;
  bool freezes = signal == SIGKILL || signal == SIGSTOP || (ends && pinned->count > 1) || found > 0;
  return freezes ? signal_frozen(monitor, pinned, signal, refusal) : send_to_all(source, pinned, signal);
}

// ---- priorities

// Says whether any of them took it.
static bool set_all(wio_source *source, const wio_pinned *pinned, const wio_priority *priority, int *error) {
  bool taken = false;
  for (size_t i = 0; i < pinned->count; i++) {
    int rc = source->ops->prioritise(source, pinned->pins[i].pin, priority);
    if (rc < 0 && rc != -ESRCH && *error == 0) *error = rc;
    taken = taken || rc == 0;
  }
  return taken;
}

int wio_pinned_prioritise(wio_monitor *monitor, wio_pinned *pinned, const wio_priority *priority) {
  size_t found;
  int error = 0, rc = wio_pinned_gather(monitor, pinned, &found);
  bool taken = false;
  for (int look = 0; rc == 0 && look < MOST_LOOKS; look++) {
    taken = set_all(wio_monitor_source(monitor), pinned, priority, &error) || taken;
    rc = wio_pinned_gather(monitor, pinned, &found);
    if (found == 0) break; // what they start from now on inherits it
  }
  if (rc < 0) return rc;
  return error ? error : taken ? 0 : -ESRCH;
}
