// SPDX-License-Identifier: MIT
// connections: a table of TCP connections and listeners, each with what it has carried and who is answerable for it.
#pragma once

#include "sys/net/diag_message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What the TCP connections of one owner have carried.
typedef struct {
  uint64_t received, sent;
  struct wio_tracked *first; // of those that it owns
  size_t count;              // of them
  uint64_t seen;             // the number of the last dump when its open files were visited
  uint64_t doubted;          // the number of the last drain that took counters along which were its own
} wio_carried;

// A connection in the table. Its bytes go to its owner; those that came while it had none wait in it.
typedef struct wio_tracked {
  wio_connection is;
  uint64_t counted_received, counted_sent; // what went to an owner, or was forgone
  uint64_t since;     // the number of the dump that first showed it, or first after its owner let go
  uint64_t shown;     // the number of the last dump that showed it
  uint64_t found;     // the number of the last scan that found it with its owner
  bool shared;        // a listener that more than one have been found to hold
  wio_carried *owner; // NULL: nobody
  struct wio_tracked *next, *next_cookie; // of its buckets
  struct wio_tracked *next_owned, **link; // of its owner's
  struct wio_tracked *next_listener;      // of all that listen
} wio_tracked;

// Zeroed memory is an empty table; wio_connections_release leaves it so.
typedef struct {
  wio_tracked **buckets; // `size` of them by inode, then as many by cookie
  wio_tracked *listeners, *spare;
  size_t size, count, spares;
} wio_connections;

void wio_connections_release(wio_connections *table);

// By inode, which is not 0. NULL when it is not there; borrowed until it is forgotten.
wio_tracked *wio_connections_find(const wio_connections *table, uint32_t inode);

// By cookie, which also names what has no inode any more.
wio_tracked *wio_connections_find_same(const wio_connections *table, const wio_connection *connection);

// The listener that `accepted` came through, as far as its local address tells; NULL when it came through none, so it
// was opened at this end. Says whether there are `several`, of which one is returned.
wio_tracked *wio_connections_find_listener(const wio_connections *table, const wio_connection *accepted, bool *several);

// Adds one that is not there yet, without an owner. NULL when out of memory. What was forgotten is used again, so that
// connections which come and go allocate nothing.
wio_tracked *wio_connections_add(wio_connections *table, const wio_connection *connection);

// Forgets one. What it carried stays with its owner.
void wio_connections_remove(wio_connections *table, wio_tracked *tracked);

// Forgets those that were last shown before the dump of this number. What they carried stays with their owners.
void wio_connections_forget(wio_connections *table, uint64_t before);

// Takes a newer reading; the gain goes to the owner. An inode that was known stays known.
void wio_tracked_update(wio_tracked *tracked, const wio_connection *is);

// Makes `owner`, or nobody with NULL, answerable from now on. What waits in it goes to the new owner if `counts`, else
// nobody gets it.
void wio_tracked_assign(wio_tracked *tracked, wio_carried *owner, bool counts);
