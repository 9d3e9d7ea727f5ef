// SPDX-License-Identifier: MIT
// descriptors: how many files this process may hold open, and how many of them go to watched processes.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// Raises the soft limit of open files to the hard one (setrlimit(2)), and both where that is permitted
// (CAP_SYS_RESOURCE). Sets what may be held: all but a reserve for everything else the program opens. Harmless twice.
void wio_descriptors_raise(void);

// Sets the limits back to what this process was started with (`inherited`), for a command that is about to be started,
// or up again. Programs that use select(2), or that close every number up to the limit, count on the usual one.
void wio_descriptors_lend(bool inherited);

// The limit of open files that this process was given, and the one that it is raised to while it watches.
void wio_descriptors_limits(uint64_t *inherited, uint64_t *raised);

// Takes leave to hold `count` more; false when they would eat into the reserve.
bool wio_descriptors_take(int count);

// Gives back `count`.
void wio_descriptors_give(int count);

// Moves a descriptor that will be held above the inherited limit, so that the numbers below stay free for everything
// that minds them. Returns the new number, or `fd` itself where that cannot be.
int wio_descriptors_lift(int fd);
