// SPDX-License-Identifier: MIT
// credentials: the user as whom the children of this process run.
#pragma once

#include "core/user.h"

#include <stdbool.h>

// Whether this process may become any user: CAP_SETUID and CAP_SETGID.
bool wio_credentials_may_change(void);

// Becomes `user` for good, with all its groups and without any capability; for a child that was just forked. 0 or a
// negative errno: then the child is still in part the user that it was, and must end.
int wio_credentials_become(const wio_user *user);

// A child that this thread forks from now on becomes `user` at once, with all its groups; with NULL it stays as it is.
// `user` is borrowed until the next call. 0, or -ENOMEM: then nothing has changed. The change happens in the child,
// behind fork(3), so that `user` may at no moment signal or trace this process itself. It does not happen in a start
// without fork, such as posix_spawn(3). So the caller must also ask the start itself for the change of uid and gid,
// which then finds both done.
int wio_credentials_lend(const wio_user *user);
