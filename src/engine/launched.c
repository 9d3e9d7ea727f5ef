// SPDX-License-Identifier: MIT
#include "engine/launched.h"

#include "engine/launch.h"

#include <errno.h>
#include <signal.h>

// A process that was forked during a scan is found by the next one. A process that forks for ever would never let the
// scans end.
#define MOST_SCANS 8

// The result of one scan of all processes.
typedef struct {
  bool lives;   // a process of the session lives
  bool missed;  // a process was born, and one that may be its parent has ended
  size_t taken; // how often the signal was taken
  int error;    // why a process did not take it
} scan;

static void signal_one(wio_source *source, const wio_stat *stat, pid_t pid, int signal, scan *out) {
  wio_pin *pin;
  int rc = source->ops->pin(source, pid, stat->start_ticks, false, NULL, &pin);
  if (rc < 0) return;
  rc = source->ops->signal(source, pin, signal);
  source->ops->unpin(source, pin);
  if (rc == 0) out->taken++;
  else if (rc != -ESRCH) out->error = rc;
}

// Signal 0 only scans. The leader's group is not signalled here.
static int scan_all(wio_source *source, pid_t session, int signal, scan *out) {
  const pid_t *pids;
  size_t count;
  pid_t before, after;
  bool ended = false;
  int rc = source->ops->newest(source, &before);
  if (rc == 0) rc = source->ops->list(source, &pids, &count);
  if (rc < 0) return rc;
  for (size_t i = 0; i < count; i++) {
    wio_description process;
    bool gone = source->ops->describe(source, pids[i], 0, &process) < 0;
    ended = ended || gone || (process.stat.session == session && wio_stat_ended(&process.stat));
    if (gone || process.stat.session != session || wio_stat_ended(&process.stat)) continue;
    out->lives = true;
    if (signal && process.stat.group != session) signal_one(source, &process.stat, pids[i], signal, out);
  }
  rc = source->ops->newest(source, &after);
  out->missed = rc < 0 || (after != before && (ended || out->lives));
  return rc;
}

int wio_launched_signal(wio_monitor *monitor, pid_t session, int signal) {
  scan seen = {0};
  int scanned = 0, rc = wio_launch_signal(session, signal);
  // SIGKILL can be sent twice without harm, so it also reaches a process whose parent forked it before the signal came.
  for (int i = 0; scanned == 0 && i < (signal == SIGKILL ? MOST_SCANS : 1) && (i == 0 || seen.missed); i++)
    scanned = scan_all(wio_monitor_source(monitor), session, signal, &seen);
  if (rc == 0 || seen.taken > 0) return 0;
  if (scanned < 0) return scanned;
  return seen.error ? seen.error : rc;
}

bool wio_launched_live(wio_monitor *monitor, pid_t session) {
  for (int i = 0; i < MOST_SCANS; i++) {
    scan seen = {0};
    if (scan_all(wio_monitor_source(monitor), session, 0, &seen) < 0 || seen.lives) return true;
    if (!seen.missed) return false;
  }
  return true;
}
