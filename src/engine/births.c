#include "engine/births.h"

#include "core/units.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

// How long a newborn is looked at again: a shell can take a while from its fork to its exec.
#define YOUNG_FOR_NS WIO_NS_PER_SECOND

// At the first look nobody's birth was seen; that many of the newest pids are taken for young.
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

static bool born_between(pid_t pid, pid_t before, pid_t now) {
  return before < now ? before < pid && pid <= now : pid > before || pid <= now;
}

// Takes the young ones over into the list to look at, and lets go of those that are grown up.
static void take_young(wio_births *births, uint64_t now_ns) {
  size_t kept = 0;
  for (size_t i = 0; i < births->young_count; i++) {
    struct wio_newborn young = births->young[i];
    births->look_at[births->look_count++] = young.pid;
    if (young.seen_again && now_ns - young.seen_ns >= YOUNG_FOR_NS) continue;
    young.seen_again = true;
    births->young[kept++] = young;
  }
  births->young_count = kept;
}

static int scan(wio_births *births, wio_source *source, uint64_t now_ns, bool all, pid_t newest) {
  pid_t before = births->newest ? births->newest : newest > FIRST_YOUNG ? newest - FIRST_YOUNG : 0;
  const pid_t *pids;
  size_t count;
  int rc = source->ops->list(source, &pids, &count);
  if (rc < 0) return rc;
  rc = reserve((void **)&births->look_at, &births->look_capacity, births->look_count + count, sizeof(pid_t));
  if (rc < 0) return rc;
  for (size_t i = 0; i < count; i++) {
    bool born = newest && newest != before && born_between(pids[i], before, newest);
    if (!all && !born) continue;
    births->look_at[births->look_count++] = pids[i];
    if (!born) continue;
    rc = reserve((void **)&births->young, &births->young_capacity, births->young_count + 1, sizeof *births->young);
    if (rc < 0) return rc;
    births->young[births->young_count++] = (struct wio_newborn){.pid = pids[i], .seen_ns = now_ns};
  }
  return 0;
}

int wio_births_collect(wio_births *births, wio_source *source, uint64_t now_ns, bool all, const pid_t **pids,
                       size_t *count, bool *scanned) {
  pid_t newest = 0;
  // Asked before the list is taken: who is born meanwhile is behind it, and found the next time.
  if (source->ops->newest(source, &newest) < 0) newest = 0;
  all = all || newest == 0 || births->newest == 0;
  *scanned = all || newest != births->newest;
  births->look_count = 0;
  int rc = reserve((void **)&births->look_at, &births->look_capacity, births->young_count, sizeof(pid_t));
  if (rc < 0) return rc;
  take_young(births, now_ns);
  if (*scanned) rc = scan(births, source, now_ns, all, newest);
  if (rc < 0) return rc;
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
