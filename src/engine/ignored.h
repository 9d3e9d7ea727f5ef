// SPDX-License-Identifier: MIT
// ignored: processes that match no pattern: watchio itself, sessions that are left out, what runs watchio, and other
// watchios.
#pragma once

#include "engine/selector.h"
#include "engine/source.h"

#include <stdbool.h>
#include <stddef.h>

// A process that was an ancestor of watchio when that was found out.
typedef struct {
  pid_t pid;
  uint64_t start_ticks;
} wio_runner;

// Zeroed memory leaves no session out, and does not know yet what runs watchio.
typedef struct {
  pid_t *sessions;
  size_t count;
  wio_runner *runners;
  size_t runner_count;
  bool walked; // the runners are known
} wio_ignored;

// Finds out what runs watchio: the shell, sudo(8), timeout(1) or line of cron, whose command line may hold the very
// pattern. Pid 1 is not among them, unless all is in its session, as in a container. A process that became an ancestor
// later, by adoption, does not count. To be called before the first test. 0 or -ENOMEM; then the next call tries again.
int wio_ignored_find_runners(wio_ignored *ignored, wio_source *source);

// Leaves a session's processes out (`is_ignored`), or lets them match again. 0 or -ENOMEM.
int wio_ignored_set(wio_ignored *ignored, pid_t session, bool is_ignored);

// Tests a process. Some processes match only where their pid is named, by itself or in a pidfile: the runners of
// watchio, another watchio of this program that is the same user's or root's, and the shell whose command line runs
// that one. Elsewhere they are WIO_MATCH_NO, and `left_out`, if given, is set.
wio_match wio_ignored_test(const wio_ignored *ignored, wio_source *source, const wio_selector *selector,
                           wio_description *process, bool *left_out);

// Whether a process may not match, nor be in a target by descent.
bool wio_ignored_has(const wio_ignored *ignored, wio_source *source, const wio_description *process);

void wio_ignored_release(wio_ignored *ignored);
