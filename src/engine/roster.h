// SPDX-License-Identifier: MIT
// roster: the processes and targets that a monitor holds, and which of them are marked to be judged.
#pragma once

#include "core/due.h"
#include "core/event.h"
#include "engine/index.h"
#include "engine/lineage.h"
#include "engine/silent.h"
#include "engine/watch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The owner of a due entry.
enum { WIO_DUE_SAMPLING, WIO_DUE_DEADLINE, WIO_DUE_ALARM, WIO_DUE_BIRTHS };

// Zeroed memory with a source is an empty one. Its functions return 0 or a negative errno; after -ENOMEM the same
// call does the rest later.
typedef struct {
  wio_source *source;
  uint64_t now_ns;
  uint64_t (*clock_ns)(void); // asked after the readings of a pass; NULL: they are as of now_ns
  uint64_t read_ns;           // upper bound on the time of the readings being judged
  wio_pass pass;
  uint64_t last_id;           // watches, targets and alarms share one row of numbers
  wio_index samples, targets; // by pid, by id
  size_t target_count;
  size_t process_count, held_count; // processes that are judged, and how many of them are held by a descriptor
  size_t others_due;                // how many watches and alarms may be due besides
  wio_due due;
  wio_events events;
  wio_target *dirty, *last_dirty; // linked by `next_dirty`
  wio_tally tally;
  wio_lineage lineage;
  wio_silent silent;
  bool displaced; // a member is not to be found by its pid any more, since another process has that
  bool births;    // the source has told of births or changes, and those processes were not inspected yet
} wio_roster;

// Makes room among the deadlines for one more of anything.
int wio_roster_reserve(wio_roster *roster);

// Whether another process now has the pid of a process that is held, although no pidfd has told its end. If so, notes
// that the old process has ended, and marks its targets.
bool wio_roster_displace(wio_roster *roster, const wio_description *process);

// Makes a process the first one of a new target. -ESRCH when it has ended meanwhile.
int wio_roster_found(wio_roster *roster, wio_watch *watch, const wio_description *process, wio_target **out);

// Makes a process a member of a target. One that was `born_inside` counts from zero, any other from now. -ESRCH when it
// has ended meanwhile.
int wio_roster_adopt(wio_roster *roster, wio_target *target, const wio_description *process, bool born_inside);

// Notes that a process was born in a target and was gone before it could be held. `reaped_by_nobody`: what it did is in
// no other process's counters.
void wio_roster_miss(wio_roster *roster, wio_target *target, bool reaped_by_nobody);

// The process that has the pid, if it is held; NULL else.
wio_sample *wio_roster_sample(const wio_roster *roster, pid_t pid);

// The membership of a process in a target of the watch; NULL when it has none.
wio_member *wio_roster_member(const wio_sample *sample, const wio_watch *watch);

// The same of the process that has the pid; NULL also when it is not held.
wio_member *wio_roster_member_of(const wio_roster *roster, const wio_watch *watch, pid_t pid);

// Notes that a process has ended and marks its targets. A zombie is read a last time, so that nothing it did is lost.
int wio_roster_end_sample(wio_roster *roster, wio_sample *sample);

// Mark a target, so that its readings and ends are counted and judged (engine/settle.h), or remove the mark.
void wio_roster_mark(wio_roster *roster, wio_target *target);
void wio_roster_clean(wio_roster *roster, wio_target *target);

// Notes the time after the readings of a pass: all that they show was done before it.
void wio_roster_note_readings(wio_roster *roster);

// Takes a member out of its target and frees it, and its process when no other target has it.
void wio_roster_drop_member(wio_roster *roster, wio_member *member);

// Sets a target's deadline to the time at which it becomes idle if it stays quiet, or removes it where it cannot.
void wio_roster_expect_idle(wio_roster *roster, wio_target *target);

// Takes a target out of everything and frees it, and its processes when no other target has them.
void wio_roster_drop(wio_roster *roster, wio_target *target);

// Queues an event of a watch that is about no target.
int wio_roster_tell(wio_roster *roster, const wio_watch *watch, wio_event_type type, pid_t pid, int error);

// Tells, once, that a watch of pids can never see anything again, since all its processes are gone.
int wio_roster_tell_if_over(wio_roster *roster, wio_watch *watch);

// Frees what is its own; all targets must have been dropped.
void wio_roster_release(wio_roster *roster);
