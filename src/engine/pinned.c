// SPDX-License-Identifier: MIT
#include "engine/pinned.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

// A tree that still grows after so many looks is dealt with as far as it is known.
#define MOST_LOOKS 100

// How long the loop is kept waiting at once.
#define SLICE_NS (20 * WIO_NS_PER_MS)

// Who is stopped forks no more, but a fork that has begun is carried through: nobody may be new twice in a row.
#define QUIET_LOOKS 2

static bool has_ended(wio_source *source, const wio_pinned_process *process) {
  return source->ops->ended(source, process->pin);
}

// ---- who they are

struct wio_pin_place {
  pid_t pid;
  size_t at;
};

static int compare_places(const void *a, const void *b) {
  pid_t left = ((const struct wio_pin_place *)a)->pid, right = ((const struct wio_pin_place *)b)->pid;
  return (left > right) - (left < right);
}

// Those that are pinned by now are found fast; those that are pinned next are few.
static int note_places(wio_pinned *pinned) {
  if (pinned->count > pinned->place_capacity) {
    struct wio_pin_place *grown = realloc(pinned->places, 2 * pinned->count * sizeof *grown);
    if (!grown) return -ENOMEM;
    pinned->places = grown;
    pinned->place_capacity = 2 * pinned->count;
  }
  for (size_t i = 0; i < pinned->count; i++)
    pinned->places[i] = (struct wio_pin_place){.pid = pinned->pins[i].pid, .at = i};
  pinned->place_count = pinned->count;
  if (pinned->count) qsort(pinned->places, pinned->count, sizeof *pinned->places, compare_places);
  return 0;
}

// The one that has the pid, the latest if another one had it before; NULL when none is pinned.
static const wio_pinned_process *find_pinned(const wio_pinned *pinned, pid_t pid) {
  for (size_t i = pinned->count; i-- > pinned->place_count;)
    if (pinned->pins[i].pid == pid) return &pinned->pins[i];
  struct wio_pin_place key = {.pid = pid};
  const struct wio_pin_place *place = pinned->place_count ? bsearch(&key, pinned->places, pinned->place_count,
                                                                    sizeof key, compare_places)
                                                          : NULL;
  return place ? &pinned->pins[place->at] : NULL;
}

static bool is_pinned(const wio_pinned *pinned, pid_t pid, uint64_t start_ticks) {
  const wio_pinned_process *process = find_pinned(pinned, pid);
  return process && process->start_ticks == start_ticks;
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

// Whether one that is pinned lives after a process was looked up that names it: so it named this one, not another
// process which had the number before or has it now.
static bool is_of_living(wio_source *source, const wio_pinned *pinned, pid_t pid) {
  const wio_pinned_process *process = find_pinned(pinned, pid);
  return process && !has_ended(source, process);
}

// Takes a process in if it is the child of one that is pinned, or in its session.
static int take_child(wio_source *source, wio_pinned *pinned, pid_t pid) {
  wio_description child;
  // Who is pinned has the number as long as it lives.
  if (is_of_living(source, pinned, pid)) return 0;
  if (source->ops->describe(source, pid, 0, &child) < 0 || wio_stat_ended(&child.stat)) return 0;
  bool is_ours = is_of_living(source, pinned, child.stat.ppid) || is_of_living(source, pinned, child.stat.session);
  return is_ours ? take(source, pinned, pid, child.stat.start_ticks) : 0;
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

// Where the kernel does not list the children, or does not report births. Children may stand before their parents, so
// the list is gone over until nobody is new.
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
  int rc = note_places(pinned);
  if (rc == 0 && pinned->tree) rc = wio_monitor_hear(monitor);
  if (rc == 0) rc = take_members(monitor, pinned);
  if (rc == 0 && pinned->tree) rc = take_children(source, pinned);
  bool told = wio_monitor_hears_births(monitor);
  if (rc == -ENOTSUP || (rc == 0 && pinned->tree && !told)) rc = take_children_of_all(source, pinned);
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

bool wio_pinned_lives(wio_monitor *monitor, const wio_pinned *pinned) {
  for (size_t i = 0; i < pinned->count; i++)
    if (!has_ended(wio_monitor_source(monitor), &pinned->pins[i])) return true;
  return false;
}

static bool is_any_refused(wio_monitor *monitor, const wio_pinned *pinned, bool only_running, wio_refusal *out) {
  wio_guard guard;
  out->text[0] = '\0';
  wio_guard_begin(wio_monitor_source(monitor), wio_monitor_protected(monitor), &guard);
  for (size_t i = 0; i < pinned->count; i++) {
    if (only_running && pinned->pins[i].frozen != WIO_PIN_RUNS) continue;
    if (wio_guard_refuses(&guard, pinned->pins[i].pid, out)) return true;
  }
  return false;
}

bool wio_pinned_is_refused(wio_monitor *monitor, const wio_pinned *pinned, wio_refusal *out) {
  return is_any_refused(monitor, pinned, false, out);
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
  if (source->ops->describe(source, process->pid, 0, &seen) < 0 || seen.stat.start_ticks != process->start_ticks)
    return false;
  bool runs = seen.stat.state == 'R' || seen.stat.state == 'S';
  if (process->frozen == WIO_PIN_RUNS) {
    process->frozen = runs || seen.stat.state == 'D' ? WIO_PIN_FROZEN : WIO_PIN_STOPPED_BEFORE;
    if (process->frozen == WIO_PIN_FROZEN) source->ops->signal(source, process->pin, SIGSTOP);
  }
  return runs;
}

// Continues those that were stopped here.
static void thaw(wio_source *source, wio_pinned *pinned) {
  for (size_t i = 0; i < pinned->count; i++)
    if (pinned->pins[i].frozen == WIO_PIN_FROZEN) source->ops->signal(source, pinned->pins[i].pin, SIGCONT);
}

// One look for those that are new. Says whether there may be more.
static int look_for_more(wio_monitor *monitor, wio_pinned *pinned, bool *more, wio_refusal *refusal) {
  bool forks = false;
  size_t found;
  // Who was looked at before, and is stopped, has the name that it had then.
  if (is_any_refused(monitor, pinned, true, refusal)) return -EPERM;
  for (size_t i = 0; i < pinned->count; i++)
    if (stop_one(wio_monitor_source(monitor), &pinned->pins[i])) forks = true;
  int rc = wio_pinned_gather(monitor, pinned, &found);
  pinned->hunt.quiet = found || forks ? 0 : pinned->hunt.quiet + 1;
  *more = ++pinned->hunt.looks < MOST_LOOKS && pinned->hunt.quiet < QUIET_LOOKS;
  return rc;
}

// Stops all until nobody is new. -EPERM when one of them must not be signalled, who is not stopped then; -EAGAIN when
// the slice is over.
static int freeze(wio_monitor *monitor, wio_pinned *pinned, bool in_slices, wio_refusal *refusal) {
  uint64_t since_ns = wio_monitor_clock_ns(monitor);
  for (bool more = true; more;) {
    int rc = look_for_more(monitor, pinned, &more, refusal);
    if (rc < 0) return rc;
    if (more && in_slices && wio_monitor_clock_ns(monitor) - since_ns >= SLICE_NS) return -EAGAIN;
  }
  return wio_pinned_is_refused(monitor, pinned, refusal) ? -EPERM : 0;
}

static int signal_frozen(wio_monitor *monitor, wio_pinned *pinned, int signal, bool in_slices, wio_refusal *refusal) {
  wio_source *source = wio_monitor_source(monitor);
  if (!pinned->hunt.under_way) drop_ended(source, pinned);
  for (size_t i = 0; !pinned->hunt.under_way && i < pinned->count; i++) pinned->pins[i].frozen = WIO_PIN_RUNS;
  int rc = freeze(monitor, pinned, in_slices, refusal);
  pinned->hunt.under_way = rc == -EAGAIN;
  if (pinned->hunt.under_way) return rc;
  pinned->hunt.looks = pinned->hunt.quiet = 0;
  int sent = rc < 0 ? rc : send_to_all(source, pinned, signal);
  if (sent < 0 || (signal != SIGSTOP && signal != SIGKILL)) thaw(source, pinned);
  return sent;
}

int wio_pinned_signal(wio_monitor *monitor, wio_pinned *pinned, int signal, bool ends, bool in_slices,
                      wio_refusal *refusal) {
  wio_source *source = wio_monitor_source(monitor);
  size_t found = 0;
  refusal->text[0] = '\0';
  if (signal == 0) return send_to_all(source, pinned, 0);
  // Known to be hunted, it is from the first look on.
  bool hunts = pinned->tree && (signal == SIGKILL || signal == SIGSTOP || (ends && pinned->count > 1));
  if (pinned->hunt.under_way || (in_slices && hunts)) return signal_frozen(monitor, pinned, signal, in_slices, refusal);
  int rc = wio_pinned_gather(monitor, pinned, &found);
  if (rc < 0) return rc;
  // Half a target is worse than all of it: if one of them is not to be signalled, none is.
  if (wio_pinned_is_refused(monitor, pinned, refusal)) return -EPERM;
  if (!pinned->tree) return send_to_all(source, pinned, signal);
  rc = wio_pinned_gather(monitor, pinned, &found);
  if (rc < 0) return rc;
  bool freezes = hunts || (ends && pinned->count > 1) || found > 0;
  return freezes ? signal_frozen(monitor, pinned, signal, in_slices, refusal) : send_to_all(source, pinned, signal);
}

void wio_pinned_release(wio_monitor *monitor, wio_pinned *pinned) {
  wio_source *source = wio_monitor_source(monitor);
  if (pinned->hunt.under_way) thaw(source, pinned);
  for (size_t i = 0; i < pinned->count; i++) source->ops->unpin(source, pinned->pins[i].pin);
  free(pinned->pins);
  free(pinned->places);
  *pinned = (wio_pinned){0};
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
