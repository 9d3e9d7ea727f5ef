// SPDX-License-Identifier: MIT
// descriptors: the limit of open files of this process, and the share of it that watched processes take.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// Raises the soft limit of open files to the hard one (setrlimit(2)), or both where that is permitted
// (CAP_SYS_RESOURCE). Lets wio_descriptors_take give out all but a reserve for the program's other files. Harmless
// twice.
void wio_descriptors_raise(void);

// With `inherited` sets the limits back to those that this process was started with, for a command that is about to be
// started; otherwise sets them up again. Programs that use select(2), or that close every number up to the limit, count
// on the usual limit.
void wio_descriptors_lend(bool inherited);

// Tells the limit of open files that this process was given, and the limit that it is raised to while it watches.
void wio_descriptors_limits(uint64_t *inherited, uint64_t *raised);

// Reserves `count` more descriptors to hold; false when they would eat into the reserve.
bool wio_descriptors_take(int count);

// Gives back `count` descriptors.
void wio_descriptors_give(int count);

// Moves a descriptor that will be held to a number above the inherited limit, so that the numbers below stay free for
// code that depends on low ones. Returns the new number, or `fd` itself where that is not possible.
int wio_descriptors_lift(int fd);
