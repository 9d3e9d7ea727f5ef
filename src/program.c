// SPDX-License-Identifier: MIT
#include "program.h"

#include "bind/bind.h"

#include <lauxlib.h>
#include <luv/luv.h>
#include <lualib.h>
#include <stdlib.h>
#include <string.h>

// An error in a user's own luv callback is printed by luv; it must not end a watcher.
static int survive(lua_State *L, int nargs, int nresults, int flags) {
  return luv_cfpcall(L, nargs, nresults, flags | LUVF_CALLBACK_NOEXIT);
}

// Replaces `require` in the modules of other authors. Modules that these look for besides (dkjson: lpeg) would be found
// in places that are not watchio's.
static int require_standard(lua_State *L) {
  static const char *const standard[] = {"string", "table", "math", "debug", "io", "os", NULL};
  const char *name = luaL_checkstring(L, 1);
  for (int i = 0; standard[i]; i++) {
    if (strcmp(standard[i], name) != 0) continue;
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_getfield(L, -1, name);
    return 1;
  }
  return luaL_error(L, "module '%s' is not part of watchio", name);
}

// Gives the chunk on top globals of its own, in front of the common ones.
static void set_apart(lua_State *L) {
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, require_standard);
  lua_setfield(L, -2, "require");
  lua_createtable(L, 0, 1);
  lua_pushglobaltable(L);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  lua_setupvalue(L, -2, 1);
}

// A searcher of package.searchers: finds a module among the embedded sources.
static int search_embedded(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  for (const wio_embedded_source *source = wio_embedded; source->name; source++) {
    if (strcmp(source->name, name) != 0) continue;
    if (luaL_loadbufferx(L, (const char *)source->text, source->length, source->chunk, "t") != LUA_OK)
      return lua_error(L);
    if (source->foreign) set_apart(L);
    lua_pushstring(L, source->chunk + 1);
    return 2;
  }
  lua_pushfstring(L, "no embedded module '%s'", name);
  return 1;
}

static void add_searcher(lua_State *L) {
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "searchers");
  // The new searcher stands behind package.preload and before the files, so that the program loads its own library.
  for (lua_Integer i = (lua_Integer)lua_rawlen(L, -1); i >= 2; i--) {
    lua_rawgeti(L, -1, i);
    lua_rawseti(L, -2, i + 1);
  }
  lua_pushcfunction(L, search_embedded);
  lua_rawseti(L, -2, 2);
  lua_pop(L, 2);
}

// Puts the user's own search path in front of the usual one. The usual one stays: the program finds modules there that
// it needs.
static void prepend_path(lua_State *L, const char *field, const char *versioned, const char *variable) {
  // The variables are ignored where the program's file gives more rights than its user has.
  const char *own = secure_getenv(versioned);
  if (!own) own = secure_getenv(variable);
  if (!own) return;
  lua_getglobal(L, "package");
  lua_getfield(L, -1, field);
  const char *usual = lua_tostring(L, -1);
  if (strstr(own, ";;")) luaL_gsub(L, own, ";;", lua_pushfstring(L, ";%s;", usual));
  else lua_pushfstring(L, "%s;%s", own, usual);
  lua_setfield(L, 1, field);
  lua_settop(L, 0);
}

// Keeps the absolute entries of a search path: what is required must not depend on where watchio was started.
static void drop_relative(lua_State *L, const char *field) {
  lua_getglobal(L, "package");
  lua_getfield(L, 1, field);
  luaL_Buffer kept;
  luaL_buffinit(L, &kept);
  const char *entry = lua_tostring(L, 2);
  while (entry && *entry) {
    size_t length = strcspn(entry, LUA_PATH_SEP);
    if (*entry == '/') {
      if (luaL_bufflen(&kept)) luaL_addchar(&kept, *LUA_PATH_SEP);
      luaL_addlstring(&kept, entry, length);
    }
    entry += length;
    entry += strspn(entry, LUA_PATH_SEP);
  }
  luaL_pushresult(&kept);
  lua_setfield(L, 1, field);
  lua_settop(L, 0);
}

static int set_paths(lua_State *L) {
  prepend_path(L, "path", "LUA_PATH" LUA_VERSUFFIX, "LUA_PATH");
  prepend_path(L, "cpath", "LUA_CPATH" LUA_VERSUFFIX, "LUA_CPATH");
  drop_relative(L, "path");
  drop_relative(L, "cpath");
  return 0;
}

int wio_open_libraries(lua_State *L) {
  lua_pushboolean(L, true);
  lua_setfield(L, LUA_REGISTRYINDEX, "LUA_NOENV");
  luaL_openlibs(L);
  lua_pushcfunction(L, set_paths);
  lua_call(L, 0, 0);
  luv_set_callback(L, survive);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, luaopen_luv);
  lua_setfield(L, -2, "luv");
  lua_pushcfunction(L, luaopen_watchio_native);
  lua_setfield(L, -2, "watchio.native");
  lua_pop(L, 1);
  add_searcher(L);
  return 0;
}
