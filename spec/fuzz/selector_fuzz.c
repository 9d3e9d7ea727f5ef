// SPDX-License-Identifier: MIT
// Globs and regular expressions: what compiles can be matched; what does not gives a message.
#include "engine/selector.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  // Long patterns with many repetitions make libc's compiler slow, and find nothing of ours.
  if (size > 40) return 0;
  char pattern[41], message[256] = "";
  memcpy(pattern, data, size);
  pattern[size] = '\0';
  static wio_description process = {.pid = 7,
                                    .stat = {.name = "systemd-journal"},
                                    .known = WIO_WANT_ALL,
                                    .exe = "/lib/systemd/systemd-journald",
                                    .cgroup = "0::/a.slice/b@c.service\n",
                                    .cmd = "/lib/systemd/systemd-journald -x"};
  wio_selector *selector = wio_selector_new();
  int rc = wio_selector_add_name(selector, pattern, message, sizeof message);
  if (rc < 0 && !*message) abort();
  if (!strpbrk(pattern, "{*+") && wio_selector_add_cmd(selector, pattern, message, sizeof message) < 0 && !*message)
    abort();
  if (wio_selector_add_exe(selector, pattern, message, sizeof message) < 0 && !*message) abort();
  if (wio_selector_add_unit(selector, pattern, message, sizeof message) < 0 && !*message) abort();
  if (wio_selector_add_cgroup(selector, pattern, message, sizeof message) < 0 && !*message) abort();
  wio_selector_match(selector, NULL, &process);
  wio_selector_free(selector);
  return 0;
}
