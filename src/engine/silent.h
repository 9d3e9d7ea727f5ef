// SPDX-License-Identifier: MIT
// silent: processes for which the kernel does not answer (engine/source.h, -ETIMEDOUT). Their target is not known yet,
// so a tree to which one of them may belong is not at rest.
#pragma once

#include "core/pids.h"
#include "engine/target.h"

// Zeroed memory holds no process; the owner frees it with wio_silent_release.
typedef struct {
  wio_pids list;
} wio_silent;

// Notes that a process does not answer, or with `answers` that it does, or is gone. Harmless when repeated. 0 or
// -ENOMEM.
int wio_silent_note(wio_silent *silent, pid_t pid, bool answers);

// A silent process that is a child of a member of a tree, or of another such silent process; 0 when there is none, or
// the target is no tree.
pid_t wio_silent_in_tree(const wio_silent *silent, wio_source *source, const wio_target *target);

// The text of an error as strerror(3) gives it; for ETIMEDOUT, why the kernel does not answer. Not to be freed.
const char *wio_silent_reason(int error);

void wio_silent_release(wio_silent *silent);
