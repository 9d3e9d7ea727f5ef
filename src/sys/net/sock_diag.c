// SPDX-License-Identifier: MIT
#include "sys/net/sock_diag.h"

#include "sys/net/diag_socket.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

// The kernel fills at most this many bytes at once, even into a larger buffer.
#define BUFFER_SIZE 32768

// A dump is asked for once more when the table changed under it.
#define TRIES 2

// The numbers of enum tcp_state (net/tcp_states.h).
enum {
  ESTABLISHED = 1,
  SYN_SENT,
  SYN_RECV,
  FIN_WAIT1,
  FIN_WAIT2,
  TIME_WAIT,
  CLOSE,
  CLOSE_WAIT,
  LAST_ACK,
  LISTEN,
  CLOSING
};

// All states but half open and time-wait.
#define STATES                                                                                               \
  (1u << ESTABLISHED | 1u << SYN_SENT | 1u << FIN_WAIT1 | 1u << FIN_WAIT2 | 1u << CLOSE | 1u << CLOSE_WAIT | \
   1u << LAST_ACK | 1u << LISTEN | 1u << CLOSING)

struct wio_sock_diag {
  int fd;
  uint32_t sequence;
  char buffer[BUFFER_SIZE];
};

int wio_sock_diag_open(int netns, wio_sock_diag **out) {
  wio_sock_diag *diag = malloc(sizeof *diag);
  if (!diag) return -ENOMEM;
  int fd = wio_diag_socket_open(netns);
  if (fd < 0) {
    free(diag);
    return fd;
  }
  diag->fd = fd;
  diag->sequence = 0;
  *out = diag;
  return 0;
}

void wio_sock_diag_close(wio_sock_diag *diag) {
  if (!diag) return;
  wio_diag_socket_close(diag->fd);
  free(diag);
}

// ---- questions

// A dump has two forms. This is the older one (inet_diag_rcv_msg_compat in net/ipv4/inet_diag.c): it tells IPv4 and
// IPv6 in one walk over the kernel's table. With few connections that walk is nearly the whole cost.
typedef struct {
  struct nlmsghdr head;
  struct inet_diag_req body;
} dump_request;

typedef struct {
  struct nlmsghdr head;
  struct inet_diag_req_v2 body;
} one_request;

typedef struct {
  struct nlmsghdr head;
  struct unix_diag_req body;
} unix_request;

#define COUNTERS (1 << (INET_DIAG_INFO - 1))

// The kernel answers within the calls of this process, so this never waits.
static ssize_t receive(wio_sock_diag *diag) {
  struct iovec room = {.iov_base = diag->buffer, .iov_len = sizeof diag->buffer};
  struct msghdr message = {.msg_iov = &room, .msg_iovlen = 1};
  for (;;) {
    ssize_t length = recvmsg(diag->fd, &message, 0);
    if (length >= 0) return message.msg_flags & MSG_TRUNC ? -EMSGSIZE : length;
    if (errno != EINTR) return -errno;
  }
}

// Reads the rest of an answer that was given up: no new dump can begin before the answer's end.
static void drain(wio_sock_diag *diag) {
  ssize_t length;
  do length = receive(diag);
  while (length > 0 || length == -ENOBUFS || length == -EMSGSIZE);
}

static int send_request(wio_sock_diag *diag, const struct nlmsghdr *asked) {
  ssize_t sent;
  do sent = send(diag->fd, asked, asked->nlmsg_len, 0);
  while (sent < 0 && errno == EINTR);
  return sent < 0 ? -errno : 0;
}

static int tell_buffer(wio_sock_diag *diag, size_t length, wio_diag_tell *tell, void *context) {
  size_t offset = 0;
  for (;;) {
    wio_connection connection;
    int message = wio_diag_parse(diag->buffer, length, diag->sequence, &offset, &connection);
    if (message != WIO_DIAG_CONNECTION) return message;
    if (connection.inode == 0 && !connection.closed) continue;
    int rc = tell(context, &connection);
    if (rc < 0) return rc;
  }
}

// Returns WIO_DIAG_DONE, WIO_DIAG_TORN or a negative errno.
static int dump_once(wio_sock_diag *diag, uint32_t states, wio_diag_tell *tell, void *context) {
  dump_request asked = {
      .head = {.nlmsg_len = sizeof asked,
               .nlmsg_type = TCPDIAG_GETSOCK,
               .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
               .nlmsg_seq = ++diag->sequence},
      .body = {.idiag_ext = COUNTERS, .idiag_states = states},
  };
  bool torn = false;
  int rc = send_request(diag, &asked.head);
  if (rc < 0) return rc;
  for (int message = WIO_DIAG_MORE; message == WIO_DIAG_MORE;) {
    ssize_t length = receive(diag);
    if (length == -ENOBUFS) torn = true;
    else if (length < 0) rc = (int)length;
    else if (length == 0) rc = -EBADMSG;
    else message = rc = tell_buffer(diag, (size_t)length, tell, context);
    if (rc < 0) drain(diag);
    if (rc < 0) return rc;
  }
  return torn ? WIO_DIAG_TORN : rc;
}

static int dump(wio_sock_diag *diag, uint32_t states, wio_diag_tell *tell, void *context) {
  int rc = WIO_DIAG_TORN;
  for (int i = 0; i < TRIES && rc == WIO_DIAG_TORN; i++) rc = dump_once(diag, states, tell, context);
  // A dump that is torn again lacks some sockets: the next one tells them.
  return rc == -ENOENT ? -EOPNOTSUPP : rc < 0 ? rc : 0;
}

int wio_sock_diag_dump(wio_sock_diag *diag, wio_diag_tell *tell, void *context) {
  return dump(diag, STATES, tell, context);
}

int wio_sock_diag_dump_listeners(wio_sock_diag *diag, wio_diag_tell *tell, void *context) {
  return dump(diag, 1u << LISTEN, tell, context);
}

int wio_sock_diag_ask(wio_sock_diag *diag, const wio_connection *connection, wio_connection *out) {
  one_request asked = {
      .head = {.nlmsg_len = sizeof asked,
               .nlmsg_type = SOCK_DIAG_BY_FAMILY,
               .nlmsg_flags = NLM_F_REQUEST,
               .nlmsg_seq = ++diag->sequence},
      .body = {.sdiag_family = connection->family,
               .sdiag_protocol = IPPROTO_TCP,
               .idiag_ext = COUNTERS,
               .id = connection->id},
  };
  int rc = send_request(diag, &asked.head);
  if (rc < 0) return rc;
  for (;;) {
    ssize_t length = receive(diag);
    if (length < 0) return (int)length;
    size_t offset = 0;
    int message = wio_diag_parse(diag->buffer, (size_t)length, diag->sequence, &offset, out);
    if (message < 0) return message;
    if (message == WIO_DIAG_CONNECTION) return 0;
    if (length == 0) return -EBADMSG;
  }
}

// Looks for one attribute. Its one byte holds SEND_SHUTDOWN and RCV_SHUTDOWN of net/sock.h.
static bool tells_shut(const char *payload, size_t length) {
  size_t at = NLMSG_ALIGN(sizeof(struct unix_diag_msg));
  while (at + sizeof(struct nlattr) <= length) {
    struct nlattr attribute;
    memcpy(&attribute, payload + at, sizeof attribute);
    if (attribute.nla_len < sizeof attribute || attribute.nla_len > length - at) return false;
    if (attribute.nla_type == UNIX_DIAG_SHUTDOWN && attribute.nla_len > sizeof attribute)
      return (payload[at + sizeof attribute] & 3) == 3;
    at += NLA_ALIGN(attribute.nla_len);
  }
  return false;
}

// Asks the kernel about a Unix socket. `*out` is the answer, borrowed until the next question. Returns its length; 0
// when in doubt.
static size_t ask_unix(wio_sock_diag *diag, uint32_t inode, const char **out) {
  unix_request asked = {
      .head = {.nlmsg_len = sizeof asked,
               .nlmsg_type = SOCK_DIAG_BY_FAMILY,
               .nlmsg_flags = NLM_F_REQUEST,
               .nlmsg_seq = ++diag->sequence},
      .body = {.sdiag_family = AF_UNIX, .udiag_states = ~0u, .udiag_ino = inode, .udiag_cookie = {~0u, ~0u}},
  };
  if (send_request(diag, &asked.head) < 0) return 0;
  struct nlmsghdr head;
  for (;;) {
    ssize_t length = receive(diag);
    if (length < (ssize_t)sizeof head) return 0;
    memcpy(&head, diag->buffer, sizeof head);
    if (head.nlmsg_seq != diag->sequence) continue;
    if (head.nlmsg_type != SOCK_DIAG_BY_FAMILY || head.nlmsg_len > (size_t)length) return 0;
    *out = diag->buffer + NLMSG_HDRLEN;
    return head.nlmsg_len - NLMSG_HDRLEN;
  }
}

bool wio_sock_diag_is_shut(wio_sock_diag *diag, uint32_t inode) {
  const char *answer;
  size_t length = ask_unix(diag, inode, &answer);
  return length > 0 && tells_shut(answer, length);
}

bool wio_sock_diag_is_stream(wio_sock_diag *diag, uint32_t inode) {
  const char *answer;
  struct unix_diag_msg is;
  if (ask_unix(diag, inode, &answer) < sizeof is) return true;
  memcpy(&is, answer, sizeof is);
  return is.udiag_type == SOCK_STREAM && is.udiag_state == ESTABLISHED;
}
