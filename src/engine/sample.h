// sample: one process as the engine holds it: read at most once a tick, however many watches hold it.
#pragma once

#include "engine/source.h"

#include <stdbool.h>
#include <stdint.h>

struct wio_target;

// What the engine has done; see wio_monitor_tally.
typedef struct {
  uint64_t ticks, reads, gated, scans;
  uint64_t processes, held; // live now; those with held files
} wio_tally;

typedef struct wio_sample {
  uint64_t key;     // the pid, for lookup
  wio_pin *pin;
  uint64_t tick;    // when it was last asked, gated or not
  uint64_t read_tick; // when it was last really read
  uint32_t version; // counts the readings that differ from the one before
  bool moved;       // the last real reading differed: likely it will again, so the gate is not asked
  bool ended;
  wio_reading reading;
  uint64_t start_ticks;
  struct wio_target *targets; // who judges it, linked by `next_of_sample`
} wio_sample;

// Pins a process and reads it. -ESRCH when it has ended.
int wio_sample_new(wio_source *source, pid_t pid, uint64_t start_ticks, wio_sample **out);
void wio_sample_free(wio_source *source, wio_sample *sample);

// Reads it if it has run since; with `exact` whatever the clock says. Once a tick at most. Sets `ended` when it is gone.
// 0, or a negative errno for what is no answer of the process (out of files, out of memory): the last reading stands.
int wio_sample_refresh(wio_source *source, wio_sample *sample, uint64_t tick, bool exact, wio_tally *tally);
