#include "sys/sock_diag.h"

#include "sys/descriptors.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// The kernel fills at most this much at once, whatever room it is given.
#define BUFFER_SIZE 32768

// A dump of a table that changed under it is asked for once more.
#define TRIES 2

// The numbers of enum tcp_state (net/tcp_states.h), which linux/tcp.h does not tell.
enum { ESTABLISHED = 1, SYN_SENT, SYN_RECV, FIN_WAIT1, FIN_WAIT2, TIME_WAIT, CLOSE, CLOSE_WAIT, LAST_ACK, LISTEN, CLOSING };

#define STATES \
  (1u << ESTABLISHED | 1u << SYN_SENT | 1u << FIN_WAIT1 | 1u << FIN_WAIT2 | 1u << CLOSE | 1u << CLOSE_WAIT | \
   1u << LAST_ACK | 1u << CLOSING)

struct wio_sock_diag {
  int fd;
  uint32_t sequence;
  char buffer[BUFFER_SIZE];
};

// ---- the parser

// A FIN is counted as a byte received; a SYN is not, and tcpi_bytes_acked, which counts both, is not used.
static bool saw_fin(uint8_t state) { return state == CLOSE_WAIT || state == LAST_ACK || state == CLOSING; }

static uint64_t minus(uint64_t a, uint64_t b) { return a > b ? a - b : 0; }

static bool has_counters(const struct nlattr *attribute) {
  return attribute->nla_len >= sizeof *attribute + offsetof(struct tcp_info, tcpi_bytes_retrans) + sizeof(uint64_t);
}

static void take_counters(const struct nlattr *attribute, uint8_t state, wio_connection *out) {
  struct tcp_info info;
  memcpy(&info, attribute + 1, offsetof(struct tcp_info, tcpi_bytes_retrans) + sizeof info.tcpi_bytes_retrans);
  out->received = minus(info.tcpi_bytes_received, saw_fin(state));
  out->sent = minus(info.tcpi_bytes_sent, info.tcpi_bytes_retrans);
}

static int parse_connection(const char *payload, size_t length, wio_connection *out) {
  struct inet_diag_msg head;
  if (length < sizeof head) return -EBADMSG;
  memcpy(&head, payload, sizeof head);
  size_t at = NLMSG_ALIGN(sizeof head);
  while (at + sizeof(struct nlattr) <= length) {
    const struct nlattr *attribute = (const struct nlattr *)(const void *)(payload + at);
    if (attribute->nla_len < sizeof *attribute || attribute->nla_len > length - at) return -EBADMSG;
    if (attribute->nla_type == INET_DIAG_INFO) {
      if (!has_counters(attribute)) return -EOPNOTSUPP;
      *out = (wio_connection){.inode = head.idiag_inode, .family = head.idiag_family, .id = head.id};
      take_counters(attribute, head.idiag_state, out);
      return WIO_DIAG_CONNECTION;
    }
    at += NLA_ALIGN(attribute->nla_len);
  }
  return -EOPNOTSUPP;
}

// A refusal. ENOENT in answer to a dump is a kernel without tcp_diag; wio_sock_diag_dump says so.
static int parse_error(const char *payload, size_t length) {
  int error;
  if (length < sizeof error) return -EBADMSG;
  memcpy(&error, payload, sizeof error);
  return error < 0 && error > -4096 ? error : -EBADMSG;
}

static int parse_message(const struct nlmsghdr *head, wio_connection *out) {
  const char *payload = (const char *)head + NLMSG_HDRLEN;
  size_t length = head->nlmsg_len - NLMSG_HDRLEN;
  switch (head->nlmsg_type) {
    case NLMSG_DONE: return WIO_DIAG_DONE;
    case NLMSG_ERROR: return parse_error(payload, length);
    case TCPDIAG_GETSOCK:
    case SOCK_DIAG_BY_FAMILY: return parse_connection(payload, length, out);
    default: return WIO_DIAG_MORE;
  }
}

int wio_diag_parse(const void *buffer, size_t length, uint32_t sequence, size_t *offset, wio_connection *out) {
  while (*offset < length) {
    const struct nlmsghdr *head = (const struct nlmsghdr *)(const void *)((const char *)buffer + *offset);
    size_t left = length - *offset;
    if (left < sizeof *head || head->nlmsg_len < sizeof *head || head->nlmsg_len > left) return -EBADMSG;
    *offset += NLMSG_ALIGN(head->nlmsg_len) < left ? NLMSG_ALIGN(head->nlmsg_len) : left;
    if (head->nlmsg_seq != sequence) continue;
    int message = parse_message(head, out);
    if (message == WIO_DIAG_DONE && (head->nlmsg_flags & NLM_F_DUMP_INTR)) return WIO_DIAG_TORN;
    if (message != WIO_DIAG_MORE) return message;
  }
  return WIO_DIAG_MORE;
}

// ---- the socket

typedef struct {
  int netns; // -1: stay
  int fd;    // or a negative errno
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

// setns(2) moves one thread only: one that is made for this never has to find its way back.
static int open_there(opening *o) {
  pthread_t thread;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int rc = -pthread_create(&thread, NULL, open_socket, o);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return rc < 0 ? rc : -pthread_join(thread, NULL);
}

int wio_sock_diag_open(int netns, wio_sock_diag **out) {
  wio_sock_diag *diag = malloc(sizeof *diag);
  if (!diag) return -ENOMEM;
  opening o = {.netns = netns, .fd = -EMFILE};
  int rc = 0;
  if (wio_descriptors_take(1)) {
    if (netns < 0) open_socket(&o);
    else rc = open_there(&o);
    if (o.fd < 0) wio_descriptors_give(1);
  }
  if (rc == 0 && o.fd < 0) rc = o.fd;
  if (rc < 0) {
    free(diag);
    return rc;
  }
  diag->fd = wio_descriptors_lift(o.fd);
  diag->sequence = 0;
  *out = diag;
  return 0;
}

void wio_sock_diag_close(wio_sock_diag *diag) {
  if (!diag) return;
  close(diag->fd);
  wio_descriptors_give(1);
  free(diag);
}

// ---- questions

// Of the two forms of a dump the elder is asked for (inet_diag_rcv_msg_compat in net/ipv4/inet_diag.c): it tells IPv4 and
// IPv6 in one walk over the kernel's table, and of few connections that walk is nearly the whole cost.
typedef struct {
  struct nlmsghdr head;
  struct inet_diag_req body;
} dump_request;

typedef struct {
  struct nlmsghdr head;
  struct inet_diag_req_v2 body;
} one_request;

#define COUNTERS (1 << (INET_DIAG_INFO - 1))

// The kernel answers within the call, so nothing is ever waited for.
static ssize_t receive(wio_sock_diag *diag) {
  struct iovec room = {.iov_base = diag->buffer, .iov_len = sizeof diag->buffer};
  struct msghdr message = {.msg_iov = &room, .msg_iovlen = 1};
  for (;;) {
    ssize_t length = recvmsg(diag->fd, &message, 0);
    if (length >= 0) return message.msg_flags & MSG_TRUNC ? -EMSGSIZE : length;
    if (errno != EINTR) return -errno;
  }
}

// An answer that was given up is still under way, and no dump can begin before it is read to its end.
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
    if (connection.inode == 0) continue;
    int rc = tell(context, &connection);
    if (rc < 0) return rc;
  }
}

// Returns WIO_DIAG_DONE, WIO_DIAG_TORN or a negative errno.
static int dump_once(wio_sock_diag *diag, wio_diag_tell *tell, void *context) {
  dump_request asked = {
      .head = {.nlmsg_len = sizeof asked, .nlmsg_type = TCPDIAG_GETSOCK, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
               .nlmsg_seq = ++diag->sequence},
      .body = {.idiag_ext = COUNTERS, .idiag_states = STATES},
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

int wio_sock_diag_dump(wio_sock_diag *diag, wio_diag_tell *tell, void *context) {
  int rc = WIO_DIAG_TORN;
  for (int i = 0; i < TRIES && rc == WIO_DIAG_TORN; i++) rc = dump_once(diag, tell, context);
  // Torn again: what it lacks is told the next time.
  return rc == -ENOENT ? -EOPNOTSUPP : rc < 0 ? rc : 0;
}

int wio_sock_diag_ask(wio_sock_diag *diag, const wio_connection *connection, wio_connection *out) {
  one_request asked = {
      .head = {.nlmsg_len = sizeof asked, .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST,
               .nlmsg_seq = ++diag->sequence},
      .body = {.sdiag_family = connection->family, .sdiag_protocol = IPPROTO_TCP, .idiag_ext = COUNTERS,
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
