// SPDX-License-Identifier: MIT
// pattern: Lua's patterns, matched so that a long match can be stopped: a pattern with many repetitions can take longer
// than anybody lives.
//
// The results are those of Lua's own string library, errors included (Lua's manual, section 6.4.1). Lua's own matcher
// cannot be stopped.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define WIO_CAPTURES_MAX 32

// The `length` of a capture that is a position, and of a capture that is not closed yet.
#define WIO_CAPTURE_POSITION (-2)
#define WIO_CAPTURE_OPEN (-1)

typedef struct {
  const char *start;
  ptrdiff_t length;
} wio_capture;

typedef struct {
  const char *text, *text_end, *pattern_end; // borrowed
  bool (*stop)(void);                        // asked now and then whether to give up; NULL: never
  unsigned long steps;                       // the steps taken so far, over all matches
  int depth, level;
  wio_capture captures[WIO_CAPTURES_MAX]; // `level` of them, after a match
  bool stopped;                           // `stop` told the matcher to give up
  char fault[64];                         // the fault of the pattern; empty while none was found
} wio_matcher;

// Prepares a matcher for a text and a pattern; both stay the caller's, and must live as long as the matcher is used.
// The caller takes off the '^' of an anchored pattern.
void wio_matcher_init(wio_matcher *matcher, const char *text, size_t length, const char *pattern_end,
                      bool (*stop)(void));

// Matches the pattern (up to the `pattern_end` of wio_matcher_init) at exactly `from`. Returns the end of the match;
// NULL when there is none, when it was stopped, or when the pattern is at fault.
const char *wio_pattern_match(wio_matcher *matcher, const char *from, const char *pattern);

// Whether the match was stopped or the pattern is at fault: then no other place needs to be tried.
bool wio_matcher_failed(const wio_matcher *matcher);
