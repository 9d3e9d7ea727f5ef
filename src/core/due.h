// SPDX-License-Identifier: MIT
// due: deadlines in order: a heap of entries that are parts of their owners. An entry can be taken out in O(log n).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A deadline, part of the thing that waits for it. Zeroed memory is an entry that is not queued.
typedef struct {
  uint64_t at_ns;
  uint64_t rank, order; // among equal times the smaller rank comes first, and of equal ranks the smaller order
  size_t slot;          // the entry's place in the heap, counted from 1; 0 while it is not queued
  int kind;             // free for the owner's use: tells which kind of thing the entry is part of
} wio_due_entry;

// Zeroed memory is an empty heap.
typedef struct {
  wio_due_entry **heap;
  size_t count, capacity;
} wio_due;

// Makes room for `count` entries in all. 0 or -ENOMEM. wio_due_put cannot fail within that room.
int wio_due_reserve(wio_due *due, size_t count);

// Queues an entry for `at_ns`, or moves it there when it is queued already. There must be room (wio_due_reserve).
void wio_due_put(wio_due *due, wio_due_entry *entry, uint64_t at_ns);

// Takes an entry out; harmless when it is not queued.
void wio_due_remove(wio_due *due, wio_due_entry *entry);

// Returns the first entry, which stays queued; NULL when there is none.
wio_due_entry *wio_due_first(const wio_due *due);

// Frees the heap. The entries belong to their owners.
void wio_due_release(wio_due *due);
