// SPDX-License-Identifier: MIT
// process_inside: what the files of a pinned process share: process.c (its life and its counters) and process_acts.c
// (what is done to it, or asked of its threads).
#pragma once

#include "sys/process.h"
#include "sys/waits.h"

#include <time.h>

// What is asked of a process, and its answers.
typedef struct {
  const wio_process *process; // of those asked ahead: whose these are,
  uint64_t moment;            // and for which moment
  int io_fd;                  // -1: not asked
  bool clocked;
  clockid_t clock;
  int clock_rc, io_rc; // 0 or a negative errno
  uint64_t cpu_ns, io[WIO_IO_COUNT];
} wio_process_counters;

struct wio_process {
  // Asked at every tick of a quiet process, so first: one cache line.
  clockid_t clock;
  bool clock_works;
  bool own;  // it is this process itself
  int io_fd; // -1 when not held
  int pidfd; // -1 when not held
  pid_t pid;
  uint64_t cpu_ns; // what the clock said when it was last asked
  uint64_t start_ticks;
  wio_procfs *fs;
  wio_sockets *sockets;
  wio_traffic *traffic; // NULL until somebody asks what its connections carry
  uint64_t visited_ns;  // its time run when its open files were last visited for certain
  bool born;
  const wio_process_counters *ahead; // what was asked of it before it is read; NULL: nothing
  wio_wants *wants; // NULL: when it was last asked what it waits for, none of its threads wanted to run
};

// Opens a pidfd of whoever has the pid now. The descriptor, which the caller closes, or a negative errno.
int wio_process_open_pidfd(pid_t pid);

// Whether the pid still is the pinned process, and lives: 0; -ESRCH when not, or another negative errno.
int wio_process_check_alive(wio_process *process);
