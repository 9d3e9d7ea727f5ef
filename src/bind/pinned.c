// SPDX-License-Identifier: MIT
// The userdata of processes that a caller keeps pinned: watchio.native.Pinned.
#include "bind/bind.h"

#include <errno.h>
#include <lauxlib.h>

#define PINNED "watchio.native.Pinned"

// Its user value is the monitor's userdata: a pin is its source's, so it is of no use after the monitor.
typedef struct {
  wio_pinned pinned; // empty when closed
} pinned_box;

static wio_monitor *monitor_of(lua_State *L, int index) {
  lua_getiuservalue(L, index, 1);
  wio_monitor *monitor = wio_monitor_if_open(L, -1);
  lua_pop(L, 1);
  return monitor;
}

static pinned_box *check_open(lua_State *L, wio_monitor **monitor) {
  pinned_box *box = luaL_checkudata(L, 1, PINNED);
  *monitor = monitor_of(L, 1);
  if (!box->pinned.pins || !*monitor) luaL_error(L, "pinned processes are closed");
  return box;
}

static int push_result(lua_State *L, int rc, const char *message) {
  if (rc < 0) return wio_push_failure(L, rc, message && message[0] ? message : NULL);
  lua_pushboolean(L, true);
  return 1;
}

static int pinned_signal(lua_State *L) {
  wio_monitor *monitor;
  pinned_box *box = check_open(L, &monitor);
  wio_refusal refusal = {""};
  bool ends = lua_toboolean(L, 3), in_slices = lua_toboolean(L, 4);
  int rc = wio_pinned_signal(monitor, &box->pinned, (int)luaL_checkinteger(L, 2), ends, in_slices, &refusal);
  return push_result(L, rc, refusal.text);
}

static int pinned_nice(lua_State *L) {
  wio_monitor *monitor;
  pinned_box *box = check_open(L, &monitor);
  wio_priority priority = {.kind = WIO_PRIORITY_CPU, .value = (int)luaL_checkinteger(L, 2)};
  return push_result(L, wio_pinned_prioritise(monitor, &box->pinned, &priority), NULL);
}

static int pinned_ionice(lua_State *L) {
  static const char *const names[] = {"realtime", "best-effort", "idle", NULL};
  static const wio_io_class classes[] = {WIO_IO_REALTIME, WIO_IO_BEST_EFFORT, WIO_IO_IDLE};
  wio_monitor *monitor;
  pinned_box *box = check_open(L, &monitor);
  wio_priority priority = {.kind = WIO_PRIORITY_IO, .io_class = classes[luaL_checkoption(L, 2, NULL, names)]};
  priority.value = (int)luaL_optinteger(L, 3, 0);
  return push_result(L, wio_pinned_prioritise(monitor, &box->pinned, &priority), NULL);
}

int wio_native_priority_acts(lua_State *L) {
  static const char *const verbs[] = {"nice", "ionice", NULL};
  static const wio_priority_kind kinds[] = {WIO_PRIORITY_CPU, WIO_PRIORITY_IO};
  lua_pushboolean(L, wio_source_priority_acts(kinds[luaL_checkoption(L, 1, NULL, verbs)]));
  return 1;
}

// Gathers, and raises when that is not possible for want of memory.
static pinned_box *gather(lua_State *L, wio_monitor **monitor) {
  pinned_box *box = check_open(L, monitor);
  size_t found;
  if (wio_pinned_gather(*monitor, &box->pinned, &found) == -ENOMEM) luaL_error(L, "not enough memory");
  return box;
}

static int pinned_alive(lua_State *L) {
  wio_monitor *monitor;
  pinned_box *box = gather(L, &monitor);
  lua_pushboolean(L, wio_pinned_lives(monitor, &box->pinned));
  return 1;
}

static int pinned_pids(lua_State *L) {
  wio_monitor *monitor;
  pinned_box *box = gather(L, &monitor);
  lua_createtable(L, (int)box->pinned.count, 0);
  for (size_t i = 0; i < box->pinned.count; i++) {
    lua_pushinteger(L, box->pinned.pins[i].pid);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

static int pinned_refusal(lua_State *L) {
  wio_monitor *monitor;
  pinned_box *box = gather(L, &monitor);
  wio_refusal refusal;
  if (wio_pinned_is_refused(monitor, &box->pinned, &refusal)) lua_pushstring(L, refusal.text);
  else lua_pushnil(L);
  return 1;
}

static int pinned_close(lua_State *L) {
  pinned_box *box = luaL_checkudata(L, 1, PINNED);
  wio_monitor *monitor = monitor_of(L, 1);
  if (monitor) wio_pinned_release(monitor, &box->pinned);
  return 0;
}

static int pinned_tostring(lua_State *L) {
  const pinned_box *box = luaL_checkudata(L, 1, PINNED);
  lua_pushfstring(L, "pinned processes (%s)", box->pinned.pins ? "open" : "closed");
  return 1;
}

void wio_pinned_register(lua_State *L) {
  static const luaL_Reg methods[] = {{"signal", pinned_signal}, {"nice", pinned_nice}, {"ionice", pinned_ionice},
                                     {"alive", pinned_alive},   {"pids", pinned_pids}, {"refusal", pinned_refusal},
                                     {"close", pinned_close},   {NULL, NULL}};
  static const luaL_Reg meta[] = {
      {"__gc", pinned_close}, {"__close", pinned_close}, {"__tostring", pinned_tostring}, {NULL, NULL}};
  luaL_newmetatable(L, PINNED);
  luaL_setfuncs(L, meta, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

int wio_pinned_push(lua_State *L, int monitor_index, uint64_t target) {
  wio_monitor *monitor = wio_check_monitor(L, monitor_index);
  pinned_box *box = lua_newuserdatauv(L, sizeof *box, 1);
  box->pinned = (wio_pinned){0};
  luaL_setmetatable(L, PINNED);
  lua_pushvalue(L, monitor_index);
  lua_setiuservalue(L, -2, 1);
  int rc = wio_pinned_hold(monitor, target, &box->pinned);
  return rc < 0 ? wio_push_failure(L, rc, NULL) : 1;
}
