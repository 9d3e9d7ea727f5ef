// SPDX-License-Identifier: MIT
// statx: the system call statx(2); older musl has neither the function nor the struct.
#pragma once

#include <sys/stat.h>
#ifndef STATX_TYPE
#include <linux/stat.h> // what a libc declares itself must not be declared twice
#endif

// Like statx(2): 0, or -1 and errno.
int wio_statx(int directory, const char *path, int flags, unsigned mask, struct statx *out);
