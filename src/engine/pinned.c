// SPDX-License-Identifier: MIT
#include "engine/pinned.h"

#include "core/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool wio_ration_take(wio_ration *ration, size_t cost) {
  if (*ration == 0) return false;
  if (*ration != WIO_WITHOUT_END) *ration -= cost < *ration ? cost : *ration;
  return true;
}

bool wio_pinned_has_ended(wio_source *source, const wio_pinned_process *process) {
  return !process->pin || source->ops->ended(source, process->pin);
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

// Sorts the places of the processes that are pinned by now, so that they are found fast. The few that are pinned later
// are searched one by one.
static int note_places(wio_pinned *pinned) {
  if (pinned->count > pinned->place_capacity) {
    struct wio_pin_place *grown = wio_array_grow(pinned->places, &pinned->place_capacity, pinned->count, sizeof *grown);
    if (!grown) return -ENOMEM;
    pinned->places = grown;
  }
  for (size_t i = 0; i < pinned->count; i++)
    pinned->places[i] = (struct wio_pin_place){.pid = pinned->pins[i].pid, .at = i};
  pinned->place_count = pinned->count;
  if (pinned->count) qsort(pinned->places, pinned->count, sizeof *pinned->places, compare_places);
  return 0;
}

// The pinned process that has the pid, the latest one if several had it; NULL when none is pinned.
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
  wio_pinned_process *pins = wio_array_grow(pinned->pins, &pinned->capacity, pinned->count + 1, sizeof *pins);
  if (!pins) return -ENOMEM;
  pinned->pins = pins;
  return 0;
}

// Pins a process that is not pinned yet. A process that has ended meanwhile is left out.
static int take(wio_source *source, wio_pinned *pinned, pid_t pid, uint64_t start_ticks, wio_ration *ration) {
  if (is_pinned(pinned, pid, start_ticks)) return 0;
  if (!wio_ration_take(ration, WIO_COSTS_MUCH)) return -EAGAIN;
  int rc = make_room(pinned);
  if (rc < 0) return rc;
  wio_pinned_process *next = &pinned->pins[pinned->count];
  *next = (wio_pinned_process){.pid = pid, .start_ticks = start_ticks};
  rc = source->ops->pin(source, pid, start_ticks, false, NULL, &next->pin);
  pinned->count += rc == 0;
  return rc == -ESRCH ? 0 : rc;
}

// Begins with the first member at each call: some may have left in between, and pinned ones are passed quickly.
static int take_members(wio_monitor *monitor, wio_pinned *pinned, wio_ration *ration) {
  const wio_target *target = wio_monitor_target(monitor, pinned->target);
  int rc = 0;
  for (size_t i = 0; target && rc == 0 && i < target->count; i++) {
    const wio_sample *sample = target->members[i]->sample;
    if (!sample->ended) rc = take(wio_monitor_source(monitor), pinned, (pid_t)sample->key, sample->start_ticks, ration);
  }
  return rc;
}

// Whether a pinned process has this pid and lives. To be asked after an inspection of a process that names the pid:
// then it named this one, and not another process that had the number before or has it now.
static bool is_of_living(wio_source *source, const wio_pinned *pinned, pid_t pid) {
  const wio_pinned_process *process = find_pinned(pinned, pid);
  return process && !wio_pinned_has_ended(source, process);
}

// Pins a process if it is the child of a pinned one, or in the session of a pinned leader.
static int take_child(wio_source *source, wio_pinned *pinned, pid_t pid, wio_ration *ration) {
  wio_description child;
  if (!wio_ration_take(ration, WIO_COSTS_LITTLE)) return -EAGAIN;
  // A pinned process keeps its number as long as it lives.
  if (is_of_living(source, pinned, pid)) return 0;
  wio_ration_take(ration, WIO_COSTS_MUCH);
  int rc = source->ops->describe(source, pid, 0, &child);
  if (rc == -ETIMEDOUT) return rc;
  if (rc < 0 || wio_stat_ended(&child.stat)) return 0;
  bool is_ours = is_of_living(source, pinned, child.stat.ppid) || is_of_living(source, pinned, child.stat.session);
  wio_ration rest = WIO_WITHOUT_END; // it was inspected: it is pinned at once
  return is_ours ? take(source, pinned, pid, child.stat.start_ticks, &rest) : 0;
}

// ---- gathering: each phase goes on where it was left off

// With `strangers`, the list holds all processes: most of those that do not answer are strangers, and are skipped. In a
// list of children, one that does not answer must be pinned: that is an error.
static int take_listed(wio_source *source, wio_pinned *pinned, bool strangers, wio_ration *ration) {
  wio_gathering *gathering = &pinned->gathering;
  for (; gathering->next < gathering->listed_count; gathering->next++) {
    int rc = take_child(source, pinned, gathering->listed[gathering->next], ration);
    if (rc < 0 && !(strangers && rc == -ETIMEDOUT)) return rc;
  }
  return 0;
}

// Copies a list that the source has lent.
static int keep_list(wio_gathering *gathering, const pid_t *pids, size_t count) {
  if (count > gathering->listed_capacity) {
    pid_t *grown = wio_array_grow(gathering->listed, &gathering->listed_capacity, count, sizeof *grown);
    if (!grown) return -ENOMEM;
    gathering->listed = grown;
  }
  if (count) memcpy(gathering->listed, pids, count * sizeof *pids);
  gathering->listed_count = count;
  gathering->next = 0;
  gathering->is_listed = true;
  return 0;
}

static int list_children(wio_source *source, wio_pinned *pinned) {
  const pid_t *pids = NULL;
  size_t count = 0;
  int rc = source->ops->children(source, pinned->pins[pinned->gathering.at].pid, &pids, &count);
  if (rc == -ESRCH) rc = 0, count = 0; // it has ended meanwhile
  return rc < 0 ? rc : keep_list(&pinned->gathering, pids, count);
}

static int take_children(wio_source *source, wio_pinned *pinned, wio_ration *ration) {
  wio_gathering *gathering = &pinned->gathering;
  for (; gathering->at < pinned->count; gathering->at++) {
    if (!gathering->is_listed && !wio_ration_take(ration, WIO_COSTS_MUCH)) return -EAGAIN;
    int rc = gathering->is_listed ? 0 : list_children(source, pinned);
    if (rc == 0) rc = take_listed(source, pinned, false, ration);
    if (rc < 0) return rc;
    gathering->is_listed = false;
  }
  return 0;
}

// Goes through all processes, where the kernel does not list children or does not report births. Children may stand
// before their parents, so the list is gone through until no process is new.
static int take_children_of_all(wio_source *source, wio_pinned *pinned, wio_ration *ration) {
  wio_gathering *gathering = &pinned->gathering;
  if (!gathering->is_listed) {
    const pid_t *pids;
    size_t count;
    int rc = source->ops->list(source, &pids, &count);
    if (rc == 0) rc = keep_list(gathering, pids, count);
    if (rc < 0) return rc;
    gathering->grown = pinned->count;
  }
  for (;;) {
    int rc = take_listed(source, pinned, true, ration);
    if (rc < 0 || pinned->count == gathering->grown) return rc;
    gathering->grown = pinned->count;
    gathering->next = 0;
  }
}

// Unpins processes that have ended. The gaps are closed at the end: until then each process keeps its place.
static int drop_ended(wio_source *source, wio_pinned *pinned, wio_ration *ration) {
  wio_gathering *gathering = &pinned->gathering;
  for (; gathering->at < pinned->count; gathering->at++) {
    wio_pinned_process *process = &pinned->pins[gathering->at];
    if (!wio_ration_take(ration, WIO_COSTS_LITTLE)) return -EAGAIN;
    if (!process->pin || !wio_pinned_has_ended(source, process)) continue;
    source->ops->unpin(source, process->pin);
    process->pin = NULL;
  }
  size_t kept = 0;
  for (size_t i = 0; i < pinned->count; i++)
    if (pinned->pins[i].pin) pinned->pins[kept++] = pinned->pins[i];
  gathering->before = pinned->count = kept;
  gathering->at = 0;
  return note_places(pinned);
}

// Does the current phase, and sets the next one.
static int gather_on(wio_monitor *monitor, wio_pinned *pinned, wio_ration *ration) {
  wio_gathering *gathering = &pinned->gathering;
  wio_source *source = wio_monitor_source(monitor);
  int rc;
  switch (gathering->phase) {
    case WIO_GATHERS_NOT: gathering->phase = WIO_GATHERS_ENDED; return 0;
    case WIO_GATHERS_ENDED:
      rc = drop_ended(source, pinned, ration);
      if (rc == 0 && pinned->tree) rc = wio_monitor_hear(monitor);
      if (rc == 0) gathering->phase = WIO_GATHERS_MEMBERS;
      return rc;
    case WIO_GATHERS_MEMBERS:
      rc = take_members(monitor, pinned, ration);
      if (rc == 0) gathering->phase = pinned->tree ? WIO_GATHERS_CHILDREN : WIO_GATHERS_NOT;
      return rc;
    case WIO_GATHERS_CHILDREN:
      rc = take_children(source, pinned, ration);
      if (rc < 0 && rc != -ENOTSUP) return rc;
      gathering->is_listed = false;
      gathering->phase = rc == 0 && wio_monitor_hears_births(monitor) ? WIO_GATHERS_NOT : WIO_GATHERS_ALL;
      return 0;
    case WIO_GATHERS_ALL:
      rc = take_children_of_all(source, pinned, ration);
      if (rc == 0) gathering->phase = WIO_GATHERS_NOT;
      return rc;
  }
  return 0;
}

void wio_pinned_leave_off(wio_pinned *pinned) {
  wio_gathering *gathering = &pinned->gathering;
  gathering->phase = WIO_GATHERS_NOT;
  gathering->at = 0;
  gathering->is_listed = false;
}

int wio_pinned_gather(wio_monitor *monitor, wio_pinned *pinned, wio_ration *ration, size_t *found) {
  int rc;
  do rc = gather_on(monitor, pinned, ration);
  while (rc == 0 && pinned->gathering.phase != WIO_GATHERS_NOT);
  if (rc == -EAGAIN) return rc;
  wio_pinned_leave_off(pinned);
  *found = pinned->count - pinned->gathering.before;
  return rc;
}

int wio_pinned_hold(wio_monitor *monitor, uint64_t id, wio_pinned *out) {
  const wio_target *target = wio_monitor_target(monitor, id);
  if (!target) return -ESRCH;
  wio_pinned pinned = {.target = id, .tree = target->watch->options.per == WIO_PER_TREE};
  wio_ration ration = WIO_WITHOUT_END;
  int rc = take_members(monitor, &pinned, &ration);
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
  wio_ration ration = WIO_WITHOUT_END;
  rc = wio_pinned_gather(monitor, &pinned, &ration, &found);
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
    if (!wio_pinned_has_ended(wio_monitor_source(monitor), &pinned->pins[i])) return true;
  return false;
}

void wio_pinned_release(wio_monitor *monitor, wio_pinned *pinned) {
  wio_source *source = wio_monitor_source(monitor);
  for (size_t i = 0; i < pinned->count; i++)
    if (pinned->pins[i].pin) source->ops->unpin(source, pinned->pins[i].pin);
  free(pinned->pins);
  free(pinned->places);
  free(pinned->gathering.listed);
  *pinned = (wio_pinned){0};
}
