// SPDX-License-Identifier: MIT
// sockets_inside: the types and functions that the files of sockets share. sockets.c finds the namespaces and counts
// the bytes; sockets_scan.c finds the holders of connections.
#pragma once

#include "sys/net/sockets.h"
#include "sys/net/space.h"

// A connection can come by SCM_RIGHTS or leave by close(2), and no new inode tells of it. So open files are visited
// again after this many dumps, spread by pid over as many more.
#define RESCAN_DUMPS 8

struct wio_sockets {
  wio_procfs *fs;
  uint64_t own; // the number of this process's own namespace; 0: unknown
  wio_space *first;
  uint64_t scans; // how many visits of open files there were
};

// How many sockets missing in the table a process remembers from one scan to the next.
#define MOST_SUSPECTS 8

typedef struct {
  uint32_t inode[MOST_SUSPECTS];
  size_t count;
  uint64_t dump; // the number of the dump that lacked them
} suspects;

struct wio_traffic {
  wio_carried carried; // first, so that an owner can be cast to its process
  pid_t pid;
  pid_t living;      // a thread of it that has not ended: mostly its first one
  suspects suspects; // TCP sockets that the table lacked at the last scan
  bool foreign;      // one of these was missing at an earlier dump too
  bool born;
  bool moved;    // the process has gone to another namespace
  bool listens;  // it holds a listener
  bool revealed; // `hidden` became true since its last reading
  bool hidden;   // it holds something that may carry bytes which nothing shows
  uint64_t start_ticks;
  wio_space *space;      // NULL: not known yet
  uint64_t drained;      // the number of the last drain before its last reading
  uint64_t rescan;       // the number of the dump at which its open files are visited in any case
  uint64_t others;       // a digest of its sockets that the table lacks: not TCP, or newer than the dump
  uint64_t others_since; // the number of the dump when that digest came about
};

#define NEVER_SEEN UINT64_MAX

// Visits the open files of a process. The connections and listeners that it holds are charged to it, and it becomes
// `hidden` if it holds something that may carry bytes which nothing shows. 0 or a negative errno.
int wio_sockets_visit(wio_sockets *sockets, wio_traffic *traffic);

// Checks that the pid still is that process, which may be a zombie. 0 or a negative errno: -ESRCH when it is not. When
// its first thread has ended, another one becomes `living`.
int wio_sockets_check_identity(wio_sockets *sockets, wio_traffic *traffic, wio_stat *stat);

// Whether only the next dump can show what some of its sockets are.
bool wio_sockets_has_suspects(const wio_traffic *traffic);
