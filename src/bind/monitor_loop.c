// SPDX-License-Identifier: MIT
// Methods of a monitor: its time, made up or that of luv's loop.
#include "bind/bind.h"
#include "bind/monitor_box.h"
#include "bind/gateway.h"

#include <errno.h>
#include <string.h>

static int monitor_alarm(lua_State *L) {
  wio_monitor_box *box = wio_monitor_box_check(L);
  uint64_t id;
  int rc = wio_monitor_alarm(box->monitor, wio_check_id(L, 2), &id);
  if (rc < 0) return luaL_error(L, "not enough memory");
  wio_monitor_box_rearm(box);
  lua_pushinteger(L, (lua_Integer)id);
  return 1;
}

static int monitor_cancel(lua_State *L) {
  wio_monitor_box *box = wio_monitor_box_check(L);
  wio_monitor_cancel(box->monitor, wio_check_id(L, 2));
  wio_monitor_box_rearm(box);
  return 0;
}

static int monitor_tick(lua_State *L) {
  wio_monitor_box *box = wio_monitor_box_check(L);
  uint64_t now_ns = wio_check_id(L, 2);
  luaL_argcheck(L, now_ns >= wio_monitor_now(box->monitor), 2, "time runs backwards");
  int rc = wio_monitor_tick(box->monitor, now_ns);
  return rc < 0 ? wio_push_failure(L, rc, NULL) : wio_push_true(L);
}

static int monitor_next(lua_State *L) {
  wio_monitor_box *box = wio_monitor_box_check(L);
  wio_event event;
  if (wio_monitor_next(box->monitor, &event)) wio_push_event(L, &event);
  else lua_pushnil(L);
  return 1;
}

static int monitor_due(lua_State *L) {
  wio_monitor_box *box = wio_monitor_box_check(L);
  uint64_t due_ns;
  if (wio_monitor_due(box->monitor, &due_ns)) lua_pushinteger(L, (lua_Integer)due_ns);
  else lua_pushnil(L);
  return 1;
}

static int monitor_now(lua_State *L) {
  wio_monitor_box *box = wio_monitor_box_check(L);
  lua_pushinteger(L, (lua_Integer)wio_monitor_box_now(box));
  return 1;
}

// Calls on_event with one event. Arguments: the box, as a light userdata.
static int hand_over(lua_State *L) {
  wio_monitor_box *box = lua_touserdata(L, 1);
  wio_event event;
  if (!wio_monitor_next(box->monitor, &event)) return 0;
  lua_rawgeti(L, LUA_REGISTRYINDEX, box->anchor);
  lua_getiuservalue(L, -1, VALUE_ON_EVENT);
  wio_push_event(L, &event);
  lua_call(L, 1, 0);
  return 0;
}

// Calls on_late with how late the latest tick came. Arguments: the box, as a light userdata.
static int hand_over_lateness(lua_State *L) {
  const wio_monitor_box *box = lua_touserdata(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, box->anchor);
  if (lua_getiuservalue(L, -1, VALUE_ON_LATE) == LUA_TNIL) return 0;
  lua_pushinteger(L, (lua_Integer)wio_loop_tick_late_ns(box->loop));
  lua_call(L, 1, 0);
  return 0;
}

// Calls on_error with the traceback on the top of the main state, and pops the traceback.
static void hand_over_error(wio_monitor_box *box) {
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
  wio_monitor_box *box = data;
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

// Closes the handle in a user value. luv may have closed it already: when the Lua state is closed, luv closes all
// handles, perhaps before watchio does.
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

int wio_monitor_box_detach(lua_State *L) {
  wio_monitor_box *box = luaL_checkudata(L, 1, WIO_MONITOR_BOX);
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
  wio_monitor_box *box = wio_monitor_box_check(L);
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
  if (rc == 0) return wio_push_true(L);
  luaL_unref(L, LUA_REGISTRYINDEX, box->anchor);
  close_handle(L, VALUE_TIMER);
  close_handle(L, VALUE_POLL);
  return wio_push_failure(L, rc, NULL);
}

const luaL_Reg wio_monitor_time_methods[] = {{"alarm", monitor_alarm},
                                             {"cancel", monitor_cancel},
                                             {"tick", monitor_tick},
                                             {"next", monitor_next},
                                             {"due", monitor_due},
                                             {"now", monitor_now},
                                             {NULL, NULL}};

const luaL_Reg wio_monitor_loop_methods[] = {
    {"attach", monitor_attach}, {"detach", wio_monitor_box_detach}, {NULL, NULL}};
