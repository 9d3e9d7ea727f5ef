// SPDX-License-Identifier: MIT
// The userdata of a command that is run in place of the caller: watchio.native.Reaper.
#include "bind/bind.h"
#include "engine/reaper.h"

#include <errno.h>
#include <lauxlib.h>

#define REAPER "watchio.native.Reaper"

static wio_reaper **check_box(lua_State *L) { return luaL_checkudata(L, 1, REAPER); }

static wio_reaper *check_open(lua_State *L) {
  wio_reaper *reaper = *check_box(L);
  if (!reaper) luaL_error(L, "reaper is closed");
  return reaper;
}

static int reaper_descriptor(lua_State *L) {
  lua_pushinteger(L, wio_reaper_fd(check_open(L)));
  return 1;
}

// Arguments: the reaper, the list of words.
static int reaper_start(lua_State *L) {
  wio_reaper *reaper = check_open(L);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_Integer count = (lua_Integer)lua_rawlen(L, 2);
  luaL_argcheck(L, count > 0 && count < INT32_MAX, 2, "a list of words");
  const char **argv = lua_newuserdatauv(L, ((size_t)count + 1) * sizeof *argv, 0);
  luaL_checkstack(L, (int)count, NULL);
  for (lua_Integer i = 0; i < count; i++) {
    lua_rawgeti(L, 2, i + 1); // stays on the stack, since its text is borrowed
    argv[i] = luaL_checkstring(L, -1);
  }
  argv[count] = NULL;
  pid_t pid;
  int rc = wio_reaper_start(reaper, (char *const *)argv, &pid);
  if (rc < 0) return wio_push_failure(L, rc, NULL);
  lua_pushinteger(L, pid);
  return 1;
}

static int reaper_signal(lua_State *L) {
  wio_signal signal;
  if (!wio_reaper_take_signal(check_open(L), &signal)) return 0;
  lua_pushinteger(L, signal.number);
  if (signal.sent) lua_pushinteger(L, signal.sender);
  else lua_pushnil(L);
  return 2;
}

static int reaper_change(lua_State *L) {
  wio_child_change change;
  int rc = wio_reaper_take_change(check_open(L), &change);
  if (rc == -EAGAIN) return 0;
  lua_pushboolean(L, false);
  if (rc < 0) return 1;
  lua_pushinteger(L, change.pid);
  lua_pushstring(L, wio_child_change_name(change.type));
  lua_pushinteger(L, change.value);
  return 3;
}

static int reaper_stop(lua_State *L) {
  check_open(L);
  wio_reaper_stop_with_them();
  return 0;
}

static int reaper_kill(lua_State *L) {
  const pid_t *pids;
  size_t count = 0;
  int rc = wio_reaper_signal_all(check_open(L), (int)luaL_checkinteger(L, 2), &pids, &count);
  if (rc < 0) return wio_push_failure(L, rc, NULL);
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    lua_pushinteger(L, pids[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

static int reaper_spent(lua_State *L) {
  wio_spent spent;
  wio_reaper_spent(check_open(L), &spent);
  uint64_t value[WIO_MEASURE_COUNT] = {[WIO_CPU_NS] = spent.cpu_ns};
  for (int i = 0; i < WIO_IO_COUNT; i++) value[i] = spent.io[i];
  int known = WIO_KIND_BIT(WIO_CPU) | (spent.io_error ? 0 : WIO_KIND_BIT(WIO_IO));
  wio_push_measures(L, value, known);
  return 1;
}

static int reaper_close(lua_State *L) {
  wio_reaper **box = check_box(L);
  wio_reaper_close(*box);
  *box = NULL;
  return 0;
}

static int reaper_tostring(lua_State *L) {
  lua_pushfstring(L, "reaper (%s)", *check_box(L) ? "open" : "closed");
  return 1;
}

static void push_metatable(lua_State *L) {
  static const luaL_Reg methods[] = {{"start", reaper_start},
                                     {"descriptor", reaper_descriptor},
                                     {"signal", reaper_signal},
                                     {"change", reaper_change},
                                     {"stop", reaper_stop},
                                     {"kill", reaper_kill},
                                     {"spent", reaper_spent},
                                     {"close", reaper_close},
                                     {NULL, NULL}};
  static const luaL_Reg meta[] = {
      {"__gc", reaper_close}, {"__close", reaper_close}, {"__tostring", reaper_tostring}, {NULL, NULL}};
  if (!luaL_newmetatable(L, REAPER)) return;
  luaL_setfuncs(L, meta, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
}

int wio_native_reaper(lua_State *L) {
  wio_reaper **box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = NULL;
  push_metatable(L);
  lua_setmetatable(L, -2);
  int rc = wio_reaper_open(box);
  return rc < 0 ? wio_push_failure(L, rc, NULL) : 1;
}

int wio_native_reap_others(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  size_t count = (size_t)lua_rawlen(L, 1);
  pid_t *own = lua_newuserdatauv(L, (count + 1) * sizeof *own, 0);
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, 1, (lua_Integer)i + 1);
    own[i] = (pid_t)luaL_checkinteger(L, -1);
    lua_pop(L, 1);
  }
  lua_pushboolean(L, wio_reaper_reap_others(own, count));
  return 1;
}
