// SPDX-License-Identifier: MIT
// Methods of a monitor: its watches and their targets.
#include "bind/bind.h"
#include "bind/monitor_box.h"

static int monitor_watch(lua_State *L) {
  wio_monitor_box *box = wio_monitor_box_check(L);
  wio_watch_options options = wio_check_watch_options(L, 2);
  wio_selector *selector = wio_check_selector(L, 2);
  if (!selector) return 3;
  uint64_t id;
  int rc = wio_monitor_watch(box->monitor, selector, &options, &id);
  if (rc < 0) return wio_push_failure(L, rc, NULL);
  wio_monitor_box_rearm(box);
  lua_pushinteger(L, (lua_Integer)id);
  return 1;
}

static int monitor_unwatch(lua_State *L) {
  wio_monitor_box *box = wio_monitor_box_check(L);
  wio_monitor_unwatch(box->monitor, wio_check_id(L, 2));
  wio_monitor_box_rearm(box);
  return 0;
}

static int monitor_retime(lua_State *L) {
  wio_monitor_box *box = wio_monitor_box_check(L);
  lua_Integer every_ns = luaL_checkinteger(L, 3);
  luaL_argcheck(L, every_ns >= (lua_Integer)WIO_EVERY_MIN_NS, 3, "less than 10 ms");
  wio_monitor_retime(box->monitor, wio_check_id(L, 2), (uint64_t)every_ns);
  wio_monitor_box_rearm(box);
  return 0;
}

static int monitor_hold(lua_State *L) {
  wio_monitor_box *box = wio_monitor_box_check(L);
  wio_monitor_hold(box->monitor, wio_check_id(L, 2), lua_toboolean(L, 3), wio_monitor_box_now(box));
  wio_monitor_box_rearm(box);
  return 0;
}

static int monitor_answer(lua_State *L) {
  wio_monitor_box *box = wio_monitor_box_check(L);
  pid_t pid = wio_check_pid(L, 3);
  int rc = wio_monitor_answer(box->monitor, wio_check_id(L, 2), pid, wio_check_id(L, 4), lua_toboolean(L, 5));
  wio_monitor_box_rearm(box);
  return rc < 0 ? wio_push_failure(L, rc, NULL) : wio_push_true(L);
}

static int monitor_targets(lua_State *L) {
  wio_monitor_box *box = wio_monitor_box_check(L);
  const wio_watch *watch = wio_monitor_find_watch(box->monitor, wio_check_id(L, 2));
  lua_newtable(L);
  for (size_t i = 0; watch && i < watch->count; i++) {
    lua_pushinteger(L, (lua_Integer)watch->targets[i]->id);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

static int monitor_target(lua_State *L) {
  wio_monitor_box *box = wio_monitor_box_check(L);
  const wio_target *target = wio_monitor_target(box->monitor, wio_check_id(L, 2));
  if (target) wio_push_target(L, box->monitor, target);
  else lua_pushnil(L);
  return 1;
}

static int monitor_pids(lua_State *L) {
  wio_monitor_box *box = wio_monitor_box_check(L);
  const wio_target *target = wio_monitor_target(box->monitor, wio_check_id(L, 2));
  if (target) wio_push_pids(L, target);
  else lua_pushnil(L);
  return 1;
}

static int monitor_state(lua_State *L) {
  wio_monitor_box *box = wio_monitor_box_check(L);
  const wio_target *target = wio_monitor_target(box->monitor, wio_check_id(L, 2));
  if (target) lua_pushstring(L, wio_state_name(target->state));
  else lua_pushnil(L);
  return 1;
}

static int monitor_look(lua_State *L) {
  static const char *const words[] = {
      [WIO_LOOK_GONE] = "gone", [WIO_LOOK_UNKNOWN] = "unknown", [WIO_LOOK_QUIET] = "quiet", [WIO_LOOK_MOVED] = "moved"};
  wio_monitor_box *box = wio_monitor_box_check(L);
  lua_pushstring(L, words[wio_monitor_look(box->monitor, wio_check_id(L, 2))]);
  wio_monitor_box_rearm(box);
  return 1;
}

static int monitor_starves(lua_State *L) {
  static const char *const words[] = {
      [WIO_STARVES_NOT] = "no", [WIO_STARVES_PERHAPS] = "perhaps", [WIO_STARVES] = "yes"};
  wio_monitor_box *box = wio_monitor_box_check(L);
  lua_pushstring(L, words[wio_monitor_starves(box->monitor, wio_check_id(L, 2))]);
  wio_monitor_box_rearm(box);
  return 1;
}

static int monitor_still_matches(lua_State *L) {
  wio_monitor_box *box = wio_monitor_box_check(L);
  lua_pushboolean(L, wio_monitor_still_matches(box->monitor, wio_check_id(L, 2)));
  return 1;
}

// Argument: lists of globs by protection. The protection whose list does not compile, and those after it, stay as they
// were.
static int monitor_protect(lua_State *L) {
  static const char *const keys[WIO_PROTECTION_COUNT] = {[WIO_PROTECTS_NAMED] = "named",
                                                         [WIO_PROTECTS_SYSTEM] = "system",
                                                         [WIO_PROTECTS_PROGRAMS] = "programs",
                                                         [WIO_PROTECTS_SESSION] = "session"};
  wio_monitor_box *box = wio_monitor_box_check(L);
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
  return wio_push_true(L);
}

static int monitor_ignore(lua_State *L) {
  wio_monitor_box *box = wio_monitor_box_check(L);
  int rc = wio_monitor_ignore(box->monitor, (pid_t)luaL_checkinteger(L, 2), lua_toboolean(L, 3));
  return rc < 0 ? wio_push_failure(L, rc, NULL) : wio_push_true(L);
}

const luaL_Reg wio_monitor_watch_methods[] = {{"watch", monitor_watch},
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
                                              {"starves", monitor_starves},
                                              {"ignore", monitor_ignore},
                                              {"protect", monitor_protect},
                                              {NULL, NULL}};
