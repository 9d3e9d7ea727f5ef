// SPDX-License-Identifier: MIT
// diag_socket: a netlink socket of the kernel's socket diagnosis in a given network namespace.
#pragma once

// Opens it in the namespace whose file is `netns`, or in this process's own with -1; it keeps the namespace alive.
// Returns the descriptor, which never blocks, or a negative errno: -EPERM where the namespace may not be entered
// (CAP_SYS_ADMIN, in it and here), -EMFILE where no more files may be held. The caller closes it.
int wio_diag_socket_open(int netns);
void wio_diag_socket_close(int fd);
