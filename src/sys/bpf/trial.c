// SPDX-License-Identifier: MIT
#include "sys/bpf/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

// What each way moves; that of the ways together tells which of them are seen.
enum { BY_SEND = 1, BY_WRITE = 2, BY_SENDFILE = 4, BY_SPLICE = 8, ALL = 15 };

static int open_pipe(int file, int ends[2]) {
  if (pipe2(ends, O_CLOEXEC) < 0) return -1;
  loff_t from = 0;
  return splice(file, &from, ends[1], NULL, BY_SPLICE, 0) == BY_SPLICE ? 0 : -1;
}

static bool move(const int pair[2], int file, int pipe) {
  char text[ALL] = {0};
  off_t from = 0;
  return send(pair[0], text, BY_SEND, MSG_NOSIGNAL) == BY_SEND && write(pair[0], text, BY_WRITE) == BY_WRITE &&
         sendfile(pair[0], file, &from, BY_SENDFILE) == BY_SENDFILE &&
         splice(pipe, NULL, pair[0], NULL, BY_SPLICE, 0) == BY_SPLICE &&
         recv(pair[1], text, ALL, MSG_PEEK | MSG_WAITALL) > 0 && recv(pair[1], text, ALL, MSG_WAITALL) == ALL;
}

static bool move_all(void) {
  int pair[2] = {-1, -1}, ends[2] = {-1, -1};
  int file = memfd_create("watchio-trial", MFD_CLOEXEC);
  bool moved = file >= 0 && ftruncate(file, ALL) == 0 && open_pipe(file, ends) == 0 &&
               socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0 && move(pair, file, ends[0]);
  int opened[] = {file, pair[0], pair[1], ends[0], ends[1]};
  for (size_t i = 0; i < sizeof opened / sizeof *opened; i++)
    if (opened[i] >= 0) close(opened[i]);
  return moved;
}

int wio_trial_run(wio_tracer *tracer) {
  int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
  if (pidfd < 0) return -errno;
  bool since_birth;
  wio_slot slot;
  int rc = wio_tracer_watch(tracer, pidfd, &since_birth, &slot);
  if (rc == 0) {
    bool moved = move_all();
    wio_moved own = wio_tracer_read(tracer, slot);
    // Another thread of this program may use sockets as well.
    bool counted = own.sent[WIO_FAMILY_UNIX] >= ALL && own.received[WIO_FAMILY_UNIX] >= ALL;
    rc = moved && counted ? 0 : -EOPNOTSUPP;
    wio_tracer_unwatch(tracer, pidfd, slot);
  }
  close(pidfd);
  return rc;
}
