#include "engine/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

wio_watch *wio_watch_new(uint64_t id, wio_selector *selector, const wio_watch_options *options) {
  wio_watch *watch = calloc(1, sizeof *watch);
  if (!watch) {
    wio_selector_free(selector);
    return NULL;
  }
  *watch = (wio_watch){.id = id, .selector = selector, .options = *options};
  watch->credit.most_ns = 2 * options->every_ns;
  return watch;
}

void wio_watch_free(wio_watch *watch) {
  wio_selector_free(watch->selector);
  free(watch->targets);
  free(watch);
}

bool wio_watch_tells(const wio_watch *watch, wio_event_type type) { return watch->options.events & (1u << type); }

bool wio_watch_names_pids(const wio_watch *watch) {
  const pid_t *pids;
  return wio_selector_pids(watch->selector, &pids) > 0;
}

int wio_watch_add(wio_watch *watch, wio_target *target) {
  if (watch->count == watch->capacity) {
    size_t capacity = watch->capacity ? watch->capacity * 2 : 4;
    wio_target **targets = realloc(watch->targets, capacity * sizeof(wio_target *));
    if (!targets) return -ENOMEM;
    watch->targets = targets;
    watch->capacity = capacity;
  }
  watch->targets[watch->count++] = target;
  return 0;
}

void wio_watch_remove(wio_watch *watch, const wio_target *target) {
  size_t i = 0;
  while (i < watch->count && watch->targets[i] != target) i++;
  if (i == watch->count) return;
  memmove(&watch->targets[i], &watch->targets[i + 1], (--watch->count - i) * sizeof(wio_target *));
}
