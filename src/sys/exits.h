// SPDX-License-Identifier: MIT
// exits: one descriptor that shows the end of many processes: an epoll(7) of their pidfds.
#pragma once

#include <stddef.h>

typedef struct wio_exits wio_exits;

// 0 or a negative errno. The caller frees `*out` with wio_exits_close.
int wio_exits_open(wio_exits **out);
void wio_exits_close(wio_exits *exits);

// Watches a pidfd; wio_exits_take will report `owner`. 0 or a negative errno.
int wio_exits_add(wio_exits *exits, int pidfd, void *owner);

// Watches any other descriptor. It is reported once when it is readable, and then not again before the next call of
// this function. 0 or a negative errno.
int wio_exits_add_once(wio_exits *exits, int fd, void *owner);

// Forgets a descriptor. Must be called before the descriptor is closed: closing alone is not enough, since a fork
// elsewhere in the program may hold it open (epoll(7)). Its owner is not reported after this. Harmless for a descriptor
// that was never added.
void wio_exits_remove(wio_exits *exits, int fd);

// Writes the owners of processes that ended, at most `most`. An owner is reported again until it is removed. Returns
// how many there are.
size_t wio_exits_take(wio_exits *exits, void **owners, size_t most);

// A descriptor that is readable while there is something to take. Owned by `exits`.
int wio_exits_fd(const wio_exits *exits);
