// SPDX-License-Identifier: MIT
#include "bind/gateway.h"

#include <lauxlib.h>

static int add_traceback(lua_State *L) {
  const char *message = luaL_tolstring(L, 1, NULL);
  luaL_traceback(L, L, message, 1);
  return 1;
}

int wio_gateway_call(lua_State *L, lua_CFunction function, void *data, uint64_t *calls) {
  (*calls)++;
  int base = lua_gettop(L);
  lua_pushcfunction(L, add_traceback);
  lua_pushcfunction(L, function);
  lua_pushlightuserdata(L, data);
  int status = lua_pcall(L, 1, 0, base + 1);
  lua_remove(L, base + 1);
  return status;
}
