// SPDX-License-Identifier: MIT
#include "sys/net/diag_message.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <string.h>

// The numbers of enum tcp_state (net/tcp_states.h), which linux/tcp.h lacks.
enum { SYN_RECV = 3, FIN_WAIT1, FIN_WAIT2, TIME_WAIT, CLOSE, CLOSE_WAIT, LAST_ACK, LISTEN, CLOSING, NEW_SYN_RECV };

static bool is_in(uint8_t state, uint32_t set) { return state < 32 && (set >> state & 1); }

// In these states the other end's FIN has come. The kernel counts a FIN as a byte received, but not a SYN.
// tcpi_bytes_acked counts both.
static const uint32_t finished_states = 1u << CLOSE_WAIT | 1u << LAST_ACK | 1u << CLOSING;

// In these states the last holder has closed the socket. A socket that was not accepted yet is in none of them.
static const uint32_t leaving_states = 1u << FIN_WAIT1 | 1u << FIN_WAIT2 | 1u << LAST_ACK | 1u << CLOSING;

// In these states the kernel keeps a small record without counters: of a connection that begins, or that all holders
// have left. Its closing was told, or will be.
static const uint32_t bare_states = 1u << SYN_RECV | 1u << FIN_WAIT2 | 1u << TIME_WAIT | 1u << NEW_SYN_RECV;

static uint64_t minus(uint64_t a, uint64_t b) { return a > b ? a - b : 0; }

static bool has_counters(const struct nlattr *attribute) {
  return attribute->nla_len >= sizeof *attribute + offsetof(struct tcp_info, tcpi_bytes_retrans) + sizeof(uint64_t);
}

static void take_counters(const struct nlattr *attribute, wio_connection *out) {
  struct tcp_info info;
  memcpy(&info, attribute + 1, offsetof(struct tcp_info, tcpi_bytes_retrans) + sizeof info.tcpi_bytes_retrans);
  out->received = minus(info.tcpi_bytes_received, out->finished);
  out->sent = minus(info.tcpi_bytes_sent, info.tcpi_bytes_retrans);
  uint64_t beyond = minus(info.tcpi_bytes_acked, out->sent);
  out->beyond = beyond < 2 ? (uint8_t)beyond : 2;
}

// A destroyed socket comes in state CLOSE and without its inode (sock_diag_broadcast_destroy_work in
// net/core/sock_diag.c). An abort wipes the other end's address and the counters, and leaves a hole in the sequence
// numbers sent (tcp_disconnect in net/ipv4/tcp.c).
static wio_connection take_head(const struct inet_diag_msg *head) {
  bool destroyed = head->idiag_state == CLOSE && head->idiag_inode == 0, nowhere = head->id.idiag_dport == 0;
  return (wio_connection){
      .inode = head->idiag_inode,
      .family = head->idiag_family,
      .id = head->id,
      .listening = head->idiag_state == LISTEN,
      .waiting = head->idiag_state == LISTEN ? head->idiag_rqueue : 0,
      .closed = head->idiag_inode == 0 && (destroyed || is_in(head->idiag_state, leaving_states)),
      .blank = destroyed && nowhere && head->idiag_wqueue == 0,
      .wiped = destroyed && nowhere && head->idiag_wqueue != 0,
      .finished = is_in(head->idiag_state, finished_states),
  };
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
      *out = take_head(&head);
      take_counters(attribute, out);
      return WIO_DIAG_CONNECTION;
    }
    at += NLA_ALIGN(attribute->nla_len);
  }
  return is_in(head.idiag_state, bare_states) ? WIO_DIAG_MORE : -EOPNOTSUPP;
}

// Parses a refusal. ENOENT in answer to a dump means a kernel without tcp_diag; wio_sock_diag_dump reports that.
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

uint64_t wio_connection_payload(const wio_connection *destroyed, bool finished, bool opened) {
  return minus(destroyed->received, finished || destroyed->beyond > opened);
}
