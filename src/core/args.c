// SPDX-License-Identifier: MIT
#include "core/args.h"

bool wio_args_are_cut(const char *args, size_t length) { return length > 0 && args[length - 1] != '\0'; }

size_t wio_args_end(char *args, size_t length) {
  while (length > 0 && args[length - 1] == '\0') length--;
  args[length] = '\0';
  return length ? length + 1 : 0;
}

void wio_args_join(char *args, size_t length) {
  for (size_t i = 0; i + 1 < length; i++)
    if (args[i] == '\0') args[i] = ' ';
}
