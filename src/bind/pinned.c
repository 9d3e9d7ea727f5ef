// The userdata of processes that a caller keeps pinned: watchio.native.Pinned.
#include "bind/bind.h"

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

static int pinned_signal(lua_State *L) {
  wio_monitor *monitor;
  pinned_box *box = check_open(L, &monitor);
  const char *reason = NULL;
  int rc = wio_monitor_signal_pinned(monitor, &box->pinned, (int)luaL_checkinteger(L, 2), &reason);
  if (rc < 0) return wio_push_failure(L, rc, reason);
  lua_pushboolean(L, true);
  return 1;
}

static int pinned_alive(lua_State *L) {
  wio_monitor *monitor;
  pinned_box *box = check_open(L, &monitor);
  lua_pushboolean(L, wio_monitor_is_alive(monitor, &box->pinned));
  return 1;
}

static int pinned_close(lua_State *L) {
  pinned_box *box = luaL_checkudata(L, 1, PINNED);
  wio_monitor *monitor = monitor_of(L, 1);
  if (monitor) wio_monitor_unpin(monitor, &box->pinned);
  return 0;
}

static int pinned_tostring(lua_State *L) {
  const pinned_box *box = luaL_checkudata(L, 1, PINNED);
  lua_pushfstring(L, "pinned processes (%s)", box->pinned.pins ? "open" : "closed");
  return 1;
}

void wio_pinned_register(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"signal", pinned_signal}, {"alive", pinned_alive}, {"close", pinned_close}, {NULL, NULL}};
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
  int rc = wio_monitor_pin(monitor, target, &box->pinned);
  return rc < 0 ? wio_push_failure(L, rc, NULL) : 1;
}
