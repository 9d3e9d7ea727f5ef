// SPDX-License-Identifier: MIT
// fds: what a process holds open and maps: /proc/PID/fd and /proc/PID/maps of proc(5), which take the permission of its
// io file.
#pragma once

#include "sys/procfs.h"

#include <stdbool.h>
#include <stdint.h>

// Opens PID/fd, close-on-exec; it stays that process's whoever gets the pid later. The caller closes it. Returns the
// descriptor or a negative errno: -EACCES where that is not permitted, -ESRCH.
int wio_fds_open(wio_procfs *fs, pid_t pid);

typedef void wio_fds_tell(void *context, int number, uint32_t inode);

// Whether the socket behind descriptor `number` of an open PID/fd is of TCP, connected or not (net/socket.c,
// sockfs_xattr_get).
bool wio_fds_is_tcp(int directory, int number);

// Whether the socket behind descriptor `number` of an open PID/fd is a Unix socket.
bool wio_fds_is_unix(int directory, int number);

// Whether some of its threads have other open files than `living`, one of them: unshare(2), CLONE_FILES. False where
// the kernel does not tell (kcmp(2)).
bool wio_fds_are_several(wio_procfs *fs, pid_t pid, pid_t living);

// Tells the inode of each socket behind an open PID/fd, of any family, by ascending descriptor numbers; one that is
// held twice is told twice. A zombie has none. `hidden`: whether there is anything else that its io file does not show
// the use of (sys/channels.h). 0 or a negative errno. Allocates nothing.
int wio_fds_visit(int directory, wio_fds_tell *tell, void *context, bool *hidden);

// Whether it maps memory that it shares with others and can write. 0 or a negative errno. Allocates nothing.
int wio_fds_share_memory(wio_procfs *fs, pid_t pid, bool *shared);
