// The kernel's answer about connections, on anything: the parser stays inside the buffer, goes on, and comes to an end.
#include "sys/sock_diag.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  // A copy of exactly that size, so that a byte too far is found; the kernel's buffer is aligned, as this one.
  char *buffer = malloc(size ? size : 1);
  uint32_t sequence = 0;
  if (size >= 12) memcpy(&sequence, data + 8, sizeof sequence); // of the first message
  if (size) memcpy(buffer, data, size);
  wio_connection connection;
  for (size_t offset = 0, before = 0;; before = offset) {
    int message = wio_diag_parse(buffer, size, sequence, &offset, &connection);
    if (offset > size) abort();
    if (message != WIO_DIAG_CONNECTION) break;
    if (offset <= before) abort();
  }
  free(buffer);
  return 0;
}
