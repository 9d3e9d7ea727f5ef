// SPDX-License-Identifier: MIT
#include "core/pids.h"

#include "core/array.h"

#include <errno.h>

int wio_pids_add(wio_pids *pids, pid_t pid) {
  pid_t *grown = wio_array_grow(pids->pid, &pids->capacity, pids->count + 1, sizeof *grown);
  if (!grown) return -ENOMEM;
  pids->pid = grown;
  pids->pid[pids->count++] = pid;
  return 0;
}
