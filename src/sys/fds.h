// SPDX-License-Identifier: MIT
// fds: what a process holds open and maps: /proc/PID/fd and /proc/PID/maps of proc(5), which take the permission of its
// io file.
#pragma once

#include "sys/procfs.h"

#include <stdbool.h>
#include <stdint.h>

// An open PID/fd.
typedef struct {
  wio_procfs *fs;
  pid_t pid;
  int directory; // -1 once the process has not answered
} wio_fds;

// Opens PID/fd, close-on-exec; it stays that process's whoever gets the pid later. The caller closes it. 0 or a
// negative errno: -EACCES where that is not permitted, -ESRCH. Here and below, -ETIMEDOUT of a process that is silent.
int wio_fds_open(wio_procfs *fs, pid_t pid, wio_fds *out);
void wio_fds_close(wio_fds *fds);

typedef void wio_fds_tell(void *context, int number, uint32_t inode);

typedef enum { WIO_FDS_OTHER, WIO_FDS_TCP, WIO_FDS_UNIX } wio_fds_protocol;

// Of which protocol the socket behind descriptor `number` is: of TCP also when it is not connected (net/socket.c,
// sockfs_xattr_get). OTHER where it is not told.
wio_fds_protocol wio_fds_ask_protocol(wio_fds *fds, int number);

// Whether some of its threads have other open files than `living`, one of them: unshare(2), CLONE_FILES. False where
// the kernel does not tell (kcmp(2)). 0 or a negative errno.
int wio_fds_are_several(wio_procfs *fs, pid_t pid, pid_t living, bool *several);

// Tells the inode of each socket behind an open PID/fd, of any family, by ascending descriptor numbers; one that is
// held twice is told twice. A zombie has none. `hidden`: whether there is anything else that its io file does not show
// the use of (sys/channels.h). 0 or a negative errno. Allocates nothing.
int wio_fds_visit(wio_fds *fds, wio_fds_tell *tell, void *context, bool *hidden);

// Whether it maps memory that it shares with others and can write. 0 or a negative errno. Allocates nothing.
int wio_fds_share_memory(wio_procfs *fs, pid_t pid, bool *shared);
