// SPDX-License-Identifier: MIT
#include "engine/silent.h"

#include "engine/sample.h"
#include "engine/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static size_t find(const wio_silent *silent, pid_t pid) {
  size_t i = 0;
  while (i < silent->list.count && silent->list.pid[i] != pid) i++;
  return i;
}

int wio_silent_note(wio_silent *silent, pid_t pid, bool answers) {
  size_t at = find(silent, pid);
  bool known = at < silent->list.count;
  if (answers && known) silent->list.pid[at] = silent->list.pid[--silent->list.count];
  return answers || known ? 0 : wio_pids_add(&silent->list, pid);
}

static bool is_member(const wio_target *target, pid_t pid) {
  for (size_t i = 0; i < target->count; i++)
    if (target->members[i]->sample->key == (uint64_t)pid) return true;
  return false;
}

// A parent may be silent itself. More steps than there are silent processes would be a circle.
static bool is_in_tree(const wio_silent *silent, wio_source *source, const wio_target *target, pid_t pid) {
  for (size_t steps = 0; steps < silent->list.count; steps++) {
    if (!source->ops->parent || source->ops->parent(source, pid, &pid) < 0) return false;
    if (is_member(target, pid)) return true;
    if (find(silent, pid) == silent->list.count) return false;
  }
  return false;
}

pid_t wio_silent_in_tree(const wio_silent *silent, wio_source *source, const wio_target *target) {
  if (target->watch->options.per != WIO_PER_TREE) return 0;
  for (size_t i = 0; i < silent->list.count; i++)
    if (is_in_tree(silent, source, target, silent->list.pid[i])) return silent->list.pid[i];
  return 0;
}

const char *wio_silent_reason(int error) {
  return error == ETIMEDOUT ? "the kernel does not answer for it (it waits for a file system)" : strerror(error);
}

void wio_silent_release(wio_silent *silent) {
  free(silent->list.pid);
  *silent = (wio_silent){0};
}
