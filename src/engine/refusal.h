// SPDX-License-Identifier: MIT
// refusal: which processes are never signalled from here, whatever a policy says, and why.
#pragma once

#include "engine/selector.h"
#include "engine/source.h"

// Which names are protected. A process can choose its own name, so only the names that the policy gives protect every
// process that bears them.
typedef enum {
  WIO_PROTECTS_NAMED,    // the policy's names
  WIO_PROTECTS_SYSTEM,   // names that count for processes of root's, and for programs of root's (the next)
  WIO_PROTECTS_PROGRAMS, // their executables
  WIO_PROTECTS_SESSION,  // those of the system's names that also count for processes of the user who runs this one
  WIO_PROTECTION_COUNT
} wio_protection;

// The facts of one moment, to decide about several processes.
typedef struct {
  wio_source *source;
  wio_selector *const *protected;      // of each protection; NULL: none
  pid_t ancestors[WIO_MOST_ANCESTORS]; // of watchio, itself first
  size_t count;
  bool unknown; // not all of the ancestors could be read
} wio_refusals;

// The process that is refused, and why: "sshd[812] of root is protected by its name". Empty when none is.
typedef struct {
  char text[WIO_NAME_SIZE + 96];
  bool for_now; // it cannot be told in the middle of an exec: a moment later it can
} wio_refusal;

// Looks up watchio's ancestors as they are now: they change when one of them ends. `protected` holds a selector for
// each protection, or NULL. Nothing needs to be freed.
void wio_refusals_begin(wio_source *source, wio_selector *const protected[WIO_PROTECTION_COUNT], wio_refusals *out);

// Whether a process must not be signalled. It is refused if it is pid 1, watchio itself, an ancestor of watchio, a
// kernel thread, or protected by the name that it has now, and also if any of this is unknown. A process that has ended
// is not refused.
bool wio_refusals_find(const wio_refusals *refusals, pid_t pid, wio_refusal *out);
