// SPDX-License-Identifier: MIT
// user: looks users up in the system's databases (nsswitch.conf). This may ask the network, so it is done only while a
// policy loads.
#pragma once

#include "core/user.h"

// Finds a user by its name, or else by its number in digits, with all its groups (getgrouplist(3)). 0 or a negative
// errno: -ENOENT when there is none. The caller frees `*out` with wio_user_free.
int wio_user_find(const char *user, wio_user **out);

// Frees a user; harmless with NULL.
void wio_user_free(wio_user *user);
