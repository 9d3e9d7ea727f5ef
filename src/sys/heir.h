// SPDX-License-Identifier: MIT
// heir: a small process that continues (SIGCONT) the processes that this one has stopped (SIGSTOP), if this one ends
// without doing so: by SIGKILL, by a crash, or because the machine needs its memory. Otherwise they would stay stopped.
//
// The heir is a fork that only waits for the end of a pipe which this process alone holds open. It lives in a session
// of its own, is no child of this process, takes no signal but SIGKILL and SIGSTOP, and uses no CPU time. The list of
// processes to continue is in memory that both share.
#pragma once

#include <stdint.h>
#include <sys/types.h>

typedef struct wio_heir wio_heir;

// Does not fork yet. NULL when out of memory. The caller frees the result with wio_heir_close; then the heir continues
// all processes that are still on the list.
wio_heir *wio_heir_new(void);
void wio_heir_close(wio_heir *heir);

// Puts a process on the list; call this before the process is stopped. Forks the heir if there is none, or if it was
// killed. 0, or a negative errno: then the heir would not continue the process.
int wio_heir_add(wio_heir *heir, pid_t pid, uint64_t start_ticks);

// Takes a process off the list, after it was continued or ended. Harmless when it was not added.
void wio_heir_remove(wio_heir *heir, pid_t pid, uint64_t start_ticks);

// The heir's pid, which is also its session's number; 0 when there is no heir.
pid_t wio_heir_pid(const wio_heir *heir);

// How many forks were made for the heir so far.
unsigned wio_heir_forks(const wio_heir *heir);
