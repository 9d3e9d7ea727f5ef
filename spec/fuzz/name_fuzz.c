// SPDX-License-Identifier: MIT
// The names in a command line, on anything: they end within their room.
#include "core/name.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *args = malloc(size + 1);
  wio_names names;
  memcpy(args, data, size);
  args[size] = '\0';
  wio_names_parse(args, args, size ? size + 1 : 0, &names);
  if (memchr(names.program, '/', strlen(names.program)) || strlen(names.script) >= WIO_LONG_NAME_SIZE) abort();
  const char *list[WIO_MOST_NAMES];
  if (wio_names_list(&names, args, list) > WIO_MOST_NAMES) abort();
  free(args);
  return 0;
}
