// SPDX-License-Identifier: MIT
#include "sys/net/closings.h"

#include "core/array.h"
#include "sys/net/diag_socket.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdalign.h>
#include <stdlib.h>
#include <sys/socket.h>

// A message has 380 bytes, and grows a little with every few kernels.
#define MESSAGE_SIZE 1024
#define BATCH 32

// The size of the socket's buffer. The kernel takes memory for waiting messages as they come, at most twice this size,
// which holds 6500 messages. Without privilege, net.core.rmem_max may cut that down to 330.
#define WAITING_BYTES (4 << 20)

struct wio_closings {
  int fd;
  struct mmsghdr heads[BATCH];
  struct iovec rooms[BATCH];
  alignas(struct nlmsghdr) char buffer[BATCH][MESSAGE_SIZE];
};

static int join_groups(int fd) {
  // Takes an address first: a socket without one gets no messages, and to take one leaves all groups.
  struct sockaddr_nl own = {.nl_family = AF_NETLINK};
  static const int groups[] = {SKNLGRP_INET_TCP_DESTROY, SKNLGRP_INET6_TCP_DESTROY};
  if (bind(fd, (struct sockaddr *)&own, sizeof own) < 0) return -errno;
  for (size_t i = 0; i < WIO_LENGTH(groups); i++)
    if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &groups[i], sizeof groups[i]) < 0) return -errno;
  const int bytes = WAITING_BYTES;
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  return 0;
}

int wio_closings_open(int netns, wio_closings **out) {
  wio_closings *closings = calloc(1, sizeof *closings);
  if (!closings) return -ENOMEM;
  int fd = wio_diag_socket_open(netns), rc = fd < 0 ? fd : join_groups(fd);
  if (rc < 0) {
    if (fd >= 0) wio_diag_socket_close(fd);
    free(closings);
    return rc;
  }
  closings->fd = fd;
  for (int i = 0; i < BATCH; i++) {
    closings->rooms[i] = (struct iovec){.iov_base = closings->buffer[i], .iov_len = MESSAGE_SIZE};
    closings->heads[i].msg_hdr = (struct msghdr){.msg_iov = &closings->rooms[i], .msg_iovlen = 1};
  }
  *out = closings;
  return 0;
}

void wio_closings_close(wio_closings *closings) {
  if (!closings) return;
  wio_diag_socket_close(closings->fd);
  free(closings);
}

static int tell_message(const wio_closings *closings, int i, wio_diag_tell *tell, void *context) {
  size_t offset = 0;
  for (;;) {
    wio_connection connection;
    int message = wio_diag_parse(closings->buffer[i], closings->heads[i].msg_len, 0, &offset, &connection);
    if (message != WIO_DIAG_CONNECTION) return message < 0 ? message : 0;
    int rc = tell(context, &connection);
    if (rc < 0) return rc;
  }
}

int wio_closings_take(wio_closings *closings, wio_diag_tell *tell, void *context) {
  int rc = 0;
  for (;;) {
    int count = recvmmsg(closings->fd, closings->heads, BATCH, MSG_DONTWAIT, NULL);
    if (count < 0 && errno == EAGAIN) return rc;
    if (count < 0 && errno == ENOBUFS) rc = -ENOBUFS;
    else if (count < 0 && errno != EINTR) return -errno;
    for (int i = 0; i < count; i++) {
      int told = tell_message(closings, i, tell, context);
      if (told < 0) rc = told;
    }
  }
}
