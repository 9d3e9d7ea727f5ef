// SPDX-License-Identifier: MIT
// hunt: what is done to all processes of a target, bit by bit, so that nothing else has to wait: a signal, or a
// priority. A tree may fork meanwhile as fast as it can.
//
//   wio_hunt_begin(&hunt, &pinned, &deed); while ((rc = wio_hunt_step(m, &hunt, ration, &refusal)) == -EAGAIN) …;
//
// It asks no clock: a step is as long as its ration. Anything may be done to processes and watches between two steps.
#pragma once

#include "engine/pinned.h"

// What is to be done. Zeroed: nothing; it is only found out whether a signal would be refused.
typedef struct {
  enum { WIO_DEED_NONE, WIO_DEED_SIGNAL, WIO_DEED_PRIORITY } kind;
  int signal;
  bool ends; // the signal is to end them
  wio_priority priority;
} wio_deed;

// Zeroed, none is under way.
typedef struct {
  enum {
    WIO_HUNT_OVER,     // or never begun
    WIO_HUNT_GATHERS,  // who they are, while nobody is stopped yet
    WIO_HUNT_ASKS,     // whether one must not be signalled
    WIO_HUNT_STOPS,    // those who are not stopped
    WIO_HUNT_SEARCHES, // for who is new since
    WIO_HUNT_CHECKS,   // whether one must not be signalled, or goes on by now
    WIO_HUNT_SENDS,    // the signal
    WIO_HUNT_THAWS,    // those who were stopped here
    WIO_HUNT_SETS,     // the priority
    WIO_HUNT_INHERITS  // whether all have it
  } phase;
  wio_pinned *pinned;
  wio_deed deed;
  size_t at; // the process whose turn it is in this phase
  int rounds, quiet;
  int waited; // how often in a row for one that is in the middle of an exec
  bool forks; // somebody may still do so
  bool taken; // by somebody: the signal, or the priority
  int result;
  wio_refusal refusal;
} wio_hunt;

// Begins, in the place of what was under way there and is over. `pinned` outlives it.
void wio_hunt_begin(wio_hunt *hunt, wio_pinned *pinned, const wio_deed *deed);

// Does some of it; `ration` is checked between processes, see engine/pinned.h. -EAGAIN: it is not done yet.
//
// A signal is sent to all, parents first, those that are forked meanwhile as well. Where one must not be missed, all of
// a tree are stopped until nobody is new, and those that were not stopped before are then continued: before SIGKILL and
// SIGSTOP, before a signal that `ends` several (what the ended have forked at last would be nobody's child any more),
// and while the tree grows. -EPERM with `refusal` set, and no signal sent, when one of them must not be signalled: all
// are asked before anybody is stopped, all again once everybody stands still, and each at the moment of its signal: one
// that somebody else has continued since, and that is protected by then, is spared with those behind it. One that is in
// the middle of an exec is given a moment (-EAGAIN, or this waits) before it counts as what cannot be told. -ESRCH when
// all have ended; else what the kernel says when it took the signal for none of them. Those that do not stand still are
// asked and signalled in one piece, whatever the ration.
//
// A priority is set for all threads of all, also of those that are forked meanwhile. 0; -ESRCH when all have ended;
// else the first error, the others being set all the same. See wio_priority_set for -EPERM and -EACCES.
int wio_hunt_step(wio_monitor *monitor, wio_hunt *hunt, wio_ration ration, wio_refusal *refusal);

// Ends it where it is: those that were stopped here are continued. Harmless when none is under way.
void wio_hunt_give_up(wio_monitor *monitor, wio_hunt *hunt);

// The whole of it at once.
int wio_hunt_whole(wio_monitor *monitor, wio_pinned *pinned, const wio_deed *deed, wio_refusal *refusal);
