#include "engine/births.h"

#include "core/units.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

// How long a newborn is looked at again: a shell can take a while from its fork to its exec.
#define YOUNG_FOR_NS WIO_NS_PER_SECOND

// How often everybody is looked at again.
#define ALL_AGAIN_NS (60 * WIO_NS_PER_SECOND)

// At the first look nobody's birth was seen; that many of the newest numbers are taken for newborn.
#define FIRST_YOUNG 64

struct wio_newborn {
  pid_t pid;
  bool seen_again; // at one later tick at least, however far apart ticks are
  uint64_t seen_ns;
};

static int reserve(void **items, size_t *capacity, size_t count, size_t size) {
  if (count <= *capacity) return 0;
  size_t wanted = *capacity ? *capacity : 64;
  while (wanted < count) wanted *= 2;
  void *grown = realloc(*items, wanted * size);
  if (!grown) return -ENOMEM;
  *items = grown;
  *capacity = wanted;
  return 0;
}

// Whether a pid lies behind `before` and up to `now` on the circle.
static bool born_between(pid_t pid, pid_t before, pid_t now) {
  if (before <= now) return before < pid && pid <= now;
  return pid > before || pid <= now;
}

static int compare_newborn(const void *a, const void *b) {
  pid_t left = ((const struct wio_newborn *)a)->pid, right = ((const struct wio_newborn *)b)->pid;
  return (left > right) - (left < right);
}

// Takes the young ones over into the list to look at, and lets go of those that are grown up.
static int take_young(wio_births *births, uint64_t now_ns) {
  int rc = reserve((void **)&births->look_at, &births->look_capacity, births->young_count, sizeof(pid_t));
  if (rc < 0) return rc;
  size_t kept = 0;
  births->look_count = 0;
  for (size_t i = 0; i < births->young_count; i++) {
    struct wio_newborn young = births->young[i];
    births->look_at[births->look_count++] = young.pid;
    if (young.seen_again && now_ns - young.seen_ns >= YOUNG_FOR_NS) continue;
    young.seen_again = true;
    births->young[kept++] = young;
  }
  births->young_count = kept;
  return 0;
}

// Whether it is one of those that the last look found; they are still young, and at the end.
static bool found_last_time(const wio_births *births, size_t young_count, pid_t pid) {
  struct wio_newborn key = {.pid = pid};
  size_t recent = births->recent < young_count ? births->recent : young_count;
  return recent && bsearch(&key, &births->young[young_count - recent], recent, sizeof key, compare_newborn);
}

// A number is given out a moment before its process is in the list, so the stretch of the last look is gone over again.
static bool is_newborn(const wio_births *births, size_t young_count, pid_t pid, pid_t newest) {
  if (!newest || !births->newest) return false;
  if (born_between(pid, births->newest, newest)) return true;
  return born_between(pid, births->before, births->newest) && !found_last_time(births, young_count, pid);
}

static int scan(wio_births *births, wio_source *source, uint64_t now_ns, bool all, pid_t newest) {
  const pid_t *pids;
  size_t count, before = births->young_count;
  int rc = source->ops->list(source, &pids, &count);
  if (rc == 0) rc = reserve((void **)&births->look_at, &births->look_capacity, births->look_count + count, sizeof(pid_t));
  for (size_t i = 0; rc == 0 && i < count; i++) {
    bool newborn = is_newborn(births, before, pids[i], newest);
    if (newborn || all) births->look_at[births->look_count++] = pids[i];
    if (!newborn) continue;
    rc = reserve((void **)&births->young, &births->young_capacity, births->young_count + 1, sizeof *births->young);
    if (rc == 0) births->young[births->young_count++] = (struct wio_newborn){.pid = pids[i], .seen_ns = now_ns};
  }
  births->recent = births->young_count - before;
  if (births->recent) qsort(&births->young[before], births->recent, sizeof *births->young, compare_newborn);
  return rc;
}

int wio_births_collect(wio_births *births, wio_source *source, uint64_t now_ns, bool all, const pid_t **pids,
                       size_t *count, bool *scanned) {
  pid_t newest = 0;
  // Asked before the list is taken: who is born meanwhile is behind it, and found the next time.
  if (source->ops->newest(source, &newest) < 0) newest = 0;
  all = all || newest == 0 || births->newest == 0 || now_ns - births->all_ns >= ALL_AGAIN_NS;
  if (births->newest == 0) births->newest = births->before = newest > FIRST_YOUNG ? newest - FIRST_YOUNG : 1;
  bool changed = newest != births->newest;
  *scanned = all || changed || births->unsettled;
  int rc = take_young(births, now_ns);
  if (rc == 0 && *scanned) rc = scan(births, source, now_ns, all, newest);
  if (rc < 0) return rc;
  if (all) births->all_ns = now_ns;
  births->unsettled = changed;
  births->before = births->newest;
  births->newest = newest;
  *pids = births->look_at;
  *count = births->look_count;
  return 0;
}

void wio_births_release(wio_births *births) {
  free(births->young);
  free(births->look_at);
  *births = (wio_births){0};
}
