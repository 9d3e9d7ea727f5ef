// exits: one descriptor that tells of the end of many processes: an epoll(7) of their pidfds.
#pragma once

#include <stddef.h>

typedef struct wio_exits wio_exits;

// 0 or a negative errno. The caller frees it with wio_exits_close.
int wio_exits_open(wio_exits **out);
void wio_exits_close(wio_exits *exits);

// Watches a pidfd; `owner` is what wio_exits_take will tell. It leaves when the pidfd is closed.
int wio_exits_add(wio_exits *exits, int pidfd, void *owner);

// The owners of processes that ended, `most` at a time; told again until their pidfds are closed. Returns how many.
size_t wio_exits_take(wio_exits *exits, void **owners, size_t most);

// Readable while there is something to take. Owned by `exits`.
int wio_exits_fd(const wio_exits *exits);
