// SPDX-License-Identifier: MIT
#include "core/pattern.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

// As deep as Lua's own matcher goes.
#define MOST_DEPTH 200

// This many steps take well under a millisecond.
#define STEPS_BETWEEN_QUESTIONS (1 << 14)

#define ESCAPE '%'

static unsigned char byte(char c) { return (unsigned char)c; }

// A text is read as if a NUL stood behind it, as behind every string of Lua.
static char peek(const char *at, const char *end) { return at < end ? *at : '\0'; }

static const char *fault(wio_matcher *m, const char *message) {
  if (!*m->fault) snprintf(m->fault, sizeof m->fault, "%s", message);
  return NULL;
}

bool wio_matcher_failed(const wio_matcher *matcher) { return matcher->stopped || *matcher->fault; }

static bool goes_on(wio_matcher *m) {
  if (++m->steps % STEPS_BETWEEN_QUESTIONS == 0 && m->stop && m->stop()) m->stopped = true;
  return !m->stopped;
}

// ---- one character

static bool in_class(unsigned char c, unsigned char letter) {
  static int (*const classes[UCHAR_MAX + 1])(int) = {
      ['a'] = isalpha, ['c'] = iscntrl, ['d'] = isdigit, ['g'] = isgraph, ['l'] = islower,
      ['p'] = ispunct, ['s'] = isspace, ['u'] = isupper, ['w'] = isalnum, ['x'] = isxdigit};
  unsigned char lower = (unsigned char)tolower(letter);
  if (!classes[lower] && lower != 'z') return letter == c;
  bool holds = lower == 'z' ? c == '\0' : classes[lower](c) != 0;
  return isupper(letter) ? !holds : holds;
}

// `set` is at its '[', `last` at its ']'.
static bool in_set(unsigned char c, const char *set, const char *last) {
  bool inside = set[1] != '^';
  const char *p = set + (inside ? 1 : 2);
  for (; p < last; p++) {
    if (*p == ESCAPE) {
      if (in_class(c, byte(*++p))) return inside;
    } else if (p[1] == '-' && p + 2 < last) {
      if (byte(p[0]) <= c && c <= byte(p[2])) return inside;
      p += 2;
    } else if (byte(*p) == c) return inside;
  }
  return !inside;
}

// Returns the end of the single character class that begins at `p`.
static const char *class_end(wio_matcher *m, const char *p) {
  const char *end = m->pattern_end;
  char first = *p++;
  if (first == ESCAPE) return p < end ? p + 1 : fault(m, "malformed pattern (ends with '%')");
  if (first != '[') return p;
  if (peek(p, end) == '^') p++;
  do { // a ']' that comes first is not the end
    if (p == end) return fault(m, "malformed pattern (missing ']')");
    if (*p++ == ESCAPE && p < end) p++;
  } while (peek(p, end) != ']');
  return p + 1;
}

static bool fits(wio_matcher *m, const char *s, const char *p, const char *end) {
  if (s >= m->text_end || !goes_on(m)) return false;
  switch (*p) {
    case '.': return true;
    case ESCAPE: return in_class(byte(*s), byte(p[1]));
    case '[': return in_set(byte(*s), p, end - 1);
    default: return *p == *s;
  }
}

// ---- what follows

static const char *match(wio_matcher *m, const char *s, const char *p);

// Tries as many repetitions as there are, then ever fewer.
static const char *expand_most(wio_matcher *m, const char *s, const char *p, const char *end) {
  const char *last = s;
  while (fits(m, last, p, end)) last++;
  for (; last >= s && !wio_matcher_failed(m); last--) {
    const char *found = match(m, last, end + 1);
    if (found) return found;
  }
  return NULL;
}

static const char *expand_least(wio_matcher *m, const char *s, const char *p, const char *end) {
  for (;; s++) {
    const char *found = match(m, s, end + 1);
    if (found || wio_matcher_failed(m) || !fits(m, s, p, end)) return found;
  }
}

static const char *open_capture(wio_matcher *m, const char *s, const char *p, ptrdiff_t length) {
  if (m->level == WIO_CAPTURES_MAX) return fault(m, "too many captures");
  m->captures[m->level++] = (wio_capture){s, length};
  const char *found = match(m, s, p);
  if (!found) m->level--;
  return found;
}

static const char *close_capture(wio_matcher *m, const char *s, const char *p) {
  int i = m->level - 1;
  while (i >= 0 && m->captures[i].length != WIO_CAPTURE_OPEN) i--;
  if (i < 0) return fault(m, "invalid pattern capture");
  m->captures[i].length = s - m->captures[i].start;
  const char *found = match(m, s, p);
  if (!found) m->captures[i].length = WIO_CAPTURE_OPEN;
  return found;
}

// Matches the text of an earlier capture once more.
static const char *match_again(wio_matcher *m, const char *s, char digit) {
  int i = digit - '1';
  if (i < 0 || i >= m->level || m->captures[i].length == WIO_CAPTURE_OPEN) {
    char message[sizeof m->fault];
    snprintf(message, sizeof message, "invalid capture index %%%d", i + 1);
    return fault(m, message);
  }
  ptrdiff_t length = m->captures[i].length;
  if (length == WIO_CAPTURE_POSITION || m->text_end - s < length) return NULL;
  return memcmp(m->captures[i].start, s, (size_t)length) == 0 ? s + length : NULL;
}

// %b: matches from an opening character to the closing one that belongs to it; `p` points to the two.
static const char *match_balance(wio_matcher *m, const char *s, const char *p) {
  if (p >= m->pattern_end - 1) return fault(m, "malformed pattern (missing arguments to '%b')");
  if (peek(s, m->text_end) != *p) return NULL;
  int open = 1;
  while (++s < m->text_end && goes_on(m)) {
    if (*s == p[1]) {
      if (--open == 0) return s + 1;
    } else if (*s == p[0]) open++;
  }
  return NULL;
}

// %f: whether the set begins to hold at `s`; `p` is at the set.
static bool is_frontier(const wio_matcher *m, const char *s, const char *p, const char *end) {
  char before = s == m->text ? '\0' : s[-1];
  return !in_set(byte(before), p, end - 1) && in_set(byte(peek(s, m->text_end)), p, end - 1);
}

// Matches one item that cannot be repeated: %b, %f or an earlier capture. Moves `*s` and `*p` on; false when the item
// does not match.
static bool match_special(wio_matcher *m, const char **s, const char **p) {
  char letter = (*p)[1];
  const char *next = *p + 2;
  if (letter == 'f') {
    const char *end = NULL;
    if (peek(next, m->pattern_end) != '[') fault(m, "missing '[' after '%f' in pattern");
    else end = class_end(m, next);
    if (!end || !is_frontier(m, *s, next, end)) return false;
    *p = end;
    return true;
  }
  *s = letter == 'b' ? match_balance(m, *s, next) : match_again(m, *s, letter);
  *p = letter == 'b' ? next + 2 : next;
  return *s != NULL;
}

static bool is_special(const wio_matcher *m, const char *p) {
  char letter = *p == ESCAPE ? peek(p + 1, m->pattern_end) : '\0';
  return letter == 'b' || letter == 'f' || isdigit(byte(letter));
}

static bool is_optional(char suffix) { return suffix == '*' || suffix == '?' || suffix == '-'; }

// Matches the items from `p` on, up to the first item for which several repetitions have to be tried.
static const char *match_items(wio_matcher *m, const char *s, const char *p) {
  while (p < m->pattern_end && goes_on(m)) {
    if (*p == '(')
      return peek(p + 1, m->pattern_end) == ')' ? open_capture(m, s, p + 2, WIO_CAPTURE_POSITION)
                                                : open_capture(m, s, p + 1, WIO_CAPTURE_OPEN);
    if (*p == ')') return close_capture(m, s, p + 1);
    if (*p == '$' && p + 1 == m->pattern_end) return s == m->text_end ? s : NULL;
    if (is_special(m, p)) {
      if (!match_special(m, &s, &p)) return NULL;
      continue;
    }
    const char *end = class_end(m, p), *found;
    if (!end) return NULL;
    char suffix = peek(end, m->pattern_end);
    if (!fits(m, s, p, end)) {
      if (!is_optional(suffix)) return NULL;
    } else if (suffix == '*' || suffix == '+') return expand_most(m, suffix == '+' ? s + 1 : s, p, end);
    else if (suffix == '-') return expand_least(m, s, p, end);
    else if (suffix != '?') s++;
    else if ((found = match(m, s + 1, end + 1)) || wio_matcher_failed(m)) return found;
    p = is_optional(suffix) ? end + 1 : end;
  }
  return m->stopped ? NULL : s;
}

static const char *match(wio_matcher *m, const char *s, const char *p) {
  if (m->depth == MOST_DEPTH) return fault(m, "pattern too complex");
  m->depth++;
  const char *found = match_items(m, s, p);
  m->depth--;
  return found;
}

void wio_matcher_init(wio_matcher *matcher, const char *text, size_t length, const char *pattern_end,
                      bool (*stop)(void)) {
  // All but the captures: none of them holds before a match.
  matcher->text = text;
  matcher->text_end = text + length;
  matcher->pattern_end = pattern_end;
  matcher->stop = stop;
  matcher->steps = 0;
  matcher->stopped = false;
  matcher->fault[0] = '\0';
}

const char *wio_pattern_match(wio_matcher *matcher, const char *from, const char *pattern) {
  matcher->level = matcher->depth = 0;
  return match(matcher, from, pattern);
}
