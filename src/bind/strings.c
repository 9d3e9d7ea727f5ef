// SPDX-License-Identifier: MIT
// The four functions of Lua's string library that match patterns. They do the same, but a slice of a budget can end
// while they match.
#include "bind/bind.h"
#include "bind/budget.h"
#include "core/pattern.h"

#include <lauxlib.h>
#include <string.h>

#define SPECIALS "^$*+?.([%-"

// Text and pattern of a call, both its own arguments.
typedef struct {
  const char *text, *pattern;
  size_t length, pattern_length;
  wio_matcher matcher;
} matching;

static matching check_matching(lua_State *L) {
  matching m;
  m.text = luaL_checklstring(L, 1, &m.length);
  m.pattern = luaL_checklstring(L, 2, &m.pattern_length);
  wio_matcher_init(&m.matcher, m.text, m.length, m.pattern + m.pattern_length, wio_budget_is_over);
  return m;
}

static const char *match_at(lua_State *L, wio_matcher *matcher, const char *from, const char *pattern) {
  const char *end = wio_pattern_match(matcher, from, pattern);
  if (end || !wio_matcher_failed(matcher)) return end;
  if (matcher->stopped) wio_budget_raise(L);
  luaL_error(L, "%s", matcher->fault);
  return NULL;
}

// Pushes a capture; the whole match where the pattern has none at all.
static void push_capture(lua_State *L, const wio_matcher *matcher, int i, const char *from, const char *end) {
  if (i >= matcher->level) {
    if (i != 0) luaL_error(L, "invalid capture index %%%d", i + 1);
    lua_pushlstring(L, from, (size_t)(end - from));
    return;
  }
  const wio_capture *capture = &matcher->captures[i];
  if (capture->length == WIO_CAPTURE_OPEN) luaL_error(L, "unfinished capture");
  if (capture->length == WIO_CAPTURE_POSITION) lua_pushinteger(L, capture->start - matcher->text + 1);
  else lua_pushlstring(L, capture->start, (size_t)capture->length);
}

// Pushes all captures, or the whole match where there are none and it is `wanted`; returns how many.
static int push_captures(lua_State *L, const wio_matcher *matcher, const char *from, const char *end, bool wanted) {
  int count = matcher->level == 0 && wanted ? 1 : matcher->level;
  luaL_checkstack(L, count, "too many captures");
  for (int i = 0; i < count; i++) push_capture(L, matcher, i, from, end);
  return count;
}

// The start that argument `index` gives, counted from 0; more than `length` when it is behind the end.
static size_t check_start(lua_State *L, int index, size_t length) {
  lua_Integer at = luaL_optinteger(L, index, 1);
  if (at > 0) return (size_t)at - 1;
  return at == 0 || at < -(lua_Integer)length ? 0 : length - (size_t)-at;
}

static bool is_plain(const char *pattern, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (pattern[i] && strchr(SPECIALS, pattern[i])) return false;
  return true;
}

static int find_plain(lua_State *L, const matching *m, size_t start) {
  const char *found = memmem(m->text + start, m->length - start, m->pattern, m->pattern_length);
  if (!found) {
    luaL_pushfail(L);
    return 1;
  }
  lua_pushinteger(L, found - m->text + 1);
  lua_pushinteger(L, found - m->text + (lua_Integer)m->pattern_length);
  return 2;
}

static int match_first(lua_State *L, matching *m, size_t start, bool tells_place) {
  const char *pattern = m->pattern, *end;
  bool anchored = *pattern == '^';
  for (const char *from = m->text + start; from <= m->text + m->length; from++) {
    if ((end = match_at(L, &m->matcher, from, pattern + anchored))) {
      if (!tells_place) return push_captures(L, &m->matcher, from, end, true);
      lua_pushinteger(L, from - m->text + 1);
      lua_pushinteger(L, end - m->text);
      return push_captures(L, &m->matcher, from, end, false) + 2;
    }
    if (anchored) break;
  }
  luaL_pushfail(L);
  return 1;
}

static int first(lua_State *L, bool tells_place) {
  matching m = check_matching(L);
  size_t start = check_start(L, 3, m.length);
  if (start > m.length) {
    luaL_pushfail(L);
    return 1;
  }
  if (tells_place && (lua_toboolean(L, 4) || is_plain(m.pattern, m.pattern_length))) return find_plain(L, &m, start);
  return match_first(L, &m, start, tells_place);
}

static int string_find(lua_State *L) { return first(L, true); }

static int string_match(lua_State *L) { return first(L, false); }

// ---- gmatch

typedef struct {
  matching m;
  const char *from, *last; // `last`: where the latest match has ended
} walk;

// Upvalues: text, pattern, the walk.
static int gmatch_next(lua_State *L) {
  walk *w = lua_touserdata(L, lua_upvalueindex(3));
  w->m.matcher.steps = 0;
  for (; w->from <= w->m.text + w->m.length; w->from++) {
    const char *from = w->from, *end = match_at(L, &w->m.matcher, from, w->m.pattern);
    if (!end || end == w->last) continue;
    w->from = w->last = end;
    return push_captures(L, &w->m.matcher, from, end, true);
  }
  return 0;
}

static int string_gmatch(lua_State *L) {
  matching m = check_matching(L);
  size_t start = check_start(L, 3, m.length);
  lua_settop(L, 2);
  walk *w = lua_newuserdatauv(L, sizeof *w, 0);
  *w = (walk){.m = m, .from = m.text + (start > m.length ? m.length + 1 : start)};
  lua_pushcclosure(L, gmatch_next, 3);
  return 1;
}

// ---- gsub

// Adds the replacement text of argument 3, with its captures.
static void add_text(lua_State *L, luaL_Buffer *out, const wio_matcher *matcher, const char *from, const char *end) {
  size_t length;
  const char *text = lua_tolstring(L, 3, &length), *text_end = text + length, *escape;
  for (; (escape = memchr(text, '%', (size_t)(text_end - text))); text = escape + 2) {
    luaL_addlstring(out, text, (size_t)(escape - text));
    char what = escape + 1 < text_end ? escape[1] : '\0';
    if (what == '%') luaL_addchar(out, '%');
    else if (what == '0') luaL_addlstring(out, from, (size_t)(end - from));
    else if (what >= '1' && what <= '9') {
      push_capture(L, matcher, what - '1', from, end);
      luaL_tolstring(L, -1, NULL); // a position
      lua_remove(L, -2);
      luaL_addvalue(out);
    } else luaL_error(L, "invalid use of '%%' in replacement string");
  }
  luaL_addlstring(out, text, (size_t)(text_end - text));
}

// Adds the replacement of a match. Returns whether it differs from the match itself.
static bool add_replacement(lua_State *L, luaL_Buffer *out, const wio_matcher *matcher, const char *from,
                            const char *end) {
  int type = lua_type(L, 3);
  if (type == LUA_TSTRING || type == LUA_TNUMBER) {
    add_text(L, out, matcher, from, end);
    return true;
  }
  if (type == LUA_TTABLE) {
    push_capture(L, matcher, 0, from, end);
    lua_gettable(L, 3);
  } else {
    lua_pushvalue(L, 3);
    lua_call(L, push_captures(L, matcher, from, end, true), 1);
  }
  if (lua_toboolean(L, -1)) {
    if (!lua_isstring(L, -1)) luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
    luaL_addvalue(out);
    return true;
  }
  lua_pop(L, 1);
  luaL_addlstring(out, from, (size_t)(end - from));
  return false;
}

static void check_replacement(lua_State *L) {
  int type = lua_type(L, 3);
  bool fits = type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TTABLE || type == LUA_TFUNCTION;
  luaL_argexpected(L, fits, 3, "string/function/table");
}

static int string_gsub(lua_State *L) {
  matching m = check_matching(L);
  check_replacement(L);
  lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)m.length + 1), count = 0;
  const char *from = m.text, *last = NULL, *text_end = m.text + m.length, *pattern = m.pattern;
  bool anchored = *pattern == '^', changed = false;
  luaL_Buffer out;
  luaL_buffinit(L, &out);
  while (count < most) {
    const char *end = match_at(L, &m.matcher, from, pattern + anchored);
    if (end && end != last) {
      count++;
      changed = add_replacement(L, &out, &m.matcher, from, end) || changed;
      from = last = end;
    } else if (from < text_end) luaL_addchar(&out, *from++);
    else break;
    if (anchored) break;
  }
  if (changed) luaL_addlstring(&out, from, (size_t)(text_end - from));
  if (changed) luaL_pushresult(&out);
  else lua_pushvalue(L, 1);
  lua_pushinteger(L, count);
  return 2;
}

void wio_strings_push(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"find", string_find}, {"match", string_match}, {"gmatch", string_gmatch}, {"gsub", string_gsub}, {NULL, NULL}};
  luaL_newlib(L, functions);
}
