// SPDX-License-Identifier: MIT
// Methods of a monitor: targets that are pinned or signalled.
#include "bind/bind.h"
#include "bind/monitor_box.h"
#include "engine/hunt.h"

static int monitor_signal(lua_State *L) {
  wio_monitor_box *box = wio_monitor_box_check(L);
  wio_pinned pinned;
  wio_refusal refusal = {.text = ""};
  int signal = (int)luaL_checkinteger(L, 3), rc = wio_pinned_hold(box->monitor, wio_check_id(L, 2), &pinned);
  if (rc == 0) {
    rc = wio_hunt_whole(box->monitor, &pinned, &(wio_deed){.kind = WIO_DEED_SIGNAL, .signal = signal}, &refusal);
    wio_pinned_release(box->monitor, &pinned);
  }
  return rc < 0 ? wio_push_failure(L, rc, refusal.text[0] ? refusal.text : NULL) : wio_push_true(L);
}

static int monitor_pin(lua_State *L) { return wio_pinned_push(L, 1, wio_check_id(L, 2)); }

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
  wio_monitor_box *box = wio_monitor_box_check(L);
  wio_pinned pinned;
  int rc = wio_pinned_hold_descendants(box->monitor, wio_check_id(L, 2), &pinned);
  if (rc < 0) return wio_push_failure(L, rc, NULL);
  lua_settop(L, 2);
  lua_pushcfunction(L, push_pids_of);
  lua_pushlightuserdata(L, &pinned);
  int status = lua_pcall(L, 1, 1, 0);
  wio_pinned_release(box->monitor, &pinned);
  return status == LUA_OK ? 1 : lua_error(L);
}

const luaL_Reg wio_monitor_signal_methods[] = {
    {"signal", monitor_signal}, {"pin", monitor_pin}, {"descendants", monitor_descendants}, {NULL, NULL}};
