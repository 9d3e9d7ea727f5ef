// SPDX-License-Identifier: MIT
// connections: a table of TCP connections and listeners, each with its byte counters and the owner it is charged to.
#pragma once

#include "sys/net/diag_message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The bytes that the TCP connections of one owner have carried.
typedef struct {
  uint64_t received, sent;
  struct wio_tracked *first; // the list of connections that it owns
  size_t count;              // the length of that list
  uint64_t seen;             // the number of the last dump before its open files were last visited
  uint64_t doubted;          // the number of the last drain at which an abort took counters of its own away
} wio_carried;

// A connection in the table. Its bytes go to its owner. While it has no owner, its bytes wait in the entry.
typedef struct wio_tracked {
  wio_connection is;
  uint64_t counted_received, counted_sent; // the bytes that went to an owner, or to nobody for good
  uint64_t since;     // the number of the dump that first showed it, or showed it first after its owner let go of it
  uint64_t shown;     // the number of the last dump that showed it
  uint64_t found;     // the number of the last scan of open files that found it with its owner
  bool shared;        // it is a listener that was found with more than one holder
  wio_carried *owner; // NULL: nobody
  struct wio_tracked *next, *next_cookie; // in its buckets
  struct wio_tracked *next_owned, **link; // in its owner's list
  struct wio_tracked *next_listener;      // in the list of all listeners
} wio_tracked;

// Zeroed memory is an empty table; wio_connections_release leaves an empty table.
typedef struct {
  wio_tracked **buckets; // `size` buckets by inode, then as many by cookie
  wio_tracked *listeners, *spare;
  size_t size, count, spares;
} wio_connections;

void wio_connections_release(wio_connections *table);

// Finds a connection by its inode, which is not 0. NULL when it is not in the table. The entry is borrowed until it is
// forgotten.
wio_tracked *wio_connections_find(const wio_connections *table, uint32_t inode);

// Finds a connection by its cookie, which it keeps when its inode is gone. NULL and borrowed as above.
wio_tracked *wio_connections_find_same(const wio_connections *table, const wio_connection *connection);

// Finds the listener that `accepted` came through, by its local address. NULL when there is none: then this end opened
// the connection. Sets `several` when more than one listener fits; then one of them is returned.
wio_tracked *wio_connections_find_listener(const wio_connections *table, const wio_connection *accepted, bool *several);

// Adds a connection that is not in the table yet, without an owner. NULL when out of memory. Forgotten entries are used
// again, so that connections that come and go allocate nothing.
wio_tracked *wio_connections_add(wio_connections *table, const wio_connection *connection);

// Forgets a connection. Its bytes stay with its owner.
void wio_connections_remove(wio_connections *table, wio_tracked *tracked);

// Forgets the connections that were last shown before the dump of this number. Their bytes stay with their owners.
void wio_connections_forget(wio_connections *table, uint64_t before);

// Takes a newer reading of a connection. The gain goes to the owner. The entry keeps its inode.
void wio_tracked_update(wio_tracked *tracked, const wio_connection *is);

// Charges the connection to `owner` from now on, or to nobody with NULL. The bytes that wait in it go to the new owner
// if `counts`, and otherwise to nobody.
void wio_tracked_assign(wio_tracked *tracked, wio_carried *owner, bool counts);
