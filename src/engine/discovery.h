// SPDX-License-Identifier: MIT
// discovery: inspects processes that are new or have another program, name or user, and the pids that a watch names.
// engine/placement and engine/descent decide to which target each belongs.
#pragma once

#include "engine/births.h"
#include "engine/placement.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Zeroed memory has inspected nothing yet.
typedef struct {
  wio_births births;
  uint64_t moment;      // of the last round
  uint64_t listened_ns; // when the listening ports were last read
  bool changed;         // what selectors ask for besides processes has changed: any process may match now
  wio_ignored ignored;
  wio_descent descent;
  wio_pids again; // processes that have lost their target in this round, and may be for another one
} wio_discovery;

// Inspects processes, once a pass for all watches: the newborn and the changed, or all when a watch is new; with `told`
// only those of which the source tells. 0 or a negative errno; after an error the next call does it again.
int wio_discovery_round(wio_discovery *discovery, wio_roster *roster, wio_watch *const *watches, size_t count,
                        bool told);

// No watch has to hear of births any more: stops listening, and begins with all processes at the next round.
void wio_discovery_rest(wio_discovery *discovery, wio_source *source);

// Takes the answer to WIO_EVENT_CANDIDATE: if it `matches`, and still is the process that it was, it is placed once all
// are answered. To be called once for each. 0 or -ENOMEM.
int wio_discovery_answer(wio_discovery *discovery, wio_roster *roster, wio_watch *watch, pid_t pid,
                         uint64_t start_ticks, bool matches);

// Reads again what a selector asks for besides processes, ports included where it names them.
void wio_discovery_refresh(wio_discovery *discovery, wio_roster *roster, wio_selector *selector);

void wio_discovery_release(wio_discovery *discovery);
