// SPDX-License-Identifier: MIT
// The parsers of the /proc texts, on anything.
#include "core/reading.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const char *text = (const char *)data;
  uint64_t io[WIO_IO_COUNT];
  wio_stat stat;
  pid_t pid;
  uid_t uid;
  wio_io_parse(text, size, io);
  if (wio_stat_parse(text, size, &stat) && strlen(stat.name) >= WIO_NAME_SIZE) abort();
  if (wio_newest_pid_parse(text, size, &pid) && pid < 0) abort();
  wio_euid_parse(text, size, &uid);
  return 0;
}
