// SPDX-License-Identifier: MIT
#include "engine/births.h"

#include "core/array.h"
#include "core/units.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

// How long a newborn is inspected again: a shell can take a while from its fork to its exec.
#define YOUNG_FOR_NS WIO_NS_PER_SECOND

// In the first round no birth was seen yet; this many of the newest pids count as newborn.
#define FIRST_YOUNG 64

struct wio_newborn {
  pid_t pid;
  bool seen_again; // inspected at one later tick at least, however far apart the ticks are
  uint64_t seen_ns;
};

// Whether a pid was given out after `before` and not after `now`; pids are given out in a circle.
static bool born_between(pid_t pid, pid_t before, pid_t now) {
  if (before <= now) return before < pid && pid <= now;
  return pid > before || pid <= now;
}

static int compare_newborn(const void *a, const void *b) {
  pid_t left = ((const struct wio_newborn *)a)->pid, right = ((const struct wio_newborn *)b)->pid;
  return (left > right) - (left < right);
}

// Adds the young to the processes to inspect, and drops those that are no longer young.
static int take_young(wio_births *births, uint64_t now_ns) {
  size_t kept = 0;
  for (size_t i = 0; i < births->young_count; i++) {
    struct wio_newborn young = births->young[i];
    int rc = wio_pids_add(&births->to_inspect, young.pid);
    if (rc < 0) return rc;
    if (young.seen_again && now_ns - young.seen_ns >= YOUNG_FOR_NS) continue;
    young.seen_again = true;
    births->young[kept++] = young;
  }
  births->young_count = kept;
  return 0;
}

// Whether the last round found this newborn: its newborns stand at the end of the young.
static bool found_last_time(const wio_births *births, size_t young_count, pid_t pid) {
  struct wio_newborn key = {.pid = pid};
  size_t recent = births->recent < young_count ? births->recent : young_count;
  return recent && bsearch(&key, &births->young[young_count - recent], recent, sizeof key, compare_newborn);
}

// The kernel gives out a pid shortly before it lists the process, so the pids of the last round are checked again.
static bool is_newborn(const wio_births *births, size_t young_count, pid_t pid, pid_t newest) {
  if (!newest || !births->newest) return false;
  if (born_between(pid, births->newest, newest)) return true;
  return born_between(pid, births->before, births->newest) && !found_last_time(births, young_count, pid);
}

static int add_young(wio_births *births, pid_t pid, uint64_t now_ns) {
  struct wio_newborn *grown = wio_array_grow(births->young, &births->young_capacity, births->young_count + 1,
                                             sizeof *grown);
  if (!grown) return -ENOMEM;
  births->young = grown;
  births->young[births->young_count++] = (struct wio_newborn){.pid = pid, .seen_ns = now_ns};
  return 0;
}

static int scan(wio_births *births, wio_source *source, uint64_t now_ns, bool all, pid_t newest) {
  const pid_t *pids;
  size_t count, before = births->young_count;
  int rc = source->ops->list(source, &pids, &count);
  for (size_t i = 0; rc == 0 && i < count; i++) {
    bool newborn = is_newborn(births, before, pids[i], newest);
    if (newborn || all) rc = wio_pids_add(&births->to_inspect, pids[i]);
    if (rc == 0 && newborn && !births->told) rc = add_young(births, pids[i], now_ns);
  }
  births->recent = births->young_count - before;
  if (births->recent) qsort(&births->young[before], births->recent, sizeof *births->young, compare_newborn);
  return rc;
}

// ---- what is told

static int take_told(wio_births *births, wio_source *source) {
  const pid_t *pids;
  size_t count;
  births->told_count = 0;
  int rc = source->ops->births(source, &pids, &count);
  births->told = rc == 0 || rc == -EOVERFLOW;
  if (!births->told) return rc == -ENOMEM ? rc : 0;
  births->told_count = count;
  births->lost = births->lost || rc == -EOVERFLOW;
  for (size_t i = 0; i < count; i++)
    if (wio_pids_add(&births->to_inspect, pids[i]) < 0) return -ENOMEM;
  return 0;
}

static int compare_pids(const void *a, const void *b) {
  pid_t left = *(const pid_t *)a, right = *(const pid_t *)b;
  return (left > right) - (left < right);
}

static void sort_out(wio_pids *list) {
  size_t kept = 0;
  if (list->count) qsort(list->pid, list->count, sizeof *list->pid, compare_pids);
  for (size_t i = 0; i < list->count; i++)
    if (kept == 0 || list->pid[kept - 1] != list->pid[i]) list->pid[kept++] = list->pid[i];
  list->count = kept;
}

// ---- what is not told

// Finds the processes born since the last round, or all processes.
static int find_births(wio_births *births, wio_source *source, uint64_t now_ns, bool all, pid_t newest, bool *scanned) {
  bool behind = !births->told || births->lost, changed = newest != births->newest;
  if (births->newest == 0) births->newest = births->before = newest > FIRST_YOUNG ? newest - FIRST_YOUNG : 1;
  *scanned = all || (behind && (changed || births->unsettled));
  int rc = take_young(births, now_ns);
  if (rc == 0 && *scanned) rc = scan(births, source, now_ns, all, newest);
  if (rc < 0) return rc;
  births->unsettled = changed;
  births->before = births->newest;
  births->newest = newest;
  return 0;
}

// When all processes are inspected, the walk begins anew, as if it had just passed them.
static int find_changes(wio_births *births, wio_source *source, uint64_t now_ns, bool all, pid_t newest) {
  if (all) return wio_walk_begin(&births->walk, source, now_ns, newest);
  return wio_walk_go_on(&births->walk, source, now_ns, newest, births->lost, births->cover, &births->to_inspect);
}

static int find(wio_births *births, wio_source *source, uint64_t now_ns, bool all, bool changes, bool *scanned) {
  pid_t newest = 0;
  // Asked before the list is taken: a process born in between has a newer pid, and the next round finds it.
  if (source->ops->newest(source, &newest) < 0) newest = 0;
  if ((!births->told || births->lost) && (newest == 0 || births->newest == 0)) all = true;
  int rc = changes ? find_changes(births, source, now_ns, all, newest) : 0;
  if (rc == 0) rc = find_births(births, source, now_ns, all, newest, scanned);
  if (rc == 0) births->lost = false;
  return rc;
}

int wio_births_collect(wio_births *births, wio_source *source, uint64_t now_ns, wio_births_scope scope, bool changes,
                       const pid_t **pids, size_t *count, bool *scanned) {
  *scanned = false;
  births->to_inspect.count = 0;
  int rc = take_told(births, source);
  bool finds = scope != WIO_BIRTHS_TOLD, all = scope == WIO_BIRTHS_ALL || !births->begun;
  if (rc == 0 && finds) rc = find(births, source, now_ns, all, changes, scanned);
  births->begun = rc == 0 && (births->begun || finds);
  if (rc < 0) return rc;
  sort_out(&births->to_inspect);
  *pids = births->to_inspect.pid;
  *count = births->to_inspect.count;
  return 0;
}

void wio_births_release(wio_births *births) {
  free(births->young);
  free(births->to_inspect.pid);
  wio_walk_release(&births->walk);
  *births = (wio_births){0};
}
