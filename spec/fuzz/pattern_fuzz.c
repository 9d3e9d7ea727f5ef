// SPDX-License-Identifier: MIT
// Lua's patterns, on anything: a pattern, a NUL, and the text. The match stays inside both, and so do its captures.
#include "core/pattern.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool stop(void) { return true; } // after the first few thousand steps

static void check_captures(const wio_matcher *m) {
  for (int i = 0; i < m->level; i++) {
    const wio_capture *capture = &m->captures[i];
    if (capture->start < m->text || capture->start > m->text_end) abort();
    if (capture->length > m->text_end - capture->start) abort();
  }
}

// Copies of exactly their sizes, so that a byte too far is found.
static char *copy(const uint8_t *from, size_t size) {
  char *to = malloc(size ? size : 1);
  if (size) memcpy(to, from, size);
  return to;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  size_t length = 0;
  while (length < size && data[length]) length++;
  size_t rest = length < size ? size - length - 1 : 0;
  char *pattern = copy(data, length), *text = copy(data + size - rest, rest);
  wio_matcher m;
  wio_matcher_init(&m, text, rest, pattern + length, stop);
  for (size_t i = 0; i <= rest && !wio_matcher_failed(&m); i++) {
    const char *end = wio_pattern_match(&m, text + i, pattern);
    if (end && (end < text + i || end > text + rest)) abort();
    if (end) check_captures(&m);
  }
  free(pattern);
  free(text);
  return 0;
}
