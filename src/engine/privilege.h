// SPDX-License-Identifier: MIT
// privilege: what the program does with the rights that it was started with, before any policy runs. docs/security.md
// says what that promises.
#pragma once

#include <stdbool.h>

typedef enum {
  WIO_PRIVILEGE_OWN,    // its user's, or root's, or what a service was given
  WIO_PRIVILEGE_LENT,   // the program's file lends capabilities to any user who starts it; those to read with are kept
  WIO_PRIVILEGE_REFUSED // the file was setuid or setgid: this is the user who started it again, without any of it
} wio_privilege;

// Decides which rights are kept; to be called first of all in a program. From here on, capabilities are in effect only
// while they are used (sys/capabilities), except root's. 0 or a negative errno, after which nothing may be done.
int wio_privilege_begin(wio_privilege *out);

// Gives up for good what the program's file lends; from here on this is no more than the user who started it. To be
// called before a user's code is run or a command started, and before there are threads. True when there was something
// to give up. A negative errno in `*error` when it has failed.
bool wio_privilege_give_up(int *error);
