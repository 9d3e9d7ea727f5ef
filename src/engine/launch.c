// SPDX-License-Identifier: MIT
#include "engine/launch.h"

#include "sys/capabilities.h"
#include "sys/credentials.h"
#include "sys/descriptors.h"
#include "sys/memory_file.h"
#include "sys/open_as.h"
#include "sys/user.h"

#include <errno.h>
#include <signal.h>

// The capabilities of this thread before a launch as another user.
static _Thread_local wio_raised before;
static _Thread_local bool raised;

int wio_launch_begin(const wio_user *user) {
  wio_descriptors_lend(true);
  wio_capabilities_keep_to_itself();
  if (user && !raised) {
    before = wio_capabilities_raise(WIO_TO_LAUNCH);
    raised = true;
  }
  return wio_credentials_lend(user);
}

void wio_launch_end(void) {
  wio_credentials_lend(NULL);
  if (raised) wio_capabilities_lower(&before);
  raised = false;
  wio_descriptors_lend(false);
}

int wio_launch_signal(pid_t group, int signal) {
  wio_raised was WIO_LOWERED = wio_capabilities_raise(WIO_TO_ACT);
  return kill(-group, signal) < 0 ? -errno : 0;
}

bool wio_launch_may_change_user(void) { return wio_credentials_may_change(); }

int wio_launch_input(const char *text, size_t length) { return wio_memory_file_new(text, length); }

int wio_launch_open(const wio_user *user, const char *path, int flags, mode_t mode) {
  return wio_open_as(user, path, flags, mode);
}

int wio_launch_find_user(const char *user, wio_user **out) { return wio_user_find(user, out); }

void wio_launch_free_user(wio_user *user) { wio_user_free(user); }
