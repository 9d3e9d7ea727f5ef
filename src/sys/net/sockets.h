// SPDX-License-Identifier: MIT
// sockets: how many bytes the TCP connections of processes have carried. The kernel counts a connection's bytes
// (sys/net/sock_diag.h); whose it is, the processes' open files tell.
//
// Every byte is counted once: of several holders the youngest process is answerable from its first reading on, since a
// server forks a child for a connection. What a connection carried between two looks is counted too, also when it began
// or ended there: see sys/net/space.h. Not counted are sockets of another network namespace than their process's own;
// who holds one is hidden, and so is who keeps one that is not connected.
#pragma once

#include "sys/procfs.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct wio_sockets wio_sockets; // the connections of every network namespace that a watched process lives in
typedef struct wio_traffic wio_traffic; // what one process's connections have carried

// 0 or a negative errno. Nothing is asked of the kernel yet. The caller closes it, and every traffic before; `fs` must
// outlive it.
int wio_sockets_open(wio_procfs *fs, wio_sockets **out);
void wio_sockets_close(wio_sockets *sockets);

// Begins to count for a process. Counted is what its connections carry from its first reading on; when it was `born`
// under the eyes of the caller, also what those carried before that it opened itself. 0 or -ENOMEM. The caller removes
// it.
int wio_sockets_add(wio_sockets *sockets, pid_t pid, uint64_t start_ticks, bool born, wio_traffic **out);

// What it holds falls to the next holder. NULL is harmless.
void wio_sockets_remove(wio_sockets *sockets, wio_traffic *traffic);

// It has ended, and accepts nothing more: its listeners fall to whoever else holds them. NULL is harmless.
void wio_sockets_end(wio_traffic *traffic);

// What one process's connections have carried so far.
typedef struct {
  uint64_t received, sent; // payload only; neither ever falls
  bool hidden;             // it may do what neither this nor its io file shows
  bool revealed;           // something of that was opened since its files were last visited
  bool knocked;            // somebody waits to be accepted by it
} wio_carriage;

// Whether somebody waits to be accepted by it at the pass of this number, as far as its listeners are known. Cheap
// where it has none.
bool wio_sockets_are_knocked_at(const wio_traffic *traffic, uint64_t moment);

// Reads what its connections have carried since it was added, those that were closed included. `moment` is the number
// of the pass, from 1: a namespace's table is dumped at most once a moment, however many processes are read in it.
// `exact`: not older than this call, which asks for its own connections. A zombie keeps its figures. They are known to
// be 0, and nothing is hidden, where the tree is not the kernel's own. 0, or why they are unknown:
//   -EACCES                       its fd/ is not to be read
//   -EPERM                        it holds a socket in a network namespace that may not be entered
//   -ESRCH                        it is reaped, as far as that is noticed; `out` holds its last figures
//   -EOPNOTSUPP, -EPROTONOSUPPORT this kernel does not tell
//
// Hidden is what a process does that holds a socket of another family than TCP (other than a standard stream, or one
// that is shut), an io_uring, a device, shared memory that it can write or that is no file, or a file of unknown kind
// (sys/channels.h): looked for with its connections, and every few looks while it runs. It is hidden for one reading
// where connections ended that may have been its own.
int wio_sockets_read(wio_sockets *sockets, wio_traffic *traffic, uint64_t moment, bool exact, wio_carriage *out);
