// SPDX-License-Identifier: MIT
// credentials: as whom the children of this process run.
#pragma once

#include "core/user.h"

#include <stdbool.h>

// Whether this process may become any user: CAP_SETUID and CAP_SETGID.
bool wio_credentials_may_change(void);

// Becomes that user for good, with all its groups and no capability; for a child that was just forked. 0 or a negative
// errno: then it is in part still who it was, and must end.
int wio_credentials_become(const wio_user *user);

// What this thread forks from now on becomes that user at once, with all its groups; NULL: stays what it is. The user
// is borrowed until the next call. -ENOMEM: nothing has changed. It is done in the child, behind fork(3): this process
// itself is at no moment somebody whom that user may signal or trace. A way of starting that does not fork, such as
// posix_spawn(3), does not get there: who starts has to ask for the change of uid and gid as well, which then finds
// both done.
int wio_credentials_lend(const wio_user *user);
