// SPDX-License-Identifier: MIT
// diag_message: a parser of the kernel's netlink messages about TCP sockets. See sock_diag(7). The counters are those
// of tcp_info (linux/tcp.h); they are exact and need no privilege.
#pragma once

#include <linux/inet_diag.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A TCP socket at one moment.
typedef struct {
  uint32_t inode; // as in socket:[inode] of /proc/PID/fd; 0 before a process has accepted it, and after it was closed
  uint8_t family; // AF_INET or AF_INET6
  struct inet_diag_sockid id; // the kernel's key for the socket; the cookie is never used twice
  bool listening;             // it is a listener, which carries nothing itself
  uint32_t waiting;           // of a listener: how many connections were not accepted yet
  bool closed;                // its last holder has closed it; the kernel goes on alone
  bool blank;                 // it is destroyed, and it was never connected
  bool wiped;                 // it is destroyed, and an abort (SO_LINGER of 0) has wiped its counters
  bool finished;              // the other end's FIN has come; unknown for a destroyed socket
  uint8_t beyond;             // of a destroyed socket: how many of FIN and SYN were acknowledged
  uint64_t received;          // bytes of payload that arrived in order, read or not; of a destroyed socket with the FIN
  uint64_t sent;              // bytes of payload that went out, each counted once, acknowledged or not
} wio_connection;

// Returns the payload that a destroyed connection has received, without the other end's FIN. `finished` says that this
// FIN is known to have come. Otherwise it is taken to have come where this end's own FIN was acknowledged. That is
// wrong when this end closed first and the other end never did: then the result is one byte too small. `opened` says
// that this end has opened the connection, so that its SYN was acknowledged too.
uint64_t wio_connection_payload(const wio_connection *destroyed, bool finished, bool opened);

// The kinds of result of wio_diag_parse.
typedef enum {
  WIO_DIAG_MORE,       // the buffer is used up; more follows in another buffer
  WIO_DIAG_CONNECTION, // a socket
  WIO_DIAG_DONE,       // the answer is complete
  WIO_DIAG_TORN,       // the answer is complete, but the table changed meanwhile, so that some sockets may be missing
} wio_diag_message;

// Takes the next message of request number `sequence` (0: messages without a request) out of `buffer`, and moves
// `*offset` behind it; `*offset` is 0 at first. Passes over messages of other requests. Returns a wio_diag_message;
// `out` is written only with WIO_DIAG_CONNECTION. Or returns a negative errno: the kernel's refusal, -EBADMSG when this
// is no netlink message, -EOPNOTSUPP where the kernel does not count the payload (before 4.19).
int wio_diag_parse(const void *buffer, size_t length, uint32_t sequence, size_t *offset, wio_connection *out);

// Called for each socket. A result below 0 is handed to the caller in the end.
typedef int wio_diag_tell(void *context, const wio_connection *connection);
