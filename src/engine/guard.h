// guard: who must never get a signal from here, whatever a policy says.
#pragma once

#include "engine/selector.h"
#include "engine/source.h"

// More ancestors than any process has; ends the walk if /proc should ever lead in a circle.
#define WIO_MOST_ANCESTORS 256

// What is asked of several processes at one moment.
typedef struct {
  wio_source *source;
  const wio_selector *protected;
  pid_t ancestors[WIO_MOST_ANCESTORS]; // of watchio, itself first
  size_t count;
  bool unknown; // not all of them could be looked up
} wio_guard;

// Who is not to be signalled, and why: "sshd[812] is protected". Empty when nobody is.
typedef struct {
  char text[WIO_NAME_SIZE + 64];
} wio_refusal;

// Begins to ask, at this moment: ancestors change when one of them ends. What `protected` matches is refused, too; NULL: nothing
// else. Nothing needs to be freed.
void wio_guard_begin(wio_source *source, const wio_selector *protected, wio_guard *out);

// Whether a process must not be signalled. Refused are pid 1, watchio itself, its ancestors, kernel threads, and what is
// protected by the name that it has now; also one of which that cannot be told. One that has ended is not refused.
bool wio_guard_refuses(const wio_guard *guard, pid_t pid, wio_refusal *out);
