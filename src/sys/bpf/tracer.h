// SPDX-License-Identifier: MIT
// tracer: how many bytes processes send and receive through their sockets, of every family, counted by the kernel in
// the context of the call (BPF). A byte is its caller's, whatever it came through and whoever else holds the socket.
//
// Counted is each call that returns how much it has sent or received, of all threads: send(2), recv(2) and their kin,
// read(2), write(2), sendfile(2) and splice(2) to a socket, io_uring's. A look (MSG_PEEK) is none; a datagram without a
// byte counts as one. Not counted, since the kernel does not tell: splice(2) from a TCP, Unix stream or KCM socket, and
// what goes through memory (rings of packet and XDP sockets, RDMA, zero-copy reception of TCP).
//
// Needs Linux 6.5 with BTF, CAP_BPF and CAP_PERFMON. Each call through a socket, anybody's, then costs some tens of
// nanoseconds more. Nothing is pinned: when this process ends in any way, all is gone.
#pragma once

#include "sys/bpf/layout.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct wio_tracer wio_tracer;
typedef uint32_t wio_slot; // where the counters of one process are

// Begins, with room for `most` processes (WIO_MOST_TRACED at most) and for the children that they fork; tries on
// sockets of its own that all is counted. The caller closes it. 0 or a negative errno:
//   -ENOSYS      watchio was built without
//   -EPERM       it is not permitted
//   -ENOENT      the kernel has no BTF (/sys/kernel/btf/vmlinux)
//   -EOPNOTSUPP  the kernel lacks something, or does not count all of the above
int wio_tracer_open(uint32_t most, wio_tracer **out);
void wio_tracer_close(wio_tracer *tracer);

// Begins to count for the process of this pidfd. With `since_birth` the counters hold all that it has done, since its
// parent was traced when it was forked; else they begin at 0. The caller gives the slot back. 0, or a negative errno:
// -ESRCH when it is reaped, -ENOSPC when all slots are taken, -EBUSY when this tracer counts for it already.
int wio_tracer_watch(wio_tracer *tracer, int pidfd, bool *since_birth, wio_slot *out);

// Gives a slot back; `pidfd` is -1 where its process has ended. What its children do goes on being counted until they
// end.
void wio_tracer_unwatch(wio_tracer *tracer, int pidfd, wio_slot slot);

// What the process has moved so far; it holds what it did last also when it is reaped. Asks nothing of the kernel.
wio_moved wio_tracer_read(const wio_tracer *tracer, wio_slot slot);

// Whether the slot still is that process's. An exec(2) by another thread than the first ends it: then this begins anew,
// in the same slot, and what was done in between is missing. 0; 1 when there is such a gap; -ESRCH when it is reaped;
// or another negative errno, and then nothing is counted.
int wio_tracer_renew(wio_tracer *tracer, int pidfd, wio_slot slot);
