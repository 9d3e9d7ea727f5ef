// SPDX-License-Identifier: MIT
// fds: the files that a process holds open and maps, from /proc/PID/fd and /proc/PID/maps of proc(5). Both need the
// same permission as the process's io file.
#pragma once

#include "sys/procfs.h"

#include <stdbool.h>
#include <stdint.h>

// An open PID/fd.
typedef struct {
  wio_procfs *fs;
  pid_t pid;
  int directory; // -1 once the process has failed to answer
} wio_fds;

// Opens PID/fd, close-on-exec. It stays that process's, even if another process gets the pid later. The caller closes
// `*out`. 0 or a negative errno: -EACCES where that is not permitted, -ESRCH when there is no such process. Here and
// below, -ETIMEDOUT when the process is silent (sys/apart.h).
int wio_fds_open(wio_procfs *fs, pid_t pid, wio_fds *out);
void wio_fds_close(wio_fds *fds);

typedef void wio_fds_tell(void *context, int number, uint32_t inode);

typedef enum { WIO_FDS_OTHER, WIO_FDS_TCP, WIO_FDS_UNIX } wio_fds_protocol;

// The protocol of the socket behind descriptor `number`; TCP also when it is not connected. The kernel tells it in
// net/socket.c, sockfs_xattr_get. WIO_FDS_OTHER where the kernel does not tell.
wio_fds_protocol wio_fds_ask_protocol(wio_fds *fds, int number);

// Sets `several` when some of the process's threads have other open files than its thread `living`: unshare(2),
// CLONE_FILES. Sets false where the kernel does not tell (kcmp(2)). 0 or a negative errno.
int wio_fds_are_several(wio_procfs *fs, pid_t pid, pid_t living, bool *several);

// Calls `tell` for each socket among the open files, of any family, by ascending descriptor numbers. A socket that is
// held twice is told twice. A zombie has none. Sets `hidden` when some other open file can serve work that the io file
// does not show (sys/channels.h). 0 or a negative errno. Allocates nothing.
int wio_fds_visit(wio_fds *fds, wio_fds_tell *tell, void *context, bool *hidden);

// Sets `shared` to whether the process maps memory that it shares with others (wio_maps_shared of sys/channels.h). 0 or
// a negative errno. Allocates nothing.
int wio_fds_share_memory(wio_procfs *fs, pid_t pid, bool *shared);
