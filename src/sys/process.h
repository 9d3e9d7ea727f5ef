// SPDX-License-Identifier: MIT
// process: one pinned process: its identity, the file that is held for its counters, its pidfd, its CPU clock, and what
// its connections have carried.
//
// Pinned means: nothing here can ever speak of another process that got the same pid. The kernel ties the held file and
// the pidfd to the process (after its reap they answer ESRCH for ever); where they are not to be had, the start time is
// compared at every read.
#pragma once

#include "core/priority.h"
#include "core/reading.h"
#include "core/wait.h"
#include "sys/procfs.h"
#include "sys/net/sockets.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct wio_process wio_process;

// Pins the process that has this pid and start time; `born`: since the last look, see wio_sockets_add. Files are held
// as far as wio_descriptors_take allows; without them everything works, slower. -ESRCH when that process has ended (a
// zombie has). The caller closes it, before `fs` and `sockets`.
int wio_process_open(wio_procfs *fs, wio_sockets *sockets, pid_t pid, uint64_t start_ticks, bool born,
                     wio_process **out);
void wio_process_close(wio_process *process);

// Who it is.
pid_t wio_process_pid(const wio_process *process);
uint64_t wio_process_start_ticks(const wio_process *process);

// The pidfd, readable once the process has ended; -1 when none is held. Owned by `process`.
int wio_process_pidfd(const wio_process *process);

// Closes the pidfd before its time: what it had to tell was told. Signals and wio_process_ended work without.
void wio_process_drop_pidfd(wio_process *process);

// The gate: whether it may have run since the last time this was asked. No permission, text or descriptor is needed
// (clock_getcpuclockid(3)). True where no clock can be had. A running thread's time can show up to one timer tick late,
// so what decides about idleness must not ask here. True, too, where somebody waits to be accepted by it at the pass
// `moment`: nobody runs for that.
bool wio_process_ran(wio_process *process, uint64_t moment);

// Reads what is requested; `out` holds nothing unless it returns 0. 0, and `out->error` says when one is unknown;
// -ESRCH when the process is reaped. A zombie still answers with its last counters; `out->ended` says so where no file
// is held.
int wio_process_read(wio_process *process, const wio_request *request, wio_reading *out);

// What was asked of several processes at once, and is not used yet.
typedef struct wio_ahead wio_ahead;

// So many are asked at once.
#define WIO_MOST_AHEAD 64

// NULL when out of memory. The caller frees it, after the processes.
wio_ahead *wio_ahead_new(void);
void wio_ahead_free(wio_ahead *ahead);

// Asks of `count` processes what the next wio_process_read of this moment will want of each, if that is not exact: one
// by one it would take several times as long. At the most WIO_MOST_AHEAD.
void wio_process_ask_ahead(wio_ahead *ahead, wio_process *const *processes, size_t count, uint64_t moment);

// Whether it has ended; a zombie has.
bool wio_process_ended(wio_process *process);

// What it waits for; see sys/waits.h. This process itself waits for nothing. -ESRCH when it has ended.
int wio_process_waits(wio_process *process, wio_waiting *out);

// Sends a signal through the pidfd. -ESRCH when it has ended, -EPERM, -EINVAL for a number that is no signal, -ENOTSUP
// where the tree is not the kernel's.
int wio_process_signal(wio_process *process, int signal);

// Sets a priority of all its threads. The kernel takes numbers for that, so who has the pid is looked at before and
// afterwards: -ESRCH also when it ended while its threads were gone through, and then a process that got one of the
// numbers within those microseconds has got the priority instead. Else as wio_priority_set, or -ENOTSUP where the tree
// is not the kernel's.
int wio_process_prioritise(wio_process *process, const wio_priority *priority);
