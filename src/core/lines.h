// SPDX-License-Identifier: MIT
// lines: a text that comes piece by piece, line by line.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// Zeroed memory is the beginning of a text.
typedef struct {
  char text[512]; // the line, ended with a NUL; what is longer is cut
  size_t length;
  bool whole; // the next piece begins a new line
} wio_lines;

// Takes the piece from `*at` to `end` up to the end of its next line, and moves `*at` there. True when `text` holds a
// whole line, without its line feed; false when the piece is used up before.
bool wio_lines_next(wio_lines *lines, const char **at, const char *end);
