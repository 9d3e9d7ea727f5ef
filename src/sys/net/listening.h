// SPDX-License-Identifier: MIT
// listening: asks the kernel for the sockets of this process's own network namespace that wait for TCP connections, or
// for datagrams from any sender (sock_diag(7)). Unlike reading the text of net/tcp, this costs nothing for the
// connections that there are, or could be.
#pragma once

#include "core/listener.h"

// Calls `take` for each such socket of TCP or, with WIO_PORT_UDP for `protocol`, of UDP; of IPv4 and IPv6. 0, or a
// negative errno where the kernel cannot be asked.
int wio_listening_list(uint32_t protocol, void (*take)(void *data, const wio_listener *socket), void *data);
