// SPDX-License-Identifier: MIT
// listener: a socket that waits for TCP connections, parsed from /proc/PID/net/tcp and tcp6; or for datagrams from any
// sender, parsed from udp and udp6. The kernel writes these texts in net/ipv4/tcp_ipv4.c and net/ipv4/udp.c.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The bit that marks a port of UDP.
#define WIO_PORT_UDP UINT32_C(0x10000)

typedef struct {
  uint32_t port;
  uint64_t inode; // the number in the socket's link in /proc/PID/fd
} wio_listener;

// Parses one line of a table of TCP or, with WIO_PORT_UDP for `protocol`, of UDP. False for any other socket, for the
// heading, and for a malformed line.
bool wio_listener_parse(const char *line, size_t length, uint32_t protocol, wio_listener *out);
