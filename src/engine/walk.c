// SPDX-License-Identifier: MIT
#include "engine/walk.h"

#include "core/units.h"

#include <errno.h>
#include <stdlib.h>

// How many clocks are asked in a second, and how many processes that ran are reported, at the least; more where a round
// would take longer than ROUND_SECONDS. A clock costs less than a microsecond, a visit of a process about ten.
#define CLOCKS 256
#define VISITS 16
#define ROUND_SECONDS 60

struct wio_passed {
  pid_t pid;
  uint64_t mark; // its clock when it was passed
};

static int compare_passed(const void *a, const void *b) {
  pid_t left = ((const struct wio_passed *)a)->pid, right = ((const struct wio_passed *)b)->pid;
  return (left > right) - (left < right);
}

bool wio_walk_has_run(wio_source *source, pid_t pid, uint64_t *mark) {
  uint64_t cpu_ns;
  int rc = source->ops->cpu_ns(source, pid, &cpu_ns);
  if (rc < 0) return rc != -ESRCH;
  bool ran = cpu_ns + 1 != *mark; // plus one: 0 means that the clock was never asked
  *mark = cpu_ns + 1;
  return ran;
}

// Takes over the marks of the processes that still live.
static void take_over(struct wio_passed *now, size_t count, const struct wio_passed *before, size_t count_before) {
  for (size_t i = 0, j = 0; i < count; i++) {
    while (j < count_before && before[j].pid < now[i].pid) j++;
    if (j < count_before && before[j].pid == now[i].pid) now[i].mark = before[j].mark;
  }
}

static int reserve_spare(wio_walk *walk, size_t count) {
  if (count <= walk->spare_capacity) return 0;
  free(walk->spare);
  walk->spare_capacity = 0;
  walk->spare = malloc(count * 2 * sizeof *walk->spare);
  if (!walk->spare) return -ENOMEM;
  walk->spare_capacity = count * 2;
  return 0;
}

static void swap_memory(wio_walk *walk) {
  struct wio_passed *passed = walk->passed;
  size_t capacity = walk->capacity;
  walk->passed = walk->spare;
  walk->capacity = walk->spare_capacity;
  walk->spare = passed;
  walk->spare_capacity = capacity;
}

static int list_all(wio_walk *walk, wio_source *source) {
  const pid_t *pids;
  size_t count;
  int rc = source->ops->list(source, &pids, &count);
  if (rc == 0) rc = reserve_spare(walk, count);
  if (rc < 0) return rc;
  for (size_t i = 0; i < count; i++) walk->spare[i] = (struct wio_passed){.pid = pids[i]};
  if (count) qsort(walk->spare, count, sizeof *walk->spare, compare_passed);
  take_over(walk->spare, count, walk->passed, walk->count);
  swap_memory(walk);
  walk->count = count;
  return 0;
}

static int begin_round(wio_walk *walk, wio_source *source, pid_t newest) {
  bool same = newest && newest == walk->newest;
  int rc = same && walk->settled ? 0 : list_all(walk, source);
  if (rc < 0) return rc;
  walk->settled = same;
  walk->newest = newest;
  walk->at = 0;
  return 0;
}

int wio_walk_begin(wio_walk *walk, wio_source *source, uint64_t now_ns, pid_t newest) {
  int rc = begin_round(walk, source, newest);
  if (rc < 0) return rc;
  for (size_t i = 0; i < walk->count; i++) wio_walk_has_run(source, walk->passed[i].pid, &walk->passed[i].mark);
  walk->at = walk->count;
  walk->until_ns = now_ns;
  return 0;
}

static size_t allowance(uint64_t elapsed_ns, size_t least, size_t count) {
  size_t a_second = count / ROUND_SECONDS > least ? count / ROUND_SECONDS : least;
  if (elapsed_ns > ROUND_SECONDS * WIO_NS_PER_SECOND) elapsed_ns = ROUND_SECONDS * WIO_NS_PER_SECOND;
  return (size_t)(elapsed_ns * a_second / WIO_NS_PER_SECOND);
}

int wio_walk_go_on(wio_walk *walk, wio_source *source, uint64_t now_ns, pid_t newest, bool whole, wio_walk_cover cover,
                   wio_pids *found) {
  uint64_t elapsed_ns = now_ns - walk->until_ns;
  size_t clocks = whole ? SIZE_MAX : allowance(elapsed_ns, CLOCKS, walk->count);
  size_t visits = whole ? SIZE_MAX : allowance(elapsed_ns, VISITS, walk->count);
  if (clocks == 0 || visits == 0) return 0;
  int rc = whole || walk->at == walk->count ? begin_round(walk, source, newest) : 0;
  for (; rc == 0 && clocks > 0 && visits > 0 && walk->at < walk->count; walk->at++, clocks--) {
    struct wio_passed *passed = &walk->passed[walk->at];
    uint64_t mark = passed->mark;
    if (!whole && cover.covers(cover.data, passed->pid)) continue;
    if (!wio_walk_has_run(source, passed->pid, &passed->mark)) continue;
    rc = wio_pids_add(found, passed->pid);
    if (rc < 0) passed->mark = mark;
    if (rc < 0) break;
    visits--;
  }
  if (rc == 0) walk->until_ns = now_ns;
  return rc;
}

void wio_walk_release(wio_walk *walk) {
  free(walk->passed);
  free(walk->spare);
  *walk = (wio_walk){0};
}
