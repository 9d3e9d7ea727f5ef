// SPDX-License-Identifier: MIT
// listener: a socket that waits for TCP connections, as /proc/PID/net/tcp and tcp6 tell of it. Where the kernel writes
// the text: net/ipv4/tcp_ipv4.c, net/ipv6/tcp_ipv6.c.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint16_t port;
  uint64_t inode; // what /proc/PID/fd calls it by
} wio_listener;

// Parses one line. False for any other socket, the heading, and what is malformed.
bool wio_listener_parse(const char *line, size_t length, wio_listener *out);
