// SPDX-License-Identifier: MIT
// The kernel's answer about connections, on anything: the parser stays inside the buffer, goes on, and comes to an end.
#include "sys/net/diag_message.h"

#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  // A copy of exactly that size, so that a byte too far is found; the kernel's buffer is aligned, as this one.
  char *buffer = malloc(size ? size : 1);
  struct nlmsghdr head = {0};
  if (size) memcpy(buffer, data, size);
  // The first message answers the question, and mostly tells a connection.
  if (size >= sizeof head) {
    memcpy(&head, data, sizeof head);
    if (head.nlmsg_type & 1) head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    if (head.nlmsg_len & 1) head.nlmsg_len = (uint32_t)size;
    memcpy(buffer, &head, sizeof head);
  }
  wio_connection connection;
  for (size_t offset = 0, before = 0;; before = offset) {
    int message = wio_diag_parse(buffer, size, head.nlmsg_seq, &offset, &connection);
    if (offset > size) abort();
    if (message != WIO_DIAG_CONNECTION) break;
    if (offset <= before) abort();
  }
  free(buffer);
  return 0;
}
