// SPDX-License-Identifier: MIT
// process: one pinned process: its identity, the open file of its counters, its pidfd, its CPU clock, and the bytes
// that its connections have carried.
//
// Pinned means: no result here is ever that of another process with the same pid. The kernel ties the open file and the
// pidfd to the process: after its reap they answer ESRCH for ever. Where they cannot be held, the start time is
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

// Pins the process that has this pid and start time. `born` says that it was born since the last look, see
// wio_sockets_add. Files are held as far as wio_descriptors_take allows; without them everything works, but slower. 0
// or a negative errno: -ESRCH when that process has ended, also as a zombie. The caller closes `*out`, before `fs` and
// `sockets`.
int wio_process_open(wio_procfs *fs, wio_sockets *sockets, pid_t pid, uint64_t start_ticks, bool born,
                     wio_process **out);
void wio_process_close(wio_process *process);

// The identity of the process.
pid_t wio_process_pid(const wio_process *process);
uint64_t wio_process_start_ticks(const wio_process *process);

// The pidfd, which is readable once the process has ended; -1 when none is held. Owned by `process`.
int wio_process_pidfd(const wio_process *process);

// Closes the pidfd early, after it has shown the end of the process. Signals and wio_process_ended work without it.
void wio_process_drop_pidfd(wio_process *process);

// The cheap gate: whether the process may have run since the last call. It needs no permission, text or descriptor
// (clock_getcpuclockid(3)). True where there is no clock. A running thread's time can show up to one timer tick late,
// so a decision about idleness must not rely on this. Also true when a client waits to be accepted by the process at
// the pass `moment`: no thread runs for that.
bool wio_process_ran(wio_process *process, uint64_t moment);

// Reads the requested kinds. 0, and `out->error` says which kinds are unknown and why; or a negative errno, and `out`
// is then undefined: -ESRCH when the process is reaped. A zombie still answers with its last counters; `out->ended`
// says so where no file is held.
int wio_process_read(wio_process *process, const wio_request *request, wio_reading *out);

// The answers of several processes that were asked at once, until they are used.
typedef struct wio_ahead wio_ahead;

// The most processes that are asked at once.
#define WIO_MOST_AHEAD 64

// NULL when out of memory. The caller frees the result, after closing the processes.
wio_ahead *wio_ahead_new(void);
void wio_ahead_free(wio_ahead *ahead);

// Asks `count` processes, at most WIO_MOST_AHEAD, for the counters that the next wio_process_read of this moment will
// want, unless that is exact. One by one it would take several times as long.
void wio_process_ask_ahead(wio_ahead *ahead, wio_process *const *processes, size_t count, uint64_t moment);

// Whether the process has ended; a zombie has.
bool wio_process_ended(wio_process *process);

// Tells what the process waits for; see sys/waits.h. This process itself waits for nothing. 0 or a negative errno:
// -ESRCH when the process has ended.
int wio_process_waits(wio_process *process, wio_waiting *out);

// Sends a signal through the pidfd. 0 or a negative errno: -ESRCH when the process has ended, -EPERM, -EINVAL for a
// number that is no signal, -ENOTSUP where the tree is not the kernel's.
int wio_process_signal(wio_process *process, int signal);

// Sets a priority of all threads of the process. The kernel takes numbers for that, so the process is checked before
// and afterwards. -ESRCH also when it ended while its threads were set: then a process that got one of the numbers
// within those microseconds may have got the priority instead. Otherwise the result of wio_priority_set, or -ENOTSUP
// where the tree is not the kernel's.
int wio_process_prioritise(wio_process *process, const wio_priority *priority);
