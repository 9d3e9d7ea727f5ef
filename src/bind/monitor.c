// SPDX-License-Identifier: MIT
// The userdata of a monitor: watchio.native.Monitor; its methods are described in lua/watchio/meta/native.lua.
#include "bind/bind.h"
#include "bind/gateway.h"
#include "engine/launched.h"
#include "engine/loop.h"

#include <errno.h>
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#define MONITOR "watchio.native.Monitor"

// User values of the userdata.
enum { VALUE_ON_EVENT = 1, VALUE_ON_ERROR, VALUE_ON_LATE, VALUE_TIMER, VALUE_POLL, VALUE_COUNT = VALUE_POLL };

typedef struct {
  wio_monitor *monitor; // NULL when closed
  wio_loop *loop;       // NULL while it is on no loop
  lua_State *main;
  int anchor; // registry reference to the userdata while it is on a loop
  bool delivering;
  uint64_t lua_calls;
} monitor_box;

static monitor_box *check_box(lua_State *L) {
  monitor_box *box = luaL_checkudata(L, 1, MONITOR);
  if (!box->monitor) luaL_error(L, "monitor is closed");
  return box;
}

wio_monitor *wio_check_monitor(lua_State *L, int index) {
  monitor_box *box = luaL_checkudata(L, index, MONITOR);
  if (!box->monitor) luaL_error(L, "monitor is closed");
  return box->monitor;
}

wio_monitor *wio_monitor_if_open(lua_State *L, int index) {
  monitor_box *box = luaL_testudata(L, index, MONITOR);
  return box ? box->monitor : NULL;
}

static uint64_t check_id(lua_State *L, int index) { return (uint64_t)luaL_checkinteger(L, index); }

static int push_true(lua_State *L) {
  lua_pushboolean(L, true);
  return 1;
}

static void rearm(monitor_box *box) {
  if (box->loop) wio_loop_rearm(box->loop);
}

// ---- watches and targets

static uint64_t check_ns_field(lua_State *L, int index, const char *key, lua_Integer least) {
  lua_getfield(L, index, key);
  lua_Integer ns = luaL_optinteger(L, -1, least);
  if (ns < least) luaL_error(L, "%s is less than %I", key, (LUAI_UACINT)least);
  lua_pop(L, 1);
  return (uint64_t)ns;
}

static wio_per check_per(lua_State *L, int index) {
  static const char *const words[] = {[WIO_PER_TREE] = "tree",
                                      [WIO_PER_PROCESS] = "process",
                                      [WIO_PER_ALL] = "all",
                                      [WIO_PER_NAME] = "name",
                                      [WIO_PER_USER] = "user",
                                      [WIO_PER_UNIT] = "unit",
                                      NULL};
  lua_getfield(L, index, "per");
  wio_per per = (wio_per)luaL_checkoption(L, -1, words[WIO_PER_TREE], words);
  lua_pop(L, 1);
  return per;
}

static int check_counts(lua_State *L, int index) {
  int kinds = lua_getfield(L, index, "counts") == LUA_TNIL ? WIO_ALL_KINDS : wio_check_kinds(L, lua_gettop(L));
  lua_pop(L, 1);
  return kinds;
}

static wio_floor_pair check_floors(lua_State *L, int index) {
  wio_floor_pair floors = {{{0}}, {{0}}};
  if (lua_getfield(L, index, "floor") != LUA_TNIL) floors.hidden = floors.shown = wio_check_floors(L, lua_gettop(L));
  if (lua_getfield(L, index, "floor_if_shown") != LUA_TNIL) floors.shown = wio_check_floors(L, lua_gettop(L));
  lua_pop(L, 2);
  return floors;
}

static int monitor_watch(lua_State *L) {
  monitor_box *box = check_box(L);
  luaL_checktype(L, 2, LUA_TTABLE);
  wio_watch_options options = {.per = check_per(L, 2),
                               .kinds = check_counts(L, 2),
                               .floors = check_floors(L, 2),
                               .every_ns = check_ns_field(L, 2, "every_ns", WIO_EVERY_MIN_NS),
                               .idle_after_ns = check_ns_field(L, 2, "idle_ns", 0)};
  options.samples = lua_getfield(L, 2, "samples") != LUA_TNIL && lua_toboolean(L, -1);
  if (lua_getfield(L, 2, "limits") != LUA_TNIL)
    options.limits = wio_check_limits(L, lua_gettop(L), &options.limit_count);
  lua_getfield(L, 2, "events");
  options.events = wio_check_events(L, lua_gettop(L));
  if (lua_getfield(L, 2, "noise") != LUA_TNIL && lua_toboolean(L, -1)) options.events |= 1u << WIO_EVENT_NOISE;
  lua_getfield(L, 2, "orphans");
  options.orphans = lua_toboolean(L, -1);
  lua_getfield(L, 2, "patient");
  options.patient = lua_toboolean(L, -1);
  wio_selector *selector = wio_check_selector(L, 2);
  if (!selector) return 3;
  uint64_t id;
  int rc = wio_monitor_watch(box->monitor, selector, &options, &id);
  if (rc < 0) return wio_push_failure(L, rc, NULL);
  rearm(box);
  lua_pushinteger(L, (lua_Integer)id);
  return 1;
}

static int monitor_unwatch(lua_State *L) {
  monitor_box *box = check_box(L);
  wio_monitor_unwatch(box->monitor, check_id(L, 2));
  rearm(box);
  return 0;
}

static int monitor_retime(lua_State *L) {
  monitor_box *box = check_box(L);
  lua_Integer every_ns = luaL_checkinteger(L, 3);
  luaL_argcheck(L, every_ns >= (lua_Integer)WIO_EVERY_MIN_NS, 3, "less than 10 ms");
  wio_monitor_retime(box->monitor, check_id(L, 2), (uint64_t)every_ns);
  rearm(box);
  return 0;
}

static uint64_t now_ns(const monitor_box *box) { return box->loop ? wio_loop_now() : wio_monitor_now(box->monitor); }

static int monitor_hold(lua_State *L) {
  monitor_box *box = check_box(L);
  wio_monitor_hold(box->monitor, check_id(L, 2), lua_toboolean(L, 3), now_ns(box));
  rearm(box);
  return 0;
}

static pid_t check_pid(lua_State *L, int index) {
  lua_Integer pid = luaL_checkinteger(L, index);
  luaL_argcheck(L, pid > 0 && pid <= INT32_MAX, index, "a pid is a positive integer");
  return (pid_t)pid;
}

static int monitor_answer(lua_State *L) {
  monitor_box *box = check_box(L);
  pid_t pid = check_pid(L, 3);
  int rc = wio_monitor_answer(box->monitor, check_id(L, 2), pid, check_id(L, 4), lua_toboolean(L, 5));
  rearm(box);
  return rc < 0 ? wio_push_failure(L, rc, NULL) : push_true(L);
}

static int monitor_targets(lua_State *L) {
  monitor_box *box = check_box(L);
  const wio_watch *watch = wio_monitor_find_watch(box->monitor, check_id(L, 2));
  lua_newtable(L);
  for (size_t i = 0; watch && i < watch->count; i++) {
    lua_pushinteger(L, (lua_Integer)watch->targets[i]->id);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

static int monitor_target(lua_State *L) {
  monitor_box *box = check_box(L);
  const wio_target *target = wio_monitor_target(box->monitor, check_id(L, 2));
  if (target) wio_push_target(L, box->monitor, target);
  else lua_pushnil(L);
  return 1;
}

static int monitor_pids(lua_State *L) {
  monitor_box *box = check_box(L);
  const wio_target *target = wio_monitor_target(box->monitor, check_id(L, 2));
  if (target) wio_push_pids(L, target);
  else lua_pushnil(L);
  return 1;
}

static int monitor_state(lua_State *L) {
  monitor_box *box = check_box(L);
  const wio_target *target = wio_monitor_target(box->monitor, check_id(L, 2));
  if (target) lua_pushstring(L, wio_state_name(target->state));
  else lua_pushnil(L);
  return 1;
}

static int monitor_look(lua_State *L) {
  static const char *const words[] = {
      [WIO_LOOK_GONE] = "gone", [WIO_LOOK_UNKNOWN] = "unknown", [WIO_LOOK_QUIET] = "quiet", [WIO_LOOK_MOVED] = "moved"};
  monitor_box *box = check_box(L);
  lua_pushstring(L, words[wio_monitor_look(box->monitor, check_id(L, 2))]);
  rearm(box);
  return 1;
}

static int monitor_still_matches(lua_State *L) {
  monitor_box *box = check_box(L);
  lua_pushboolean(L, wio_monitor_still_matches(box->monitor, check_id(L, 2)));
  return 1;
}

static int monitor_signal(lua_State *L) {
  monitor_box *box = check_box(L);
  wio_pinned pinned;
  wio_refusal refusal = {""};
  int signal = (int)luaL_checkinteger(L, 3), rc = wio_pinned_hold(box->monitor, check_id(L, 2), &pinned);
  if (rc == 0) {
    rc = wio_pinned_signal(box->monitor, &pinned, signal, false, false, &refusal);
    wio_pinned_release(box->monitor, &pinned);
  }
  return rc < 0 ? wio_push_failure(L, rc, refusal.text[0] ? refusal.text : NULL) : push_true(L);
}

// Lists of globs by protection. The first that does not compile, and those behind it, stay as they were.
static int monitor_protect(lua_State *L) {
  static const char *const keys[WIO_PROTECTION_COUNT] = {[WIO_PROTECTS_NAMED] = "named",
                                                         [WIO_PROTECTS_SYSTEM] = "system",
                                                         [WIO_PROTECTS_PROGRAMS] = "programs",
                                                         [WIO_PROTECTS_SESSION] = "session"};
  monitor_box *box = check_box(L);
  luaL_checktype(L, 2, LUA_TTABLE);
  for (wio_protection i = 0; i < WIO_PROTECTION_COUNT; i++) {
    lua_settop(L, 2);
    lua_createtable(L, 0, 1);
    bool any = lua_getfield(L, 2, keys[i]) != LUA_TNIL && lua_rawlen(L, -1) > 0;
    lua_setfield(L, 3, i == WIO_PROTECTS_PROGRAMS ? "exes" : "names");
    wio_selector *selector = any ? wio_check_selector(L, 3) : NULL;
    if (any && !selector) return 3;
    wio_monitor_protect(box->monitor, i, selector);
  }
  return push_true(L);
}

static int monitor_pin(lua_State *L) { return wio_pinned_push(L, 1, check_id(L, 2)); }

// Runs protected, so that the pins are given back if Lua runs out of memory.
static int push_pids_of(lua_State *L) {
  const wio_pinned *pinned = lua_touserdata(L, 1);
  lua_createtable(L, (int)pinned->count, 0);
  for (size_t i = 0; i < pinned->count; i++) {
    lua_pushinteger(L, pinned->pins[i].pid);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

static int monitor_descendants(lua_State *L) {
  monitor_box *box = check_box(L);
  wio_pinned pinned;
  int rc = wio_pinned_hold_descendants(box->monitor, check_id(L, 2), &pinned);
  if (rc < 0) return wio_push_failure(L, rc, NULL);
  lua_settop(L, 2);
  lua_pushcfunction(L, push_pids_of);
  lua_pushlightuserdata(L, &pinned);
  int status = lua_pcall(L, 1, 1, 0);
  wio_pinned_release(box->monitor, &pinned);
  return status == LUA_OK ? 1 : lua_error(L);
}

static int monitor_ignore(lua_State *L) {
  monitor_box *box = check_box(L);
  int rc = wio_monitor_ignore(box->monitor, (pid_t)luaL_checkinteger(L, 2), lua_toboolean(L, 3));
  return rc < 0 ? wio_push_failure(L, rc, NULL) : push_true(L);
}

// ---- time

static int monitor_alarm(lua_State *L) {
  monitor_box *box = check_box(L);
  uint64_t id;
  int rc = wio_monitor_alarm(box->monitor, check_id(L, 2), &id);
  if (rc < 0) return luaL_error(L, "not enough memory");
  rearm(box);
  lua_pushinteger(L, (lua_Integer)id);
  return 1;
}

static int monitor_cancel(lua_State *L) {
  monitor_box *box = check_box(L);
  wio_monitor_cancel(box->monitor, check_id(L, 2));
  rearm(box);
  return 0;
}

static int monitor_tick(lua_State *L) {
  monitor_box *box = check_box(L);
  uint64_t now_ns = check_id(L, 2);
  luaL_argcheck(L, now_ns >= wio_monitor_now(box->monitor), 2, "time runs backwards");
  int rc = wio_monitor_tick(box->monitor, now_ns);
  return rc < 0 ? wio_push_failure(L, rc, NULL) : push_true(L);
}

static int monitor_next(lua_State *L) {
  monitor_box *box = check_box(L);
  wio_event event;
  if (wio_monitor_next(box->monitor, &event)) wio_push_event(L, &event);
  else lua_pushnil(L);
  return 1;
}

static int monitor_due(lua_State *L) {
  monitor_box *box = check_box(L);
  uint64_t due_ns;
  if (wio_monitor_due(box->monitor, &due_ns)) lua_pushinteger(L, (lua_Integer)due_ns);
  else lua_pushnil(L);
  return 1;
}

static int monitor_now(lua_State *L) {
  monitor_box *box = check_box(L);
  lua_pushinteger(L, (lua_Integer)now_ns(box));
  return 1;
}

// ---- on luv's loop

// Calls on_event with one event. Arguments: the box, as a light userdata.
static int hand_over(lua_State *L) {
  monitor_box *box = lua_touserdata(L, 1);
  wio_event event;
  if (!wio_monitor_next(box->monitor, &event)) return 0;
  lua_rawgeti(L, LUA_REGISTRYINDEX, box->anchor);
  lua_getiuservalue(L, -1, VALUE_ON_EVENT);
  wio_push_event(L, &event);
  lua_call(L, 1, 0);
  return 0;
}

// Calls on_late with how much the latest tick was. Arguments: the box, as a light userdata.
static int hand_over_lateness(lua_State *L) {
  const monitor_box *box = lua_touserdata(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, box->anchor);
  if (lua_getiuservalue(L, -1, VALUE_ON_LATE) == LUA_TNIL) return 0;
  lua_pushinteger(L, (lua_Integer)wio_loop_tick_late_ns(box->loop));
  lua_call(L, 1, 0);
  return 0;
}

// Calls on_error with the traceback on the top of the main state, and takes that away.
static void hand_over_error(monitor_box *box) {
  lua_State *L = box->main;
  int traceback = lua_gettop(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, box->anchor);
  lua_getiuservalue(L, -1, VALUE_ON_ERROR);
  lua_pushvalue(L, traceback);
  box->lua_calls++;
  lua_pcall(L, 1, 0, 0); // if that fails too, nobody is left to tell
  lua_settop(L, traceback - 1);
}

static void deliver(void *data, int error) {
  monitor_box *box = data;
  lua_State *L = box->main;
  if (!lua_checkstack(L, LUA_MINSTACK)) return; // told at the next tick
  box->delivering = true;
  if (error < 0) {
    lua_pushfstring(L, "a pass over the processes failed: %s", strerror(-error));
    hand_over_error(box);
  }
  if (wio_loop_tick_late_ns(box->loop) >= WIO_LATE_NS &&
      wio_gateway_call(L, hand_over_lateness, box, &box->lua_calls) != LUA_OK)
    hand_over_error(box);
  while (wio_monitor_has_events(box->monitor))
    if (wio_gateway_call(L, hand_over, box, &box->lua_calls) != LUA_OK) hand_over_error(box);
  box->delivering = false;
}

// Pushes a handle that luv's function `maker` made, and returns it; `fd` is its argument, unless negative.
static void *new_handle(lua_State *L, const char *maker, int fd) {
  int base = lua_gettop(L);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_getfield(L, -1, "luv");
  lua_getfield(L, -1, maker);
  lua_replace(L, base + 1);
  lua_settop(L, base + 1);
  if (fd >= 0) lua_pushinteger(L, fd);
  lua_call(L, fd >= 0, 2);
  void **handle = lua_touserdata(L, base + 1);
  if (!handle) luaL_error(L, "luv.%s failed: %s", maker, lua_tostring(L, base + 2));
  lua_settop(L, base + 1);
  return *handle;
}

// luv closes all handles itself when the Lua state is closed, perhaps before us.
static void close_handle(lua_State *L, int value) {
  if (lua_getiuservalue(L, 1, value) == LUA_TUSERDATA && !uv_is_closing(*(uv_handle_t **)lua_touserdata(L, -1))) {
    lua_getfield(L, -1, "close");
    lua_pushvalue(L, -2);
    lua_call(L, 1, 0);
  }
  lua_pop(L, 1);
  lua_pushnil(L);
  lua_setiuservalue(L, 1, value);
}

static int monitor_detach(lua_State *L) {
  monitor_box *box = luaL_checkudata(L, 1, MONITOR);
  if (!box->loop) return 0;
  if (box->delivering) return luaL_error(L, "monitor cannot leave its loop while it delivers an event");
  wio_loop_free(box->loop);
  box->loop = NULL;
  luaL_unref(L, LUA_REGISTRYINDEX, box->anchor);
  close_handle(L, VALUE_TIMER);
  close_handle(L, VALUE_POLL);
  return 0;
}

static int monitor_attach(lua_State *L) {
  monitor_box *box = check_box(L);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  luaL_checktype(L, 3, LUA_TFUNCTION);
  if (box->loop) return luaL_error(L, "monitor is on a loop already");
  lua_settop(L, 4);
  void *timer = new_handle(L, "new_timer", -1);
  lua_setiuservalue(L, 1, VALUE_TIMER);
  void *poll = new_handle(L, "new_poll", wio_monitor_exits_fd(box->monitor));
  lua_setiuservalue(L, 1, VALUE_POLL);
  lua_pushvalue(L, 2);
  lua_setiuservalue(L, 1, VALUE_ON_EVENT);
  lua_pushvalue(L, 3);
  lua_setiuservalue(L, 1, VALUE_ON_ERROR);
  lua_pushvalue(L, 4);
  lua_setiuservalue(L, 1, VALUE_ON_LATE);
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  box->main = lua_tothread(L, -1);
  lua_pushvalue(L, 1);
  box->anchor = luaL_ref(L, LUA_REGISTRYINDEX);
  int rc = wio_loop_new(timer, poll, box->monitor, deliver, box, &box->loop);
  if (rc == 0) return push_true(L);
  luaL_unref(L, LUA_REGISTRYINDEX, box->anchor);
  close_handle(L, VALUE_TIMER);
  close_handle(L, VALUE_POLL);
  return wio_push_failure(L, rc, NULL);
}

// ---- questions

// Lists on the stack: who matches, and of whom that cannot be told.
typedef struct {
  lua_State *L;
  wio_source *source;
  lua_Integer count[2];
} found_lists;

static int add_found(void *data, const wio_description *process, wio_match match) {
  found_lists *lists = data;
  int unknown = match == WIO_MATCH_UNKNOWN;
  wio_push_process(lists->L, lists->source, process);
  lua_rawseti(lists->L, unknown ? -2 : -3, ++lists->count[unknown]);
  return 0;
}

typedef struct {
  wio_monitor *monitor;
  wio_selector *selector;
} find_request;

// Runs protected, so that the selector is freed if Lua runs out of memory.
static int find_protected(lua_State *L) {
  const find_request *request = lua_touserdata(L, 1);
  found_lists lists = {.L = L, .source = wio_monitor_source(request->monitor)};
  lua_newtable(L);
  lua_newtable(L);
  int rc = wio_monitor_find(request->monitor, request->selector, add_found, &lists);
  return rc < 0 ? wio_push_failure(L, rc, NULL) : 2;
}

static int monitor_find(lua_State *L) {
  monitor_box *box = check_box(L);
  lua_pushcfunction(L, find_protected);
  wio_selector *selector = wio_check_selector(L, 2);
  if (!selector) return 3;
  find_request request = {.monitor = box->monitor, .selector = selector};
  int base = lua_gettop(L) - 1;
  lua_pushlightuserdata(L, &request);
  int status = lua_pcall(L, 1, LUA_MULTRET, 0);
  wio_selector_free(selector);
  return status == LUA_OK ? lua_gettop(L) - base : lua_error(L);
}

static int no_process(lua_State *L, pid_t pid, int rc) {
  char message[32];
  snprintf(message, sizeof message, "no process %d", pid);
  return wio_push_failure(L, rc, rc == -ESRCH ? message : NULL);
}

static int monitor_signal_launched(lua_State *L) {
  monitor_box *box = check_box(L);
  int rc = wio_launched_signal(box->monitor, check_pid(L, 2), (int)luaL_checkinteger(L, 3));
  return rc < 0 ? wio_push_failure(L, rc, NULL) : push_true(L);
}

static int monitor_launched_live(lua_State *L) {
  monitor_box *box = check_box(L);
  lua_pushboolean(L, wio_launched_live(box->monitor, check_pid(L, 2)));
  return 1;
}

static int monitor_describe(lua_State *L) {
  monitor_box *box = check_box(L);
  pid_t pid = check_pid(L, 2);
  wio_source *source = wio_monitor_source(box->monitor);
  wio_description process;
  int rc = source->ops->describe(source, pid, WIO_WANT_ALL, &process);
  if (rc < 0) return no_process(L, pid, rc);
  wio_push_process(L, source, &process);
  return 1;
}

static const char *explain_pidfile(int rc, pid_t pid, const char *fault, char *out, size_t size) {
  switch (rc) {
    case -EBADMSG: return "there is no pid in it";
    case -EPERM: return "anybody may write it";
    case -ESRCH: snprintf(out, size, "it names process %d, but %s", pid, fault ? fault : "there is none"); return out;
    default: return strerror(-rc);
  }
}

static int monitor_pidfile(lua_State *L) {
  monitor_box *box = check_box(L);
  pid_t pid = 0;
  const char *fault;
  char text[160];
  int rc = wio_selector_read_pidfile(wio_monitor_source(box->monitor), luaL_checkstring(L, 2), &pid, &fault);
  if (rc < 0) return wio_push_failure(L, rc, explain_pidfile(rc, pid, fault, text, sizeof text));
  lua_pushinteger(L, pid);
  return 1;
}

static int monitor_io(lua_State *L) {
  monitor_box *box = check_box(L);
  pid_t pid = check_pid(L, 2);
  wio_reading reading;
  int rc = wio_monitor_read(box->monitor, pid, WIO_KIND_BIT(WIO_IO), &reading);
  if (rc < 0) return no_process(L, pid, rc);
  if (reading.error[WIO_IO]) {
    char message[96];
    snprintf(message, sizeof message, "cannot read the counters of process %d: %s", pid,
             strerror(reading.error[WIO_IO]));
    return wio_push_failure(L, -reading.error[WIO_IO], message);
  }
  wio_push_measures(L, reading.value, WIO_KIND_BIT(WIO_IO));
  return 1;
}

static int monitor_reading(lua_State *L) {
  monitor_box *box = check_box(L);
  pid_t pid = check_pid(L, 2);
  wio_reading reading;
  int rc = wio_monitor_read(box->monitor, pid, WIO_ALL_KINDS, &reading);
  if (rc < 0) return no_process(L, pid, rc);
  wio_push_reading(L, &reading);
  return 1;
}

static int monitor_count_forks(lua_State *L) {
  monitor_box *box = check_box(L);
  int rc = wio_monitor_count_forks(box->monitor, check_pid(L, 2));
  return rc < 0 ? wio_push_failure(L, rc, NULL) : push_true(L);
}

static int monitor_forks(lua_State *L) {
  monitor_box *box = check_box(L);
  uint64_t forks;
  int rc = wio_monitor_forks(box->monitor, &forks);
  if (rc < 0) return wio_push_failure(L, rc, NULL);
  lua_pushinteger(L, (lua_Integer)forks);
  return 1;
}

static int monitor_stats(lua_State *L) {
  monitor_box *box = check_box(L);
  wio_tally tally = wio_monitor_tally(box->monitor);
  const struct {
    const char *key;
    uint64_t value;
  } rows[] = {
      {"ticks", tally.ticks},        {"reads", tally.reads},
      {"gated", tally.gated},        {"scans", tally.scans},
      {"pinned", tally.held},        {"processes", tally.processes},
      {"lua_calls", box->lua_calls}, {"late_ns", box->loop ? wio_loop_late_ns(box->loop) : 0},
  };
  lua_newtable(L);
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    lua_pushinteger(L, (lua_Integer)rows[i].value);
    lua_setfield(L, -2, rows[i].key);
  }
  lua_pushstring(L, wio_monitor_hears_births(box->monitor) ? "connector" : "scan");
  lua_setfield(L, -2, "births");
  return 1;
}

// ---- its life

static int monitor_close(lua_State *L) {
  monitor_box *box = luaL_checkudata(L, 1, MONITOR);
  monitor_detach(L);
  wio_monitor_free(box->monitor);
  box->monitor = NULL;
  return 0;
}

// Never runs the loop. On a loop the registry keeps it, so it is collected there only when the state is closed, and
// then luv closes the handles.
static int monitor_gc(lua_State *L) {
  monitor_box *box = luaL_checkudata(L, 1, MONITOR);
  wio_loop_free(box->loop);
  wio_monitor_free(box->monitor);
  box->loop = NULL;
  box->monitor = NULL;
  return 0;
}

static int monitor_tostring(lua_State *L) {
  const monitor_box *box = luaL_checkudata(L, 1, MONITOR);
  lua_pushfstring(L, "monitor (%s)", !box->monitor ? "closed" : box->loop ? "on a loop" : "open");
  return 1;
}

static int new_monitor(lua_State *L) {
  const char *root = NULL;
  if (!lua_isnoneornil(L, 1)) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_getfield(L, 1, "root");
    root = luaL_optstring(L, -1, NULL);
  }
  monitor_box *box = lua_newuserdatauv(L, sizeof *box, VALUE_COUNT);
  *box = (monitor_box){.anchor = LUA_NOREF};
  luaL_setmetatable(L, MONITOR);
  wio_source *source;
  int rc = wio_source_open_proc(root, &source);
  if (rc < 0) {
    lua_pushfstring(L, "cannot open %s: %s", root ? root : "the process tree", strerror(-rc));
    return wio_push_failure(L, rc, lua_tostring(L, -1));
  }
  box->monitor = wio_monitor_new(source);
  return box->monitor ? 1 : wio_push_failure(L, -ENOMEM, NULL);
}

void wio_monitor_register(lua_State *L) {
  static const luaL_Reg methods[] = {{"watch", monitor_watch},
                                     {"unwatch", monitor_unwatch},
                                     {"hold", monitor_hold},
                                     {"targets", monitor_targets},
                                     {"target", monitor_target},
                                     {"pids", monitor_pids},
                                     {"state", monitor_state},
                                     {"answer", monitor_answer},
                                     {"survey", wio_survey_push},
                                     {"retime", monitor_retime},
                                     {"still_matches", monitor_still_matches},
                                     {"look", monitor_look},
                                     {"signal", monitor_signal},
                                     {"pin", monitor_pin},
                                     {"descendants", monitor_descendants},
                                     {"ignore", monitor_ignore},
                                     {"protect", monitor_protect},
                                     {"alarm", monitor_alarm},
                                     {"cancel", monitor_cancel},
                                     {"tick", monitor_tick},
                                     {"next", monitor_next},
                                     {"due", monitor_due},
                                     {"now", monitor_now},
                                     {"attach", monitor_attach},
                                     {"detach", monitor_detach},
                                     {"pidfile", monitor_pidfile},
                                     {"find", monitor_find},
                                     {"describe", monitor_describe},
                                     {"io", monitor_io},
                                     {"reading", monitor_reading},
                                     {"signal_launched", monitor_signal_launched},
                                     {"launched_live", monitor_launched_live},
                                     {"stats", monitor_stats},
                                     {"count_forks", monitor_count_forks},
                                     {"forks", monitor_forks},
                                     {"close", monitor_close},
                                     {NULL, NULL}};
  static const luaL_Reg meta[] = {
      {"__gc", monitor_gc}, {"__close", monitor_close}, {"__tostring", monitor_tostring}, {NULL, NULL}};
  luaL_newmetatable(L, MONITOR);
  luaL_setfuncs(L, meta, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  lua_pushcfunction(L, new_monitor);
}
