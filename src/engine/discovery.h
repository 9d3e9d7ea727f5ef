// SPDX-License-Identifier: MIT
// discovery: which processes become targets or members of one, and which are no longer: those that match a pattern when
// they are born or become another program, name or user; the descendants of trees; and the pids that a watch names.
//
// The first process of a tree, and each one of the other targets, belongs there as long as it matches; who is in a tree
// by descent stays, whatever it becomes. A target keeps whom it has: an ancestor of it that comes to match later gets
// the others.
#pragma once

#include "engine/births.h"
#include "engine/roster.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Whose child a process was when it was looked at.
typedef struct {
  pid_t pid, ppid, session;
  uint64_t start_ticks;
} wio_kin;

// Zeroed memory has looked at nothing yet.
typedef struct {
  wio_births births;
  uint64_t tick;        // of the last round
  uint64_t listened_ns; // when it was last read who listens on ports
  bool changed;         // what selectors look at besides processes has: any process may match now
  pid_t *ignored;       // sessions that belong to no target unless a pid of theirs is named
  size_t ignored_count;
  wio_kin *kin; // who was looked at in this round
  size_t kin_count, kin_capacity;
  wio_pid_list again; // who has lost its target in this round, and may be for another one
} wio_discovery;

// Looks, once a tick for all watches, for what each is for: the newborn and changed, or all processes when a watch has
// not looked around yet; with `told` only for those of which the source tells. 0 or a negative errno; then it is done
// again at the next call.
int wio_discovery_round(wio_discovery *discovery, wio_roster *roster, wio_watch *const *watches, size_t count,
                        bool told);

// No watch has to hear of births any more: stops listening, and begins with all processes at the next round.
void wio_discovery_rest(wio_discovery *discovery, wio_source *source);

// Takes the answer to WIO_EVENT_CANDIDATE: if it `matches`, and still is the process that it was, it is placed once all
// are answered. To be called once for each. 0 or -ENOMEM.
int wio_discovery_answer(wio_discovery *discovery, wio_roster *roster, wio_watch *watch, pid_t pid,
                         uint64_t start_ticks, bool matches);

// Reads anew what a selector looks at besides processes, ports too where it asks for them.
void wio_discovery_refresh(wio_discovery *discovery, wio_roster *roster, wio_selector *selector);

// Leaves a session's processes out (`ignored`), or lets them match again. 0 or -ENOMEM.
int wio_discovery_ignore(wio_discovery *discovery, pid_t session, bool ignored);

// Whether it may not match: watchio itself, and the sessions that are left out.
bool wio_discovery_ignores(const wio_discovery *discovery, wio_source *source, const wio_description *process);

void wio_discovery_release(wio_discovery *discovery);
