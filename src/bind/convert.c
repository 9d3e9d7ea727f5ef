// SPDX-License-Identifier: MIT
// The engine's structs as Lua tables.
#include "bind/bind.h"
#include "core/cgroup.h"
#include "engine/silent.h"
#include "engine/meter.h"

#include <errno.h>
#include <lauxlib.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

// Pushes the name of an errno, e.g. "ESRCH"; libuv knows the names on every libc.
static void push_error_name(lua_State *L, int error) {
  char name[64];
  lua_pushstring(L, uv_err_name_r(error, name, sizeof name));
}

int wio_push_failure(lua_State *L, int error, const char *message) {
  lua_pushnil(L);
  lua_pushstring(L, message ? message : wio_silent_reason(-error));
  push_error_name(L, error);
  return 3;
}

static void set_integer(lua_State *L, const char *key, uint64_t value) {
  lua_pushinteger(L, (lua_Integer)value);
  lua_setfield(L, -2, key);
}

static void set_string(lua_State *L, const char *key, const char *value) {
  lua_pushstring(L, value);
  lua_setfield(L, -2, key);
}

// Counters are integers and stay exact to 2^63; time is in seconds, as everywhere in Lua.
static void set_measure(lua_State *L, wio_measure measure, uint64_t value) {
  if (measure == WIO_CPU_NS) lua_pushnumber(L, (lua_Number)value / 1e9);
  else lua_pushinteger(L, (lua_Integer)value);
  lua_setfield(L, -2, wio_measure_name(measure));
}

void wio_push_measures(lua_State *L, const uint64_t value[WIO_MEASURE_COUNT], int kinds) {
  lua_createtable(L, 0, WIO_MEASURE_COUNT);
  for (wio_kind kind = 0; kind < WIO_KIND_COUNT; kind++) {
    wio_measures measures = wio_kind_measures(kind);
    for (wio_measure i = measures.first; (kinds & WIO_KIND_BIT(kind)) && i < measures.end; i++)
      set_measure(L, i, value[i]);
  }
}

// { io = { rchar = 3100, … }, cpu = { cpu = 0.0012 } }: only what moved.
static void set_why(lua_State *L, const uint64_t moved[WIO_MEASURE_COUNT]) {
  lua_createtable(L, 0, WIO_KIND_COUNT);
  for (wio_kind kind = 0; kind < WIO_KIND_COUNT; kind++) {
    wio_measures measures = wio_kind_measures(kind);
    lua_newtable(L);
    bool any = false;
    for (wio_measure i = measures.first; i < measures.end; i++) {
      if (moved[i]) set_measure(L, i, moved[i]);
      any |= moved[i] != 0;
    }
    if (any) lua_setfield(L, -2, wio_kind_name(kind));
    else lua_pop(L, 1);
  }
  lua_setfield(L, -2, "why");
}

// { rchar = 3100, syscr = 0, …, cpu = 0.0012 }: all of these kinds.
static void set_moved(lua_State *L, const uint64_t moved[WIO_MEASURE_COUNT], int kinds) {
  wio_push_measures(L, moved, kinds);
  lua_setfield(L, -2, "moved");
}

// Whether advice to become root makes sense.
static bool root_helps(void) { return getuid() != 0; }

// Why a kind cannot be read, and what would help.
static const char *explain_unreadable(wio_kind kind, int error, char *out, size_t size) {
  static const char *const what[WIO_KIND_COUNT] = {
      [WIO_IO] = "its counters", [WIO_NET] = "its connections", [WIO_CPU] = "its time"};
  const char *cure = NULL;
  bool denied = error == EACCES || error == EPERM;
  if (kind == WIO_NET && error == EPERM)
    cure = root_helps() ? "it lives in another network namespace; run as root, or give watchio CAP_SYS_ADMIN"
                        : "it lives in another network namespace, which takes CAP_SYS_ADMIN";
  else if (denied && root_helps())
    cure = "run as its user or as root, or give watchio CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH";
  else if (kind == WIO_IO && error == ENOENT) return "it has no counters (the kernel needs CONFIG_TASK_IO_ACCOUNTING)";
  else if (kind == WIO_NET && (error == EOPNOTSUPP || error == EPROTONOSUPPORT))
    return "the kernel does not report TCP bytes (it needs CONFIG_INET_TCP_DIAG)";
  if (!cure) snprintf(out, size, "cannot read %s: %s", what[kind], wio_silent_reason(error));
  else snprintf(out, size, "not permitted to read %s (%s)", what[kind], cure);
  return out;
}

static const char *explain_missing(const wio_event *event, char *out, size_t size) {
  if (event->error == ESRCH) snprintf(out, size, "no process %d", event->pid);
  else if (event->error == ETIMEDOUT)
    snprintf(out, size, "process %d: %s", event->pid, wio_silent_reason(event->error));
  else if (event->error == ENOENT) snprintf(out, size, "process %d does not match the rest of the watch", event->pid);
  else if (event->error == EPERM || event->error == EACCES)
    snprintf(out, size, "not permitted to inspect process %d (%s)", event->pid,
             root_helps() ? "run as its user or as root, or mount /proc without hidepid" : strerror(event->error));
  else return strerror(event->error);
  return out;
}

// { io = 3100, cpu = 0.0012 }: what is not zero, by the names of the floors; cpu in seconds.
static void set_gain(lua_State *L, const char *key, const wio_gain *gain) {
  lua_newtable(L);
  for (wio_floor floor = 0; floor < WIO_FLOOR_COUNT; floor++) {
    lua_Number amount = (lua_Number)gain->amount[floor];
    if (amount <= 0) continue;
    lua_pushnumber(L, floor == WIO_FLOOR_CPU ? amount / 1e9 : amount);
    lua_setfield(L, -2, wio_floor_name(floor));
  }
  lua_setfield(L, -2, key);
}

static void set_error(lua_State *L, const wio_event *event) {
  char text[160];
  bool missing = event->type == WIO_EVENT_MISSING;
  set_string(L, "message",
             missing ? explain_missing(event, text, sizeof text)
                     : explain_unreadable(event->kind, event->error, text, sizeof text));
  push_error_name(L, -event->error);
  lua_setfield(L, -2, "code");
}

static void set_history(lua_State *L, const wio_history *history) {
  set_integer(L, "longest_quiet_ns", history->longest_quiet_ns);
  set_integer(L, "joined", history->joined);
  set_integer(L, "most", history->most);
}

static void set_total(lua_State *L, const wio_event *event) {
  wio_push_measures(L, event->total, event->known);
  lua_setfield(L, -2, "total");
  lua_pushboolean(L, event->at_least);
  lua_setfield(L, -2, "at_least");
}

static void set_target(lua_State *L, const wio_event *event) {
  set_integer(L, "target", event->target);
  set_string(L, "name", event->name);
  set_integer(L, "idle_for_ns", event->idle_for_ns);
  if (!event->known) return;
  set_total(L, event);
}

// Sets why a target is not idle though nothing moved.
static void set_wait(lua_State *L, const wio_event *event) {
  static const char *const names[WIO_WAIT_COUNT] = {[WIO_WAIT_KERNEL] = "kernel", [WIO_WAIT_CPU] = "cpu"};
  static const char *const means[WIO_WAIT_COUNT] = {
      [WIO_WAIT_KERNEL] = "is waiting in the kernel (state D)", [WIO_WAIT_CPU] = "is waiting for the cpu"};
  char text[64];
  snprintf(text, sizeof text, "process %d %s", event->waiter, means[event->waits_for]);
  set_string(L, "message", text);
  set_string(L, "waits_for", names[event->waits_for]);
}

// Sets what moved, in the events that tell of it.
static void set_movement(lua_State *L, const wio_event *event) {
  switch (event->type) {
    case WIO_EVENT_LIMIT_OVER:
    case WIO_EVENT_LIMIT_UNDER: set_integer(L, "limit", event->limit + 1); // fall through
    case WIO_EVENT_ACTIVE: set_why(L, event->moved); break;
    case WIO_EVENT_SAMPLE: set_moved(L, event->moved, event->moved_known); break;
    case WIO_EVENT_NOISE: set_gain(L, "gain", &event->gain); break;
    case WIO_EVENT_IDLE: set_gain(L, "last", &event->gain); return;
    default: return;
  }
  set_integer(L, "moved_in_ns", event->moved_in_ns);
}

void wio_push_event(lua_State *L, const wio_event *event) {
  lua_createtable(L, 0, 10);
  set_string(L, "type", wio_event_name(event->type));
  set_integer(L, "time_ns", event->time_ns);
  if (event->alarm) set_integer(L, "alarm", event->alarm);
  if (event->watch) set_integer(L, "watch", event->watch);
  if (event->pid) set_integer(L, "pid", (uint64_t)event->pid);
  if (event->target) set_target(L, event);
  if (event->type == WIO_EVENT_EXIT) set_history(L, &event->history);
  if (event->error) set_error(L, event);
  if (event->type == WIO_EVENT_UNREADABLE || event->type == WIO_EVENT_UNJUDGED)
    set_string(L, "kind", wio_kind_name(event->kind));
  set_movement(L, event);
  if (event->waits_for) set_wait(L, event);
}

static void add_name(lua_State *L, const char *name) {
  lua_pushstring(L, name);
  lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

// { "http.server" }: the names of a process besides the kernel's.
static void set_names(lua_State *L, const wio_description *process) {
  const char *names[WIO_MOST_NAMES], *slash = strrchr(process->exe, '/');
  size_t count = wio_names_list(&process->names, process->stat.name, names);
  bool known = !slash || !process->names.title || strcmp(slash + 1, process->stat.name) == 0;
  lua_newtable(L);
  for (size_t i = 0; i < count; i++) {
    add_name(L, names[i]);
    known = known || strcmp(slash + 1, names[i]) == 0;
  }
  if (!known) add_name(L, slash + 1);
  lua_setfield(L, -2, "other_names");
}

static void set_place(lua_State *L, const wio_description *process) {
  char unit[WIO_UNIT_SIZE];
  const char *path;
  size_t length = wio_cgroup_path(process->cgroup, &path);
  if (length) lua_pushlstring(L, path, length), lua_setfield(L, -2, "cgroup");
  if (wio_cgroup_unit(process->cgroup, unit)) set_string(L, "unit", unit);
}

// Sets the whole command line, as far as it can be had; the name in brackets where there is none.
static void set_cmd(lua_State *L, wio_source *source, const wio_description *process) {
  const char *cmd = process->cmd;
  if (process->cmd_is_part && !process->cmd_error && source->ops->whole(source, WIO_WANT_CMD, process, &cmd) < 0)
    cmd = process->cmd;
  if (cmd[0]) lua_pushstring(L, cmd);
  else lua_pushfstring(L, "[%s]", process->stat.name);
  lua_setfield(L, -2, "cmd");
}

void wio_push_process(lua_State *L, wio_source *source, const wio_description *process) {
  const wio_stat *stat = &process->stat;
  lua_createtable(L, 0, 16);
  set_integer(L, "pid", (uint64_t)process->pid);
  set_integer(L, "ppid", (uint64_t)stat->ppid);
  set_string(L, "name", stat->name);
  set_integer(L, "uid", process->uid);
  lua_pushlstring(L, &stat->state, 1);
  lua_setfield(L, -2, "state");
  lua_pushboolean(L, stat->kernel_thread);
  lua_setfield(L, -2, "kernel_thread");
  lua_pushboolean(L, wio_stat_ended(stat));
  lua_setfield(L, -2, "ended");
  set_integer(L, "start_ticks", stat->start_ticks);
  set_cmd(L, source, process);
  if (process->exe[0]) set_string(L, "exe", process->exe);
  if (process->denied) set_string(L, "denied", strerror(process->denied));
  set_names(L, process);
  set_place(L, process);
}

void wio_push_reading(lua_State *L, const wio_reading *reading) {
  wio_push_measures(L, reading->value, wio_reading_known(reading, WIO_ALL_KINDS));
  lua_newtable(L);
  for (wio_kind kind = 0; kind < WIO_KIND_COUNT; kind++) {
    char text[160];
    if (!reading->error[kind]) continue;
    set_string(L, wio_kind_name(kind), explain_unreadable(kind, reading->error[kind], text, sizeof text));
  }
  lua_setfield(L, -2, "unreadable");
  lua_pushboolean(L, reading->hidden);
  lua_setfield(L, -2, "hidden");
}

void wio_push_pids(lua_State *L, const wio_target *target) {
  lua_createtable(L, (int)target->count, 0);
  lua_Integer n = 0;
  for (size_t i = 0; i < target->count; i++) {
    if (target->members[i]->sample->ended) continue;
    lua_pushinteger(L, (lua_Integer)target->members[i]->sample->key);
    lua_rawseti(L, -2, ++n);
  }
}

// Describes a target's first process, or tells what is still known of it when it has ended before the others.
static void describe_first(wio_source *source, const wio_target *target, wio_description *out) {
  const wio_sample *first = target->count ? target->members[0]->sample : NULL;
  bool lives = first && (pid_t)first->key == target->pid && !first->gone;
  if (lives && source->ops->describe(source, target->pid, WIO_WANT_CMD | WIO_WANT_UID | WIO_WANT_CGROUP, out) == 0 &&
      out->stat.start_ticks == first->start_ticks)
    return;
  *out = (wio_description){.pid = target->pid, .uid = target->uid, .stat = {.state = 'X'}};
  memcpy(out->stat.name, target->name, sizeof out->stat.name);
}

void wio_push_target(lua_State *L, wio_monitor *monitor, const wio_target *target) {
  wio_description process;
  describe_first(wio_monitor_source(monitor), target, &process);
  wio_push_process(L, wio_monitor_source(monitor), &process);
  wio_event told;
  wio_target_tell(target, WIO_EVENT_NONE, wio_monitor_now(monitor), &told);
  set_integer(L, "target", target->id);
  set_integer(L, "watch", told.watch);
  wio_push_pids(L, target);
  lua_setfield(L, -2, "pids");
  lua_pushstring(L, wio_state_name(target->state));
  lua_setfield(L, -2, "judged");
  lua_pushboolean(L, target->blind);
  lua_setfield(L, -2, "blind");
  set_integer(L, "idle_for_ns", told.idle_for_ns);
  set_integer(L, "since_ns", target->seen_ns);
  set_gain(L, "stirred", &target->stirred);
  const wio_meter *meter = target->meter;
  if (meter && meter->moved_in_ns) {
    set_moved(L, meter->moved, meter->moved_known);
    set_integer(L, "moved_in_ns", meter->moved_in_ns);
  }
  set_history(L, &told.history);
  if (!told.known) return;
  set_total(L, &told);
}
