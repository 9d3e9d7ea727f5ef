// SPDX-License-Identifier: MIT
// heir: a small process that continues what this one has stopped (SIGSTOP), should this one end without doing so: by
// SIGKILL, a crash, or because the machine wants its memory. Nobody else would.
//
// It is a fork that only waits for the end of a pipe which this process alone holds open. It lives in a session of its
// own, is nobody's child here, takes no signal but SIGKILL and SIGSTOP, and uses no time. What is to be continued
// stands in memory that both share.
#pragma once

#include <stdint.h>
#include <sys/types.h>

typedef struct wio_heir wio_heir;

// Forks none yet. NULL when out of memory. Freed by wio_heir_close, by which all that still stands in it is continued.
wio_heir *wio_heir_new(void);
void wio_heir_close(wio_heir *heir);

// Before a process is stopped: it is to be continued at the end. Forks the heir if there is none, or it was ended. 0,
// or a negative errno: then it would stay stopped.
int wio_heir_add(wio_heir *heir, pid_t pid, uint64_t start_ticks);

// After it was continued or ended. Harmless when it was not added.
void wio_heir_remove(wio_heir *heir, pid_t pid, uint64_t start_ticks);

// Its pid, which is also that of its session; 0 when there is none.
pid_t wio_heir_pid(const wio_heir *heir);

// How many forks it took so far.
unsigned wio_heir_forks(const wio_heir *heir);
