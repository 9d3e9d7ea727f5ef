// SPDX-License-Identifier: MIT
// silent: processes that were to be looked at and do not answer (engine/source.h, -ETIMEDOUT): whose they are is not
// known yet, so a tree that one of them may belong to is not at rest.
#pragma once

#include "core/pids.h"
#include "engine/target.h"

// Zeroed memory knows of none; the owner frees it with wio_silent_release.
typedef struct {
  wio_pids list;
} wio_silent;

// Takes note that a process does not answer, or has answered, or is gone. Harmless twice. 0 or -ENOMEM.
int wio_silent_note(wio_silent *silent, pid_t pid, bool answers);

// One that is a child of a member of a tree, or of another such child; 0 when there is none.
pid_t wio_silent_in_tree(const wio_silent *silent, wio_source *source, const wio_target *target);

// As strerror(3), and why a process is silent for ETIMEDOUT.
const char *wio_silent_reason(int error);

void wio_silent_release(wio_silent *silent);
