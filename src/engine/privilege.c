// SPDX-License-Identifier: MIT
#include "engine/privilege.h"

#include "sys/capabilities.h"

#include <errno.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <unistd.h>

static bool lent;

// While this process holds more rights than its user has, no other process of that user may trace it or read its
// memory.
static void hide_memory(bool hidden) { prctl(PR_SET_DUMPABLE, !hidden, 0, 0, 0); }

static bool is_another(void) { return geteuid() != getuid() || getegid() != getgid(); }

static int become_who_started_it(void) {
  uid_t uid = getuid();
  gid_t gid = getgid();
  if (setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0) return -errno;
  int rc = uid == 0 ? 0 : wio_capabilities_give_up();
  if (rc == 0) hide_memory(false);
  return rc;
}

int wio_privilege_begin(wio_privilege *out) {
  *out = WIO_PRIVILEGE_OWN;
  // Ids that differ without AT_SECURE did so before the program was started, as its starter wanted.
  if (getauxval(AT_SECURE) && is_another()) {
    *out = WIO_PRIVILEGE_REFUSED;
    return become_who_started_it();
  }
  if (getuid() == 0 || geteuid() == 0) {
    wio_capabilities_keep_to_itself();
    return 0;
  }
  lent = wio_capabilities_are_lent();
  if (lent) *out = WIO_PRIVILEGE_LENT;
  if (lent) hide_memory(true);
  return wio_capabilities_hold(lent);
}

bool wio_privilege_give_up(int *error) {
  *error = 0;
  if (!lent) return false;
  *error = wio_capabilities_give_up();
  if (*error < 0) return true;
  lent = false;
  hide_memory(false);
  return true;
}
