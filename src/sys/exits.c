#include "sys/exits.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define BATCH 64

struct wio_exits {
  int epoll;
};

int wio_exits_open(wio_exits **out) {
  wio_exits *exits = malloc(sizeof *exits);
  if (!exits) return -ENOMEM;
  exits->epoll = epoll_create1(EPOLL_CLOEXEC);
  if (exits->epoll < 0) {
    int rc = -errno;
    free(exits);
    return rc;
  }
  *out = exits;
  return 0;
}

void wio_exits_close(wio_exits *exits) {
  if (!exits) return;
  close(exits->epoll);
  free(exits);
}

int wio_exits_add(wio_exits *exits, int pidfd, void *owner) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = owner};
  return epoll_ctl(exits->epoll, EPOLL_CTL_ADD, pidfd, &event) < 0 ? -errno : 0;
}

int wio_exits_add_once(wio_exits *exits, int fd, void *owner) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.ptr = owner};
  if (epoll_ctl(exits->epoll, EPOLL_CTL_MOD, fd, &event) == 0) return 0;
  return epoll_ctl(exits->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

void wio_exits_remove(wio_exits *exits, int pidfd) { epoll_ctl(exits->epoll, EPOLL_CTL_DEL, pidfd, NULL); }

size_t wio_exits_take(wio_exits *exits, void **owners, size_t most) {
  struct epoll_event events[BATCH];
  int count = epoll_wait(exits->epoll, events, most < BATCH ? (int)most : BATCH, 0);
  for (int i = 0; i < count; i++) owners[i] = events[i].data.ptr;
  return count < 0 ? 0 : (size_t)count;
}

int wio_exits_fd(const wio_exits *exits) { return exits->epoll; }
