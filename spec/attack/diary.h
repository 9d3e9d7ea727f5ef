// SPDX-License-Identifier: MIT
// diary: when a hostile process was busy, in memory that it shares with nobody but its relatives, so that keeping it is
// no activity that a watcher could see.
#pragma once

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

enum { DIARY_SPANS = 4096 };

typedef struct {
  _Atomic int64_t from_ns, to_ns; // of CLOCK_MONOTONIC; 0: not begun, not ended
} span;

typedef struct {
  _Atomic int count;
  _Atomic int watched; // the watchers are there
  _Atomic int port;    // where it serves, 0 before
  _Atomic pid_t pid, thread;
  span spans[DIARY_SPANS];
} diary;

// As many empty diaries, which live as long as a process that has them.
diary *diary_new(int count);

int64_t now_ns(void);

// Writes down that something begins now; returns its number for diary_end.
int diary_begin(diary *own);
void diary_end(diary *own, int number);

// Writes `busy INDEX FROM TO` for each span.
void diary_tell(const diary *own, int index);
