// SPDX-License-Identifier: MIT
// monitor_box: the userdata watchio.native.Monitor, shared by the files that hold its methods.
#pragma once

#include "engine/loop.h"
#include "engine/monitor.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#define WIO_MONITOR_BOX "watchio.native.Monitor"

// User values of the userdata.
enum { VALUE_ON_EVENT = 1, VALUE_ON_ERROR, VALUE_ON_LATE, VALUE_TIMER, VALUE_POLL, VALUE_COUNT = VALUE_POLL };

typedef struct {
  wio_monitor *monitor; // NULL when closed
  wio_loop *loop;       // NULL while it is on no loop
  lua_State *main;
  int anchor; // registry reference to the userdata while it is on a loop
  bool delivering;
  uint64_t lua_calls;
} wio_monitor_box;

// The open monitor that is the first argument; raises when it is none or closed.
wio_monitor_box *wio_monitor_box_check(lua_State *L);

// Sets the loop's timer anew, after a change of what is due. Harmless when the monitor is on no loop.
void wio_monitor_box_rearm(wio_monitor_box *box);

// The time now in nanoseconds: that of its loop, or of its latest tick when it is on none.
uint64_t wio_monitor_box_now(const wio_monitor_box *box);

// Monitor:detach: takes the monitor that is the first argument off its loop. Harmless when it is on none.
int wio_monitor_box_detach(lua_State *L);

// Reads the number of a watch, target or alarm, or a time in nanoseconds; raises on any other value.
uint64_t wio_check_id(lua_State *L, int index);

// Reads a pid; raises on any value that is none.
pid_t wio_check_pid(lua_State *L, int index);

// Pushes true, for `return`.
int wio_push_true(lua_State *L);

// The methods, by subject; each list ends with NULL.
extern const luaL_Reg wio_monitor_watch_methods[], wio_monitor_signal_methods[], wio_monitor_time_methods[],
    wio_monitor_loop_methods[], wio_monitor_question_methods[];
