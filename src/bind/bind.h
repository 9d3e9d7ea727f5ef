// SPDX-License-Identifier: MIT
// bind: functions that the files of the C module share: results, checked arguments, and the engine's structs as Lua
// tables.
#pragma once

#include "engine/monitor.h"
#include "engine/pinned.h"

#include <lua.h>

// The module: `require "watchio.native"`; lua/watchio/meta/native.lua describes it.
__attribute__((visibility("default"))) int luaopen_watchio_native(lua_State *L);

// Pushes nil, a message and the errno's name ("ESRCH"), and returns 3, for `return`. `error` is a negative errno. A
// NULL message stands for the text of the errno.
int wio_push_failure(lua_State *L, int error, const char *message);

// Each of these pushes one table.
// { rchar = 3100, …, cpu = 0.25 }: the measures of these kinds; cpu in seconds.
void wio_push_measures(lua_State *L, const uint64_t value[WIO_MEASURE_COUNT], int kinds);
void wio_push_event(lua_State *L, const wio_event *event);
void wio_push_process(lua_State *L, wio_source *source, const wio_description *process);
// { rchar = …, cpu = …, unreadable = { net = "why" }, hidden = false }
void wio_push_reading(lua_State *L, const wio_reading *reading);
// { 812, 815 }: the living processes of a target, parents first.
void wio_push_pids(lua_State *L, const wio_target *target);
void wio_push_target(lua_State *L, wio_monitor *monitor, const wio_target *target);

// Reads the set of kinds (WIO_KIND_BIT) that the list at `index` names; raises on any other word.
int wio_check_kinds(lua_State *L, int index);

// Reads the floors in the table at `index`, by their names: "io", "calls" and "net" a second, "cpu" in seconds a
// second. A floor that is not given is zero. Raises on a negative one.
wio_floors wio_check_floors(lua_State *L, int index);

// Reads the limits of the list at `index`, `count` of them. They are in a userdata that is pushed and owns them. In the
// list, cpu is in seconds. Raises on an entry that is no limit.
const wio_limit *wio_check_limits(lua_State *L, int index, size_t *count);

// Compiles the selector of the options table at `index`. When it does not compile, returns NULL with nil, a message and
// a code pushed. Raises on wrong types. The caller frees it.
wio_selector *wio_check_selector(lua_State *L, int index);

// Reads the set of event types that the list at `index` names, as bits 1 << type; nil stands for all but the alarm and
// noise. Raises on any other word.
uint32_t wio_check_events(lua_State *L, int index);

// Reads the options of a watch, without its selector, from the table at `index`. Values that are pushed own what the
// options point to. Raises on wrong options.
wio_watch_options wio_check_watch_options(lua_State *L, int index);

// Register the metatables. wio_monitor_register also pushes the function that makes a monitor.
void wio_monitor_register(lua_State *L);
void wio_pinned_register(lua_State *L);

// Pins the processes of a target of the monitor that is the userdata at `monitor_index`. Pushes the userdata that holds
// them, or nil, a message and a code; returns how many values.
int wio_pinned_push(lua_State *L, int monitor_index, uint64_t target);

// Monitor:survey; see lua/watchio/meta/native.lua.
int wio_survey_push(lua_State *L);

// Functions of watchio.native; lua/watchio/meta/native.lua describes them.
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

int wio_native_priority_acts(lua_State *L);
int wio_native_input(lua_State *L);
int wio_native_terminal_size(lua_State *L);

// Pushes a table of find, match, gmatch and gsub, which do what those of Lua's string library do. A slice of a budget
// can end while they match.
void wio_strings_push(lua_State *L);

// The open monitor at `index`, which its userdata owns; raises when the value is no monitor, or a closed one.
wio_monitor *wio_check_monitor(lua_State *L, int index);

// The monitor at `index`, which its userdata owns; NULL when the value is no monitor, or a closed one.
wio_monitor *wio_monitor_if_open(lua_State *L, int index);
