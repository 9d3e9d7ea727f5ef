// SPDX-License-Identifier: MIT
// The userdata of processes that a caller keeps pinned: watchio.native.Pinned.
#include "bind/bind.h"
#include "engine/hunt.h"

#include <errno.h>
#include <lauxlib.h>
#include <string.h>

#define PINNED "watchio.native.Pinned"

// The user value is the monitor's userdata: pins belong to the monitor's source, and are of no use after the monitor.
typedef struct {
  wio_pinned pinned; // empty when closed
  wio_hunt hunt;     // what is being done to the processes
} pinned_box;

// How much is done to the processes in one slice, before the loop has its turn: some milliseconds of CPU time.
#define SLICE ((wio_ration)2048)

static wio_monitor *monitor_of(lua_State *L, int index) {
  lua_getiuservalue(L, index, 1);
  wio_monitor *monitor = wio_monitor_if_open(L, -1);
  lua_pop(L, 1);
  return monitor;
}

static pinned_box *check_open(lua_State *L, wio_monitor **monitor) {
  pinned_box *box = luaL_checkudata(L, 1, PINNED);
  *monitor = monitor_of(L, 1);
  if (!box->pinned.pins || !*monitor) luaL_error(L, "pinned processes are closed");
  return box;
}

static int push_result(lua_State *L, int rc, const char *message) {
  if (rc < 0) return wio_push_failure(L, rc, message && message[0] ? message : NULL);
  lua_pushboolean(L, true);
  return 1;
}

static wio_ration ration_of(lua_State *L, int in_slices) {
  return lua_toboolean(L, in_slices) ? SLICE : WIO_WITHOUT_END;
}

static bool are_same(const wio_deed *a, const wio_deed *b) {
  return a->kind == b->kind && a->signal == b->signal && a->ends == b->ends && a->priority.kind == b->priority.kind &&
         a->priority.value == b->priority.value && a->priority.io_class == b->priority.io_class;
}

// Begins a hunt, or goes on with it; another one that is under way is given up.
static int hunt(wio_monitor *monitor, pinned_box *box, const wio_deed *deed, wio_ration ration, wio_refusal *refusal) {
  if (box->hunt.phase == WIO_HUNT_OVER || !are_same(&box->hunt.deed, deed)) {
    wio_hunt_give_up(monitor, &box->hunt);
    wio_hunt_begin(&box->hunt, &box->pinned, deed);
  }
  return wio_hunt_step(monitor, &box->hunt, ration, refusal);
}

static int pinned_signal(lua_State *L) {
  wio_monitor *monitor;
  pinned_box *box = check_open(L, &monitor);
  wio_refusal refusal;
  wio_deed deed = {.kind = WIO_DEED_SIGNAL, .signal = (int)luaL_checkinteger(L, 2), .ends = lua_toboolean(L, 3)};
  int rc = hunt(monitor, box, &deed, ration_of(L, 4), &refusal);
  return push_result(L, rc, refusal.text);
}

static int prioritise(lua_State *L, wio_priority priority, int in_slices) {
  wio_monitor *monitor;
  pinned_box *box = check_open(L, &monitor);
  wio_refusal refusal;
  wio_deed deed = {.kind = WIO_DEED_PRIORITY, .priority = priority};
  return push_result(L, hunt(monitor, box, &deed, ration_of(L, in_slices), &refusal), NULL);
}

static int pinned_nice(lua_State *L) {
  wio_priority priority = {.kind = WIO_PRIORITY_CPU, .value = (int)luaL_checkinteger(L, 2)};
  return prioritise(L, priority, 3);
}

static int pinned_ionice(lua_State *L) {
  static const char *const names[] = {"realtime", "best-effort", "idle", NULL};
  static const wio_io_class classes[] = {WIO_IO_REALTIME, WIO_IO_BEST_EFFORT, WIO_IO_IDLE};
  wio_priority priority = {.kind = WIO_PRIORITY_IO, .io_class = classes[luaL_checkoption(L, 2, NULL, names)]};
  priority.value = (int)luaL_optinteger(L, 3, 0);
  return prioritise(L, priority, 4);
}

int wio_native_priority_acts(lua_State *L) {
  static const char *const verbs[] = {"nice", "ionice", NULL};
  static const wio_priority_kind kinds[] = {WIO_PRIORITY_CPU, WIO_PRIORITY_IO};
  lua_pushboolean(L, wio_source_priority_acts(kinds[luaL_checkoption(L, 1, NULL, verbs)]));
  return 1;
}

// Gathers the processes, and gives up a hunt that is under way. Raises when memory runs out. False: there is more to
// gather, and nil, a message and "EAGAIN" are pushed.
static bool gather(lua_State *L, pinned_box **out, wio_monitor **monitor) {
  pinned_box *box = *out = check_open(L, monitor);
  wio_ration ration = ration_of(L, 2);
  size_t found;
  wio_hunt_give_up(*monitor, &box->hunt);
  int rc = wio_pinned_gather(*monitor, &box->pinned, &ration, &found);
  if (rc == -ENOMEM) luaL_error(L, "not enough memory");
  if (rc == -EAGAIN) wio_push_failure(L, rc, NULL);
  return rc != -EAGAIN;
}

static int pinned_alive(lua_State *L) {
  wio_monitor *monitor;
  pinned_box *box;
  if (!gather(L, &box, &monitor)) return 3;
  lua_pushboolean(L, wio_pinned_lives(monitor, &box->pinned));
  return 1;
}

static int pinned_pids(lua_State *L) {
  wio_monitor *monitor;
  pinned_box *box;
  if (!gather(L, &box, &monitor)) return 3;
  lua_createtable(L, (int)box->pinned.count, 0);
  for (size_t i = 0; i < box->pinned.count; i++) {
    lua_pushinteger(L, box->pinned.pins[i].pid);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

static int pinned_refusal(lua_State *L) {
  wio_monitor *monitor;
  pinned_box *box = check_open(L, &monitor);
  wio_refusal refusal;
  int rc = hunt(monitor, box, &(wio_deed){.kind = WIO_DEED_NONE}, ration_of(L, 2), &refusal);
  if (rc == -ENOMEM) luaL_error(L, "not enough memory");
  if (rc == -EAGAIN) return wio_push_failure(L, rc, NULL);
  if (rc < 0) lua_pushstring(L, refusal.text[0] ? refusal.text : strerror(-rc)); // unknown counts as refused
  else lua_pushnil(L);
  return 1;
}

static int pinned_close(lua_State *L) {
  pinned_box *box = luaL_checkudata(L, 1, PINNED);
  wio_monitor *monitor = monitor_of(L, 1);
  if (monitor) {
    wio_hunt_give_up(monitor, &box->hunt);
    wio_pinned_release(monitor, &box->pinned);
  }
  return 0;
}

static int pinned_tostring(lua_State *L) {
  const pinned_box *box = luaL_checkudata(L, 1, PINNED);
  lua_pushfstring(L, "pinned processes (%s)", box->pinned.pins ? "open" : "closed");
  return 1;
}

void wio_pinned_register(lua_State *L) {
  static const luaL_Reg methods[] = {{"signal", pinned_signal}, {"nice", pinned_nice}, {"ionice", pinned_ionice},
                                     {"alive", pinned_alive},   {"pids", pinned_pids}, {"refusal", pinned_refusal},
                                     {"close", pinned_close},   {NULL, NULL}};
  static const luaL_Reg meta[] = {
      {"__gc", pinned_close}, {"__close", pinned_close}, {"__tostring", pinned_tostring}, {NULL, NULL}};
  luaL_newmetatable(L, PINNED);
  luaL_setfuncs(L, meta, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

int wio_pinned_push(lua_State *L, int monitor_index, uint64_t target) {
  wio_monitor *monitor = wio_check_monitor(L, monitor_index);
  pinned_box *box = lua_newuserdatauv(L, sizeof *box, 1);
  *box = (pinned_box){0};
  luaL_setmetatable(L, PINNED);
  lua_pushvalue(L, monitor_index);
  lua_setiuservalue(L, -2, 1);
  int rc = wio_pinned_hold(monitor, target, &box->pinned);
  return rc < 0 ? wio_push_failure(L, rc, NULL) : 1;
}
