// SPDX-License-Identifier: MIT
// loop: the libuv driver of a monitor: one timer on an absolute schedule, and one poll that tells of ends at once.
//
// The only place that asks the time. The loop makes no handles: it borrows them, so that the code that made them (luv)
// can walk and close them as its own.
#pragma once

#include "core/units.h"
#include "engine/monitor.h"

#include <stdint.h>
#include <uv.h>

typedef struct wio_loop wio_loop;

// A tick that comes this much behind its time is late.
#define WIO_LATE_NS WIO_NS_PER_SECOND

// Called on the loop when events wait, when a tick failed with `error` (a negative errno), or when it came late; takes
// the events with wio_monitor_next.
typedef void wio_loop_deliver(void *data, int error);

// Drives `monitor` by an initialised timer and a poll of wio_monitor_exits_fd, both inactive, which stay the caller's.
// The loop is kept alive only while the monitor waits for something. 0 or a negative errno.
int wio_loop_new(uv_timer_t *timer, uv_poll_t *exits, wio_monitor *monitor, wio_loop_deliver *deliver, void *data,
                 wio_loop **out);

// Stops both handles, unless they are being closed, and forgets them. Not from within `deliver`.
void wio_loop_free(wio_loop *loop);

// Sets the timer anew after the monitor's watches or alarms were changed.
void wio_loop_rearm(wio_loop *loop);

// CLOCK_MONOTONIC in nanoseconds.
uint64_t wio_loop_now(void);

// CPU time that this thread has run, in nanoseconds.
uint64_t wio_loop_computed(void);

// How late ticks have come, in nanoseconds: the most of all ticks, and the latest tick.
uint64_t wio_loop_late_ns(const wio_loop *loop);
uint64_t wio_loop_tick_late_ns(const wio_loop *loop);
