// SPDX-License-Identifier: MIT
// process_inside: the types and functions that the files of a pinned process share. process.c pins it and reads its
// counters; process_acts.c signals it, sets its priority, and asks what its threads wait for.
#pragma once

#include "sys/process.h"
#include "sys/waits.h"

#include <time.h>

// The question for a process's counters, and its answer.
typedef struct {
  const wio_process *process; // when asked ahead: the process
  uint64_t moment;            // and the moment that it was asked for
  int io_fd;                  // -1: not asked
  bool clocked;
  clockid_t clock;
  int clock_rc, io_rc; // 0 or a negative errno
  uint64_t cpu_ns, io[WIO_IO_COUNT];
} wio_process_counters;

struct wio_process {
  // The fields that every tick of a quiet process reads come first, in one cache line.
  clockid_t clock;
  bool clock_works;
  bool own;  // it is this process itself
  int io_fd; // -1 when not held
  int pidfd; // -1 when not held
  pid_t pid;
  uint64_t cpu_ns; // the clock's reading when it was last asked
  uint64_t start_ticks;
  wio_procfs *fs;
  wio_sockets *sockets;
  wio_traffic *traffic; // NULL until the bytes of its connections are first asked for
  uint64_t visited_ns;  // its CPU time when its open files were last visited for certain
  bool born;
  const wio_process_counters *ahead; // the answer that was asked ahead; NULL: none
  wio_wants *wants;                  // NULL: none of its threads wanted to run at the last wio_process_waits
};

// Opens a pidfd of the process that has the pid now. Returns the descriptor, which the caller closes, or a negative
// errno.
int wio_process_open_pidfd(pid_t pid);

// Checks that the pid still is the pinned process, and that it lives. 0 or a negative errno: -ESRCH when it is not.
int wio_process_check_alive(wio_process *process);
