// SPDX-License-Identifier: MIT
// array: how many items an array has, and arrays that grow.
#pragma once

#include <stddef.h>

// The number of items of an array that is in scope as one (not as a pointer).
#define WIO_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

// Makes room for `wanted` items of `size` bytes in all; room at least doubles, so that adding one by one stays cheap.
// Returns where the items are now, for the owner to keep and to free(3). NULL when out of memory: then all is as it
// was.
void *wio_array_grow(void *items, size_t *capacity, size_t wanted, size_t size);
