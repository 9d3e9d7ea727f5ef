// SPDX-License-Identifier: MIT
// sock_diag: the kernel's TCP connections and listeners and what they have carried, asked of it over netlink.
#pragma once

#include "sys/net/diag_message.h"

typedef struct wio_sock_diag wio_sock_diag;

// Asks in the network namespace whose file is `netns`, or in this process's own with -1. 0, or an error of
// wio_diag_socket_open. The caller closes it.
int wio_sock_diag_open(int netns, wio_sock_diag **out);
void wio_sock_diag_close(wio_sock_diag *diag);

// Tells all of the namespace that have a holder, or had one and live on, IPv4 and IPv6, listeners first; one can be
// told twice, and one that others came and went beside can be missing. 0 or a negative errno: -EOPNOTSUPP where the
// kernel has no tcp_diag. Allocates nothing.
int wio_sock_diag_dump(wio_sock_diag *diag, wio_diag_tell *tell, void *context);

// Tells only those that listen: of many connections a small part of the cost.
int wio_sock_diag_dump_listeners(wio_sock_diag *diag, wio_diag_tell *tell, void *context);

// Reads one connection that a dump has told. -ENOENT when it is no more.
int wio_sock_diag_ask(wio_sock_diag *diag, const wio_connection *connection, wio_connection *out);

// Whether an inode is a connected Unix stream of the namespace, such as a parent or the journal gives for standard
// streams. True also when in doubt: the socket may be of another namespace.
bool wio_sock_diag_is_stream(wio_sock_diag *diag, uint32_t inode);

// Whether an inode is a Unix socket of the namespace through which nothing goes any more, in neither direction. False
// when in doubt. Some programs keep one all their life, to put in the place of a connection that they close.
bool wio_sock_diag_is_shut(wio_sock_diag *diag, uint32_t inode);
