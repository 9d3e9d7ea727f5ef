// SPDX-License-Identifier: MIT
#include "sys/user.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

// The longest entry that is read; a person would not make a longer one.
#define MOST_TEXT (1 << 20)

// A user, and the memory that it points to.
typedef struct {
  wio_user base;
  char *text;
  gid_t *groups;
} owned_user;

static bool uid_of(const char *user, uid_t *out) {
  char *end;
  errno = 0;
  unsigned long number = strtoul(user, &end, 10);
  if (user[0] < '0' || user[0] > '9' || *end != '\0' || errno || number >= (uid_t)-1) return false;
  *out = (uid_t)number;
  return true;
}

// Puts one question to the database. 0 or a negative errno: -ERANGE when the text needs more room.
static int ask(const char *user, struct passwd *entry, char *text, size_t size) {
  struct passwd *found = NULL;
  uid_t uid;
  int error = getpwnam_r(user, entry, text, size, &found);
  if (!found && error != ERANGE && uid_of(user, &uid)) error = getpwuid_r(uid, entry, text, size, &found);
  if (found) return 0;
  // "Not found" can be many different errnos (getpwnam(3)).
  return error == ERANGE || error == ENOMEM || error == EIO || error == EMFILE || error == ENFILE ? -error : -ENOENT;
}

static int read_entry(const char *user, owned_user *found) {
  struct passwd entry;
  int rc = -ERANGE;
  for (size_t size = 1024; rc == -ERANGE && size <= MOST_TEXT; size *= 2) {
    char *text = realloc(found->text, size);
    if (!text) return -ENOMEM;
    found->text = text;
    rc = ask(user, &entry, text, size);
  }
  if (rc == 0)
    found->base = (wio_user){
        .name = entry.pw_name, .home = entry.pw_dir, .shell = entry.pw_shell, .uid = entry.pw_uid, .gid = entry.pw_gid};
  return rc;
}

static int read_groups(owned_user *found) {
  for (int room = 32;; room *= 2) {
    int count = room;
    gid_t *groups = reallocarray(found->groups, (size_t)room, sizeof *groups);
    if (!groups) return -ENOMEM;
    found->groups = groups;
    if (getgrouplist(found->base.name, found->base.gid, groups, &count) >= 0) {
      found->base.groups = groups;
      found->base.group_count = (size_t)count;
      return 0;
    }
    if (room > 1 << 16) return -E2BIG; // more than the kernel takes (NGROUPS_MAX)
  }
}

int wio_user_find(const char *user, wio_user **out) {
  owned_user *found = calloc(1, sizeof *found);
  if (!found) return -ENOMEM;
  int rc = read_entry(user, found);
  if (rc == 0) rc = read_groups(found);
  if (rc < 0) wio_user_free(&found->base);
  else *out = &found->base;
  return rc;
}

void wio_user_free(wio_user *found) {
  owned_user *owned = (owned_user *)found;
  if (!owned) return;
  free(owned->text);
  free(owned->groups);
  free(owned);
}
