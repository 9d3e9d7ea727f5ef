// SPDX-License-Identifier: MIT
// user: looks users up where the system keeps them (nsswitch.conf). May ask the network, so only while a policy loads.
#pragma once

#include "core/user.h"

// Finds a user by its name, or else by its number in digits, with all its groups (getgrouplist(3)). -ENOENT: there is
// none. The caller frees it.
int wio_user_find(const char *user, wio_user **out);

// Harmless with NULL.
void wio_user_free(wio_user *user);
