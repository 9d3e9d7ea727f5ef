#include "engine/launch.h"

#include "sys/user.h"
#include "sys/credentials.h"
#include "sys/descriptors.h"
#include "sys/memory_file.h"

int wio_launch_begin(const wio_user *user) {
  wio_descriptors_lend(true);
  wio_credentials_keep_to_itself();
  return wio_credentials_lend(user);
}

void wio_launch_end(void) {
  wio_credentials_lend(NULL);
  wio_descriptors_lend(false);
}

bool wio_launch_may_change_user(void) { return wio_credentials_may_change(); }

int wio_launch_input(const char *text, size_t length) { return wio_memory_file_new(text, length); }

int wio_launch_find_user(const char *user, wio_user **out) { return wio_user_find(user, out); }

void wio_launch_free_user(wio_user *user) { wio_user_free(user); }
