// SPDX-License-Identifier: MIT
// listeners: the sockets that wait for TCP connections or for datagrams in every network namespace that was met, their
// ports, and the processes that hold them.
#pragma once

#include "sys/procfs.h"

#include <stdint.h>
#include <sys/types.h>

typedef struct wio_listeners wio_listeners;

// NULL when out of memory. `fs` must outlive the result. The caller frees the result.
wio_listeners *wio_listeners_new(wio_procfs *fs);
void wio_listeners_free(wio_listeners *listeners);

// Reads the sockets of all known namespaces anew. A namespace becomes known when the first process in it is asked
// about, and is forgotten when that process ends. Takes no memory unless there are more sockets than ever before.
void wio_listeners_refresh(wio_listeners *listeners);

// Returns a figure that changes when other sockets than before listen on the port, in any known namespace. A port of
// UDP has the bit WIO_PORT_UDP set; sockets of UDP are read from the first such question on.
uint64_t wio_listeners_mark(wio_listeners *listeners, uint32_t port);

// Whether the process holds a socket that listens on the port in its own namespace, as that was last read: 1, 0, or a
// negative errno where its descriptors may not be read.
int wio_listeners_holds(wio_listeners *listeners, pid_t pid, uint32_t port);
