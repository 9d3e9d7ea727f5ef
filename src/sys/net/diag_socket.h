// SPDX-License-Identifier: MIT
// diag_socket: a netlink socket for the kernel's socket diagnosis (sock_diag(7)) in a given network namespace.
#pragma once

// Opens the socket in the namespace whose file is the descriptor `netns`, or in this process's own with -1. The socket
// keeps the namespace alive. Returns the descriptor, which never blocks, or a negative errno: -EPERM where the
// namespace may not be entered (CAP_SYS_ADMIN, in it and here), -EMFILE where no more files may be held. The caller
// closes it with wio_diag_socket_close.
int wio_diag_socket_open(int netns);
void wio_diag_socket_close(int fd);
