// SPDX-License-Identifier: MIT
// monitor: all watches, their targets and the alarms. Time comes in, events come out.
//
//   wio_monitor_tick(m, now_ns); while (wio_monitor_next(m, &event)) …; wio_monitor_due(m, &when_ns);
//
// The monitor has no clock, no callbacks and no loop. Watches may change in any way between two events: ids are never
// used twice, and events of a stopped watch are not delivered.
#pragma once

#include "core/event.h"
#include "engine/refusal.h"
#include "engine/watch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct wio_monitor wio_monitor;

// Takes the source over, also on failure. NULL when out of memory. The caller frees it.
wio_monitor *wio_monitor_new(wio_source *source);
void wio_monitor_free(wio_monitor *monitor);

// Adds a watch. Its processes are found at the next tick, which is due at once. Takes the selector over, also on
// failure. 0 or -ENOMEM.
int wio_monitor_watch(wio_monitor *monitor, wio_selector *selector, const wio_watch_options *options, uint64_t *out_id);

// Removes a watch, its targets and its undelivered events. Harmless when it is gone.
void wio_monitor_unwatch(wio_monitor *monitor, uint64_t watch);

// Samples a watch at another interval from now on; its targets stay as they are. Harmless when it is gone.
void wio_monitor_retime(wio_monitor *monitor, uint64_t watch, uint64_t every_ns);

// Stops counting the quiet of a watch's targets at `now_ns`, which is no earlier than the latest tick, or goes on
// counting. While it is stopped no target becomes idle; activity is still told. Harmless when the watch is gone, and
// when repeated.
void wio_monitor_hold(wio_monitor *monitor, uint64_t watch, bool held, uint64_t now_ns);

// Answers WIO_EVENT_CANDIDATE, once for each: whether that process matches. It joins when all are answered. Harmless
// when the watch is gone. 0 or -ENOMEM.
int wio_monitor_answer(wio_monitor *monitor, uint64_t watch, pid_t pid, uint64_t start_ticks, bool matches);

// Sets an alarm: an event once `at_ns` has come. 0 or -ENOMEM.
int wio_monitor_alarm(wio_monitor *monitor, uint64_t at_ns, uint64_t *out_id);

// Cancels an alarm. Harmless when it has gone off or was cancelled.
void wio_monitor_cancel(wio_monitor *monitor, uint64_t alarm);

// With `ignored`, the processes of a session match no pattern any more; without, they match again. For processes that
// watchio itself has started. A pid that is named still matches. 0 or -ENOMEM.
int wio_monitor_ignore(wio_monitor *monitor, pid_t session, bool ignored);

// One pass: ends, births, readings, deadlines and alarms that are due at `now_ns`, which never runs backwards. 0 or a
// negative errno; what could not be done is done at the next tick.
int wio_monitor_tick(wio_monitor *monitor, uint64_t now_ns);

// Sets the clock that is read after the readings of a pass, so that idleness is not told a pass too early. It must be
// the clock of `now_ns`. NULL: the readings count as of `now_ns`, as with a made-up clock.
void wio_monitor_set_clock(wio_monitor *monitor, uint64_t (*clock_ns)(void));

// Takes the oldest event; false when there is none.
bool wio_monitor_next(wio_monitor *monitor, wio_event *out);

// Whether an event waits.
bool wio_monitor_has_events(const wio_monitor *monitor);

// When the next tick is due; false when nothing is waited for.
bool wio_monitor_due(const wio_monitor *monitor, uint64_t *out_ns);

// The time of the latest tick.
uint64_t wio_monitor_now(const wio_monitor *monitor);

// A descriptor that is readable when a process has ended, was born or has changed: then a tick is useful before one is
// due.
int wio_monitor_exits_fd(const wio_monitor *monitor);

// The target, its total up to the latest reading; borrowed until the next call that is not a question; NULL when it has
// ended or its watch was stopped.
const wio_target *wio_monitor_target(const wio_monitor *monitor, uint64_t target);

// The watch; borrowed and NULL as with wio_monitor_target.
const wio_watch *wio_monitor_find_watch(const wio_monitor *monitor, uint64_t watch);

typedef enum { WIO_LOOK_GONE, WIO_LOOK_UNKNOWN, WIO_LOOK_QUIET, WIO_LOOK_MOVED } wio_look;

// Reads a target past the gate at the time of the latest tick and judges it. MOVED: above a floor; UNKNOWN: a kind that
// counts cannot be read.
wio_look wio_monitor_look(wio_monitor *monitor, uint64_t target);

// How long after WIO_STARVES_PERHAPS to ask again.
#define WIO_STARVED_NS (100 * WIO_NS_PER_MS)

typedef enum { WIO_STARVES_NOT, WIO_STARVES_PERHAPS, WIO_STARVES } wio_starvation;

// Whether a target has wanted to run since it was found idle, but gets no CPU. Any process wants to run now and then,
// so only a second question decides, WIO_STARVED_NS after the first and with none of wio_monitor_look in between. One
// that starves is not idle any more.
wio_starvation wio_monitor_starves(wio_monitor *monitor, uint64_t target);

// Whether a target's first process still is what its watch names, but for what the caller confirms: it may have become
// another program by an exec. True when that has ended before the others, or there is no such target.
bool wio_monitor_still_matches(wio_monitor *monitor, uint64_t target);

// Takes up at once what the source has told of births and changes so far, which a tick would do a moment later. 0 or a
// negative errno.
int wio_monitor_hear(wio_monitor *monitor);

// Sets the processes of one protection: those that the selector matches are never signalled (engine/refusal.h). Takes
// the selector over; NULL: none. See engine/hunt.h for signals.
void wio_monitor_protect(wio_monitor *monitor, wio_protection protection, wio_selector *selector);

// A selector for each protection, borrowed; NULL where none was set.
wio_selector *const *wio_monitor_protected(const wio_monitor *monitor);

// The world that this monitor observes; borrowed.
wio_source *wio_monitor_source(const wio_monitor *monitor);

// Reads these kinds of any process once, apart from every watch. -ESRCH when there is none; `out->error` when a kind is
// unknown. Traffic that its connections carried before is not known: `net` begins at zero.
int wio_monitor_read(wio_monitor *monitor, pid_t pid, int kinds, wio_reading *out);

// Called with a process that matches, or of which that is unknown. WIO_MATCH_NO: the process would match, but is left
// out (wio_ignored_test).
typedef int wio_found(void *data, const wio_description *process, wio_match match);

// Calls `found` for every process that matches now or may match, or is left out, in order of pid; watchio itself never
// matches a pattern. Questions of the selector to the caller (wio_selector_ask) are not asked. Stops when `found`
// returns non-zero, and returns that; else 0 or a negative errno.
int wio_monitor_find(wio_monitor *monitor, wio_selector *selector, wio_found *found, void *data);

// Whether the kernel tells of births and changes; else they are found at intervals. False before the first
// watch has its first tick.
bool wio_monitor_hears_births(const wio_monitor *monitor);

// Counts from now on how many processes a process and all its descendants fork. 0; -ENOTSUP where the kernel does not
// tell of births. The count is lost with the last watch that has to hear of births.
int wio_monitor_count_forks(wio_monitor *monitor, pid_t pid);

// How many processes they have forked. To be asked at the end, since it takes the births. -EOVERFLOW when they were
// more than the kernel could tell of.
int wio_monitor_forks(wio_monitor *monitor, uint64_t *out);

// Counts of the monitor's work since it was made.
wio_tally wio_monitor_tally(const wio_monitor *monitor);
