// SPDX-License-Identifier: MIT
#include "core/pidfile.h"

#include <ctype.h>
#include <string.h>

// Reads a number at `*at` and moves behind it. False where there is no digit or the number is more than `most`.
static bool parse_number(const char **at, const char *end, uint64_t most, uint64_t *out) {
  const char *start = *at;
  uint64_t value = 0;
  for (; *at < end && **at >= '0' && **at <= '9'; (*at)++) {
    uint64_t digit = (uint64_t)(**at - '0');
    if (value > (most - digit) / 10) return false;
    value = value * 10 + digit;
  }
  *out = value;
  return *at > start;
}

bool wio_pidfile_parse(const char *text, size_t length, bool whole, pid_t *out) {
  const char *at = text, *end = text + length;
  uint64_t pid;
  while (at < end && isspace((unsigned char)*at)) at++;
  if (!parse_number(&at, end, INT32_MAX, &pid) || pid == 0) return false;
  if (at == end ? !whole : !isspace((unsigned char)*at) && *at != '\0') return false;
  *out = (pid_t)pid;
  return true;
}

const char *wio_pidfile_fault(const wio_pidfile *file, uint64_t started_ns, uid_t uid, bool once) {
  if (file->disputed) return "others can put another file in its place";
  if (started_ns > file->written_ns && !(file->of_this_boot && once)) return "it started after the file was written";
  return file->trusted || file->owner == uid ? NULL
                                             : "it belongs to another user than the file, its folder or a link to it";
}

// Parses the number behind a key. False also when the text ends with the number, which may be cut there.
static bool parse_line(const char *text, size_t length, const char *key, uint64_t most, uint64_t *out) {
  const char *at = memmem(text, length, key, strlen(key)), *end = text + length;
  if (!at) return false;
  at += strlen(key);
  return parse_number(&at, end, most, out) && at < end;
}

bool wio_boot_time_parse(const char *text, size_t length, uint64_t *out) {
  return parse_line(text, length, "\nbtime ", UINT32_MAX, out);
}

bool wio_births_parse(const char *text, size_t length, uint64_t *out) {
  return parse_line(text, length, "\nprocesses ", UINT64_MAX / 2, out);
}
