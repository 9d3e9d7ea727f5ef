// SPDX-License-Identifier: MIT
// closings: the last counters of every TCP socket of a network namespace. The kernel multicasts them when it destroys
// the socket (SKNLGRP_INET_TCP_DESTROY of linux/sock_diag.h). It destroys a socket a little after the last holder has
// closed it: as soon as the other end agrees. Needs no privilege.
#pragma once

#include "sys/net/diag_message.h"

typedef struct wio_closings wio_closings;

// Listens from now on in the namespace whose file is the descriptor `netns`, or in this process's own with -1. 0, or an
// error of wio_diag_socket_open. The caller closes `*out`. While it is open, each connection that ends in that
// namespace costs the machine a few microseconds.
int wio_closings_open(int netns, wio_closings **out);
void wio_closings_close(wio_closings *closings);

// Calls `tell` for each socket destroyed since the last call; the kernel no longer knows who held it. 0, or a negative
// errno when some are missing: -ENOBUFS when the kernel could not keep them all. Allocates nothing.
int wio_closings_take(wio_closings *closings, wio_diag_tell *tell, void *context);
