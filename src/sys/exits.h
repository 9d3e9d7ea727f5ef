// SPDX-License-Identifier: MIT
// exits: one descriptor that tells of the end of many processes: an epoll(7) of their pidfds.
#pragma once

#include <stddef.h>

typedef struct wio_exits wio_exits;

// 0 or a negative errno. The caller frees it with wio_exits_close.
int wio_exits_open(wio_exits **out);
void wio_exits_close(wio_exits *exits);

// Watches a pidfd; `owner` is what wio_exits_take will report. 0 or a negative errno.
int wio_exits_add(wio_exits *exits, int pidfd, void *owner);

// Watches any other descriptor: told once while it is readable, and then not again before this is called the next time.
int wio_exits_add_once(wio_exits *exits, int fd, void *owner);

// Forgets a descriptor, to be called before it is closed: closing alone is not enough, since a fork elsewhere in the
// program may hold it open (epoll(7)). No owner is reported after this. Harmless for a descriptor that was never added.
void wio_exits_remove(wio_exits *exits, int fd);

// The owners of processes that ended, `most` at a time; told again until they are removed. Returns how many.
size_t wio_exits_take(wio_exits *exits, void **owners, size_t most);

// Readable while there is something to take. Owned by `exits`.
int wio_exits_fd(const wio_exits *exits);
