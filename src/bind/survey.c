// SPDX-License-Identifier: MIT
// Monitor:survey: all targets of a watch at once, in columns. A survey of thousands of them each second makes no
// garbage: it fills the tables of the survey before.
#include "bind/bind.h"
#include "engine/meter.h"

#include <lauxlib.h>
#include <string.h>

// The columns of every survey, besides the measures that are asked for.
typedef enum { TARGET, PID, PPID, NAME, JUDGED, BLIND, IDLE_FOR_NS, BUSY, FIXED_COUNT } fixed_column;

static const char *const fixed_names[FIXED_COUNT] = {[TARGET] = "target",
                                                     [PID] = "pid",
                                                     [PPID] = "ppid",
                                                     [NAME] = "name",
                                                     [JUDGED] = "judged",
                                                     [BLIND] = "blind",
                                                     [IDLE_FOR_NS] = "idle_for_ns",
                                                     [BUSY] = "busy"};

static const wio_kind floor_kinds[WIO_FLOOR_COUNT] = {
    [WIO_FLOOR_IO] = WIO_IO, [WIO_FLOOR_CALLS] = WIO_IO, [WIO_FLOOR_NET] = WIO_NET, [WIO_FLOOR_CPU] = WIO_CPU};

// The arguments of a survey.
typedef struct {
  uint64_t now_ns;
  wio_floors units;
  wio_measure measures[WIO_MEASURE_COUNT];
  int measure_count;
} question;

static wio_measure check_measure(lua_State *L, int index) {
  const char *name = luaL_checkstring(L, index);
  for (wio_measure i = 0; i < WIO_MEASURE_COUNT; i++)
    if (strcmp(name, wio_measure_name(i)) == 0) return i;
  return (wio_measure)luaL_error(L, "unknown measure '%s'", name);
}

static void check_measures(lua_State *L, int index, question *out) {
  luaL_checktype(L, index, LUA_TTABLE);
  lua_Integer count = luaL_len(L, index);
  luaL_argcheck(L, count <= WIO_MEASURE_COUNT, index, "more measures than there are");
  for (lua_Integer i = 1; i <= count; i++) {
    lua_rawgeti(L, index, i);
    out->measures[out->measure_count++] = check_measure(L, lua_gettop(L));
    lua_pop(L, 1);
  }
}

static double per_second(double amount, const wio_meter *meter) { return amount * 1e9 / (double)meter->moved_in_ns; }

static bool is_rated(const wio_meter *meter, wio_kind kind) {
  return meter && meter->moved_in_ns && (meter->moved_known & WIO_KIND_BIT(kind));
}

// Pushes the highest rate among the kinds that are known, each in its unit; false where none is known.
static void push_busy(lua_State *L, const wio_meter *meter, const wio_floors *units) {
  static const uint64_t nothing[WIO_MEASURE_COUNT];
  double most = -1;
  wio_gain gain = {{0}};
  if (meter) gain = wio_gain_between(nothing, meter->moved);
  for (wio_floor i = 0; i < WIO_FLOOR_COUNT; i++) {
    if (!is_rated(meter, floor_kinds[i]) || units->rate[i] <= 0) continue;
    double rate = per_second((double)gain.amount[i], meter) / units->rate[i];
    if (rate > most) most = rate;
  }
  if (most < 0) lua_pushboolean(L, false);
  else lua_pushnumber(L, most);
}

static void push_rate(lua_State *L, const wio_meter *meter, wio_measure measure) {
  if (!is_rated(meter, wio_measure_kind(measure))) {
    lua_pushboolean(L, false);
    return;
  }
  double rate = per_second((double)meter->moved[measure], meter);
  lua_pushnumber(L, measure == WIO_CPU_NS ? rate / 1e9 : rate);
}

// The parent of a target's first process; 0 when that process is gone, since its parent is then unknown.
static pid_t parent_of(const wio_target *target) {
  const wio_sample *first = target->count ? target->members[0]->sample : NULL;
  return first && (pid_t)first->key == target->pid ? first->ppid : 0;
}

static void push_fixed(lua_State *L, fixed_column column, const wio_target *target, const question *asked) {
  switch (column) {
    case TARGET: lua_pushinteger(L, (lua_Integer)target->id); break;
    case PID: lua_pushinteger(L, target->pid); break;
    case PPID: lua_pushinteger(L, parent_of(target)); break;
    case NAME: lua_pushstring(L, target->name); break;
    case JUDGED: lua_pushstring(L, wio_state_name(target->state)); break;
    case BLIND: lua_pushboolean(L, target->blind); break;
    case IDLE_FOR_NS: lua_pushinteger(L, (lua_Integer)wio_target_quiet_ns(target, asked->now_ns)); break;
    default: push_busy(L, target->meter, &asked->units); break;
  }
}

// Pushes the table with this name of the survey at `survey`, and makes it where it is not there yet.
static void push_column(lua_State *L, int survey, const char *name, size_t count) {
  if (lua_getfield(L, survey, name) == LUA_TTABLE) return;
  lua_pop(L, 1);
  lua_createtable(L, (int)count, 0);
  lua_pushvalue(L, -1);
  lua_setfield(L, survey, name);
}

static void fill_fixed(lua_State *L, int survey, fixed_column column, const wio_watch *watch, const question *asked) {
  push_column(L, survey, fixed_names[column], watch->count);
  for (size_t i = 0; i < watch->count; i++) {
    push_fixed(L, column, watch->targets[i], asked);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_pop(L, 1);
}

static void fill_measure(lua_State *L, int survey, wio_measure measure, const wio_watch *watch) {
  push_column(L, survey, wio_measure_name(measure), watch->count);
  for (size_t i = 0; i < watch->count; i++) {
    push_rate(L, watch->targets[i]->meter, measure);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_pop(L, 1);
}

// Removes the rows that a longer survey before has left at the end.
static void cut_columns(lua_State *L, int survey, lua_Integer count) {
  for (lua_pushnil(L); lua_next(L, survey); lua_pop(L, 1)) {
    if (!lua_istable(L, -1)) continue;
    for (lua_Integer i = (lua_Integer)lua_rawlen(L, -1); i > count; i--) {
      lua_pushnil(L);
      lua_rawseti(L, -2, i);
    }
  }
}

int wio_survey_push(lua_State *L) {
  enum { MONITOR = 1, WATCH, MEASURES, UNITS, SURVEY };
  wio_monitor *monitor = wio_check_monitor(L, MONITOR);
  const wio_watch *watch = wio_monitor_find_watch(monitor, (uint64_t)luaL_checkinteger(L, WATCH));
  question asked = {.now_ns = wio_monitor_now(monitor)};
  check_measures(L, MEASURES, &asked);
  asked.units = wio_check_floors(L, UNITS);
  if (lua_isnoneornil(L, SURVEY)) lua_settop(L, UNITS), lua_newtable(L);
  luaL_checktype(L, SURVEY, LUA_TTABLE);
  lua_settop(L, SURVEY);
  for (fixed_column column = 0; watch && column < FIXED_COUNT; column++) fill_fixed(L, SURVEY, column, watch, &asked);
  for (int i = 0; watch && i < asked.measure_count; i++) fill_measure(L, SURVEY, asked.measures[i], watch);
  lua_Integer count = watch ? (lua_Integer)watch->count : 0;
  cut_columns(L, SURVEY, count);
  lua_pushinteger(L, count);
  lua_setfield(L, SURVEY, "count");
  return 1;
}
