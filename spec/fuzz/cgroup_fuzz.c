// SPDX-License-Identifier: MIT
// Paths and units in the text of cgroup, on anything: a glob, a NUL, and the text.
#include "core/cgroup.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *text = malloc(size + 2), glob[WIO_UNIT_SIZE];
  memcpy(text, data, size);
  text[size] = text[size + 1] = '\0';
  const char *rest = text + strnlen(text, size) + 1;
  // Many stars make the C library's matcher slow, and find nothing of ours.
  if (!strchr(text, '*') && !wio_unit_glob(text, glob)) wio_cgroup_has_unit(rest, glob);
  const char *path;
  char unit[WIO_UNIT_SIZE];
  if (wio_cgroup_unit(rest, unit) && (!wio_cgroup_unit_id(rest) || !wio_cgroup_path(rest, &path))) abort();
  if (*text == '/' && wio_cgroup_is_below(rest, text) && !wio_cgroup_is_below(rest, "/")) abort();
  free(text);
  return 0;
}
