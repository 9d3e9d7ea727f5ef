// fds: which sockets a process holds open: /proc/PID/fd of proc(5), which takes the permission of its io file.
#pragma once

#include "sys/procfs.h"

#include <stdint.h>

// Opens PID/fd, close-on-exec; it stays that process's whoever gets the pid later. The caller closes it. Returns the
// descriptor or a negative errno: -EACCES where that is not permitted, -ESRCH.
int wio_fds_open(wio_procfs *fs, pid_t pid);

typedef void wio_fds_tell(void *context, uint32_t inode);

// Tells the inode of each socket behind an open PID/fd, of any family; one that is held twice is told twice. A zombie has
// none. 0 or a negative errno. Allocates nothing.
int wio_fds_sockets(int directory, wio_fds_tell *tell, void *context);
