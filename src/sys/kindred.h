// SPDX-License-Identifier: MIT
// kindred: which other processes run this same program, watchio, and can be trusted as such.
#pragma once

#include "sys/procfs.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// The program that this process runs. In zeroed memory it is unknown.
typedef struct {
  char path[PATH_MAX]; // empty where it is unknown, or where watchio is only a library of another program
  uint32_t major, minor;
  uint64_t inode;
} wio_kindred;

// Learns which program this process runs.
void wio_kindred_learn(wio_kindred *out);

// Whether a process with the kernel's name `name` may run the same program. This is the cheap question.
bool wio_kindred_is_named(const wio_kindred *own, const char *name);

// Whether a process with the effective user `uid` runs the same file as this process, or the file that it has replaced.
// Any user can run the program and make it do other work, so the answer is false for another user's process, unless
// that user is root. For root's process the name is enough where its file may not be looked at.
bool wio_kindred_is(wio_procfs *fs, const wio_kindred *own, pid_t pid, uid_t uid);
