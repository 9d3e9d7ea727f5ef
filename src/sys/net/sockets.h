// SPDX-License-Identifier: MIT
// sockets: how many bytes the TCP connections of processes have carried. The kernel counts a connection's bytes
// (sys/net/sock_diag.h). The processes' open files show who holds it.
//
// Every byte is counted once. A connection with several holders is charged to the youngest process from its first
// reading on, since a server forks a child for a connection. A connection that begins or ends between two looks is
// counted too: see sys/net/space.h. A socket of another network namespace than its process's own is not counted: its
// holder is hidden (see wio_sockets_read), and so is the holder of a socket that stays unconnected.
#pragma once

#include "sys/procfs.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct wio_sockets wio_sockets; // the connections of all network namespaces with a watched process
typedef struct wio_traffic wio_traffic; // the bytes of one process's connections

// 0 or a negative errno. Asks the kernel nothing about connections yet. The caller closes `*out`, after removing every
// traffic. `fs` must outlive it.
int wio_sockets_open(wio_procfs *fs, wio_sockets **out);
void wio_sockets_close(wio_sockets *sockets);

// Begins to count for a process. The bytes of its connections count from its first reading on. With `born` the caller
// saw the process's birth: then bytes from before the first reading also count, for connections that it opened itself.
// 0 or -ENOMEM. The caller removes `*out` with wio_sockets_remove.
int wio_sockets_add(wio_sockets *sockets, pid_t pid, uint64_t start_ticks, bool born, wio_traffic **out);

// Stops counting for a process. Its connections fall to the next holder. NULL is harmless.
void wio_sockets_remove(wio_sockets *sockets, wio_traffic *traffic);

// Notes that the process has ended and accepts nothing more: its listeners fall to their other holders. NULL is
// harmless.
void wio_sockets_end(wio_traffic *traffic);

// The bytes of one process's connections so far.
typedef struct {
  uint64_t received, sent; // payload only; neither ever falls
  bool hidden;             // the process may do work that neither this nor its io file shows
  bool revealed;           // something that hides work was opened since its open files were last visited
  bool knocked;            // a client waits to be accepted by the process
} wio_carriage;

// Whether a client waits to be accepted by the process at the pass number `moment`, as far as its listeners are known.
// Cheap for a process without listeners.
bool wio_sockets_are_knocked_at(const wio_traffic *traffic, uint64_t moment);

// Reads the bytes that a process's connections have carried since it was added, closed ones included. `moment` is the
// number of the pass, from 1: a namespace's table is dumped at most once a moment, however many processes are read in
// it. With `exact` the figures are not older than this call, which then asks for the process's own connections. A
// zombie keeps its figures. In a tree that is not the kernel's own they are 0, and nothing is hidden. Returns 0, or the
// reason why the figures are unknown:
//   -EACCES                       its fd/ may not be read
//   -EPERM                        it holds a socket in a network namespace that may not be entered
//   -ESRCH                        it was found to be reaped; `out` holds its last figures
//   -EOPNOTSUPP, -EPROTONOSUPPORT this kernel cannot tell
//
// A process is `hidden` while it holds a socket other than TCP (unless that is a standard stream, or shut), an
// io_uring, a device, shared memory that it can write or that is no file, or a file of unknown kind (sys/channels.h).
// These are looked for together with its connections, and every few looks while it runs. It is also hidden for one
// reading when connections ended that may have been its own.
int wio_sockets_read(wio_sockets *sockets, wio_traffic *traffic, uint64_t moment, bool exact, wio_carriage *out);
