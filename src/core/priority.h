// SPDX-License-Identifier: MIT
// priority: a process's claim to a core or to a disk's time, compared with other processes.
#pragma once

// The resource that a priority is about: see setpriority(2) and ioprio_set(2).
typedef enum { WIO_PRIORITY_CPU, WIO_PRIORITY_IO } wio_priority_kind;

// The classes of WIO_PRIORITY_IO, with the kernel's numbers (linux/ioprio.h).
typedef enum { WIO_IO_REALTIME = 1, WIO_IO_BEST_EFFORT, WIO_IO_IDLE } wio_io_class;

// CPU: `value` is the nice value, from -20 (most) to 19. IO: the level within the class, 0 (most) to 7; WIO_IO_IDLE has
// none.
typedef struct {
  wio_priority_kind kind;
  wio_io_class io_class;
  int value;
} wio_priority;
