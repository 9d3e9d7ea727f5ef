// SPDX-License-Identifier: MIT
// Durations: what is accepted is in range, and its shortest text means the same again. Rates are never negative.
#include "core/units.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  uint64_t ns, again;
  char text[128];
  double rate = 0;
  wio_byte_rate_parse((const char *)data, size, &rate);
  wio_count_rate_parse((const char *)data, size, &rate);
  wio_bytes_parse((const char *)data, size, &rate);
  if (!(rate >= 0)) abort();
  wio_share_parse((const char *)data, size, &rate);
  if (!(rate >= 0)) abort();
  if (wio_duration_parse((const char *)data, size, &ns) < 0) return 0;
  if (ns > WIO_DURATION_MAX_NS) abort();
  size_t length = wio_duration_format(ns, text, sizeof text);
  if (wio_duration_parse(text, length, &again) < 0) abort();
  if (again > ns || ns - again >= 1000000) abort(); // finer than a millisecond is cut off
  wio_bytes_format(ns, text, sizeof text);
  return 0;
}
