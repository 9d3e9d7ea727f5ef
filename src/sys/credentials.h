// credentials: as whom the children of this process run, and what rights they get from it.
#pragma once

#include "core/user.h"

#include <stdbool.h>

// This thread hands no capability on to what it starts: its ambient set (capabilities(7)) and its inheritable one are
// emptied. What it may do itself stays. Harmless twice.
void wio_credentials_keep_to_itself(void);

// Whether this process may become any user: CAP_SETUID and CAP_SETGID.
bool wio_credentials_may_change(void);

// What this thread forks from now on becomes that user at once, with all its groups; NULL: stays what it is. The user is
// borrowed until the next call. -ENOMEM: nothing has changed.
// It is done in the child, behind fork(3): this process itself is at no moment somebody whom that user may signal or trace.
// A way of starting that does not fork, such as posix_spawn(3), does not get there: who starts has to ask for the change of
// uid and gid as well, which then finds both done.
int wio_credentials_lend(const wio_user *user);
