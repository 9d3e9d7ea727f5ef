// SPDX-License-Identifier: MIT
// ignored: processes that match no pattern: watchio itself, and sessions that are left out.
#pragma once

#include "engine/source.h"

#include <stdbool.h>
#include <stddef.h>

// Zeroed memory leaves no session out.
typedef struct {
  pid_t *sessions;
  size_t count;
} wio_ignored;

// Leaves a session's processes out (`is_ignored`), or lets them match again. 0 or -ENOMEM.
int wio_ignored_set(wio_ignored *ignored, pid_t session, bool is_ignored);

// Whether a process may not match.
bool wio_ignored_has(const wio_ignored *ignored, wio_source *source, const wio_description *process);

void wio_ignored_release(wio_ignored *ignored);
