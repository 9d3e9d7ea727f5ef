// SPDX-License-Identifier: MIT
// priority: how much of a core or of a disk's time a process asks for, beside others.
#pragma once

// What a priority is of: see setpriority(2) and ioprio_set(2).
typedef enum { WIO_PRIORITY_CPU, WIO_PRIORITY_IO } wio_priority_kind;

// The classes of WIO_PRIORITY_IO, numbered as by the kernel (linux/ioprio.h).
typedef enum { WIO_IO_REALTIME = 1, WIO_IO_BEST_EFFORT, WIO_IO_IDLE } wio_io_class;

// CPU: `value` is the nice value, from -20 (most) to 19. IO: the level within the class, 0 (most) to 7; WIO_IO_IDLE has
// none.
typedef struct {
  wio_priority_kind kind;
  wio_io_class io_class;
  int value;
} wio_priority;
