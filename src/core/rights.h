// SPDX-License-Identifier: MIT
// rights: what the kernel, its /proc and the privileges of this process let a watcher see and do.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// Capabilities that matter here (capabilities(7)).
typedef enum {
  WIO_CAP_SYS_PTRACE,      // with WIO_CAP_DAC_READ_SEARCH: counters, files and namespaces of other users' processes
  WIO_CAP_DAC_READ_SEARCH, // see WIO_CAP_SYS_PTRACE
  WIO_CAP_SYS_ADMIN,       // connections in other network namespaces
  WIO_CAP_KILL,            // signals to other users' processes
  WIO_CAP_SYS_NICE,        // priorities of other users' processes
  WIO_CAP_COUNT
} wio_capability;

// The name of a capability: "CAP_SYS_PTRACE", …
const char *wio_capability_name(wio_capability capability);

// The privileges that the program's own file gives to the user who starts it.
typedef struct {
  bool setid;       // setuid or setgid
  bool lends;       // capabilities (setcap(8))
  bool lends_more;  // more capabilities than reading counters needs
  bool at_once;     // the capabilities are in effect before the program can put them aside ("+ep")
  bool for_anybody; // everybody may execute the file
} wio_copy;

// The rights of this process. Each error is an errno; 0 where the thing works.
typedef struct {
  bool capable[WIO_CAP_COUNT]; // the capability is held, and is in effect where it is needed
  wio_copy copy;
  int io_error;     // the counters of /proc/PID/io, read for this very process
  int pidfd_error;  // pidfd_open(2)
  int net_error;    // the bytes of TCP connections, by sock_diag(7)
  int clock_error;  // the CPU clock of another process
  char hidepid[16]; // of /proc: "0", "1", "2", "4", or the kernel's word; "" when unknown
  uint64_t files,
      most_files; // open files: the limit that this process was given, and the limit that watching raises it to
} wio_rights;
