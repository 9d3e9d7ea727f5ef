// SPDX-License-Identifier: MIT
// Lua's patterns: the matches, the faults, and that a long one can be stopped. That all is as in Lua's own library is
// specified against that one: spec/policy/strings_spec.lua.
#include "core/pattern.h"

#include "check.h"

#include <string.h>

static int questions;

static bool stop_at_the_third(void) { return ++questions == 3; }

// Where the match of `pattern` in `text` ends, "fault: …" or "none".
static const char *match(const char *text, const char *pattern) {
  static char out[128];
  wio_matcher m;
  wio_matcher_init(&m, text, strlen(text), pattern + strlen(pattern), NULL);
  const char *end = wio_pattern_match(&m, text, pattern);
  if (end) snprintf(out, sizeof out, "%td", end - text);
  else snprintf(out, sizeof out, "%s", wio_matcher_failed(&m) ? m.fault : "none");
  return out;
}

static void a_pattern_matches_or_is_at_fault(void) {
  static const struct {
    const char *text, *pattern, *wanted;
  } rows[] = {
      {"abc", "a", "1"},
      {"abc", "", "0"},
      {"abc", "b", "none"},
      {"aaab", "a*b", "4"},
      {"aaab", "a-b", "4"},
      {"aaab", "a?ab", "none"},
      {"x = 1;", "(%w+)%s*=%s*(%d)", "5"},
      {"(a(b)c)d", "%b()", "7"},
      {"THE (q", "%f[%a]%a+", "3"},
      {"abab", "(ab)%1", "4"},
      {"abc", "abc$", "3"},
      {"abcd", "abc$", "none"},
      {"]-", "[]-]+", "2"},
      {"a", "%", "malformed pattern (ends with '%')"},
      {"a", "[a", "malformed pattern (missing ']')"},
      {"(", "%b(", "malformed pattern (missing arguments to '%b')"},
      {"a", "%fa", "missing '[' after '%f' in pattern"},
      {"a", "a)", "invalid pattern capture"},
      {"a", "%1", "invalid capture index %1"},
  };
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    CHECK_TEXT(match(rows[i].text, rows[i].pattern), rows[i].wanted);
}

static void captures_are_told(void) {
  const char *text = "key=val", *pattern = "(%w+)=()(%w*)";
  wio_matcher m;
  wio_matcher_init(&m, text, 7, pattern + strlen(pattern), NULL);
  CHECK(wio_pattern_match(&m, text, pattern) == text + 7);
  CHECK_INT(m.level, 3);
  CHECK_INT(m.captures[0].length, 3);
  CHECK_INT(m.captures[1].length, WIO_CAPTURE_POSITION);
  CHECK(m.captures[1].start == text + 4);
  CHECK_INT(m.captures[2].length, 3);
}

static void what_would_take_longer_than_anybody_lives_is_stopped(void) {
  char text[64];
  const char *pattern = "a*a*a*a*a*a*a*a*a*a*a*a*b";
  memset(text, 'a', sizeof text);
  wio_matcher m;
  wio_matcher_init(&m, text, sizeof text, pattern + strlen(pattern), stop_at_the_third);
  CHECK(!wio_pattern_match(&m, text, pattern));
  CHECK(m.stopped && wio_matcher_failed(&m));
  CHECK_INT(questions, 3);
  CHECK(!*m.fault);
}

int main(void) {
  a_pattern_matches_or_is_at_fault();
  captures_are_told();
  what_would_take_longer_than_anybody_lives_is_stopped();
  return check_result();
}
