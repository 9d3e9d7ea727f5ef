// SPDX-License-Identifier: MIT
// The C module watchio.native: units, and the maker of monitors.
#include "bind/bind.h"
#include "bind/budget.h"
#include "core/units.h"

#include <errno.h>
#include <lauxlib.h>
#include <math.h>

static int bad_duration(lua_State *L, bool too_long) {
  lua_pushnil(L);
  luaL_tolstring(L, 1, NULL);
  if (too_long) lua_pushfstring(L, "bad duration \"%s\" (longer than a hundred years)", lua_tostring(L, -1));
  else lua_pushfstring(L, "bad duration \"%s\" (want e.g. \"30s\", \"1h30m\")", lua_tostring(L, -1));
  lua_remove(L, -2);
  return 2;
}

static int native_duration(lua_State *L) {
  uint64_t ns;
  if (lua_type(L, 1) == LUA_TNUMBER) {
    double seconds = lua_tonumber(L, 1);
    if (!(seconds >= 0)) return bad_duration(L, false);
    if (seconds > (double)WIO_DURATION_MAX_NS / (double)WIO_NS_PER_SECOND) return bad_duration(L, true);
    ns = (uint64_t)llround(seconds * (double)WIO_NS_PER_SECOND);
  } else {
    size_t length;
    if (lua_type(L, 1) != LUA_TSTRING) return bad_duration(L, false);
    const char *text = lua_tolstring(L, 1, &length);
    int rc = wio_duration_parse(text, length, &ns);
    if (rc < 0) return bad_duration(L, rc == -ERANGE);
  }
  lua_pushinteger(L, (lua_Integer)ns);
  return 1;
}

// Calls a parser of amounts or rates on the text of argument 1. Pushes the number, or nil when the text is none.
static int parse_amount(lua_State *L, int (*parse)(const char *, size_t, double *)) {
  size_t length;
  double amount;
  const char *text = luaL_checklstring(L, 1, &length);
  if (parse(text, length, &amount) == 0) lua_pushnumber(L, amount);
  else lua_pushnil(L);
  return 1;
}

static int native_bytes(lua_State *L) { return parse_amount(L, wio_bytes_parse); }
static int native_byte_rate(lua_State *L) { return parse_amount(L, wio_byte_rate_parse); }
static int native_count_rate(lua_State *L) { return parse_amount(L, wio_count_rate_parse); }
static int native_share(lua_State *L) { return parse_amount(L, wio_share_parse); }

static int native_format_duration(lua_State *L) {
  char text[64];
  size_t length = wio_duration_format((uint64_t)luaL_checkinteger(L, 1), text, sizeof text);
  lua_pushlstring(L, text, length);
  return 1;
}

static int native_format_bytes(lua_State *L) {
  char text[32];
  size_t length = wio_bytes_format((uint64_t)luaL_checkinteger(L, 1), text, sizeof text);
  lua_pushlstring(L, text, length);
  return 1;
}

static const luaL_Reg functions[] = {{"duration", native_duration},
                                     {"bytes", native_bytes},
                                     {"byte_rate", native_byte_rate},
                                     {"count_rate", native_count_rate},
                                     {"share", native_share},
                                     {"format_duration", native_format_duration},
                                     {"format_bytes", native_format_bytes},
                                     {"launch", wio_native_launch},
                                     {"open_as", wio_native_open_as},
                                     {"user", wio_native_user},
                                     {"priority_acts", wio_native_priority_acts},
                                     {"may_change_user", wio_native_may_change_user},
                                     {"input", wio_native_input},
                                     {"write_now", wio_native_write_now},
                                     {"descriptor", wio_native_descriptor},
                                     {"terminal_size", wio_native_terminal_size},
                                     {"reaper", wio_native_reaper},
                                     {"reap_others", wio_native_reap_others},
                                     {"rights", wio_native_rights},
                                     {"give_up", wio_native_give_up},
                                     {"sees_processes", wio_native_sees_processes},
                                     {NULL, NULL}};

int luaopen_watchio_native(lua_State *L) {
  // luv is loaded before watchio makes a handle, so that luv is closed after watchio.
  lua_getglobal(L, "require");
  lua_pushliteral(L, "luv");
  lua_call(L, 1, 0);
  luaL_newlib(L, functions);
  lua_createtable(L, WIO_MEASURE_COUNT, 0);
  for (wio_measure i = 0; i < WIO_MEASURE_COUNT; i++) {
    lua_pushstring(L, wio_measure_name(i));
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_setfield(L, -2, "measures");
  lua_pushliteral(L, WATCHIO_VERSION);
  lua_setfield(L, -2, "version");
  wio_strings_push(L);
  lua_setfield(L, -2, "strings");
  wio_budget_register(L);
  lua_setfield(L, -2, "budget");
  lua_pushliteral(L, LUA_RELEASE ", luv " WATCHIO_LUV_VERSION);
  lua_setfield(L, -2, "built_with");
  wio_pinned_register(L);
  wio_monitor_register(L);
  lua_setfield(L, -2, "monitor");
  return 1;
}
