// SPDX-License-Identifier: MIT
// listener: a socket that waits for TCP connections, as /proc/PID/net/tcp and tcp6 tell of it, or for datagrams of
// anybody, as udp and udp6 do. Where the kernel writes the text: net/ipv4/tcp_ipv4.c, net/ipv4/udp.c.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Or'ed to a port: it is of UDP.
#define WIO_PORT_UDP UINT32_C(0x10000)

typedef struct {
  uint32_t port;
  uint64_t inode; // what /proc/PID/fd calls it by
} wio_listener;

// Parses one line of a table of TCP or, with WIO_PORT_UDP for `protocol`, of UDP. False for any other socket, the
// heading, and what is malformed.
bool wio_listener_parse(const char *line, size_t length, uint32_t protocol, wio_listener *out);
