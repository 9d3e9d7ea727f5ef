// SPDX-License-Identifier: MIT
// placement: which target of a watch a match belongs to, and whether a member still belongs there.
//
// The first process of a tree, and each process of the other targets, belongs there as long as it matches. A process
// that is in a tree by descent stays, whatever it becomes. A target keeps its members: an ancestor of it that comes to
// match later gets the others.
#pragma once

#include "engine/births.h"
#include "engine/descent.h"
#include "engine/ignored.h"
#include "engine/roster.h"

#include <stdbool.h>
#include <stdint.h>

// The means of placing a process; borrowed from the round of a discovery.
typedef struct {
  wio_roster *roster;
  wio_descent *descent;
  const wio_ignored *ignored;
  wio_pids *again; // takes the pids of processes that have lost their target, and may be for another one
  int wanted;      // what a description must hold besides what the selectors ask for themselves
  bool all;        // all processes are inspected in this round
} wio_placement;

// Places a match: into a target of its watch, or at the top of a new one. Where the selector asks, the caller has to
// confirm it first (WIO_EVENT_CANDIDATE). 0 or a negative errno: -ESRCH when it has ended.
int wio_placement_take(const wio_placement *placing, wio_watch *watch, const wio_description *process);

// Whether a member is in its target because it matches, and not by descent.
bool wio_placement_is_by_match(const wio_member *member);

// Inspects a member that may have become something else: it stays, is renamed, or leaves and is placed anew. 0 or a
// negative errno.
int wio_placement_inspect(const wio_placement *placing, wio_watch *watch, wio_member *member, wio_description *process);

// Places all processes that the caller has confirmed. To be called once all are answered, so that the topmost of a tree
// is known. 0 or a negative errno.
int wio_placement_take_confirmed(const wio_placement *placing, wio_watch *watch);

// The caller has refused a process: a member that does not match any more leaves; one that never did is told as missing
// where its pid was named. 0 or a negative errno.
int wio_placement_refuse(const wio_placement *placing, wio_watch *watch, pid_t pid, uint64_t start_ticks);
