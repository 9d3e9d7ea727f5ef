// SPDX-License-Identifier: MIT
// space: the TCP connections of one network namespace: a dump of the kernel's table tells those that there are, and
// with what they have carried so far; those that end, whenever they began, tell their last counters.
//
// Whose a connection was that ended before any look found it with its holder: that of its listener's holder. Where that
// says nothing (an outgoing one; a listener that several hold; counters that an abort has wiped; more ends than the
// kernel kept), those who may have held it are in doubt: they may have carried more than they seem to.
#pragma once

#include "sys/net/closings.h"
#include "sys/net/connections.h"
#include "sys/net/sock_diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct wio_space {
  uint64_t number;        // of the namespace
  wio_sock_diag *diag;    // NULL: it may not be entered
  wio_closings *closings; // NULL: this kernel does not tell them
  wio_connections table;
  uint64_t dump;    // how many were taken
  uint64_t changed; // the number of the last dump that showed something new: open files seen before it tell too little
  uint64_t moment;  // that the last dump was taken for,
  int error;        // and what became of it
  uint64_t drain;   // how often the closings were taken
  uint64_t doubted; // the number of the last drain that leaves everybody in doubt
  uint64_t crowd_doubted;  // the number of the last drain that leaves those in doubt who hold a listener
  uint64_t unseen_doubted; // in doubt is whoever's open files were not looked through since the dump of this number
  uint64_t forget_until;   // the number of the dump up to which closings may be missing
  uint64_t knocked;        // the pass at which it was last read who waits to be accepted
  size_t users;
  struct wio_space *next;
} wio_space;

// Begins with the namespace whose file is `netns`, or with this process's own with -1. 0 or a negative errno; one that
// may not be entered is no error. The caller frees it.
int wio_space_new(uint64_t number, int netns, wio_space **out);
void wio_space_free(wio_space *space);

// Takes a dump, and the closings after it. 0 or a negative errno of wio_sock_diag_dump. Allocates only for what is new.
int wio_space_renew(wio_space *space);

// The same, but once a moment: `fresh` says whether it was now.
int wio_space_refresh(wio_space *space, uint64_t moment, bool *fresh);

// Whether somebody waits to be accepted by a listener that `owner` is answerable for. Read once a moment
// for all of them; false where it cannot be.
bool wio_space_is_knocked_at(wio_space *space, const wio_carried *owner, uint64_t moment);

// Takes the closings since the last time.
void wio_space_drain(wio_space *space);

// Leaves a connection or listener without an owner. To whoever else holds it, it is as good as new.
void wio_space_let_go(wio_space *space, wio_tracked *tracked);
