// SPDX-License-Identifier: MIT
// sample: one process as the engine holds it. It is read at most once a pass, however many watches hold it, and only
// the kinds that one of them counts are read.
#pragma once

#include "core/floor.h"
#include "engine/source.h"

#include <stdbool.h>
#include <stdint.h>

struct wio_member;

// A pass, in numbers.
typedef struct {
  uint64_t moment; // counts the passes: a question to the kernel about all processes at once is asked once a moment
  uint64_t fresh;  // counts what makes earlier readings old: each pass, and each end that was seen in one
} wio_pass;

// Counts of the engine's work; see wio_monitor_tally. Nothing is decided by them.
typedef struct {
  uint64_t ticks, reads, gated, scans;
  uint64_t processes, held; // live now; those with held files
} wio_tally;

typedef struct wio_sample {
  uint64_t key; // the pid, for lookup
  wio_pin *pin;
  uint64_t asked_at; // the pass in which it was last asked, gated or not
  uint64_t open_at;  // the pass in which the gate was last open
  uint64_t read_at;  // the pass in which it was last really read
  uint64_t exact_at; // the pass in which it was last read exactly
  uint64_t own_at;   // the pass in which it was last read without its connections
  uint32_t version;  // counts the readings that differ from the one before, or reveal something
  bool moved;        // the last real reading differed: likely it will again, so the gate is not asked
  bool ended;        // a zombie, or reaped
  bool gone;         // reaped: the last reading stands for ever
  bool closed;       // its counters were read after it had ended: that is all it did
  bool held;
  pid_t ppid; // the process that will reap it, as it was last read
  int kinds;  // the kinds that are read: those that some watch counts
  wio_reading reading;
  wio_gain gain; // of the last reading that moved
  uint64_t start_ticks;
  uint64_t birth;             // its number among the births that were told; 0: unknown. See engine/lineage.h
  uint64_t visited_cpu_ns;    // its CPU time when it was last inspected because it had run: see wio_walk_has_run
  struct wio_member *members; // its memberships in targets, linked by `next_of_sample`
} wio_sample;

// Pins a process and reads these kinds of it; `born`: since the last pass. -ESRCH when it has ended.
int wio_sample_new(wio_source *source, const wio_description *process, int kinds, bool born, const wio_pass *pass,
                   wio_sample **out);
void wio_sample_free(wio_source *source, wio_sample *sample);

// How careful a reading is.
typedef enum {
  WIO_GATED,   // only if its clock says that it has run since; that can be one timer tick late
  WIO_OWN,     // whatever the clock says, but only what is in its own files: its connections stay as they were
  WIO_UNGATED, // whatever the clock says
  WIO_EXACT // and its connections as they are now, not as when the kernel was last asked for all at once: to decide on
            // idleness
} wio_care;

// Asks the gate, once a pass: whether a gated reading of this pass reads it.
bool wio_sample_is_open(wio_source *source, wio_sample *sample, const wio_pass *pass, wio_tally *tally);

// Reads a process, once a pass at most, and sets `ended` and `gone`. 0, or a negative errno where the failure says
// nothing about the process (out of files, out of memory): then the last reading stands.
int wio_sample_refresh(wio_source *source, wio_sample *sample, const wio_pass *pass, wio_care care, wio_tally *tally);

// From now on, reads these kinds as well.
int wio_sample_widen(wio_source *source, wio_sample *sample, int kinds, const wio_pass *pass, wio_tally *tally);

// Notes that a process has ended, reads it a last time if it is a zombie, and asks which process will reap it. Returns
// as wio_sample_refresh does.
int wio_sample_end(wio_source *source, wio_sample *sample, const wio_pass *pass, wio_tally *tally);

// Whether a process that has ended is reaped by now; sets `gone`. Its parent has what it counted from a moment before
// its counters vanish, but never while it still is a zombie by its state (kernel/exit.c, wait_task_zombie). 0 or a
// negative errno.
int wio_sample_check_reaped(wio_source *source, wio_sample *sample);
