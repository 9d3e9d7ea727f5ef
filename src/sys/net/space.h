// SPDX-License-Identifier: MIT
// space: the TCP connections of one network namespace. A dump of the kernel's table tells the connections that there
// are, with their counters so far. A connection that ends tells its last counters, whenever it began.
//
// A connection can end before any look found it with its holder. Then it is charged to the holder of its listener. In
// some cases the listener says nothing: an outgoing connection, a listener with several holders, counters that an abort
// has wiped, more ends than the kernel kept. Then all processes that may have held the connection are in doubt: they
// may have carried more bytes than their figures show.
#pragma once

#include "sys/net/closings.h"
#include "sys/net/connections.h"
#include "sys/net/sock_diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct wio_space {
  uint64_t number;        // the namespace's, of /proc/PID/ns/net
  wio_sock_diag *diag;    // NULL: the namespace may not be entered
  wio_closings *closings; // NULL: this kernel does not tell the closings
  wio_connections table;
  uint64_t dump;    // how many dumps were taken
  uint64_t changed; // the number of the last dump that showed something new: a visit of open files before that dump is
                    // out of date
  uint64_t moment;  // the moment of the last dump by wio_space_refresh,
  int error;        // and the result of that dump
  uint64_t drain;   // how many times the closings were taken
  uint64_t doubted; // the number of the last drain that leaves all processes in doubt
  uint64_t crowd_doubted;  // the number of the last drain that leaves all holders of a listener in doubt
  uint64_t unseen_doubted; // a process is in doubt if its open files were not visited since the dump of this number
  uint64_t forget_until;   // the number of the dump up to which closings may be missing
  uint64_t knocked;        // the pass at which the waiting clients were last read
  size_t users;
  struct wio_space *next;
} wio_space;

// Begins with the namespace whose file is the descriptor `netns`, or with this process's own with -1. `number` is the
// namespace's. 0 or a negative errno. A namespace that may not be entered is no error. The caller frees `*out`.
int wio_space_new(uint64_t number, int netns, wio_space **out);
void wio_space_free(wio_space *space);

// Takes a dump, and the closings after it. 0 or a negative errno of wio_sock_diag_dump. Allocates only for new
// connections.
int wio_space_renew(wio_space *space);

// The same, but at most once a moment: `fresh` says whether this call took the dump.
int wio_space_refresh(wio_space *space, uint64_t moment, bool *fresh);

// Whether a client waits to be accepted by a listener of `owner`. The kernel is asked once a moment for all listeners.
// False where it cannot be asked.
bool wio_space_is_knocked_at(wio_space *space, const wio_carried *owner, uint64_t moment);

// Takes the closings since the last dump or drain.
void wio_space_drain(wio_space *space);

// Takes a connection or listener from its owner. To its next owner it is as good as new.
void wio_space_let_go(wio_space *space, wio_tracked *tracked);
