// SPDX-License-Identifier: MIT
#include "core/due.h"

#include "check.h"

#include <stdlib.h>

#define COUNT 500

static void equal_times_go_by_rank(void) {
  wio_due due = {0};
  wio_due_entry entries[3] = {{.rank = 2}, {.rank = 1}, {.rank = 3}};
  CHECK_INT(wio_due_reserve(&due, 3), 0);
  for (int i = 0; i < 3; i++) wio_due_put(&due, &entries[i], 5);
  static const int order[] = {1, 0, 2};
  for (int i = 0; i < 3; i++) {
    CHECK(wio_due_first(&due) == &entries[order[i]]);
    wio_due_remove(&due, &entries[order[i]]);
  }
  CHECK(wio_due_first(&due) == NULL);
  wio_due_remove(&due, &entries[0]); // harmless
  wio_due_release(&due);
}

// Puts, moves and removes at random; what comes out must be in order and complete.
static void order_survives_anything(unsigned seed) {
  static wio_due_entry entries[COUNT];
  wio_due due = {0};
  size_t queued = 0;
  memset(entries, 0, sizeof entries);
  CHECK_INT(wio_due_reserve(&due, COUNT), 0);
  for (int step = 0; step < 20000; step++) {
    wio_due_entry *entry = &entries[(unsigned)rand_r(&seed) % COUNT];
    if (rand_r(&seed) % 3 == 0) {
      queued -= entry->slot != 0;
      wio_due_remove(&due, entry);
    } else {
      queued += entry->slot == 0;
      wio_due_put(&due, entry, (uint64_t)(rand_r(&seed) % 1000));
    }
  }
  uint64_t last_ns = 0;
  for (wio_due_entry *first; (first = wio_due_first(&due)); queued--) {
    CHECK(first->at_ns >= last_ns);
    last_ns = first->at_ns;
    wio_due_remove(&due, first);
  }
  CHECK_INT(queued, 0);
  wio_due_release(&due);
}

int main(void) {
  equal_times_go_by_rank();
  for (unsigned seed = 1; seed <= 5; seed++) order_survives_anything(seed);
  return check_result();
}
