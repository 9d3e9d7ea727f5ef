// SPDX-License-Identifier: MIT
#include "sys/credentials.h"

#include "sys/capabilities.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pthread.h>
#include <unistd.h>

// The user that this thread's next child becomes.
static _Thread_local const wio_user *next_child;

bool wio_credentials_may_change(void) { return wio_capabilities_have(CAP_SETUID) && wio_capabilities_have(CAP_SETGID); }

// The uid changes last: the changes of groups need the old one. A service's capabilities would survive a change from
// one user to another, so they are given up; root's go by themselves.
int wio_credentials_become(const wio_user *user) {
  if (setgroups(user->group_count, user->groups) < 0) return -errno;
  if (setresgid(user->gid, user->gid, user->gid) < 0) return -errno;
  if (setresuid(user->uid, user->uid, user->uid) < 0) return -errno;
  return user->uid == 0 ? 0 : wio_capabilities_give_up();
}

// Runs in the child before anything else. If a step fails, the child is still the user that it was; then the change
// that its starter asks for fails too, and is reported.
static void become_next(void) {
  if (next_child) wio_credentials_become(next_child);
}

static int registered;

static void register_once(void) { registered = -pthread_atfork(NULL, NULL, become_next); }

int wio_credentials_lend(const wio_user *user) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, register_once);
  if (registered < 0) return registered;
  next_child = user;
  return 0;
}
