// SPDX-License-Identifier: MIT
// statx: the call statx(2), for which older musl has no name.
#pragma once

#include <linux/stat.h>

// As statx(2): 0, or -1 and errno.
int wio_statx(int directory, const char *path, int flags, unsigned mask, struct statx *out);
