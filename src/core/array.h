// SPDX-License-Identifier: MIT
// array: the length of an array, and arrays that grow.
#pragma once

#include <stddef.h>

// The number of items of an array. The argument must be an array, not a pointer to its first item.
#define WIO_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

// Makes room for `wanted` items of `size` bytes each. The room at least doubles, so that adding items one by one stays
// cheap. Returns the items' new address; the owner keeps it and frees it with free(3). NULL when out of memory: then
// nothing has changed.
void *wio_array_grow(void *items, size_t *capacity, size_t wanted, size_t size);
