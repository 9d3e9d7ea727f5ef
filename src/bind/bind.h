// SPDX-License-Identifier: MIT
// bind: what the files of the C module share: results, and the engine's structs as Lua tables.
#pragma once

#include "engine/monitor.h"
#include "engine/pinned.h"

#include <lua.h>

// The module: `require "watchio.native"`; lua/watchio/meta/native.lua describes it.
__attribute__((visibility("default"))) int luaopen_watchio_native(lua_State *L);

// Pushes nil, a message and the errno's name ("ESRCH"), for `return`. `error` is a negative errno. A NULL message is
// the system's own.
int wio_push_failure(lua_State *L, int error, const char *message);

// Push a table for each.
// { rchar = 3100, …, cpu = 0.25 }: the measures of these kinds; cpu in seconds.
void wio_push_measures(lua_State *L, const uint64_t value[WIO_MEASURE_COUNT], int kinds);
void wio_push_event(lua_State *L, const wio_event *event);
void wio_push_process(lua_State *L, wio_source *source, const wio_description *process);
// { rchar = …, cpu = …, unreadable = { net = "why" }, hidden = false }
void wio_push_reading(lua_State *L, const wio_reading *reading);
// { 812, 815 }: the living processes of a target, parents first.
void wio_push_pids(lua_State *L, const wio_target *target);
void wio_push_target(lua_State *L, wio_monitor *monitor, const wio_target *target);

// The set of kinds named in the list at `index`; raises on any other word.
int wio_check_kinds(lua_State *L, int index);

// The rates of the table at `index` by their names ("io", "calls", "net": a second; "cpu": seconds a second); those not
// given are zero.
wio_floors wio_check_floors(lua_State *L, int index);

// The limits of the list at `index`, `count` of them, in a userdata that is pushed and owns them; cpu is in seconds
// there. Raises on what is none.
const wio_limit *wio_check_limits(lua_State *L, int index, size_t *count);

// Compiles the selector of the options table at `index`. NULL, with nil, message and code pushed, when it does not
// compile; raises on wrong types. The caller frees it.
wio_selector *wio_check_selector(lua_State *L, int index);

// The set of event types named in the list at `index` as bits 1 << type; all but the alarm and noise when it is nil.
uint32_t wio_check_events(lua_State *L, int index);

// The options of a watch in the table at `index`, but for its selector; what they point to is pushed. Raises on wrong
// ones.
wio_watch_options wio_check_watch_options(lua_State *L, int index);

// Registers the metatables, and pushes the function that makes a monitor.
void wio_monitor_register(lua_State *L);
void wio_pinned_register(lua_State *L);

// Makes the userdata of a pinned process of the monitor that is the userdata at `monitor_index`. Pushes it, or nil,
// message and code; returns how many.
int wio_pinned_push(lua_State *L, int monitor_index, uint64_t target);

// Monitor:survey; see lua/watchio/meta/native.lua.
int wio_survey_push(lua_State *L);

// Functions of the module.
int wio_native_reap_others(lua_State *L);
int wio_native_rights(lua_State *L);
int wio_native_give_up(lua_State *L);
int wio_native_sees_processes(lua_State *L);
int wio_native_write_now(lua_State *L);
int wio_native_descriptor(lua_State *L);
int wio_native_reaper(lua_State *L);
int wio_native_launch(lua_State *L);
int wio_native_open_as(lua_State *L);
int wio_native_user(lua_State *L);
int wio_native_may_change_user(lua_State *L);

// priority_acts of watchio.native.
int wio_native_priority_acts(lua_State *L);
int wio_native_input(lua_State *L);
int wio_native_terminal_size(lua_State *L);

// Pushes a table of find, match, gmatch and gsub, as in Lua's string library; a slice of a budget can end while they
// match.
void wio_strings_push(lua_State *L);

// The open monitor at `index`; raises when it is none or closed.
wio_monitor *wio_check_monitor(lua_State *L, int index);

// Like it, but NULL when it was closed.
wio_monitor *wio_monitor_if_open(lua_State *L, int index);
