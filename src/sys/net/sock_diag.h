// SPDX-License-Identifier: MIT
// sock_diag: asks the kernel over netlink for its TCP connections and listeners, with their byte counters.
#pragma once

#include "sys/net/diag_message.h"

typedef struct wio_sock_diag wio_sock_diag;

// Opens a socket for questions about the network namespace whose file is the descriptor `netns`, or about this
// process's own with -1. 0, or an error of wio_diag_socket_open. The caller closes `*out`.
int wio_sock_diag_open(int netns, wio_sock_diag **out);
void wio_sock_diag_close(wio_sock_diag *diag);

// Calls `tell` for all sockets of the namespace that have a holder, or had one and live on: IPv4 and IPv6, listeners
// first. A socket can be told twice, and can be missing when others came and went beside it. 0 or a negative errno:
// -EOPNOTSUPP where the kernel has no tcp_diag. Allocates nothing.
int wio_sock_diag_dump(wio_sock_diag *diag, wio_diag_tell *tell, void *context);

// The same for listeners only: with many connections this costs a small part of a full dump.
int wio_sock_diag_dump_listeners(wio_sock_diag *diag, wio_diag_tell *tell, void *context);

// Reads one connection that a dump has told. 0 or a negative errno: -ENOENT when it is gone.
int wio_sock_diag_ask(wio_sock_diag *diag, const wio_connection *connection, wio_connection *out);

// Whether an inode is a connected Unix stream of the namespace, as a parent or the journal gives it for standard
// streams. True also when in doubt: the socket may be of another namespace.
bool wio_sock_diag_is_stream(wio_sock_diag *diag, uint32_t inode);

// Whether an inode is a Unix socket of the namespace that is shut in both directions. False when in doubt. Some
// programs keep one all their life, to put it in the place of a connection that they close.
bool wio_sock_diag_is_shut(wio_sock_diag *diag, uint32_t inode);
