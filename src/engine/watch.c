// SPDX-License-Identifier: MIT
#include "engine/watch.h"

#include "core/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int kinds_of(const wio_watch_options *options) {
  int kinds = options->kinds;
  for (size_t i = 0; i < options->limit_count; i++) kinds |= WIO_KIND_BIT(wio_measure_kind(options->limits[i].measure));
  return kinds;
}

static int copy_limits(wio_watch *watch) {
  size_t size = watch->options.limit_count * sizeof(wio_limit);
  wio_limit *limits = size ? malloc(size) : NULL;
  if (limits) memcpy(limits, watch->options.limits, size);
  watch->options.limits = limits;
  return limits || !size ? 0 : -ENOMEM;
}

wio_watch *wio_watch_new(uint64_t id, wio_selector *selector, const wio_watch_options *options) {
  wio_watch *watch = calloc(1, sizeof *watch);
  if (!watch) {
    wio_selector_free(selector);
    return NULL;
  }
  *watch = (wio_watch){.id = id, .selector = selector, .options = *options, .reads = kinds_of(options)};
  watch->credit.most_ns = 2 * options->every_ns;
  if (copy_limits(watch) == 0) return watch;
  wio_watch_free(watch);
  return NULL;
}

void wio_watch_hold(wio_watch *watch, bool held, uint64_t now_ns) {
  wio_credit_advance(&watch->credit, now_ns);
  watch->held = held;
  watch->credit.most_ns = held ? 0 : 2 * watch->options.every_ns;
}

void wio_watch_free(wio_watch *watch) {
  wio_selector_free(watch->selector);
  free((void *)watch->options.limits);
  free(watch->targets);
  free(watch->members);
  free(watch->confirmed);
  free(watch);
}

bool wio_watch_meters(const wio_watch *watch) { return watch->options.limit_count > 0 || watch->options.samples; }

uint64_t wio_watch_sampled_before(const wio_watch *watch, uint64_t now_ns) {
  uint64_t latest_ns = watch->credit.sampled_ns < now_ns ? watch->credit.sampled_ns : watch->sampled_before_ns;
  uint64_t most_ns = 2 * watch->options.every_ns;
  return now_ns - latest_ns > most_ns ? now_ns - most_ns : latest_ns;
}

bool wio_watch_tells(const wio_watch *watch, wio_event_type type) { return watch->options.events & (1u << type); }

bool wio_watch_names_pids(const wio_watch *watch) {
  const pid_t *pids;
  return wio_selector_pids(watch->selector, &pids) > 0;
}

bool wio_watch_wants_births(const wio_watch *watch) {
  return watch->options.per == WIO_PER_TREE || !wio_watch_names_pids(watch);
}

int wio_watch_reserve_candidate(wio_watch *watch) {
  wio_candidate *grown = realloc(watch->confirmed, (watch->confirmed_count + watch->asked + 1) * sizeof *grown);
  if (!grown) return -ENOMEM;
  watch->confirmed = grown;
  return 0;
}

void wio_watch_confirm(wio_watch *watch, pid_t pid, uint64_t start_ticks) {
  watch->confirmed[watch->confirmed_count++] = (wio_candidate){.pid = pid, .start_ticks = start_ticks};
}

static int append(void ***items, size_t *count, size_t *capacity, void *item) {
  void **grown = wio_array_grow(*items, capacity, *count + 1, sizeof *grown);
  if (!grown) return -ENOMEM;
  *items = grown;
  (*items)[(*count)++] = item;
  return 0;
}

static void take_out(void **items, size_t *count, const void *item) {
  size_t i = 0;
  while (i < *count && items[i] != item) i++;
  if (i < *count) memmove(&items[i], &items[i + 1], (--*count - i) * sizeof *items);
}

int wio_watch_add_target(wio_watch *watch, wio_target *target) {
  return append((void ***)&watch->targets, &watch->count, &watch->capacity, target);
}

int wio_watch_add_member(wio_watch *watch, wio_member *member) {
  return append((void ***)&watch->members, &watch->member_count, &watch->member_capacity, member);
}

void wio_watch_remove_target(wio_watch *watch, const wio_target *target) {
  take_out((void **)watch->targets, &watch->count, target);
}

void wio_watch_remove_member(wio_watch *watch, const wio_member *member) {
  take_out((void **)watch->members, &watch->member_count, member);
}
