// SPDX-License-Identifier: MIT
// args: a command line as /proc/PID/cmdline shows it: arguments, each of which ends with a NUL.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// Whether the text is shorter than the arguments: the kernel shows at most one page of a title, and stops at memory
// that cannot be read.
bool wio_args_are_cut(const char *args, size_t length);

// Returns the length of the arguments with one NUL at their end, without the further NULs that setproctitle(3) leaves;
// 0 when all are empty. `args` must have room for `length` + 1 bytes; the call puts a NUL behind the last argument.
size_t wio_args_end(char *args, size_t length);

// Turns the arguments into one line, with blanks between them.
void wio_args_join(char *args, size_t length);
