// SPDX-License-Identifier: MIT
// settle: counts and judges the targets whose processes were read, or have ended: every byte once.
//
// A child's counters go to its parent when the parent waits for it. So a target is read again until nobody of it has
// ended or was reaped in between: then every child is either in its own counters or in its parent's.
#pragma once

#include "engine/roster.h"

// These return 0 or a negative errno; -ENOMEM leaves everything so that the same call does the rest later.

// Hears who has ended, then counts and judges all targets that are marked; those whose last process has ended are told
// of and taken out. Ends are heard after the readings and before they are counted. A tree whose last process has ended
// stays marked while births were told that are not inspected yet: a newborn may belong to it.
int wio_settle(wio_roster *roster);

// Notes a process that was inspected: if another process had its pid before, that one has ended, although no pidfd has
// told so, and its targets hear of it now. To be called before the process is placed.
int wio_settle_notice(wio_roster *roster, const wio_description *process);

// Takes up what was just read of a target. One of a single living process is judged at once, while its memory is at
// hand: nobody can have inherited from it; while it stays active, what it did is left to wio_target_catch_up. Any other
// target is counted and judged by wio_settle.
int wio_settle_take_up(wio_roster *roster, wio_target *target);

// Lets a member go that is no longer what its watch names: what it has done stays counted. The first process of a tree
// takes the whole tree along; a target of which nobody is left leaves. One that has ended meanwhile ends as it always
// does.
int wio_settle_part(wio_roster *roster, wio_target *target, pid_t pid);
