// SPDX-License-Identifier: MIT
// monitor_inside: what the files of the monitor share: monitor.c (its life, its watches and alarms), monitor_pass.c
// (one tick), monitor_idleness.c (the verdict at a deadline), monitor_inquiry.c (questions from outside).
#pragma once

#include "engine/discovery.h"
#include "engine/monitor.h"
#include "engine/roster.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint64_t id; // first, for lookup
  wio_due_entry due;
} wio_alarm;

struct wio_monitor {
  wio_roster roster;
  wio_watch **watches; // in order of registration
  size_t watch_count;
  wio_index alarms; // by id
  wio_discovery discovery;
  wio_selector *protected[WIO_PROTECTION_COUNT]; // see engine/refusal.h
  uint64_t most_processes;                       // the most processes held since memory was last given back
  wio_due_entry births_due;                      // when the births that the source tells of are inspected
};

// Tells that an alarm's time has come, and frees it. 0 or -ENOMEM.
int wio_monitor_ring(wio_monitor *monitor, wio_alarm *alarm);

// Reads all members of a target past the gate, and marks it when there is something to count. 0 or a negative errno.
int wio_monitor_refresh_target(wio_roster *roster, const wio_target *target);

// Inspects the newborn and changed processes; with `told` only those of which the source tells. 0 or a negative errno.
int wio_monitor_inspect(wio_monitor *monitor, bool told);

// Inspects the births that the source has told of, and settles what they have changed. 0 or a negative errno.
int wio_monitor_take_births(wio_monitor *monitor);

// Whether all watches that must hear of births can wait for their next interval.
bool wio_monitor_is_patient(const wio_monitor *monitor);

// A target's deadline has come: reads it past the gate and tells idleness, or puts the deadline off. 0 or a negative
// errno; then the deadline stays due.
int wio_monitor_judge_deadline(wio_monitor *monitor, wio_target *target);

// The wait of a target, and which of its processes waits.
typedef struct {
  wio_waiting waiting;
  pid_t waiter;
} wio_wait_found;

// Finds out whether the processes of a target wait, and for what; a process that waits in the kernel decides. 0, or a
// negative errno when memory or files have run out. A process that may not be read is judged by its counters alone.
int wio_monitor_find_wait(wio_roster *roster, const wio_target *target, wio_wait_found *out);

// Notes that a target waits: quiet counts from now, and WIO_EVENT_WAITING is told. 0 or -ENOMEM.
int wio_monitor_see_wait(wio_roster *roster, wio_target *target, const wio_wait_found *found);
