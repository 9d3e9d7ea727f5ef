// SPDX-License-Identifier: MIT
// diag_message: what the kernel tells of TCP sockets over netlink, and its parser. See sock_diag(7); the counters are
// those of tcp_info (linux/tcp.h), exact, and need no privilege.
#pragma once

#include <linux/inet_diag.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A TCP socket at one moment.
typedef struct {
  uint32_t inode; // as in socket:[inode] of /proc/PID/fd; 0 while nobody has accepted it, and once it was closed
  uint8_t family; // AF_INET or AF_INET6
  struct inet_diag_sockid id; // what the kernel finds it by again; the cookie is never used twice
  bool listening;             // it carries nothing itself
  uint32_t waiting;           // listening: how many have connected and were not accepted yet
  bool closed;                // by its last holder; the kernel goes on alone
  bool blank;                 // destroyed, and it has never been connected
  bool wiped;                 // destroyed, and an abort (SO_LINGER of 0) has taken its counters along
  bool finished;              // the other end's FIN has come: known of all but destroyed ones
  uint8_t beyond;             // destroyed: the FIN and SYN that were acknowledged
  uint64_t received;          // payload that arrived in order, read or not; of a destroyed one, with the FIN
  uint64_t sent;              // payload that went out, each byte once, whether it was acknowledged yet or not
} wio_connection;

// Takes the FIN out of what a destroyed connection has received. `finished`: it is known to have come; else it is taken
// to have come where this end's own was acknowledged, which is not so when this end was closed first and the other one
// never was: then one byte too little remains. `opened`: this end has opened the connection, so that its SYN was
// acknowledged too.
uint64_t wio_connection_payload(const wio_connection *destroyed, bool finished, bool opened);

// One message of the kernel.
typedef enum {
  WIO_DIAG_MORE,       // the buffer is used up; more follows in another one
  WIO_DIAG_CONNECTION, // a socket
  WIO_DIAG_DONE,       // the answer is complete
  WIO_DIAG_TORN,       // the answer is complete, but the table changed so much meanwhile that it may lack some
} wio_diag_message;

// Takes the next message of request number `sequence` (0: what was not asked for) out of `buffer` and moves `*offset`
// behind it; messages of other requests are passed over. `*offset` is 0 at first. Returns a wio_diag_message (only with
// WIO_DIAG_CONNECTION is `out` written), or the kernel's refusal as a negative errno: -EBADMSG for what is no netlink
// message, -EOPNOTSUPP where the kernel tells no payload (before 4.19).
int wio_diag_parse(const void *buffer, size_t length, uint32_t sequence, size_t *offset, wio_connection *out);

// Is given each socket; what it returns below 0 is returned in the end.
typedef int wio_diag_tell(void *context, const wio_connection *connection);
