// SPDX-License-Identifier: MIT
// lines: splits a text that comes in pieces into lines.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// Zeroed memory is the beginning of a text.
typedef struct {
  char text[512]; // the line, ended with a NUL; a longer line is cut
  size_t length;
  bool whole; // the next piece begins a new line
} wio_lines;

// Takes the text from `*at` to the end of the line, at most to `end`, and moves `*at` behind it. True when `text` holds
// a whole line, without its line feed; false when the piece ended before the line did.
bool wio_lines_next(wio_lines *lines, const char **at, const char *end);
