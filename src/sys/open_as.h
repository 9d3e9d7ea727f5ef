// SPDX-License-Identifier: MIT
// open_as: opens a file as another user: what he may not open, or make, is not opened nor made for him.
#pragma once

#include "core/user.h"

#include <sys/types.h>

// Opens it as open(2) does, in a child that has become the user with all his groups. A descriptor, close-on-exec, which
// the caller closes; or a negative errno: that of the user's open, -ETIMEDOUT when it has not answered within a few
// seconds, -EPERM when this process may not become him.
int wio_open_as(const wio_user *user, const char *path, int flags, mode_t mode);
