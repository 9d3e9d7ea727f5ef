// SPDX-License-Identifier: MIT
// rights: what a kernel, its /proc and a process's privileges let a watcher see and do.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// Capabilities that matter here (capabilities(7)).
typedef enum {
  WIO_CAP_SYS_PTRACE,      // with the next: counters, files and namespaces of other users' processes
  WIO_CAP_DAC_READ_SEARCH, //
  WIO_CAP_SYS_ADMIN,       // connections in other network namespaces
  WIO_CAP_KILL,            // signals to other users' processes
  WIO_CAP_SYS_NICE,        // their priorities
  WIO_CAP_COUNT
} wio_capability;

// "CAP_SYS_PTRACE", …
const char *wio_capability_name(wio_capability capability);

// What the program's own file does to who starts it.
typedef struct {
  bool setid;       // setuid or setgid
  bool lends;       // capabilities (setcap(8))
  bool lends_more;  // others than those to read counters with
  bool at_once;     // they are in effect before the program can put them aside ("+ep")
  bool for_anybody; // everybody may execute it
} wio_copy;

// Errors are errnos; 0 where it works.
typedef struct {
  bool capable[WIO_CAP_COUNT]; // held, and in effect where it is needed
  wio_copy copy;
  int io_error;     // counters of /proc/PID/io, of this very process
  int pidfd_error;  // pidfd_open(2)
  int net_error;    // bytes of TCP connections, by sock_diag(7)
  int clock_error;  // the CPU clock of another process
  char hidepid[16]; // of /proc: "0", "1", "2", "4", or the word of the kernel; "" when it cannot be told
  uint64_t files,
      most_files; // open files: the limit that this process was given, and the one that watching raises it to
} wio_rights;
