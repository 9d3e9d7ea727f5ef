// SPDX-License-Identifier: MIT
// descent: the trees to which a process belongs by its birth: those of its parent, of any forebear that the kernel has
// reported, and of the leader of its session.
#pragma once

#include "engine/ignored.h"
#include "engine/roster.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The parent and session that a process had when it was inspected.
typedef struct {
  pid_t pid, ppid, session;
  uint64_t start_ticks;
} wio_kin;

// The processes that were inspected in one round. Zeroed memory holds none.
typedef struct {
  wio_kin *kin;
  size_t count, capacity;
  bool incomplete; // the kernel did not list some process's children: all processes are to be inspected next
} wio_descent;

// Forgets the processes of the round before.
void wio_descent_begin(wio_descent *descent);

// Remembers a process that was inspected. 0 or -ENOMEM.
int wio_descent_remember(wio_descent *descent, const wio_description *process);

// Remembers all descendants that a process has already, when it has come to match late in its life. 0 or -ENOMEM.
int wio_descent_gather(wio_descent *descent, const wio_ignored *ignored, wio_source *source, pid_t pid);

// The tree of a watch into which a process was born: the tree of its nearest forebear that is or was in one, or else
// that of the leader of its session. NULL when there is none.
wio_target *wio_descent_find(wio_roster *roster, const wio_watch *watch, const wio_description *process);

// Whether a process that joins a target now was born in it, rather than found there when the target was first seen.
bool wio_descent_is_inside(const wio_roster *roster, const wio_target *target);

// Takes the remembered processes into the trees that they belong to. 0 or a negative errno.
int wio_descent_adopt(const wio_descent *descent, wio_roster *roster);

// Processes that have lost their parent and became children of watchio join the first target of each watch that takes
// orphans. 0 or -ENOMEM.
int wio_descent_shelter(const wio_descent *descent, wio_roster *roster, wio_watch *const *watches, size_t count);

// Notes in their trees the processes that had ended before they could be held. 0 or -ENOMEM.
int wio_descent_bury_missed(wio_roster *roster);

void wio_descent_release(wio_descent *descent);
