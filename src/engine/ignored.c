// SPDX-License-Identifier: MIT
#include "engine/ignored.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool wio_ignored_has(const wio_ignored *ignored, wio_source *source, const wio_description *process) {
  if (process->pid == source->ops->self(source) || process->pid == source->ops->heir(source)) return true;
  for (size_t i = 0; i < ignored->count; i++)
    if (process->stat.session == ignored->sessions[i]) return true;
  return false;
}

// ---- what runs watchio

static int add_runner(wio_ignored *ignored, const wio_description *process) {
  wio_runner *runners = realloc(ignored->runners, (ignored->runner_count + 1) * sizeof *runners);
  if (!runners) return -ENOMEM;
  ignored->runners = runners;
  runners[ignored->runner_count++] = (wio_runner){.pid = process->pid, .start_ticks = process->stat.start_ticks};
  return 0;
}

int wio_ignored_find_runners(wio_ignored *ignored, wio_source *source) {
  wio_description below, process;
  if (ignored->walked) return 0;
  ignored->runner_count = 0;
  pid_t self = source->ops->self(source);
  int rc = self ? source->ops->describe(source, self, 0, &below) : -ESRCH;
  for (int i = 0; rc == 0 && i < WIO_MOST_ANCESTORS && below.stat.ppid > 0; i++, below = process) {
    rc = source->ops->describe(source, below.stat.ppid, 0, &process);
    if (rc < 0 || (process.pid == 1 && process.stat.session != below.stat.session)) break;
    rc = add_runner(ignored, &process);
  }
  // The walk ends at an ancestor that has ended or is hidden: nothing above it can be found.
  ignored->walked = rc == 0 || rc == -ESRCH || rc == -EPERM || rc == -EACCES;
  return rc == -ENOMEM ? rc : 0;
}

static bool is_runner(const wio_ignored *ignored, const wio_description *process) {
  for (size_t i = 0; i < ignored->runner_count; i++)
    if (process->pid == ignored->runners[i].pid && process->stat.start_ticks == ignored->runners[i].start_ticks)
      return true;
  return false;
}

static bool is_kindred(wio_source *source, wio_description *process) {
  return source->ops->is_kindred && source->ops->is_kindred(source, process);
}

// Whether a process only runs another watchio, as its command line says: `sh -c "watchio wait exit cmd=nas"`. Where the
// selector has asked for no command line, the command line did not make the match.
static bool runs_kindred(wio_source *source, const wio_description *process, int depth) {
  enum { MOST = 64, DEPTH = 4 };
  const pid_t *listed;
  pid_t pids[MOST];
  size_t count;
  if (depth > DEPTH || !(process->known & WIO_WANT_CMD) || !strstr(process->cmd, "watchio")) return false;
  if (source->ops->children(source, process->pid, &listed, &count) < 0) return false;
  count = count < MOST ? count : MOST;
  if (count) memcpy(pids, listed, count * sizeof *pids);
  for (size_t i = 0; i < count; i++) {
    wio_description child;
    if (pids[i] == source->ops->self(source) || source->ops->describe(source, pids[i], WIO_WANT_CMD, &child) < 0)
      continue;
    if (is_kindred(source, &child) || runs_kindred(source, &child, depth + 1)) return true;
  }
  return false;
}

wio_match wio_ignored_test(const wio_ignored *ignored, wio_source *source, const wio_selector *selector,
                           wio_description *process, bool *left_out) {
  wio_match match = wio_selector_test(selector, source, process);
  if (match == WIO_MATCH_NO || wio_selector_names(selector, process->pid)) return match;
  if (!is_runner(ignored, process) && !is_kindred(source, process) && !runs_kindred(source, process, 0)) return match;
  if (left_out) *left_out = true;
  return WIO_MATCH_NO;
}

// ---- sessions

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

void wio_ignored_release(wio_ignored *ignored) {
  free(ignored->sessions);
  free(ignored->runners);
}
