#include "engine/guard.h"

// More ancestors than any process has; ends the walk if /proc should ever lead in a circle.
#define MOST_ANCESTORS 1024

static bool is_ancestor(wio_source *source, pid_t pid, pid_t of) {
  for (int i = 0; i < MOST_ANCESTORS && of > 1; i++) {
    wio_description process;
    if (source->ops->describe(source, of, 0, &process) < 0) return false;
    of = process.stat.ppid;
    if (of == pid) return true;
  }
  return false;
}

const char *wio_guard_reason(wio_source *source, pid_t pid) {
  pid_t self = source->ops->self(source);
  if (pid == 1) return "it is pid 1";
  if (pid == self) return "it is watchio itself";
  if (self && is_ancestor(source, pid, self)) return "it is an ancestor of watchio";
  wio_description process;
  if (source->ops->describe(source, pid, 0, &process) < 0) return NULL;
  return process.stat.kernel_thread ? "it is a kernel thread" : NULL;
}
