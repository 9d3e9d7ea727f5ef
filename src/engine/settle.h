// SPDX-License-Identifier: MIT
// settle: counts and judges the targets whose processes were read or have ended, and counts every byte once.
//
// A child's counters are added to its parent's when the parent waits for it. So a target is read again until none of
// its processes ended or was reaped in between: then what each child did is either in its own counters or in its
// parent's.
#pragma once

#include "engine/roster.h"

// These return 0 or a negative errno; after -ENOMEM the same call does the rest later.

// Hears which processes have ended, then counts and judges all marked targets. A target whose last process has ended is
// told of and taken out. Ends are heard after the readings and before they are counted. A tree whose last process has
// ended stays marked while births were told that are not inspected yet: a newborn may belong to it.
int wio_settle(wio_roster *roster);

// Notes a process that was inspected: if another process had its pid before, that one has ended, although no pidfd has
// told so, and its targets hear of it now. To be called before the process is placed.
int wio_settle_notice(wio_roster *roster, const wio_description *process);

// Takes up what was just read of a target. A target of a single living process is judged at once, while its memory is
// in the cache: no other process can have inherited from it. While it stays active, counting is left to
// wio_target_catch_up. Any other target is counted and judged by wio_settle.
int wio_settle_take_up(wio_roster *roster, wio_target *target);

// Lets a member go that no longer matches; what it has done stays counted. The first process of a tree takes the whole
// tree along. A target without members leaves. A process that has ended meanwhile ends as usual.
int wio_settle_part(wio_roster *roster, wio_target *target, pid_t pid);
