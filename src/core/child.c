// SPDX-License-Identifier: MIT
#include "core/child.h"

const char *wio_child_change_name(wio_child_change_type type) {
  static const char *const names[WIO_CHILD_CHANGE_COUNT] = {[WIO_CHILD_EXITED] = "exited",
                                                            [WIO_CHILD_KILLED] = "killed",
                                                            [WIO_CHILD_STOPPED] = "stopped",
                                                            [WIO_CHILD_CONTINUED] = "continued"};
  return names[type];
}
