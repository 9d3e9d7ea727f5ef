// SPDX-License-Identifier: MIT
// memory_file: a text as a file without a name, which lies on no disk.
#pragma once

#include <stddef.h>

// Makes a file (memfd_create(2)) that holds the text, open at its beginning, close-on-exec. A command that gets it as
// its standard input reads it to the end, and no process has to write to it. Returns the descriptor, which the caller
// closes, or a negative errno.
int wio_memory_file_new(const char *text, size_t length);
