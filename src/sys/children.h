// SPDX-License-Identifier: MIT
// children: runs one command in place of this program's caller, and takes care of all processes that become this
// process's children by it.
//
// From the opening to the close this process is a subreaper (prctl(2)): a process below it that loses its parent
// becomes its child. Its signals wait to be taken here, and it must wait for no child elsewhere. Only one `children`
// can be open.
#pragma once

#include "core/child.h"

typedef struct wio_children wio_children;

// 0 or a negative errno. The caller frees `*out` with wio_children_close, which puts everything back as it was.
// Children that are left then go on.
int wio_children_open(wio_children **out);
void wio_children_close(wio_children *children);

// A descriptor that is readable while a signal waits: SIGCHLD, or a signal that is meant for the command. Owned by
// `children`.
int wio_children_fd(const wio_children *children);

// Starts a command in this process's own group and terminal. The command's first word is looked for in PATH. The
// command has no signal blocked, and ignores the signals that this process was started with as ignored. 0, or a
// negative errno when it could not be executed: -ENOENT, -EACCES, …
int wio_children_start(wio_children *children, char *const argv[], pid_t *out);

// Takes the oldest signal; false when none waits.
bool wio_children_take_signal(wio_children *children, wio_signal *out);

// Takes a change of a child. A child that has ended is reaped by this. 0, -EAGAIN when nothing has changed, -ECHILD
// when there are no children.
int wio_children_take_change(wio_children *children, wio_child_change *out);

// Stops this process as a ^Z does, so that a shell with job control takes the terminal back. Returns when this process
// was continued; returns at once where there is no such shell (an orphaned process group).
void wio_children_stop_with_them(void);

// Signals every child; number 0 only lists them. `*pids` is borrowed until the next call; no pid in it can be given out
// again before that child is waited for. 0 or a negative errno.
int wio_children_signal_all(wio_children *children, int number, const pid_t **pids, size_t *count);

// For a process that gets children which are not its own (the first of a pid namespace). Reaps all children that have
// ended, except those in `own`, which other code waits for. True when one of these stands in the way: then call again
// soon.
bool wio_children_reap_others(const pid_t *own, size_t count);

// Tells what all processes that were waited for since the opening have used, orphans included. This is exact: this
// process's own counters hold that use beside the use of its threads (see wait(2), getrusage(2)).
void wio_children_spent(const wio_children *children, wio_spent *out);
