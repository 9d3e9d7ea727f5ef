// SPDX-License-Identifier: MIT
// hunt: sends a signal to all processes of a target, or sets their priority. The work is done in small steps, so that
// nothing else has to wait. The tree may fork meanwhile as fast as it can.
//
//   wio_hunt_begin(&hunt, &pinned, &deed); while ((rc = wio_hunt_step(m, &hunt, ration, &refusal)) == -EAGAIN) …;
//
// A hunt reads no clock: its ration limits how long a step takes. Processes and watches may change in any way between
// two steps.
#pragma once

#include "engine/pinned.h"

// The deed of a hunt. Zeroed memory: nothing is done; the hunt only finds out whether a signal would be refused.
typedef struct {
  enum { WIO_DEED_NONE, WIO_DEED_SIGNAL, WIO_DEED_PRIORITY } kind;
  int signal;
  bool ends; // the signal is meant to end the processes
  wio_priority priority;
} wio_deed;

// Zeroed memory: no hunt is under way.
typedef struct {
  enum {
    WIO_HUNT_OVER,     // it is over, or was never begun
    WIO_HUNT_GATHERS,  // finds the processes, before any of them is stopped
    WIO_HUNT_ASKS,     // whether one must not be signalled
    WIO_HUNT_STOPS,    // stops those that are not stopped
    WIO_HUNT_SEARCHES, // finds those that are new since
    WIO_HUNT_CHECKS,   // asks again, and stops once more a process that runs again
    WIO_HUNT_SENDS,    // the signal
    WIO_HUNT_THAWS,    // continues those that this hunt has stopped
    WIO_HUNT_SETS,     // the priority
    WIO_HUNT_INHERITS  // finds those that have not inherited the priority
  } phase;
  wio_pinned *pinned;
  wio_deed deed;
  size_t at; // the process whose turn it is in this phase
  int rounds, quiet;
  int steps;  // of the first gathering
  int waited; // how often in a row it has waited for a process in the middle of an exec
  bool forks; // some process may still fork
  bool taken; // some process has taken the signal, or the priority
  int result;
  wio_refusal refusal;
} wio_hunt;

// Begins a hunt; none may be under way in `hunt`. `pinned` must outlive the hunt, `deed` is copied.
void wio_hunt_begin(wio_hunt *hunt, wio_pinned *pinned, const wio_deed *deed);

// Does a part of the work; `ration` is checked between processes, see engine/pinned.h. -EAGAIN: the hunt is not over
// yet.
//
// A signal is sent to all processes, parents first, and to those that are forked meanwhile. Where none may be missed,
// all of a tree are stopped until no process is new, and those that were not stopped before are continued afterwards.
// That is done before SIGKILL and SIGSTOP, before a signal that `ends` several processes (their last children would
// have no parent in the tree any more), and while the tree grows. -EPERM with `refusal` set, and no signal sent, when
// one of the processes must not be signalled. All are asked before any is stopped, all again once they stand still, and
// each at the moment of its signal. A process that somebody else has continued since, and that is protected by then, is
// spared together with those behind it. A process in the middle of an exec is given a moment (-EAGAIN, or the call
// waits) before it counts as unknown and is refused. -ESRCH when all have ended; otherwise 0, or the kernel's error
// when no process took the signal. Processes that do not stand still are asked and signalled in one piece, whatever the
// ration.
//
// A priority is set for all threads of all processes, also of those that are forked meanwhile. 0; -ESRCH when all have
// ended; otherwise the first error, while the other processes are set all the same. See wio_priority_set for -EPERM and
// -EACCES.
int wio_hunt_step(wio_monitor *monitor, wio_hunt *hunt, wio_ration ration, wio_refusal *refusal);

// Ends a hunt before its end, and continues the processes that it has stopped. Harmless when none is under way.
void wio_hunt_give_up(wio_monitor *monitor, wio_hunt *hunt);

// Does a whole hunt in one call. Returns as wio_hunt_step does, but never -EAGAIN.
int wio_hunt_whole(wio_monitor *monitor, wio_pinned *pinned, const wio_deed *deed, wio_refusal *refusal);
