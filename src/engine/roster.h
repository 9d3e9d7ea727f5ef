// roster: the processes and targets that a monitor holds: who joins, who is judged when, who has ended.
#pragma once

#include "core/due.h"
#include "core/event.h"
#include "engine/index.h"
#include "engine/watch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What a due entry is part of.
enum { WIO_DUE_SAMPLING, WIO_DUE_DEADLINE, WIO_DUE_ALARM };

// Zeroed memory with a source is an empty one. Its functions return 0 or a negative errno; -ENOMEM leaves everything so that
// the same call does the rest later.
typedef struct {
  wio_source *source;
  uint64_t now_ns, tick;
  uint64_t last_id; // watches, targets and alarms share one row of numbers
  wio_index samples, targets; // by pid, by id
  size_t target_count;
  size_t others_due; // how many watches and alarms may be due besides
  wio_due due;
  wio_events events;
  wio_tally tally;
} wio_roster;

// Makes room among the deadlines for one more of anything.
int wio_roster_reserve(wio_roster *roster);

// Makes a process that was looked at a target of a watch, unless it is one. -ESRCH when it has ended meanwhile.
int wio_roster_join(wio_roster *roster, wio_watch *watch, const wio_description *process);

// Whether a process is a target of the watch.
bool wio_roster_has(const wio_sample *sample, const wio_watch *watch);

// Judges a target by its sample's reading; see wio_target_judge.
int wio_roster_judge(wio_roster *roster, wio_target *target, bool *moved);

// Puts a target's deadline where it becomes idle if it stays quiet; takes it away where it cannot.
void wio_roster_expect_idle(wio_roster *roster, wio_target *target);

// Tells of the end of a process, takes its targets out and frees it. A zombie is read a last time, so that nothing it did is
// lost.
int wio_roster_bury(wio_roster *roster, wio_sample *sample);

// Takes a target out of everything and frees it, and its process when nobody else judges it.
void wio_roster_drop(wio_roster *roster, wio_target *target);

// Queues an event of a watch that speaks of no target.
int wio_roster_tell(wio_roster *roster, const wio_watch *watch, wio_event_type type, pid_t pid, int error);

// Tells, once, that a watch of pids can never see anything again, since all its processes are gone.
int wio_roster_tell_if_over(wio_roster *roster, wio_watch *watch);

// Frees what is its own; all targets must have been dropped.
void wio_roster_release(wio_roster *roster);
