// SPDX-License-Identifier: MIT
// memory_file: a text as a file that has no name and lies on no disk.
#pragma once

#include <stddef.h>

// Makes a file (memfd_create(2)) that holds the text and stands at its beginning, close-on-exec: whoever gets it as its
// standard input reads to the end, and nobody has to write. Returns the descriptor, the caller's, or a negative errno.
int wio_memory_file_new(const char *text, size_t length);
