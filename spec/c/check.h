// SPDX-License-Identifier: MIT
// check: what the C tests share. A failed check prints its place and is counted; main returns check_result().
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int checks_failed;

#define CHECK(condition) check_that((condition), #condition, __FILE__, __LINE__)
#define CHECK_INT(got, want) check_int((long long)(got), (long long)(want), #got, __FILE__, __LINE__)
#define CHECK_TEXT(got, want) check_text((got), (want), #got, __FILE__, __LINE__)

static inline bool check_that(bool holds, const char *text, const char *file, int line) {
  if (holds) return true;
  checks_failed++;
  fprintf(stderr, "%s:%d: %s does not hold\n", file, line, text);
  return false;
}

static inline bool check_int(long long got, long long want, const char *text, const char *file, int line) {
  if (got == want) return true;
  checks_failed++;
  fprintf(stderr, "%s:%d: %s is %lld, want %lld\n", file, line, text, got, want);
  return false;
}

static inline bool check_text(const char *got, const char *want, const char *text, const char *file, int line) {
  if (strcmp(got, want) == 0) return true;
  checks_failed++;
  fprintf(stderr, "%s:%d: %s is \"%s\", want \"%s\"\n", file, line, text, got, want);
  return false;
}

static inline int check_result(void) { return checks_failed ? 1 : 0; }
