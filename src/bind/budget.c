// SPDX-License-Identifier: MIT
#include "bind/budget.h"

#include "core/units.h"
#include "engine/loop.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#define BUDGET "watchio.native.Budget"

// The hook runs each time after this many instructions, which take some 0.1 ms.
#define INSTRUCTIONS 10000

// Allocations may exceed the bound by one part in MARGIN. The policy is stopped between two of its own steps, and the
// library, which may run in between, must not fail.
#define MARGIN 4

typedef struct {
  uint64_t time_ns;                  // 0: any time
  size_t memory;                     // bytes that the whole Lua state may take, 0: any number
  char time[32], memory_message[96]; // as messages name them
  size_t library_length;
  char library[512]; // what the chunk names of the library's files begin with
} budget_box;

typedef enum { WITHIN, OVER_TIME, OVER_MEMORY } verdict;

typedef struct slice {
  const budget_box *budget;
  const char *subject; // what computes: "handler"
  uint64_t until_ns;   // on this thread's CPU clock: a thread that is stopped, or waits for a core, computes nothing
  size_t most;         // bytes; SIZE_MAX: any number
  verdict verdict;
  struct slice *previous;
} slice;

// Slices are nested as the calls are; there is one Lua state a thread.
static _Thread_local slice *current;

// ---- memory

// Stands in front of a Lua state's own allocator as long as the state lives, and counts its memory.
typedef struct {
  lua_Alloc allocate;
  void *data;
  size_t used;
} counted_heap;

static void *allocate_counted(void *data, void *old, size_t old_size, size_t size) {
  counted_heap *heap = data;
  size_t before = old ? old_size : 0; // without `old`, `old_size` is a type
  if (size > before && current && heap->used - before + size > current->most) return NULL;
  void *memory = heap->allocate(heap->data, old, old_size, size);
  if (memory || size == 0) heap->used += size - before;
  return memory;
}

// The state is closed: what is left is freed by its own allocator.
static int heap_gc(lua_State *L) {
  counted_heap *heap = *(counted_heap **)lua_touserdata(L, 1);
  if (!heap) return 0;
  lua_setallocf(L, heap->allocate, heap->data);
  free(heap);
  return 0;
}

static size_t lua_memory(lua_State *L) {
  return (size_t)lua_gc(L, LUA_GCCOUNT, 0) * 1024 + (size_t)lua_gc(L, LUA_GCCOUNTB, 0);
}

static void count_heap(lua_State *L) {
  static const char key;
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &key) != LUA_TNIL) {
    lua_pop(L, 1);
    return;
  }
  counted_heap **anchor = lua_newuserdatauv(L, sizeof *anchor, 0);
  *anchor = NULL;
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, heap_gc);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
  lua_pop(L, 1);
  counted_heap *heap = malloc(sizeof *heap);
  if (!heap) luaL_error(L, "not enough memory");
  heap->allocate = lua_getallocf(L, &heap->data);
  heap->used = lua_memory(L);
  *anchor = heap;
  lua_setallocf(L, allocate_counted, heap);
}

// ---- time

static bool is_late(const slice *running) {
  return running->budget->time_ns && wio_loop_computed() > running->until_ns;
}

// Whether the state is still too big after a full collection. After an allocation has failed, Lua 5.4.4 collects no
// more until it is told to begin again.
static bool is_too_big(lua_State *L, const slice *running) {
  size_t most = running->budget->memory;
  if (!most || lua_memory(L) <= most) return false;
  lua_gc(L, LUA_GCRESTART);
  lua_gc(L, LUA_GCCOLLECT);
  return lua_memory(L) > most;
}

static bool is_over(lua_State *L, slice *running) {
  if (!running) return false;
  if (running->verdict == WITHIN && is_late(running)) running->verdict = OVER_TIME;
  if (running->verdict == WITHIN && is_too_big(L, running)) running->verdict = OVER_MEMORY;
  return running->verdict != WITHIN;
}

static bool is_policys(lua_State *L, lua_Debug *frame, const budget_box *budget) {
  lua_getinfo(L, "S", frame);
  return strncmp(frame->source, budget->library, budget->library_length) != 0;
}

static int raise_verdict(lua_State *L, slice *over, int level) {
  over->most = SIZE_MAX; // the message takes memory, too
  luaL_where(L, level);
  if (over->verdict == OVER_MEMORY) lua_pushstring(L, over->budget->memory_message);
  else lua_pushfstring(L, "%s computed for more than %s without waiting (--budget)", over->subject, over->budget->time);
  lua_concat(L, 2);
  return lua_error(L);
}

static void on_count(lua_State *L, lua_Debug *frame) {
  bool over = is_over(L, current);
  int instructions = over ? 1 : INSTRUCTIONS;
  if (lua_gethookcount(L) != instructions) lua_sethook(L, on_count, LUA_MASKCOUNT, instructions);
  if (over && is_policys(L, frame, current->budget)) raise_verdict(L, current, 0);
}

bool wio_budget_is_over(void) {
  if (!current) return false;
  if (current->verdict == WITHIN && is_late(current)) current->verdict = OVER_TIME;
  return current->verdict != WITHIN;
}

int wio_budget_raise(lua_State *L) { return raise_verdict(L, current, 1); }

// ---- the userdata

static void check_text(lua_State *L, const char *key, char *out, size_t size) {
  size_t length;
  lua_getfield(L, 1, key);
  const char *text = luaL_optlstring(L, -1, "", &length);
  luaL_argcheck(L, length < size, 1, "a text is too long");
  memcpy(out, text, length + 1);
  lua_pop(L, 1);
}

static size_t check_amount(lua_State *L, const char *key) {
  lua_getfield(L, 1, key);
  lua_Integer amount = luaL_optinteger(L, -1, 0);
  luaL_argcheck(L, amount >= 0, 1, "a bound is negative");
  lua_pop(L, 1);
  return (size_t)amount;
}

static int new_budget(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  budget_box box = {.time_ns = check_amount(L, "time_ns"), .memory = check_amount(L, "memory")};
  wio_duration_format(box.time_ns, box.time, sizeof box.time);
  check_text(L, "memory_message", box.memory_message, sizeof box.memory_message);
  check_text(L, "library", box.library, sizeof box.library);
  box.library_length = strlen(box.library);
  if (box.memory) count_heap(L);
  budget_box *budget = lua_newuserdatauv(L, sizeof *budget, 0);
  *budget = box;
  luaL_setmetatable(L, BUDGET);
  return 1;
}

// Whether the slice that runs now is over its bounds.
static int budget_is_over(lua_State *L) {
  luaL_checkudata(L, 1, BUDGET);
  lua_pushboolean(L, is_over(L, current));
  return 1;
}

static int budget_cover(lua_State *L) {
  luaL_checkudata(L, 1, BUDGET);
  luaL_checktype(L, 2, LUA_TTHREAD);
  lua_State *thread = lua_tothread(L, 2);
  if (!lua_gethook(thread)) lua_sethook(thread, on_count, LUA_MASKCOUNT, INSTRUCTIONS); // a debugger's stays
  return 0;
}

// Runs a slice on the running thread. The hook is removed afterwards, unless there was one before.
static int budget_call(lua_State *L) {
  const budget_box *budget = luaL_checkudata(L, 1, BUDGET);
  size_t memory = budget->memory;
  slice running = {.budget = budget,
                   .subject = luaL_checkstring(L, 2),
                   .until_ns = wio_loop_computed() + budget->time_ns,
                   .most = memory ? memory + memory / MARGIN : SIZE_MAX,
                   .previous = current};
  luaL_checkany(L, 3);
  bool hooked = lua_gethook(L) != NULL; // a debugger's stays, too
  if (!hooked) lua_sethook(L, on_count, LUA_MASKCOUNT, INSTRUCTIONS);
  current = &running;
  int status = lua_pcall(L, lua_gettop(L) - 3, LUA_MULTRET, 0);
  current = running.previous;
  // The time of this slice does not count for the outer one.
  if (current) current->until_ns += wio_loop_computed() - (running.until_ns - budget->time_ns);
  if (!hooked) lua_sethook(L, NULL, 0, 0);
  return status == LUA_OK ? lua_gettop(L) - 2 : lua_error(L);
}

void wio_budget_register(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"cover", budget_cover}, {"call", budget_call}, {"is_over", budget_is_over}, {NULL, NULL}};
  luaL_newmetatable(L, BUDGET);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  lua_pushcfunction(L, new_budget);
}
