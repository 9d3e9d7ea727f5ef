// SPDX-License-Identifier: MIT
// Methods of a monitor: questions about any process, and about the monitor itself.
#include "core/array.h"
#include "bind/bind.h"
#include "bind/monitor_box.h"
#include "engine/launched.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

// Three lists on the stack: processes that match, processes of which that is unknown, and processes that are left out.
typedef struct {
  lua_State *L;
  wio_source *source;
  lua_Integer count[3];
} found_lists;

static int add_found(void *data, const wio_description *process, wio_match match) {
  found_lists *lists = data;
  static const int place[] = {[WIO_MATCH_YES] = 0, [WIO_MATCH_UNKNOWN] = 1, [WIO_MATCH_NO] = 2};
  wio_push_process(lists->L, lists->source, process);
  lua_rawseti(lists->L, place[match] - 4, ++lists->count[place[match]]);
  return 0;
}

typedef struct {
  wio_monitor *monitor;
  wio_selector *selector;
} find_request;

// Runs protected, so that the selector is freed if Lua runs out of memory.
static int find_protected(lua_State *L) {
  const find_request *request = lua_touserdata(L, 1);
  found_lists lists = {.L = L, .source = wio_monitor_source(request->monitor)};
  for (int i = 0; i < 3; i++) lua_newtable(L);
  int rc = wio_monitor_find(request->monitor, request->selector, add_found, &lists);
  return rc < 0 ? wio_push_failure(L, rc, NULL) : 3;
}

static int monitor_find(lua_State *L) {
  wio_monitor_box *box = wio_monitor_box_check(L);
  lua_pushcfunction(L, find_protected);
  wio_selector *selector = wio_check_selector(L, 2);
  if (!selector) return 3;
  find_request request = {.monitor = box->monitor, .selector = selector};
  int base = lua_gettop(L) - 1;
  lua_pushlightuserdata(L, &request);
  int status = lua_pcall(L, 1, LUA_MULTRET, 0);
  wio_selector_free(selector);
  return status == LUA_OK ? lua_gettop(L) - base : lua_error(L);
}

static int no_process(lua_State *L, pid_t pid, int rc) {
  char message[32];
  snprintf(message, sizeof message, "no process %d", pid);
  return wio_push_failure(L, rc, rc == -ESRCH ? message : NULL);
}

static int monitor_signal_launched(lua_State *L) {
  wio_monitor_box *box = wio_monitor_box_check(L);
  int rc = wio_launched_signal(box->monitor, wio_check_pid(L, 2), (int)luaL_checkinteger(L, 3));
  return rc < 0 ? wio_push_failure(L, rc, NULL) : wio_push_true(L);
}

static int monitor_launched_live(lua_State *L) {
  wio_monitor_box *box = wio_monitor_box_check(L);
  lua_pushboolean(L, wio_launched_live(box->monitor, wio_check_pid(L, 2)));
  return 1;
}

static int monitor_describe(lua_State *L) {
  wio_monitor_box *box = wio_monitor_box_check(L);
  pid_t pid = wio_check_pid(L, 2);
  wio_source *source = wio_monitor_source(box->monitor);
  wio_description process;
  int rc = source->ops->describe(source, pid, WIO_WANT_ALL, &process);
  if (rc < 0) return no_process(L, pid, rc);
  wio_push_process(L, source, &process);
  return 1;
}

static const char *explain_pidfile(int rc, pid_t pid, const char *fault, char *out, size_t size) {
  switch (rc) {
    case -EBADMSG: return "there is no pid in it";
    case -EPERM: return "anybody may write it";
    case -ESRCH: snprintf(out, size, "it names process %d, but %s", pid, fault ? fault : "there is none"); return out;
    default: return strerror(-rc);
  }
}

static int monitor_pidfile(lua_State *L) {
  wio_monitor_box *box = wio_monitor_box_check(L);
  pid_t pid = 0;
  const char *fault;
  char text[160];
  int rc = wio_selector_read_pidfile(wio_monitor_source(box->monitor), luaL_checkstring(L, 2), &pid, &fault);
  if (rc < 0) return wio_push_failure(L, rc, explain_pidfile(rc, pid, fault, text, sizeof text));
  lua_pushinteger(L, pid);
  return 1;
}

static int monitor_io(lua_State *L) {
  wio_monitor_box *box = wio_monitor_box_check(L);
  pid_t pid = wio_check_pid(L, 2);
  wio_reading reading;
  int rc = wio_monitor_read(box->monitor, pid, WIO_KIND_BIT(WIO_IO), &reading);
  if (rc < 0) return no_process(L, pid, rc);
  if (reading.error[WIO_IO]) {
    char message[96];
    snprintf(message, sizeof message, "cannot read the counters of process %d: %s", pid,
             strerror(reading.error[WIO_IO]));
    return wio_push_failure(L, -reading.error[WIO_IO], message);
  }
  wio_push_measures(L, reading.value, WIO_KIND_BIT(WIO_IO));
  return 1;
}

static int monitor_reading(lua_State *L) {
  wio_monitor_box *box = wio_monitor_box_check(L);
  pid_t pid = wio_check_pid(L, 2);
  wio_reading reading;
  int rc = wio_monitor_read(box->monitor, pid, WIO_ALL_KINDS, &reading);
  if (rc < 0) return no_process(L, pid, rc);
  wio_push_reading(L, &reading);
  return 1;
}

static int monitor_count_forks(lua_State *L) {
  wio_monitor_box *box = wio_monitor_box_check(L);
  int rc = wio_monitor_count_forks(box->monitor, wio_check_pid(L, 2));
  return rc < 0 ? wio_push_failure(L, rc, NULL) : wio_push_true(L);
}

static int monitor_forks(lua_State *L) {
  wio_monitor_box *box = wio_monitor_box_check(L);
  uint64_t forks;
  int rc = wio_monitor_forks(box->monitor, &forks);
  if (rc < 0) return wio_push_failure(L, rc, NULL);
  lua_pushinteger(L, (lua_Integer)forks);
  return 1;
}

static int monitor_stats(lua_State *L) {
  wio_monitor_box *box = wio_monitor_box_check(L);
  wio_tally tally = wio_monitor_tally(box->monitor);
  const struct {
    const char *key;
    uint64_t value;
  } rows[] = {
      {"ticks", tally.ticks},        {"reads", tally.reads},
      {"gated", tally.gated},        {"scans", tally.scans},
      {"pinned", tally.held},        {"processes", tally.processes},
      {"lua_calls", box->lua_calls}, {"late_ns", box->loop ? wio_loop_late_ns(box->loop) : 0},
  };
  lua_newtable(L);
  for (size_t i = 0; i < WIO_LENGTH(rows); i++) {
    lua_pushinteger(L, (lua_Integer)rows[i].value);
    lua_setfield(L, -2, rows[i].key);
  }
  lua_pushstring(L, wio_monitor_hears_births(box->monitor) ? "connector" : "scan");
  lua_setfield(L, -2, "births");
  return 1;
}

const luaL_Reg wio_monitor_question_methods[] = {{"pidfile", monitor_pidfile},
                                                 {"find", monitor_find},
                                                 {"describe", monitor_describe},
                                                 {"io", monitor_io},
                                                 {"reading", monitor_reading},
                                                 {"signal_launched", monitor_signal_launched},
                                                 {"launched_live", monitor_launched_live},
                                                 {"stats", monitor_stats},
                                                 {"count_forks", monitor_count_forks},
                                                 {"forks", monitor_forks},
                                                 {NULL, NULL}};
