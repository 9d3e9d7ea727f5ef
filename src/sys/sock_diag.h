// sock_diag: the kernel's TCP connections and what they have carried, asked of it over netlink. See sock_diag(7); the
// counters are those of tcp_info (linux/tcp.h), exact, and need no privilege.
#pragma once

#include <linux/inet_diag.h>
#include <stddef.h>
#include <stdint.h>

// A connection that a process can hold: neither listening nor merely waiting out its time.
typedef struct {
  uint32_t inode;               // as in socket:[inode] of /proc/PID/fd; 0 while nobody has accepted it
  uint8_t family;               // AF_INET or AF_INET6
  struct inet_diag_sockid id;   // what the kernel finds it by again, cookie included
  uint64_t received;            // payload that arrived in order, whether it was read yet or not
  uint64_t sent;                // payload that went out, each byte once, whether it was acknowledged yet or not
} wio_connection;

// One message of the kernel's answer.
typedef enum {
  WIO_DIAG_MORE,       // the buffer is used up; more follows in another one
  WIO_DIAG_CONNECTION, // a connection
  WIO_DIAG_DONE,       // the answer is complete
  WIO_DIAG_TORN,       // the answer is complete, but the table changed so much meanwhile that it may lack some
} wio_diag_message;

// Takes the next message of request number `sequence` out of `buffer` and moves `*offset` behind it; messages of other
// requests are passed over. `*offset` is 0 at first. Returns a wio_diag_message (only with WIO_DIAG_CONNECTION is `out`
// written), or the kernel's refusal as a negative errno: -EBADMSG for what is no netlink message, -EOPNOTSUPP where the
// kernel tells no payload (before 4.19).
int wio_diag_parse(const void *buffer, size_t length, uint32_t sequence, size_t *offset, wio_connection *out);

typedef struct wio_sock_diag wio_sock_diag;

// Asks in the network namespace whose file is `netns`, or in this process's own with -1. 0 or a negative errno: -EPERM where
// the namespace may not be entered (CAP_SYS_ADMIN, in it and here), -EMFILE where no more files may be held.
// The caller closes it; it keeps the namespace alive.
int wio_sock_diag_open(int netns, wio_sock_diag **out);
void wio_sock_diag_close(wio_sock_diag *diag);

// Is given each connection; what it returns below 0 is returned in the end.
typedef int wio_diag_tell(void *context, const wio_connection *connection);

// Tells all connections of the namespace that have a holder, IPv4 and IPv6; one can be told twice, and one that others
// came and went beside can be missing. 0 or a negative errno: -EOPNOTSUPP where the kernel has no tcp_diag. Allocates
// nothing.
int wio_sock_diag_dump(wio_sock_diag *diag, wio_diag_tell *tell, void *context);

// Reads one connection that a dump has told. -ENOENT when it is no more.
int wio_sock_diag_ask(wio_sock_diag *diag, const wio_connection *connection, wio_connection *out);
