#include "engine/lineage.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct wio_told_fork {
  pid_t pid, parent;
  size_t order; // in time
};

struct wio_grave {
  pid_t pid;
  uint64_t target;
};

int wio_lineage_bury(wio_lineage *lineage, pid_t pid, uint64_t target) {
  if (lineage->grave_count == lineage->grave_capacity) {
    size_t capacity = lineage->grave_capacity ? lineage->grave_capacity * 2 : 16;
    struct wio_grave *graves = realloc(lineage->graves, capacity * sizeof *graves);
    if (!graves) return -ENOMEM;
    lineage->graves = graves;
    lineage->grave_capacity = capacity;
  }
  lineage->graves[lineage->grave_count++] = (struct wio_grave){.pid = pid, .target = target};
  return 0;
}

static int compare_forks(const void *a, const void *b) {
  pid_t left = ((const struct wio_told_fork *)a)->pid, right = ((const struct wio_told_fork *)b)->pid;
  return (left > right) - (left < right);
}

// Keeps those of the latest news so far, or none, and makes room for as many more.
static int make_room(wio_lineage *lineage, bool keeps, size_t more) {
  size_t kept = 0;
  for (size_t i = 0; keeps && i < lineage->fork_count; i++)
    if (lineage->forks[i].order >= lineage->told_before) lineage->forks[kept++] = lineage->forks[i];
  lineage->fork_count = kept;
  if (kept + more <= lineage->fork_capacity) return 0;
  struct wio_told_fork *grown = realloc(lineage->forks, (kept + more) * sizeof *grown);
  if (!grown) return -ENOMEM;
  lineage->forks = grown;
  lineage->fork_capacity = kept + more;
  return 0;
}

int wio_lineage_begin(wio_lineage *lineage, wio_source *source) {
  const wio_fork *forks;
  size_t count = source->ops->forks(source, &forks);
  lineage->buried_before = lineage->grave_count;
  int rc = make_room(lineage, forks != NULL, count);
  lineage->told_before = lineage->told;
  if (rc < 0) {
    lineage->fork_count = 0; // these would be missing
    return rc;
  }
  for (size_t i = 0; i < count; i++)
    lineage->forks[lineage->fork_count++] =
        (struct wio_told_fork){.pid = forks[i].pid, .parent = forks[i].parent, .order = lineage->told++};
  if (lineage->fork_count) qsort(lineage->forks, lineage->fork_count, sizeof *lineage->forks, compare_forks);
  return 0;
}

void wio_lineage_end(wio_lineage *lineage) {
  size_t left = lineage->grave_count - lineage->buried_before;
  if (left) memmove(lineage->graves, lineage->graves + lineage->buried_before, left * sizeof *lineage->graves);
  lineage->grave_count = left;
  lineage->buried_before = 0;
}

// Its fork in these news. `ambiguous`: the number was given twice.
static const struct wio_told_fork *find_fork(const wio_lineage *lineage, pid_t pid, bool *ambiguous) {
  *ambiguous = false;
  if (lineage->fork_count == 0) return NULL;
  struct wio_told_fork key = {.pid = pid};
  const struct wio_told_fork *first = lineage->forks, *end = first + lineage->fork_count;
  const struct wio_told_fork *found = bsearch(&key, first, lineage->fork_count, sizeof key, compare_forks);
  *ambiguous = found && ((found > first && found[-1].pid == pid) || (found + 1 < end && found[1].pid == pid));
  return found;
}

pid_t wio_lineage_forefather(const wio_lineage *lineage, pid_t pid) {
  bool ambiguous;
  const struct wio_told_fork *fork = find_fork(lineage, pid, &ambiguous);
  while (fork && !ambiguous) {
    const struct wio_told_fork *before = find_fork(lineage, fork->parent, &ambiguous);
    if (!before) return fork->parent;
    if (before->order > fork->order) return 0; // the parent has ended, and its number was given again since
    fork = before;
  }
  return 0;
}

uint64_t wio_lineage_grave(const wio_lineage *lineage, pid_t pid, size_t *place) {
  while (*place < lineage->grave_count) {
    const struct wio_grave *grave = &lineage->graves[(*place)++];
    if (grave->pid == pid) return grave->target;
  }
  return 0;
}

void wio_lineage_release(wio_lineage *lineage) {
  free(lineage->forks);
  free(lineage->graves);
  *lineage = (wio_lineage){0};
}
