// SPDX-License-Identifier: MIT
#include "core/lines.h"

#include <string.h>

bool wio_lines_next(wio_lines *lines, const char **at, const char *end) {
  if (lines->whole) lines->length = 0;
  const char *feed = memchr(*at, '\n', (size_t)(end - *at)), *stop = feed ? feed : end;
  size_t room = sizeof lines->text - 1 - lines->length, more = (size_t)(stop - *at);
  size_t taken = more < room ? more : room;
  memcpy(lines->text + lines->length, *at, taken);
  lines->length += taken;
  lines->text[lines->length] = '\0';
  lines->whole = feed != NULL;
  *at = stop + lines->whole;
  return lines->whole;
}
