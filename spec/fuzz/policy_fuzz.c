// SPDX-License-Identifier: MIT
// What a policy says of processes, times and amounts, on anything: the whole way from the script to the engine. See
// policy.lua.
#include "program.h"

#include <lauxlib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int prepare(lua_State *L) {
  wio_open_libraries(L);
  if (luaL_dofile(L, FUZZ_FOLDER "/policy.lua") != LUA_OK) lua_error(L);
  lua_setfield(L, LUA_REGISTRYINDEX, "judge");
  return 0;
}

static void fail(lua_State *L) {
  fprintf(stderr, "%s\n", lua_tostring(L, -1));
  abort();
}

static lua_State *state(void) {
  static lua_State *L;
  if (L) return L;
  L = luaL_newstate();
  lua_pushcfunction(L, prepare);
  if (lua_pcall(L, 0, 0, 0) != LUA_OK) fail(L);
  return L;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  lua_State *L = state();
  lua_getfield(L, LUA_REGISTRYINDEX, "judge");
  lua_pushlstring(L, (const char *)data, size);
  if (lua_pcall(L, 1, 0, 0) != LUA_OK) fail(L);
  return 0;
}
