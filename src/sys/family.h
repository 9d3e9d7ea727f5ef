// SPDX-License-Identifier: MIT
// family: births and changes of processes as the kernel tells them: the proc connector (linux/cn_proc.h).
//
// Told are forks, execs, new names and new users of whole processes; threads are none. It works for root, from
// Linux 6.6 on for everybody, and only in the initial pid, user and network namespaces: elsewhere the kernel stays
// silent without a word, so that its answer to the request to listen is waited for.
#pragma once

#include "core/fork.h"
#include "sys/procfs.h"

typedef struct wio_family wio_family;

// Begins to listen. 0, or a negative errno where nothing is told: -EPERM, -ENOTSUP for a silent kernel. The caller
// frees it with wio_family_close.
int wio_family_open(wio_family **out);
void wio_family_close(wio_family *family);

// Readable while something is told. Owned by `family`.
int wio_family_fd(const wio_family *family);

// Forks in the order of time. Zeroed memory is an empty list; the caller frees `fork`.
typedef struct {
  wio_fork *fork;
  size_t count, capacity;
} wio_forks;

// Takes all that was told so far: fills `out`, which is emptied first, with the pids of those that were born or have
// changed, some of them more than once, and `forks` with those that were born. 0; -EOVERFLOW when more was told than
// the kernel keeps, and some of it is lost; -ENOMEM.
int wio_family_take(wio_family *family, wio_pids *out, wio_forks *forks);

// Counts, from now on, how many processes a process and all its descendants fork. 0 or -ENOMEM.
int wio_family_count_forks(wio_family *family, pid_t pid);

// How many they have forked, as far as it was taken. -EOVERFLOW when some of it was lost.
int wio_family_forks(const wio_family *family, uint64_t *out);
