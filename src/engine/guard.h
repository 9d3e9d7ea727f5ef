// SPDX-License-Identifier: MIT
// guard: who must never get a signal from here, whatever a policy says.
#pragma once

#include "engine/selector.h"
#include "engine/source.h"

// More ancestors than any process has; ends the walk if /proc should ever lead in a circle.
#define WIO_MOST_ANCESTORS 256

// Which names are protected. Anybody can give himself a name; so only those of the policy protect whoever bears them.
typedef enum {
  WIO_PROTECTS_NAMED,    // the policy's names
  WIO_PROTECTS_SYSTEM,   // names that count for processes of root's, and for programs of root's (the next)
  WIO_PROTECTS_PROGRAMS, // their executables
  WIO_PROTECTS_SESSION,  // those of the system's names that also count for processes of the user who runs this one
  WIO_PROTECTION_COUNT
} wio_protection;

// What is asked of several processes at one moment.
typedef struct {
  wio_source *source;
  wio_selector *const *protected;      // of each protection; NULL: none
  pid_t ancestors[WIO_MOST_ANCESTORS]; // of watchio, itself first
  size_t count;
  bool unknown; // not all of them could be looked up
} wio_guard;

// Who is not to be signalled, and why: "sshd[812] of root is protected by its name". Empty when nobody is.
typedef struct {
  char text[WIO_NAME_SIZE + 96];
} wio_refusal;

// Begins to ask, at this moment: ancestors change when one of them ends. `protected` holds a selector for each
// protection, NULL where there is none. Nothing needs to be freed.
void wio_guard_begin(wio_source *source, wio_selector *const protected[WIO_PROTECTION_COUNT], wio_guard *out);

// Whether a process must not be signalled. Refused are pid 1, watchio itself, its ancestors, kernel threads, and what
// is protected by the name that it has now; also one of which that cannot be told. One that has ended is not refused.
bool wio_guard_refuses(const wio_guard *guard, pid_t pid, wio_refusal *out);
