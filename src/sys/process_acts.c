// SPDX-License-Identifier: MIT
#include "core/units.h"
#include "sys/priority.h"
#include "sys/process_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

// Keeps memory only for processes with threads that want to run; these are few at any moment.
static int keep_wants(wio_process *process, const wio_wants *wants) {
  if (wants->count == 0) {
    free(process->wants);
    process->wants = NULL;
    return 0;
  }
  if (!process->wants) process->wants = malloc(sizeof *process->wants);
  if (!process->wants) return -ENOMEM;
  *process->wants = *wants;
  return 0;
}

int wio_process_waits(wio_process *process, wio_waiting *out) {
  wio_waiting found = {.wait = WIO_WAIT_NONE};
  wio_wants wants = {.count = 0};
  if (process->wants) wants = *process->wants;
  int rc = process->own ? 0 : wio_waits_read(process->fs, process->pid, &wants, &found);
  if (rc == 0) rc = wio_process_check_alive(process);
  if (rc == -ETIMEDOUT) found.wait = WIO_WAIT_KERNEL;
  if (rc == -ETIMEDOUT) rc = 0;
  if (rc == 0) rc = keep_wants(process, &wants);
  if (rc == 0) *out = found;
  return rc;
}

static int send_through(int pidfd, int signal) {
  return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) < 0 ? -errno : 0;
}

int wio_process_signal(wio_process *process, int signal) {
  if (!wio_procfs_is_live(process->fs)) return -ENOTSUP;
  if (process->pidfd >= 0) return wio_process_ended(process) ? -ESRCH : send_through(process->pidfd, signal);
  int pidfd = wio_process_open_pidfd(process->pid);
  if (pidfd < 0) return pidfd;
  // The pidfd may already be another process's, so the identity is checked after it was opened.
  int rc = wio_process_check_alive(process);
  if (rc == 0) rc = send_through(pidfd, signal);
  close(pidfd);
  return rc;
}

int wio_process_prioritise(wio_process *process, const wio_priority *priority) {
  if (!wio_procfs_is_live(process->fs)) return -ENOTSUP;
  int rc = wio_process_check_alive(process);
  if (rc < 0) return rc;
  // The pidfd also tells apart two processes that started within one tick of the clock.
  if (wio_process_ended(process)) return -ESRCH;
  int set = wio_priority_set(process->fs, process->pid, process->pidfd, priority);
  if (wio_process_ended(process)) return -ESRCH;
  rc = wio_process_check_alive(process);
  return rc < 0 ? rc : set;
}
