#include "sys/credentials.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// Of this thread: what its next child becomes.
static _Thread_local const wio_user *next_child;

static int get_capabilities(struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3]) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  return (int)syscall(SYS_capget, &header, data);
}

void wio_credentials_keep_to_itself(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  if (get_capabilities(data) < 0) return;
  bool any = false;
  for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
    any |= data[i].inheritable != 0;
    data[i].inheritable = 0;
  }
  if (any) syscall(SYS_capset, &header, data);
}

bool wio_credentials_may_change(void) {
  struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};
  __u32 wanted = CAP_TO_MASK(CAP_SETUID) | CAP_TO_MASK(CAP_SETGID);
  return get_capabilities(data) == 0 && (data[CAP_TO_INDEX(CAP_SETUID)].effective & wanted) == wanted;
}

// In the child, before anything else of it. Where a step fails the child is still who it was, and the change that its
// starter asks for besides is what fails and is told. A number is given up last: the groups need it.
static void become(void) {
  const wio_user *user = next_child;
  if (!user) return;
  if (setgroups(user->group_count, user->groups) < 0) return;
  if (setresgid(user->gid, user->gid, user->gid) < 0) return;
  if (setresuid(user->uid, user->uid, user->uid) < 0) return;
}

static int registered;

static void register_once(void) { registered = -pthread_atfork(NULL, NULL, become); }

int wio_credentials_lend(const wio_user *user) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, register_once);
  if (registered < 0) return registered;
  next_child = user;
  return 0;
}
