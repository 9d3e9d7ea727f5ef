// SPDX-License-Identifier: MIT
// listeners: who waits for TCP connections, or for datagrams, on which port: the listening sockets of every network
// namespace that was met, and the processes that hold them.
#pragma once

#include "sys/procfs.h"

#include <stdint.h>
#include <sys/types.h>

typedef struct wio_listeners wio_listeners;

// NULL when out of memory. `fs` must outlive it. The caller frees it.
wio_listeners *wio_listeners_new(wio_procfs *fs);
void wio_listeners_free(wio_listeners *listeners);

// Reads the sockets of all known namespaces anew. A namespace is known from the first process in it that is asked for,
// and forgotten with the end of that process. No memory is taken unless there are more sockets than ever before.
void wio_listeners_refresh(wio_listeners *listeners);

// A figure that changes when other sockets than before listen on the port, in any known namespace. A port
// of UDP has WIO_PORT_UDP in it; UDP is looked at from the first such question on.
uint64_t wio_listeners_mark(wio_listeners *listeners, uint32_t port);

// Whether the process holds a socket that listened on the port, in its own namespace, when that was last read: 1, 0, or
// a negative errno where its descriptors may not be read.
int wio_listeners_holds(wio_listeners *listeners, pid_t pid, uint32_t port);
