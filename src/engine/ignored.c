// SPDX-License-Identifier: MIT
#include "engine/ignored.h"

#include <errno.h>
#include <stdlib.h>

bool wio_ignored_has(const wio_ignored *ignored, wio_source *source, const wio_description *process) {
  if (process->pid == source->ops->self(source) || process->pid == source->ops->heir(source)) return true;
  for (size_t i = 0; i < ignored->count; i++)
    if (process->stat.session == ignored->sessions[i]) return true;
  return false;
}

int wio_ignored_set(wio_ignored *ignored, pid_t session, bool is_ignored) {
  size_t i = 0;
  while (i < ignored->count && ignored->sessions[i] != session) i++;
  bool is = i < ignored->count;
  if (is == is_ignored) return 0;
  if (is) {
    ignored->sessions[i] = ignored->sessions[--ignored->count];
    return 0;
  }
  pid_t *sessions = realloc(ignored->sessions, (ignored->count + 1) * sizeof *sessions);
  if (!sessions) return -ENOMEM;
  ignored->sessions = sessions;
  ignored->sessions[ignored->count++] = session;
  return 0;
}

void wio_ignored_release(wio_ignored *ignored) { free(ignored->sessions); }
