// SPDX-License-Identifier: MIT
// The userdata of a monitor: watchio.native.Monitor; its methods are described in lua/watchio/meta/native.lua.
#include "core/array.h"
#include "bind/bind.h"
#include "bind/monitor_box.h"

#include <errno.h>
#include <string.h>

static int monitor_close(lua_State *L) {
  wio_monitor_box *box = luaL_checkudata(L, 1, WIO_MONITOR_BOX);
  wio_monitor_box_detach(L);
  wio_monitor_free(box->monitor);
  box->monitor = NULL;
  return 0;
}

// Never runs the loop. While a monitor is on a loop, the registry keeps it. So it is collected there only when the
// state is closed, and then luv closes the handles.
static int monitor_gc(lua_State *L) {
  wio_monitor_box *box = luaL_checkudata(L, 1, WIO_MONITOR_BOX);
  wio_loop_free(box->loop);
  wio_monitor_free(box->monitor);
  box->loop = NULL;
  box->monitor = NULL;
  return 0;
}

static int monitor_tostring(lua_State *L) {
  const wio_monitor_box *box = luaL_checkudata(L, 1, WIO_MONITOR_BOX);
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
  wio_monitor_box *box = lua_newuserdatauv(L, sizeof *box, VALUE_COUNT);
  *box = (wio_monitor_box){.anchor = LUA_NOREF};
  luaL_setmetatable(L, WIO_MONITOR_BOX);
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
  static const luaL_Reg *const methods[] = {wio_monitor_watch_methods, wio_monitor_signal_methods,
                                            wio_monitor_time_methods, wio_monitor_loop_methods,
                                            wio_monitor_question_methods};
  static const luaL_Reg meta[] = {
      {"__gc", monitor_gc}, {"__close", monitor_close}, {"__tostring", monitor_tostring}, {NULL, NULL}};
  luaL_newmetatable(L, WIO_MONITOR_BOX);
  luaL_setfuncs(L, meta, 0);
  lua_newtable(L);
  for (size_t i = 0; i < WIO_LENGTH(methods); i++) luaL_setfuncs(L, methods[i], 0);
  lua_pushcfunction(L, monitor_close);
  lua_setfield(L, -2, "close");
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  lua_pushcfunction(L, new_monitor);
}
