// SPDX-License-Identifier: MIT
#include "core/array.h"

#include <stdlib.h>

// What an array begins with; most that grow at all come to hold some dozens.
#define FEWEST 16

void *wio_array_grow(void *items, size_t *capacity, size_t wanted, size_t size) {
  if (wanted <= *capacity && items) return items;
  size_t larger = *capacity ? *capacity * 2 : FEWEST;
  if (larger < wanted) larger = wanted;
  void *grown = realloc(items, larger * size);
  if (grown) *capacity = larger;
  return grown;
}
