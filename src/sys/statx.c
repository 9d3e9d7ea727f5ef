// SPDX-License-Identifier: MIT
#include "sys/statx.h"

#include <sys/syscall.h>
#include <unistd.h>

int wio_statx(int directory, const char *path, int flags, unsigned mask, struct statx *out) {
  return (int)syscall(SYS_statx, directory, path, flags, mask, out);
}
