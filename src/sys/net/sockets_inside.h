// SPDX-License-Identifier: MIT
// sockets_inside: what the files of sockets share: sockets.c (namespaces, and what is carried) and sockets_scan.c
// (whose the connections are).
#pragma once

#include "sys/net/sockets.h"
#include "sys/net/space.h"

// A connection can come by SCM_RIGHTS or leave by close(2) without a new inode to tell of it: open files are looked
// through again after this many dumps, spread over as many more by pid.
#define RESCAN_DUMPS 8

struct wio_sockets {
  wio_procfs *fs;
  uint64_t own; // the number of this process's own namespace
  wio_space *first;
  uint64_t scans; // how often somebody's open files were visited
};

// How many sockets that a table lacks are remembered from one scan to the next.
#define MOST_SUSPECTS 8

typedef struct {
  uint32_t inode[MOST_SUSPECTS];
  size_t count;
  uint64_t dump; // the number of the dump that lacked them
} suspects;

struct wio_traffic {
  wio_carried carried; // first, so that an owner can be told its process
  pid_t pid;
  pid_t living;      // a thread of it that has not ended: its first one, mostly
  suspects suspects; // TCP sockets that the table lacked at the last scan
  bool foreign;      // and had lacked at a dump before
  bool born;
  bool moved;    // it has gone to another namespace
  bool listens;  // it holds a listener
  bool revealed; // that was found since its last reading, and it held nothing of that before
  bool hidden;   // it holds what may carry bytes that nothing shows
  uint64_t start_ticks;
  wio_space *space;      // NULL: not known yet
  uint64_t drained;      // the number of the last drain before its last reading
  uint64_t rescan;       // the number of the dump at which its open files are visited in any case
  uint64_t others;       // a digest of its sockets that the table does not have: not TCP, or newer than the dump
  uint64_t others_since; // the number of the dump when that digest came about
};

#define NEVER_SEEN UINT64_MAX

// Visits the open files of a process: the connections and listeners that it holds become its own, and it is hidden
// where it holds what may carry bytes that nothing shows. 0 or a negative errno.
int wio_sockets_visit(wio_sockets *sockets, wio_traffic *traffic);

// Whether the pid still is that process, which may be a zombie: 0, or -ESRCH and other errnos. Takes another thread for
// its files where the first one has ended.
int wio_sockets_check_identity(wio_sockets *sockets, wio_traffic *traffic, wio_stat *stat);

// Whether the next dump has to tell what its sockets are.
bool wio_sockets_has_suspects(const wio_traffic *traffic);
