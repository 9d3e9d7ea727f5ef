// SPDX-License-Identifier: MIT
// Options tables of the engine's calls: watches, with their selectors, events and limits.
#include "core/array.h"
#include "bind/bind.h"

#include <errno.h>
#include <lauxlib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

// Adds one term to a selector: the value on the top of the stack. 0, or a negative errno with a message.
typedef int add_term(lua_State *L, wio_selector *selector, char *message, size_t size);

static int add_pid(lua_State *L, wio_selector *selector, char *message, size_t size) {
  (void)message, (void)size;
  return wio_selector_add_pid(selector, (pid_t)luaL_checkinteger(L, -1));
}

static int add_uid(lua_State *L, wio_selector *selector, char *message, size_t size) {
  (void)message, (void)size;
  return wio_selector_add_uid(selector, (uid_t)luaL_checkinteger(L, -1));
}

static int add_name(lua_State *L, wio_selector *selector, char *message, size_t size) {
  return wio_selector_add_name(selector, luaL_checkstring(L, -1), message, size);
}

static int add_cmd(lua_State *L, wio_selector *selector, char *message, size_t size) {
  return wio_selector_add_cmd(selector, luaL_checkstring(L, -1), message, size);
}

static int add_exe(lua_State *L, wio_selector *selector, char *message, size_t size) {
  return wio_selector_add_exe(selector, luaL_checkstring(L, -1), message, size);
}

static int add_unit(lua_State *L, wio_selector *selector, char *message, size_t size) {
  return wio_selector_add_unit(selector, luaL_checkstring(L, -1), message, size);
}

static int add_cgroup(lua_State *L, wio_selector *selector, char *message, size_t size) {
  return wio_selector_add_cgroup(selector, luaL_checkstring(L, -1), message, size);
}

static int add_port(lua_State *L, wio_selector *selector, char *message, size_t size) {
  (void)message, (void)size;
  return wio_selector_add_port(selector, (uint32_t)luaL_checkinteger(L, -1));
}

static int add_pidfile(lua_State *L, wio_selector *selector, char *message, size_t size) {
  (void)message, (void)size;
  return wio_selector_add_pidfile(selector, luaL_checkstring(L, -1));
}

static int add_start(lua_State *L, wio_selector *selector, char *message, size_t size) {
  (void)message, (void)size;
  return wio_selector_add_start(selector, (uint64_t)luaL_checkinteger(L, -1));
}

static int add_any(lua_State *L, wio_selector *selector, char *message, size_t size);
static int add_except(lua_State *L, wio_selector *selector, char *message, size_t size);

static const struct {
  const char *key;
  int type; // of each value
  add_term *add;
} selector_keys[] = {
    {"pids", LUA_TNUMBER, add_pid},       {"uids", LUA_TNUMBER, add_uid},   {"names", LUA_TSTRING, add_name},
    {"cmds", LUA_TSTRING, add_cmd},       {"exes", LUA_TSTRING, add_exe},   {"units", LUA_TSTRING, add_unit},
    {"cgroups", LUA_TSTRING, add_cgroup}, {"ports", LUA_TNUMBER, add_port}, {"pidfiles", LUA_TSTRING, add_pidfile},
    {"starts", LUA_TNUMBER, add_start},   {"any", LUA_TTABLE, add_any},     {"excepts", LUA_TTABLE, add_except},
};

#define KEY_COUNT WIO_LENGTH(selector_keys)

// Checks the types of all terms. All that can raise is done here, before anything is allocated that Lua does not own.
static void check_lists(lua_State *L, int index) {
  luaL_checkstack(L, LUA_MINSTACK, "selectors within selectors");
  for (size_t k = 0; k < KEY_COUNT; k++) {
    if (lua_getfield(L, index, selector_keys[k].key) != LUA_TNIL) {
      luaL_checktype(L, -1, LUA_TTABLE);
      for (lua_Integer i = 1; lua_rawgeti(L, -1, i) != LUA_TNIL; i++) {
        luaL_checktype(L, -1, selector_keys[k].type);
        if (selector_keys[k].type == LUA_TNUMBER) luaL_checkinteger(L, -1);
        if (selector_keys[k].type == LUA_TTABLE) check_lists(L, lua_gettop(L));
        lua_pop(L, 1);
      }
      lua_pop(L, 1);
    }
    lua_pop(L, 1);
  }
}

static int add_list(lua_State *L, int index, size_t key, wio_selector *selector, char *message, size_t size) {
  int rc = 0;
  if (lua_getfield(L, index, selector_keys[key].key) == LUA_TTABLE) {
    for (lua_Integer i = 1; rc == 0 && lua_rawgeti(L, -1, i) != LUA_TNIL; i++) {
      rc = selector_keys[key].add(L, selector, message, size);
      lua_pop(L, 1);
    }
    if (rc == 0) lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return rc;
}

static bool has_field(lua_State *L, int index, const char *key) {
  bool has = lua_getfield(L, index, key) != LUA_TNIL;
  lua_pop(L, 1);
  return has;
}

// Compiles the checked table at `index`.
static int compile(lua_State *L, int index, wio_selector **out, char *message, size_t size) {
  snprintf(message, size, "out of memory");
  *out = wio_selector_new();
  int rc = *out ? 0 : -ENOMEM;
  for (size_t k = 0; rc == 0 && k < KEY_COUNT; k++) rc = add_list(L, index, k, *out, message, size);
  if (rc == 0 && has_field(L, index, "where")) wio_selector_ask(*out);
  if (rc == 0 && wio_selector_is_empty(*out)) {
    snprintf(message, size, "a selector names nothing");
    rc = -EINVAL;
  }
  if (rc < 0) wio_selector_free(*out);
  return rc;
}

static int add_any(lua_State *L, wio_selector *selector, char *message, size_t size) {
  wio_selector *any;
  int rc = compile(L, lua_gettop(L), &any, message, size);
  return rc < 0 ? rc : wio_selector_add_any(selector, any);
}

static int add_except(lua_State *L, wio_selector *selector, char *message, size_t size) {
  wio_selector *except;
  int rc = compile(L, lua_gettop(L), &except, message, size);
  return rc < 0 ? rc : wio_selector_add_except(selector, except);
}

wio_selector *wio_check_selector(lua_State *L, int index) {
  char message[512];
  luaL_checktype(L, index, LUA_TTABLE);
  check_lists(L, index);
  wio_selector *selector;
  int rc = compile(L, index, &selector, message, sizeof message);
  if (rc == 0) return selector;
  wio_push_failure(L, rc, message);
  return NULL;
}

int wio_check_kinds(lua_State *L, int index) {
  int kinds = 0;
  luaL_checktype(L, index, LUA_TTABLE);
  for (lua_Integer i = 1; lua_rawgeti(L, index, i) != LUA_TNIL; i++) {
    const char *name = luaL_checkstring(L, -1);
    wio_kind kind = 0;
    while (kind < WIO_KIND_COUNT && strcmp(wio_kind_name(kind), name) != 0) kind++;
    if (kind == WIO_KIND_COUNT) luaL_error(L, "no kind \"%s\"", name);
    kinds |= WIO_KIND_BIT(kind);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return kinds;
}

wio_floors wio_check_floors(lua_State *L, int index) {
  wio_floors floors = {{0}};
  luaL_checktype(L, index, LUA_TTABLE);
  for (wio_floor floor = 0; floor < WIO_FLOOR_COUNT; floor++) {
    lua_getfield(L, index, wio_floor_name(floor));
    floors.rate[floor] = luaL_optnumber(L, -1, 0) * (floor == WIO_FLOOR_CPU ? 1e9 : 1);
    if (!(floors.rate[floor] >= 0)) luaL_error(L, "floor \"%s\" is negative", wio_floor_name(floor));
    lua_pop(L, 1);
  }
  return floors;
}

static wio_measure check_measure(lua_State *L, int index) {
  const char *name = lua_getfield(L, index, "measure") == LUA_TSTRING ? lua_tostring(L, -1) : "";
  wio_measure measure = 0;
  while (measure < WIO_MEASURE_COUNT && strcmp(wio_measure_name(measure), name) != 0) measure++;
  if (measure == WIO_MEASURE_COUNT) luaL_error(L, "no measure \"%s\"", name);
  lua_pop(L, 1);
  return measure;
}

static double check_bound(lua_State *L, int index, const char *key, double most) {
  lua_getfield(L, index, key);
  double bound = luaL_optnumber(L, -1, most);
  if (!(bound >= 0 && bound <= most)) luaL_error(L, "a limit's \"%s\" is out of range", key);
  lua_pop(L, 1);
  return bound;
}

static wio_limit check_limit(lua_State *L, int index) {
  luaL_checktype(L, index, LUA_TTABLE);
  wio_limit limit = {.measure = check_measure(L, index), .above = check_bound(L, index, "above", HUGE_VAL)};
  lua_getfield(L, index, "rate");
  limit.is_rate = lua_toboolean(L, -1);
  limit.below = check_bound(L, index, "below", limit.above);
  if (lua_getfield(L, index, "hold_ns") != LUA_TNIL) {
    lua_Integer hold_ns = luaL_checkinteger(L, -1);
    luaL_argcheck(L, hold_ns >= 0, index, "a limit's \"hold_ns\" is negative");
    limit.hold_ns = (uint64_t)hold_ns;
  }
  lua_pop(L, 2);
  double scale = limit.measure == WIO_CPU_NS ? 1e9 : 1;
  limit.above *= scale;
  limit.below *= scale;
  return limit;
}

const wio_limit *wio_check_limits(lua_State *L, int index, size_t *count) {
  luaL_checktype(L, index, LUA_TTABLE);
  *count = (size_t)luaL_len(L, index);
  wio_limit *limits = lua_newuserdatauv(L, *count * sizeof *limits, 0);
  for (size_t i = 0; i < *count; i++) {
    lua_geti(L, index, (lua_Integer)i + 1);
    limits[i] = check_limit(L, lua_gettop(L));
    lua_pop(L, 1);
  }
  return limits;
}

uint32_t wio_check_events(lua_State *L, int index) {
  uint32_t set = 0;
  if (lua_isnil(L, index)) {
    for (int type = WIO_EVENT_NONE + 1; type < WIO_EVENT_ALARM; type++) set |= 1u << type;
    return set & ~(1u << WIO_EVENT_NOISE);
  }
  luaL_checktype(L, index, LUA_TTABLE);
  for (lua_Integer i = 1; lua_rawgeti(L, index, i) != LUA_TNIL; i++) {
    const char *name = luaL_checkstring(L, -1);
    int type = WIO_EVENT_NONE + 1;
    while (type < WIO_EVENT_ALARM && strcmp(wio_event_name(type), name) != 0) type++;
    if (type == WIO_EVENT_ALARM) luaL_error(L, "no event \"%s\"", name);
    set |= 1u << type;
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return set;
}

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

wio_watch_options wio_check_watch_options(lua_State *L, int index) {
  luaL_checktype(L, index, LUA_TTABLE);
  wio_watch_options options = {.per = check_per(L, index),
                               .kinds = check_counts(L, index),
                               .floors = check_floors(L, index),
                               .every_ns = check_ns_field(L, index, "every_ns", WIO_EVERY_MIN_NS),
                               .idle_after_ns = check_ns_field(L, index, "idle_ns", 0)};
  options.samples = lua_getfield(L, index, "samples") != LUA_TNIL && lua_toboolean(L, -1);
  if (lua_getfield(L, index, "limits") != LUA_TNIL)
    options.limits = wio_check_limits(L, lua_gettop(L), &options.limit_count);
  lua_getfield(L, index, "events");
  options.events = wio_check_events(L, lua_gettop(L));
  if (lua_getfield(L, index, "noise") != LUA_TNIL && lua_toboolean(L, -1)) options.events |= 1u << WIO_EVENT_NOISE;
  lua_getfield(L, index, "orphans");
  options.orphans = lua_toboolean(L, -1);
  lua_getfield(L, index, "patient");
  options.patient = lua_toboolean(L, -1);
  return options;
}
