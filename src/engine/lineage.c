// SPDX-License-Identifier: MIT
#include "engine/lineage.h"

#include "core/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct wio_told_fork {
  pid_t pid, parent;
  uint64_t birth;
  bool missed; // it was gone when it was inspected
};

struct wio_grave {
  wio_forebear of;
  uint64_t target;
  uint64_t batch; // the number of the latest batch of births when it ended
};

// ---- births

static int compare_forks(const void *a, const void *b) {
  const struct wio_told_fork *left = a, *right = b;
  if (left->pid != right->pid) return left->pid < right->pid ? -1 : 1;
  return left->birth < right->birth ? -1 : left->birth > right->birth;
}

static int make_room(wio_lineage *lineage, size_t more) {
  size_t count = lineage->fork_count + more;
  struct wio_told_fork *grown = wio_array_grow(lineage->forks, &lineage->fork_capacity, count, sizeof *grown);
  if (!grown) return -ENOMEM;
  lineage->forks = grown;
  return 0;
}

int wio_lineage_begin(wio_lineage *lineage, wio_source *source) {
  const wio_fork *forks;
  size_t count = source->ops->forks(source, &forks);
  lineage->batch++;
  if (!lineage->open || !forks) {
    lineage->fork_count = 0;
    lineage->told_before = lineage->told;
  }
  lineage->open = true;
  int rc = make_room(lineage, count);
  if (rc < 0) {
    lineage->fork_count = 0; // a list without these births would be wrong
    return rc;
  }
  for (size_t i = 0; i < count; i++)
    lineage->forks[lineage->fork_count++] = (struct wio_told_fork){
        .pid = forks[i].pid, .parent = forks[i].parent, .birth = ++lineage->told};
  if (lineage->fork_count) qsort(lineage->forks, lineage->fork_count, sizeof *lineage->forks, compare_forks);
  return 0;
}

// The latest birth of a pid before another one's; NULL when it was not told in this batch.
static struct wio_told_fork *find_birth(const wio_lineage *lineage, pid_t pid, uint64_t before) {
  size_t low = 0, high = lineage->fork_count;
  struct wio_told_fork key = {.pid = pid, .birth = before};
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (compare_forks(&lineage->forks[middle], &key) < 0) low = middle + 1;
    else high = middle;
  }
  return low > 0 && lineage->forks[low - 1].pid == pid ? &lineage->forks[low - 1] : NULL;
}

uint64_t wio_lineage_birth(const wio_lineage *lineage, pid_t pid) {
  const struct wio_told_fork *fork = find_birth(lineage, pid, UINT64_MAX);
  return fork ? fork->birth : 0;
}

bool wio_lineage_climb(const wio_lineage *lineage, wio_forebear *at) {
  const struct wio_told_fork *fork = at->birth ? find_birth(lineage, at->pid, at->birth + 1) : NULL;
  if (!fork || fork->birth != at->birth) return false;
  const struct wio_told_fork *parent = find_birth(lineage, fork->parent, fork->birth);
  *at = (wio_forebear){.pid = fork->parent, .birth = parent ? parent->birth : 0};
  return true;
}

bool wio_lineage_is(const wio_lineage *lineage, wio_forebear forebear, uint64_t birth) {
  return forebear.birth ? birth == forebear.birth : birth <= lineage->told_before;
}

void wio_lineage_miss(wio_lineage *lineage, pid_t pid) {
  struct wio_told_fork *fork = find_birth(lineage, pid, UINT64_MAX);
  if (fork) fork->missed = true;
}

bool wio_lineage_missed(const wio_lineage *lineage, size_t *place, wio_forebear *out) {
  while (*place < lineage->fork_count) {
    const struct wio_told_fork *fork = &lineage->forks[(*place)++];
    // A process whose number was given out again is gone, too.
    bool again = *place < lineage->fork_count && fork[1].pid == fork->pid;
    if (!fork->missed && !again) continue;
    *out = (wio_forebear){.pid = fork->pid, .birth = fork->birth};
    return true;
  }
  return false;
}

// ---- graves

static int compare_graves(const void *a, const void *b) {
  const wio_forebear *left = &((const struct wio_grave *)a)->of, *right = &((const struct wio_grave *)b)->of;
  if (left->pid != right->pid) return left->pid < right->pid ? -1 : 1;
  return left->birth < right->birth ? -1 : left->birth > right->birth;
}

int wio_lineage_bury(wio_lineage *lineage, wio_forebear gone, uint64_t target) {
  struct wio_grave *graves = wio_array_grow(lineage->graves, &lineage->grave_capacity, lineage->grave_count + 1,
                                            sizeof *graves);
  if (!graves) return -ENOMEM;
  lineage->graves = graves;
  lineage->graves[lineage->grave_count++] = (struct wio_grave){.of = gone, .target = target, .batch = lineage->batch};
  lineage->sorted = false;
  return 0;
}

// A process that was not born in this batch is the last one that had its number before the batch.
size_t wio_lineage_graves(wio_lineage *lineage, wio_forebear forebear, size_t *first) {
  if (lineage->grave_count == 0) return 0;
  if (!lineage->sorted) qsort(lineage->graves, lineage->grave_count, sizeof *lineage->graves, compare_graves);
  lineage->sorted = true;
  struct wio_grave key = {.of = {.pid = forebear.pid, .birth = forebear.birth ? forebear.birth : lineage->told_before}};
  size_t low = 0, high = lineage->grave_count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (compare_graves(&lineage->graves[middle], &key) <= 0) low = middle + 1;
    else high = middle;
  }
  size_t end = low;
  while (low > 0 && lineage->graves[low - 1].of.pid == forebear.pid &&
         lineage->graves[low - 1].of.birth == lineage->graves[end - 1].of.birth)
    low--;
  *first = low;
  return low < end && wio_lineage_is(lineage, forebear, lineage->graves[low].of.birth) ? end - low : 0;
}

uint64_t wio_lineage_grave(const wio_lineage *lineage, size_t place) { return lineage->graves[place].target; }

void wio_lineage_end(wio_lineage *lineage) {
  size_t kept = 0;
  for (size_t i = 0; i < lineage->grave_count; i++)
    if (lineage->graves[i].batch >= lineage->batch) lineage->graves[kept++] = lineage->graves[i];
  lineage->grave_count = kept;
  lineage->open = false;
}

void wio_lineage_release(wio_lineage *lineage) {
  free(lineage->forks);
  free(lineage->graves);
  *lineage = (wio_lineage){0};
}
