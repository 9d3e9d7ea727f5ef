// SPDX-License-Identifier: MIT
// kindred: which other processes run the program that runs here, as far as that makes them no stranger.
#pragma once

#include "sys/procfs.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// The program that runs here. Zeroed memory knows none.
typedef struct {
  char path[PATH_MAX]; // empty where it is not known, or is not watchio itself but a program that has it as a library
  uint32_t major, minor;
  uint64_t inode;
} wio_kindred;

// Learns it.
void wio_kindred_learn(wio_kindred *out);

// Whether a process with that name, the kernel's, may be one: the cheap question.
bool wio_kindred_is_named(const wio_kindred *own, const char *name);

// Whether a process of that effective user runs the very file that runs here, or the one that it has replaced. Anybody
// can run it, and have it do his work: so another user's is none, unless he is root. Of root's the name is enough where
// its file may not be looked at.
bool wio_kindred_is(wio_procfs *fs, const wio_kindred *own, pid_t pid, uid_t uid);
