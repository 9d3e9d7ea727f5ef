// SPDX-License-Identifier: MIT
// closings: the last counters of every TCP socket of a network namespace, which the kernel multicasts as it destroys
// the socket (SKNLGRP_INET_TCP_DESTROY of linux/sock_diag.h). That is a little after the last holder has closed it: as
// soon as the other end agrees. Needs no privilege.
#pragma once

#include "sys/net/diag_message.h"

typedef struct wio_closings wio_closings;

// Listens from now on, in the namespace whose file is `netns`, or in this process's own with -1. 0, or an error of
// wio_diag_socket_open. The caller closes it. As long as it is open, each connection that ends in that namespace costs
// the machine a few microseconds.
int wio_closings_open(int netns, wio_closings **out);
void wio_closings_close(wio_closings *closings);

// Tells those since the last call; whose they were is not known any more. 0, or a negative errno when some are missing:
// -ENOBUFS when there were more than could be kept. Allocates nothing.
int wio_closings_take(wio_closings *closings, wio_diag_tell *tell, void *context);
