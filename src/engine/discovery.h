// discovery: which processes become targets: the newborn that match a pattern, and the pids that a watch names.
#pragma once

#include "engine/births.h"
#include "engine/roster.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Zeroed memory has looked at nothing yet.
typedef struct {
  wio_births births;
  uint64_t tick; // when patterns were last looked for
  pid_t *ignored; // sessions that no pattern matches
  size_t ignored_count;
} wio_discovery;

// Looks for processes that match the watches' patterns, once a tick for all of them: the newborn, or all processes when a
// watch has not looked around yet. 0 or a negative errno; then it is done again at the next call.
int wio_discovery_patterns(wio_discovery *discovery, wio_roster *roster, wio_watch *const *watches, size_t count);

// Looks up the pids that a watch names, once: a pid that comes back later is another process. What is not there is told.
int wio_discovery_pids(wio_roster *roster, wio_watch *watch);

// Leaves a session's processes out of every pattern (`ignored`), or lets them match again. 0 or -ENOMEM.
int wio_discovery_ignore(wio_discovery *discovery, pid_t session, bool ignored);

// Whether no pattern may match it: watchio itself, and the sessions that are left out.
bool wio_discovery_ignores(const wio_discovery *discovery, wio_source *source, const wio_description *process);

void wio_discovery_release(wio_discovery *discovery);
