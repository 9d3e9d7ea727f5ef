// SPDX-License-Identifier: MIT
// open_as: opens a file as another user, so that this process opens and makes no file that the user may not.
#pragma once

#include "core/user.h"

#include <sys/types.h>

// Opens `path` as open(2) does, in a child that has become the user with all of its groups. Returns a descriptor,
// close-on-exec, which the caller closes; or a negative errno: that of the user's open, -ETIMEDOUT when the open takes
// more than a few seconds, -EPERM when this process may not become the user.
int wio_open_as(const wio_user *user, const char *path, int flags, mode_t mode);
