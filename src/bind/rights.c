// SPDX-License-Identifier: MIT
// Tells what this process may see and do, as a Lua table.
#include "bind/bind.h"
#include "engine/privilege.h"
#include "engine/source.h"

#include <string.h>

// Sets false where a thing works, else the reason why it does not.
static void set_reason(lua_State *L, const char *key, int error) {
  if (error) lua_pushstring(L, strerror(error));
  else lua_pushboolean(L, false);
  lua_setfield(L, -2, key);
}

static void set_limit(lua_State *L, const char *key, uint64_t limit) {
  lua_pushinteger(L, limit > INT64_MAX ? INT64_MAX : (lua_Integer)limit);
  lua_setfield(L, -2, key);
}

static void set_flag(lua_State *L, const char *key, bool value) {
  lua_pushboolean(L, value);
  lua_setfield(L, -2, key);
}

static void push_copy(lua_State *L, const wio_copy *copy) {
  lua_newtable(L);
  set_flag(L, "setid", copy->setid);
  set_flag(L, "lends", copy->lends);
  set_flag(L, "lends_more", copy->lends_more);
  set_flag(L, "at_once", copy->at_once);
  set_flag(L, "for_anybody", copy->for_anybody);
}

int wio_native_rights(lua_State *L) {
  wio_rights rights;
  int rc = wio_source_rights(&rights);
  if (rc < 0) return wio_push_failure(L, rc, NULL);
  lua_newtable(L);
  lua_newtable(L);
  for (wio_capability i = 0; i < WIO_CAP_COUNT; i++) set_flag(L, wio_capability_name(i), rights.capable[i]);
  lua_setfield(L, -2, "capable");
  push_copy(L, &rights.copy);
  lua_setfield(L, -2, "copy");
  lua_newtable(L);
  set_reason(L, "io", rights.io_error);
  set_reason(L, "net", rights.net_error);
  set_reason(L, "cpu", rights.clock_error);
  set_reason(L, "pidfd", rights.pidfd_error);
  lua_setfield(L, -2, "missing");
  lua_pushstring(L, rights.hidepid);
  lua_setfield(L, -2, "hidepid");
  set_limit(L, "files", rights.files);
  set_limit(L, "most_files", rights.most_files);
  return 1;
}

int wio_native_give_up(lua_State *L) {
  int rc;
  bool given_up = wio_privilege_give_up(&rc);
  if (rc < 0) return wio_push_failure(L, rc, NULL);
  lua_pushboolean(L, given_up);
  return 1;
}

int wio_native_sees_processes(lua_State *L) {
  lua_pushboolean(L, wio_source_is_there());
  return 1;
}
