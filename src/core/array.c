// SPDX-License-Identifier: MIT
#include "core/array.h"

#include <stdlib.h>

// The first capacity of an array: most arrays that grow at all come to hold some dozens of items.
#define FEWEST 16

void *wio_array_grow(void *items, size_t *capacity, size_t wanted, size_t size) {
  if (wanted <= *capacity && items) return items;
  size_t larger = *capacity ? *capacity * 2 : FEWEST;
  if (larger < wanted) larger = wanted;
  void *grown = realloc(items, larger * size);
  if (grown) *capacity = larger;
  return grown;
}
