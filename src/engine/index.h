// SPDX-License-Identifier: MIT
// index: things found by their number: a balanced tree (tsearch(3)) over structs that begin with a uint64_t.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// NULL is an empty index.
typedef void *wio_index;

// 0 or -ENOMEM. The key must not be there yet.
int wio_index_add(wio_index *index, uint64_t *thing);

// The thing with that key; NULL when there is none.
void *wio_index_find(const wio_index *index, uint64_t key);

// Takes it out; harmless when it is not there.
void wio_index_remove(wio_index *index, uint64_t key);
