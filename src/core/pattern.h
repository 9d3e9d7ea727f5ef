// SPDX-License-Identifier: MIT
// pattern: Lua's patterns, matched so that a long match can be stopped: with many repetitions it can take longer than
// anybody lives.
//
// The results are those of Lua's own string library, errors included (Lua's manual, section 6.4.1); only that one
// cannot be stopped.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define WIO_CAPTURES_MAX 32

// The length of a capture that is a position, and of one that is not closed.
#define WIO_CAPTURE_POSITION (-2)
#define WIO_CAPTURE_OPEN (-1)

typedef struct {
  const char *start;
  ptrdiff_t length;
} wio_capture;

typedef struct {
  const char *text, *text_end, *pattern_end; // borrowed
  bool (*stop)(void);                        // asked now and then whether to give up; NULL: never
  unsigned long steps;                       // taken so far, over all matches
  int depth, level;
  wio_capture captures[WIO_CAPTURES_MAX]; // `level` of them, after a match
  bool stopped;                           // it was told to give up
  char fault[64];                         // what is wrong with the pattern; empty while nothing is
} wio_matcher;

// Begins to match in a text, which stays the caller's, as the pattern. Whether that is anchored is the caller's to look
// at.
void wio_matcher_init(wio_matcher *matcher, const char *text, size_t length, const char *pattern_end,
                      bool (*stop)(void));

// Matches a pattern, which ends where `pattern_end` says, from exactly `from` on; returns where the match ends. NULL:
// there is none, or it was stopped, or the pattern is at fault.
const char *wio_pattern_match(wio_matcher *matcher, const char *from, const char *pattern);

// Whether it was stopped or is at fault: no other place needs to be tried.
bool wio_matcher_failed(const wio_matcher *matcher);
