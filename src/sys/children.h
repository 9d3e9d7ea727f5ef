// SPDX-License-Identifier: MIT
// children: one command run in place of whoever called this program, and all that becomes this process's child by it.
//
// From the opening to the close this process is a subreaper (prctl(2)): who loses its parent anywhere below it becomes
// its child. Its signals wait to be taken here, and it must wait for no child elsewhere. One at a time.
#pragma once

#include "core/child.h"

typedef struct wio_children wio_children;

// 0 or a negative errno. The caller frees it with wio_children_close, which puts everything back as it was; children
// that are left then go on.
int wio_children_open(wio_children **out);
void wio_children_close(wio_children *children);

// Readable while a signal waits: SIGCHLD, or one that is meant for the command. Owned by `children`.
int wio_children_fd(const wio_children *children);

// Starts a command in this process's own group and terminal, with no signal blocked and those ignored that this process
// was given so; the first word is looked for in PATH. A negative errno when it could not be executed: -ENOENT, -EACCES,
// …
int wio_children_start(wio_children *children, char *const argv[], pid_t *out);

// Takes the oldest signal; false when none waits.
bool wio_children_take_signal(wio_children *children, wio_signal *out);

// Takes a change of a child; one that has ended is gone by that. 0, -EAGAIN when nothing has changed, -ECHILD when
// there are no children.
int wio_children_take_change(wio_children *children, wio_child_change *out);

// Stops this process as a ^Z does, so that a shell with job control takes the terminal back; returns once it was
// continued. Where no such shell is there (an orphaned process group) it returns at once.
void wio_children_stop_with_them(void);

// Signals every child (0: only lists them). Their pids, borrowed until the next call, cannot be anybody else's before
// they are waited for. 0 or a negative errno.
int wio_children_signal_all(wio_children *children, int number, const pid_t **pids, size_t *count);

// For a process that children fall to besides its own (the first of a pid namespace): waits for all that have ended but
// `own`, whose end somebody else waits for. True when one of those stands in the way: then to be called again soon.
bool wio_children_reap_others(const pid_t *own, size_t count);

// What was used, since the opening, by all that was waited for: the process's own counters hold that beside what its
// threads did (see wait(2), getrusage(2)). Exact, orphans included.
void wio_children_spent(const wio_children *children, wio_spent *out);
