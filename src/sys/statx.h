// SPDX-License-Identifier: MIT
// statx: the call statx(2), for which older musl has neither a name nor a struct.
#pragma once

#include <sys/stat.h>
#ifndef STATX_TYPE
#include <linux/stat.h> // what a libc declares itself must not be declared twice
#endif

// As statx(2): 0, or -1 and errno.
int wio_statx(int directory, const char *path, int flags, unsigned mask, struct statx *out);
