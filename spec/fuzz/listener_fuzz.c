// SPDX-License-Identifier: MIT
// Lines of tcp and the texts of pidfiles, on anything.
#include "core/listener.h"
#include "core/pidfile.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  wio_listener socket;
  pid_t pid;
  uint64_t seconds;
  wio_listener_parse((const char *)data, size, size & 1 ? WIO_PORT_UDP : 0, &socket);
  if (wio_pidfile_parse((const char *)data, size, size & 2, &pid) && pid <= 0) abort();
  wio_boot_time_parse((const char *)data, size, &seconds);
  return 0;
}
