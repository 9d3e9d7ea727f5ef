// SPDX-License-Identifier: MIT
#include "engine/index.h"

#include <errno.h>
#include <search.h>
#include <stddef.h>

static int compare(const void *a, const void *b) {
  uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
  return (left > right) - (left < right);
}

int wio_index_add(wio_index *index, uint64_t *thing) { return tsearch(thing, index, compare) ? 0 : -ENOMEM; }

void *wio_index_find(const wio_index *index, uint64_t key) {
  void **node = tfind(&key, index, compare);
  return node ? *node : NULL;
}

void wio_index_remove(wio_index *index, uint64_t key) { tdelete(&key, index, compare); }
