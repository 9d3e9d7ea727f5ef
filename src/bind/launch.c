// SPDX-License-Identifier: MIT
// Starting commands: launch, open_as, user, may_change_user and input of watchio.native.
#include "bind/bind.h"
#include "engine/launch.h"

#include <lauxlib.h>

static void push_user(lua_State *L, const wio_user *user) {
  lua_newtable(L);
  lua_pushstring(L, user->name);
  lua_setfield(L, -2, "name");
  lua_pushstring(L, user->home);
  lua_setfield(L, -2, "home");
  lua_pushstring(L, user->shell);
  lua_setfield(L, -2, "shell");
  lua_pushinteger(L, user->uid);
  lua_setfield(L, -2, "uid");
  lua_pushinteger(L, user->gid);
  lua_setfield(L, -2, "gid");
  lua_createtable(L, (int)user->group_count, 0);
  for (size_t i = 0; i < user->group_count; i++) {
    lua_pushinteger(L, user->groups[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_setfield(L, -2, "groups");
}

// Frees the user that a userdata owns, so that nothing is lost when a push raises.
static int free_user(lua_State *L) {
  wio_user **box = lua_touserdata(L, 1);
  wio_launch_free_user(*box);
  *box = NULL;
  return 0;
}

int wio_native_user(lua_State *L) {
  const char *user = luaL_checkstring(L, 1);
  wio_user **box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = NULL;
  if (luaL_newmetatable(L, "watchio.user")) {
    lua_pushcfunction(L, free_user);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  int rc = wio_launch_find_user(user, box);
  if (rc < 0) return wio_push_failure(L, rc, NULL);
  push_user(L, *box);
  return 1;
}

static lua_Integer integer_of(lua_State *L, int index, const char *key) {
  lua_getfield(L, index, key);
  lua_Integer value = luaL_checkinteger(L, -1);
  lua_pop(L, 1);
  return value;
}

typedef struct {
  wio_user user;
  gid_t groups[];
} user_box;

// The ids of the user table at `index`, in a userdata that takes its place on the stack. NULL for nil.
static const wio_user *check_user(lua_State *L, int index) {
  if (lua_isnil(L, index)) return NULL;
  luaL_checktype(L, index, LUA_TTABLE);
  lua_getfield(L, index, "groups");
  luaL_checktype(L, -1, LUA_TTABLE);
  size_t count = lua_rawlen(L, -1);
  user_box *box = lua_newuserdatauv(L, sizeof *box + count * sizeof *box->groups, 0);
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, -2, (lua_Integer)i + 1);
    box->groups[i] = (gid_t)luaL_checkinteger(L, -1);
    lua_pop(L, 1);
  }
  box->user = (wio_user){.uid = (uid_t)integer_of(L, index, "uid"),
                         .gid = (gid_t)integer_of(L, index, "gid"),
                         .groups = box->groups,
                         .group_count = count};
  lua_replace(L, index);
  lua_pop(L, 1);
  return &box->user;
}

// Arguments: the user or nil, the function that starts a command, the arguments of that function.
int wio_native_launch(lua_State *L) {
  luaL_checktype(L, 2, LUA_TFUNCTION);
  const wio_user *user = check_user(L, 1);
  // No Lua code may run while this thread can become any user.
  if (user) luaL_argcheck(L, lua_iscfunction(L, 2), 2, "want a function in C");
  int rc = wio_launch_begin(user);
  if (rc < 0) {
    wio_launch_end();
    return wio_push_failure(L, rc, NULL);
  }
  int status = lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 0);
  wio_launch_end();
  return status == LUA_OK ? lua_gettop(L) - 1 : lua_error(L);
}

// Arguments: the user, the path, the flags of open(2), the mode of a new file.
int wio_native_open_as(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  const wio_user *user = check_user(L, 1);
  int fd = wio_launch_open(user, luaL_checkstring(L, 2), (int)luaL_checkinteger(L, 3), (mode_t)luaL_checkinteger(L, 4));
  if (fd < 0) return wio_push_failure(L, fd, NULL);
  lua_pushinteger(L, fd);
  return 1;
}

int wio_native_may_change_user(lua_State *L) {
  lua_pushboolean(L, wio_launch_may_change_user());
  return 1;
}

int wio_native_input(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  int fd = wio_launch_input(text, length);
  if (fd < 0) return wio_push_failure(L, fd, NULL);
  lua_pushinteger(L, fd);
  return 1;
}
