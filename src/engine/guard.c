#include "engine/guard.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

// How often one of them may end while they are looked up. Of one that is hidden (hidepid) it always looks so.
#define MOST_WALKS 3

// Looks up watchio's ancestors. -ESRCH when one has ended meanwhile: then those above are others now.
static int walk_up(wio_guard *guard) {
  const wio_source_ops *ops = guard->source->ops;
  guard->count = 0;
  for (pid_t pid = ops->self(guard->source); pid > 0 && guard->count < WIO_MOST_ANCESTORS;) {
    wio_description process;
    guard->ancestors[guard->count++] = pid;
    int rc = ops->describe(guard->source, pid, 0, &process);
    if (rc < 0) return rc;
    pid = process.stat.ppid;
  }
  return 0;
}

void wio_guard_begin(wio_source *source, const wio_selector *protected, wio_guard *out) {
  out->source = source;
  out->protected = protected;
  int rc = -ESRCH;
  for (int i = 0; rc == -ESRCH && i < MOST_WALKS; i++) rc = walk_up(out);
  out->unknown = rc < 0 && rc != -ESRCH;
}

static bool is_ancestor(const wio_guard *guard, pid_t pid) {
  for (size_t i = 0; i < guard->count; i++)
    if (guard->ancestors[i] == pid) return true;
  return false;
}

static const char *reason_for(const wio_guard *guard, wio_description *process) {
  static const char unknown[] = "cannot be told from what is protected";
  if (process->pid == 1) return "is pid 1";
  if (guard->count && process->pid == guard->ancestors[0]) return "is watchio itself";
  if (process->stat.kernel_thread) return "is a kernel thread";
  if (is_ancestor(guard, process->pid)) return "is an ancestor of watchio";
  if (guard->unknown) return unknown;
  wio_match match = guard->protected ? wio_selector_test(guard->protected, guard->source, process) : WIO_MATCH_NO;
  return match == WIO_MATCH_YES ? "is protected" : match == WIO_MATCH_UNKNOWN ? unknown : NULL;
}

bool wio_guard_refuses(const wio_guard *guard, pid_t pid, wio_refusal *out) {
  wio_description process;
  out->text[0] = '\0';
  int rc = guard->source->ops->describe(guard->source, pid, 0, &process);
  if (rc == -ESRCH) return false;
  if (rc < 0) {
    snprintf(out->text, sizeof out->text, "process %d cannot be looked at: %s", pid, strerror(-rc));
    return true;
  }
  const char *reason = reason_for(guard, &process);
  if (reason) snprintf(out->text, sizeof out->text, "%s[%d] %s", process.stat.name, pid, reason);
  return reason != NULL;
}
