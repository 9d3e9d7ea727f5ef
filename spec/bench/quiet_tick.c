// SPDX-License-Identifier: MIT
// A quiet tick makes no allocation and no Lua call: `quiet_tick POLICY EVERY_MS TICKS [STRETCHES]`
// runs a policy text that samples every EVERY_MS, lets it settle, and counts over TICKS ticks. It
// prints what it counted and the CPU time of a tick in ns, and ends with status 1 when anything was
// allocated or called in each of so many STRETCHES, or nothing was watched.
#include "program.h"

#include <inttypes.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <luv/luv.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <uv.h>

// ---- the counting allocators

static uint64_t allocations, lua_allocations;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);

// Defined here, these stand before the C library's for all of the program and its libraries.
void *malloc(size_t size) {
  allocations++;
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  allocations++;
  return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
  allocations++;
  return __libc_realloc(block, size);
}

static void *count_lua(void *data, void *block, size_t old_size, size_t size) {
  (void)data, (void)old_size;
  if (size == 0) {
    free(block);
    return NULL;
  }
  lua_allocations++;
  return __libc_realloc(block, size);
}

// ---- the run

typedef struct {
  uint64_t ticks, allocations, lua_allocations, lua_calls, processes, cpu_ns;
} counts;

// What is born elsewhere on the machine can make a list grow, once; so a count that is not clean is made again.
enum { SETTLING_MS = 2000, STRETCHES = 3 };

static const char LOAD_POLICY[] = "local session = require('watchio.watch.session').new()\n"
                                  "local verbs = require('watchio.policy.language').bind(session)\n"
                                  "assert(load(..., '=policy', 't', setmetatable(verbs, { __index = _G })))()\n"
                                  "return function()\n"
                                  "  local stats = session.monitor:stats()\n"
                                  "  return stats.ticks, stats.lua_calls, stats.processes\n"
                                  "end\n";

static void fail(lua_State *L) {
  fprintf(stderr, "quiet_tick: %s\n", lua_tostring(L, -1));
  exit(2);
}

// Leaves the function that tells what the monitor has done on the stack.
static void load_policy(lua_State *L, const char *policy) {
  if (luaL_loadstring(L, LOAD_POLICY) != LUA_OK) fail(L);
  lua_pushstring(L, policy);
  if (lua_pcall(L, 1, 1, 0) != LUA_OK) fail(L);
}

static void ask_monitor(lua_State *L, counts *out) {
  lua_pushvalue(L, -1);
  if (lua_pcall(L, 0, 3, 0) != LUA_OK) fail(L);
  out->ticks = (uint64_t)lua_tointeger(L, -3);
  out->lua_calls = (uint64_t)lua_tointeger(L, -2);
  out->processes = (uint64_t)lua_tointeger(L, -1);
  lua_pop(L, 3);
}

static void run_for(uv_loop_t *loop, uint64_t ms) {
  for (uint64_t end_ns = uv_hrtime() + ms * 1000000; uv_hrtime() < end_ns;) uv_run(loop, UV_RUN_ONCE);
}

static uint64_t cpu_ns(void) {
  struct timespec used;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
}

// Counts over a stretch of the loop; the questions before and after are left out.
static counts count_for(lua_State *L, uv_loop_t *loop, uint64_t ms) {
  counts before, after;
  ask_monitor(L, &before);
  before.allocations = allocations, before.lua_allocations = lua_allocations, before.cpu_ns = cpu_ns();
  run_for(loop, ms);
  after.allocations = allocations, after.lua_allocations = lua_allocations, after.cpu_ns = cpu_ns();
  ask_monitor(L, &after);
  return (counts){.ticks = after.ticks - before.ticks,
                  .allocations = after.allocations - before.allocations,
                  .lua_allocations = after.lua_allocations - before.lua_allocations,
                  .lua_calls = after.lua_calls - before.lua_calls,
                  .processes = after.processes,
                  .cpu_ns = after.cpu_ns - before.cpu_ns};
}

static bool is_quiet(const counts *it) {
  return it->allocations == 0 && it->lua_allocations == 0 && it->lua_calls == 0 && it->processes > 0;
}

int main(int argc, char **argv) {
  uint64_t every_ms = argc == 4 || argc == 5 ? (uint64_t)atoi(argv[2]) : 0;
  if (!every_ms) return fputs("usage: quiet_tick POLICY EVERY_MS TICKS [STRETCHES]\n", stderr), 2;
  int stretches = argc == 5 ? atoi(argv[4]) : STRETCHES;
  lua_State *L = lua_newstate(count_lua, NULL);
  wio_open_libraries(L);
  load_policy(L, argv[1]);
  run_for(luv_loop(L), SETTLING_MS);
  counts seen = {0};
  for (int i = 0; i < stretches && !is_quiet(&seen); i++)
    seen = count_for(L, luv_loop(L), every_ms * (uint64_t)atoi(argv[3]));
  printf("processes=%" PRIu64 " ticks=%" PRIu64 " allocations=%" PRIu64 " lua_allocations=%" PRIu64
         " lua_calls=%" PRIu64 " cpu_ns=%" PRIu64 "\n",
         seen.processes, seen.ticks, seen.allocations, seen.lua_allocations, seen.lua_calls,
         seen.cpu_ns / (seen.ticks ? seen.ticks : 1));
  return !is_quiet(&seen) || seen.ticks < (uint64_t)atoi(argv[3]) - 1;
}
