// SPDX-License-Identifier: MIT
// args: a command line as the kernel gives it: arguments that end with a NUL each.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// Whether the text ends before the arguments do: the kernel looks at one page of a title, and stops at memory that may
// not be read.
bool wio_args_are_cut(const char *args, size_t length);

// Their length up to the last NUL and with it, without the tail of NULs that setproctitle(3) leaves; 0 when all are
// empty. `args` has room for one more character, and ends with a NUL afterwards.
size_t wio_args_end(char *args, size_t length);

// Makes one line of them, with blanks between.
void wio_args_join(char *args, size_t length);
