// SPDX-License-Identifier: MIT
// family: births and changes of processes, as the kernel's proc connector reports them (linux/cn_proc.h).
//
// It reports forks, execs, new names and new users of whole processes, but not of threads. It works for root, and from
// Linux 6.6 on for everybody, but only in the initial pid, user and network namespaces. Elsewhere the kernel says
// nothing and gives no error; so opening waits for the kernel's answer to the request to listen.
#pragma once

#include "core/fork.h"
#include "sys/procfs.h"

typedef struct wio_family wio_family;

// Begins to listen. 0, or a negative errno where nothing will be reported: -EPERM, or -ENOTSUP for a silent kernel. The
// caller frees `*out` with wio_family_close.
int wio_family_open(wio_family **out);
void wio_family_close(wio_family *family);

// A descriptor that is readable while there is something to take. Owned by `family`.
int wio_family_fd(const wio_family *family);

// A list of forks in the order of time. Zeroed memory is an empty list. The caller frees `fork`.
typedef struct {
  wio_fork *fork;
  size_t count, capacity;
} wio_forks;

// Takes all reports so far. Empties `out` and `forks` first. Fills `out` with the pids of processes that were born or
// have changed, some of them more than once, and `forks` with those that were born. 0; -EOVERFLOW when the kernel had
// more reports than it keeps, and some are lost; -ENOMEM.
int wio_family_take(wio_family *family, wio_pids *out, wio_forks *forks);

// From now on counts the processes that a process and all its descendants fork. 0 or -ENOMEM.
int wio_family_count_forks(wio_family *family, pid_t pid);

// Tells the number of these forks among the reports taken so far. 0, or -EOVERFLOW when some reports were lost.
int wio_family_forks(const wio_family *family, uint64_t *out);
