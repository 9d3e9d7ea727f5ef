// SPDX-License-Identifier: MIT
#include "core/rights.h"

const char *wio_capability_name(wio_capability capability) {
  static const char *const names[WIO_CAP_COUNT] = {[WIO_CAP_SYS_PTRACE] = "CAP_SYS_PTRACE",
                                                   [WIO_CAP_DAC_READ_SEARCH] = "CAP_DAC_READ_SEARCH",
                                                   [WIO_CAP_SYS_ADMIN] = "CAP_SYS_ADMIN",
                                                   [WIO_CAP_KILL] = "CAP_KILL",
                                                   [WIO_CAP_SYS_NICE] = "CAP_SYS_NICE"};
  return names[capability];
}
