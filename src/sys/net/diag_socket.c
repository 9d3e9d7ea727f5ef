// SPDX-License-Identifier: MIT
#include "sys/net/diag_socket.h"

#include "sys/descriptors.h"

#include <errno.h>
#include <linux/netlink.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
  int netns; // the file of the namespace; -1: this process's own
  int fd;    // the socket, or a negative errno
} opening;

static void *open_socket(void *argument) {
  opening *o = argument;
  if (o->netns >= 0 && setns(o->netns, CLONE_NEWNET) < 0) {
    o->fd = -errno;
    return NULL;
  }
  int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG);
  o->fd = fd < 0 ? -errno : fd;
  return NULL;
}

// setns(2) moves one thread only. A thread that is made for this never has to move back.
static int open_there(opening *o) {
  pthread_t thread;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int rc = -pthread_create(&thread, NULL, open_socket, o);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return rc < 0 ? rc : -pthread_join(thread, NULL);
}

int wio_diag_socket_open(int netns) {
  opening o = {.netns = netns, .fd = -EMFILE};
  if (!wio_descriptors_take(1)) return o.fd;
  int rc = 0;
  if (netns < 0) open_socket(&o);
  else rc = open_there(&o);
  if (rc == 0 && o.fd >= 0) return wio_descriptors_lift(o.fd);
  wio_descriptors_give(1);
  return rc < 0 ? rc : o.fd;
}

void wio_diag_socket_close(int fd) {
  close(fd);
  wio_descriptors_give(1);
}
