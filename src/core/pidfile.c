#include "core/pidfile.h"

#include <ctype.h>
#include <string.h>

// Reads a number at `*at` and moves behind it. False where no digit stands or it is more than `most`.
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

bool wio_pidfile_parse(const char *text, size_t length, pid_t *out) {
  const char *at = text, *end = text + length;
  uint64_t pid;
  while (at < end && isspace((unsigned char)*at)) at++;
  if (!parse_number(&at, end, INT32_MAX, &pid) || pid == 0) return false;
  if (at < end && !isspace((unsigned char)*at) && *at != '\0') return false;
  *out = (pid_t)pid;
  return true;
}

const char *wio_pidfile_fault(const wio_pidfile *file, uint64_t started_ns, uid_t uid) {
  if (started_ns > file->written_ns) return "it started after the file was written";
  return file->trusted || file->owner == uid ? NULL : "it is not the process of the file's owner";
}

bool wio_boot_time_parse(const char *text, size_t length, uint64_t *out) {
  static const char key[] = "\nbtime ";
  const char *at = memmem(text, length, key, sizeof key - 1), *end = text + length;
  if (!at) return false;
  at += sizeof key - 1;
  // Without what follows the number may be cut.
  return parse_number(&at, end, UINT32_MAX, out) && at < end;
}
