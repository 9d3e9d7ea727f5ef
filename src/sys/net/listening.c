// SPDX-License-Identifier: MIT
#include "sys/net/listening.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <stdalign.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

static int ask(int fd, unsigned char family, uint32_t protocol) {
  bool udp = protocol == WIO_PORT_UDP;
  struct {
    struct nlmsghdr header;
    struct inet_diag_req_v2 request;
  } message = {.header = {.nlmsg_len = sizeof message,
                          .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                          .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
               .request = {.sdiag_family = family,
                           .sdiag_protocol = udp ? IPPROTO_UDP : IPPROTO_TCP,
                           .idiag_states = 1u << (udp ? TCP_CLOSE : TCP_LISTEN)}};
  return send(fd, &message, sizeof message, 0) == (ssize_t)sizeof message ? 0 : -errno;
}

typedef struct {
  void (*take)(void *data, const wio_listener *socket);
  void *data;
  uint32_t protocol;
} taker;

// 1 when more is to come, 0 at the end, or a negative errno.
static int take_message(const struct nlmsghdr *header, const taker *to) {
  if (header->nlmsg_type == NLMSG_DONE) return 0;
  if (header->nlmsg_type == NLMSG_ERROR) return ((const struct nlmsgerr *)NLMSG_DATA(header))->error;
  const struct inet_diag_msg *socket = NLMSG_DATA(header);
  if (header->nlmsg_len < NLMSG_LENGTH(sizeof *socket)) return -EBADMSG;
  wio_listener listener = {.port = ntohs(socket->id.idiag_sport) | to->protocol, .inode = socket->idiag_inode};
  to->take(to->data, &listener);
  return 1;
}

static int take_answers(int fd, const taker *to) {
  for (;;) {
    alignas(struct nlmsghdr) char buffer[16384];
    ssize_t length = recv(fd, buffer, sizeof buffer, 0);
    if (length <= 0) return length < 0 ? -errno : -EBADMSG;
    unsigned left = (unsigned)length;
    for (const struct nlmsghdr *header = (const void *)buffer; NLMSG_OK(header, left);
         header = NLMSG_NEXT(header, left)) {
      int rc = take_message(header, to);
      if (rc <= 0) return rc;
    }
  }
}

int wio_listening_list(uint32_t protocol, void (*take)(void *data, const wio_listener *socket), void *data) {
  taker to = {take, data, protocol};
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (fd < 0) return -errno;
  int rc = ask(fd, AF_INET, protocol);
  if (rc == 0) rc = take_answers(fd, &to);
  if (rc == 0) rc = ask(fd, AF_INET6, protocol);
  if (rc == 0) rc = take_answers(fd, &to);
  close(fd);
  return rc;
}
