// SPDX-License-Identifier: MIT
// launch: what starting a command needs from Linux. The caller starts it.
#pragma once

#include "core/user.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// Prepares this thread to start commands. They get the limit of open files that this process was given (it is raised
// while /proc is watched) and none of its capabilities. With a user they run as that user, see wio_credentials_lend.
// The user is borrowed until wio_launch_end, which must follow, also after a failure.
int wio_launch_begin(const wio_user *user);
void wio_launch_end(void);

// Signals the members of a process group that was launched, whichever user they run as; signal 0 only asks whether
// there are any. -ESRCH: there is none.
int wio_launch_signal(pid_t group, int signal);

// Whether commands may be run as another user than this process's.
bool wio_launch_may_change_user(void);

// A descriptor to read the text from, for a standard input; see wio_memory_file_new.
int wio_launch_input(const char *text, size_t length);

// Opens a file for a command of another user, as that user; see wio_open_as.
int wio_launch_open(const wio_user *user, const char *path, int flags, mode_t mode);

// A user by name or number; see wio_user_find. The caller frees it.
int wio_launch_find_user(const char *user, wio_user **out);
void wio_launch_free_user(wio_user *user);
