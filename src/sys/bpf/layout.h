// SPDX-License-Identifier: MIT
// layout: what the programs in the kernel (traffic.bpf.c) and the tracer share. It includes nothing, since the kernel's
// side has no headers of C's.
#pragma once

// The families of sockets that are told apart. MPTCP is TCP, UDP-Lite is UDP.
enum { WIO_FAMILY_TCP, WIO_FAMILY_UDP, WIO_FAMILY_UNIX, WIO_FAMILY_OTHER, WIO_FAMILY_COUNT };

// How many processes are traced at most.
enum { WIO_MOST_TRACED = 65536 };

// The state of a slot.
enum {
  WIO_SLOT_FREE,
  WIO_SLOT_INHERITED, // of a process that a traced one has forked, and that nobody has asked for yet
  WIO_SLOT_CLAIMED,
};

// What one process has moved: a line of the cache.
typedef struct {
  unsigned long long sent[WIO_FAMILY_COUNT], received[WIO_FAMILY_COUNT];
} wio_moved;
