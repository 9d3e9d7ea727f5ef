// SPDX-License-Identifier: MIT
#include "core/due.h"

#include "core/array.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

int wio_due_reserve(wio_due *due, size_t count) {
  wio_due_entry **heap = wio_array_grow(due->heap, &due->capacity, count, sizeof *heap);
  if (!heap) return -ENOMEM;
  due->heap = heap;
  return 0;
}

static bool comes_before(const wio_due_entry *a, const wio_due_entry *b) {
  if (a->at_ns != b->at_ns) return a->at_ns < b->at_ns;
  return a->rank != b->rank ? a->rank < b->rank : a->order < b->order;
}

static void place(wio_due *due, size_t slot, wio_due_entry *entry) {
  due->heap[slot - 1] = entry;
  entry->slot = slot;
}

static void rise(wio_due *due, wio_due_entry *entry) {
  size_t slot = entry->slot;
  for (; slot > 1 && comes_before(entry, due->heap[slot / 2 - 1]); slot /= 2) place(due, slot, due->heap[slot / 2 - 1]);
  place(due, slot, entry);
}

static void sink(wio_due *due, wio_due_entry *entry) {
  size_t slot = entry->slot;
  for (size_t child; (child = slot * 2) <= due->count; slot = child) {
    if (child < due->count && comes_before(due->heap[child], due->heap[child - 1])) child++;
    if (!comes_before(due->heap[child - 1], entry)) break;
    place(due, slot, due->heap[child - 1]);
  }
  place(due, slot, entry);
}

void wio_due_put(wio_due *due, wio_due_entry *entry, uint64_t at_ns) {
  entry->at_ns = at_ns;
  if (entry->slot == 0) {
    assert(due->count < due->capacity);
    place(due, ++due->count, entry);
  }
  rise(due, entry);
  sink(due, entry);
}

void wio_due_remove(wio_due *due, wio_due_entry *entry) {
  if (entry->slot == 0) return;
  wio_due_entry *last = due->heap[--due->count];
  if (last != entry) {
    place(due, entry->slot, last);
    rise(due, last);
    sink(due, last);
  }
  entry->slot = 0;
}

wio_due_entry *wio_due_first(const wio_due *due) { return due->count ? due->heap[0] : NULL; }

void wio_due_release(wio_due *due) {
  free(due->heap);
  *due = (wio_due){0};
}
