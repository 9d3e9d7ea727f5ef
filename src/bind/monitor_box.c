// SPDX-License-Identifier: MIT
#include "bind/monitor_box.h"

#include "bind/bind.h"

wio_monitor_box *wio_monitor_box_check(lua_State *L) {
  wio_monitor_box *box = luaL_checkudata(L, 1, WIO_MONITOR_BOX);
  if (!box->monitor) luaL_error(L, "monitor is closed");
  return box;
}

wio_monitor *wio_check_monitor(lua_State *L, int index) {
  wio_monitor_box *box = luaL_checkudata(L, index, WIO_MONITOR_BOX);
  if (!box->monitor) luaL_error(L, "monitor is closed");
  return box->monitor;
}

wio_monitor *wio_monitor_if_open(lua_State *L, int index) {
  wio_monitor_box *box = luaL_testudata(L, index, WIO_MONITOR_BOX);
  return box ? box->monitor : NULL;
}

uint64_t wio_check_id(lua_State *L, int index) { return (uint64_t)luaL_checkinteger(L, index); }

pid_t wio_check_pid(lua_State *L, int index) {
  lua_Integer pid = luaL_checkinteger(L, index);
  luaL_argcheck(L, pid > 0 && pid <= INT32_MAX, index, "a pid is a positive integer");
  return (pid_t)pid;
}

int wio_push_true(lua_State *L) {
  lua_pushboolean(L, true);
  return 1;
}

void wio_monitor_box_rearm(wio_monitor_box *box) {
  if (box->loop) wio_loop_rearm(box->loop);
}

uint64_t wio_monitor_box_now(const wio_monitor_box *box) {
  return box->loop ? wio_loop_now() : wio_monitor_now(box->monitor);
}
