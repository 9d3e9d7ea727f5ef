// SPDX-License-Identifier: MIT
#include "core/units.h"

#include "core/array.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

typedef struct {
  const char *name;
  uint64_t ns;
} duration_unit;

// From large to small: the order in which a duration names them.
static const duration_unit duration_units[] = {
    {"d", UINT64_C(86400) * WIO_NS_PER_SECOND}, {"h", UINT64_C(3600) * WIO_NS_PER_SECOND},
    {"m", UINT64_C(60) * WIO_NS_PER_SECOND},    {"s", WIO_NS_PER_SECOND},
    {"ms", WIO_NS_PER_SECOND / 1000},
};

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Reads digits with at most one decimal point. strtod would also take "0x1p3", "nan" and the locale's comma.
static const char *parse_decimal(const char *at, const char *end, double *value) {
  double sum = 0, weight = 1;
  bool digits = false, point = false;
  for (; at < end && (is_digit(*at) || (*at == '.' && !point)); at++) {
    if (*at == '.') {
      point = true;
      continue;
    }
    digits = true;
    sum = sum * 10 + (*at - '0');
    if (point) weight *= 10;
  }
  *value = sum / weight;
  return digits ? at : NULL;
}

// Finds the unit at `at`, among those from number `first` on, which are smaller than the unit before. The unit must be
// all the letters there.
static size_t find_unit(const char *at, const char *end, size_t first) {
  size_t length = 0;
  while (at + length < end && at[length] >= 'a' && at[length] <= 'z') length++;
  for (size_t i = first; i < WIO_LENGTH(duration_units); i++)
    if (strlen(duration_units[i].name) == length && memcmp(at, duration_units[i].name, length) == 0) return i;
  return WIO_LENGTH(duration_units);
}

int wio_duration_parse(const char *text, size_t length, uint64_t *out_ns) {
  const char *at = text, *end = text + length;
  double total = 0;
  for (size_t next_unit = 0; at < end || at == text;) {
    double value;
    const char *after = parse_decimal(at, end, &value);
    if (!after) return -EINVAL;
    bool bare = at == text && after == end;
    size_t unit = bare ? 3 : find_unit(after, end, next_unit);
    if (unit == WIO_LENGTH(duration_units)) return -EINVAL;
    total += value * (double)duration_units[unit].ns;
    at = bare ? end : after + strlen(duration_units[unit].name);
    next_unit = unit + 1;
  }
  if (total > (double)WIO_DURATION_MAX_NS) return -ERANGE;
  *out_ns = (uint64_t)llround(total);
  return 0;
}

typedef struct {
  const char *name;
  double bytes;
} size_unit;

static const size_unit size_units[] = {
    {"B", 1},     {"kB", 1e3},     {"KB", 1e3},     {"MB", 1e6},     {"GB", 1e9},
    {"TB", 1e12}, {"KiB", 0x1p10}, {"MiB", 0x1p20}, {"GiB", 0x1p30}, {"TiB", 0x1p40},
};

// One blank may stand between a number and its unit, as in the texts that are printed.
static const char *skip_blank(const char *at, const char *end) { return at + 1 < end && *at == ' ' ? at + 1 : at; }

// Returns the bytes of the unit `text`; 0 when there is no such unit.
static double size_unit_of(const char *text, size_t length) {
  for (size_t i = 0; i < WIO_LENGTH(size_units); i++)
    if (strlen(size_units[i].name) == length && memcmp(text, size_units[i].name, length) == 0)
      return size_units[i].bytes;
  return 0;
}

int wio_bytes_parse(const char *text, size_t length, double *out) {
  double value;
  const char *unit = parse_decimal(text, text + length, &value);
  if (unit) unit = skip_blank(unit, text + length);
  double bytes = unit ? size_unit_of(unit, (size_t)(text + length - unit)) : 0;
  if (bytes == 0) return -EINVAL;
  *out = value * bytes;
  return 0;
}

// Parses the number before the slash, and the time behind the slash. The unit between them lies from `*unit` to
// `*unit_end`.
static int parse_rate(const char *text, size_t length, double *value, const char **unit, const char **unit_end) {
  const char *end = text + length, *slash = memchr(text, '/', length);
  *unit = parse_decimal(text, end, value);
  if (!*unit || !slash || slash < *unit) return -EINVAL;
  size_t time = find_unit(slash + 1, end, 0);
  if (time == WIO_LENGTH(duration_units) || slash + 1 + strlen(duration_units[time].name) != end) return -EINVAL;
  *value *= (double)WIO_NS_PER_SECOND / (double)duration_units[time].ns;
  *unit_end = slash;
  return 0;
}

int wio_byte_rate_parse(const char *text, size_t length, double *out_per_second) {
  const char *unit, *unit_end;
  double value;
  int rc = parse_rate(text, length, &value, &unit, &unit_end);
  if (rc == 0) unit = skip_blank(unit, unit_end);
  double bytes = rc == 0 ? size_unit_of(unit, (size_t)(unit_end - unit)) : 0;
  if (bytes == 0) return -EINVAL;
  *out_per_second = value * bytes;
  return 0;
}

int wio_count_rate_parse(const char *text, size_t length, double *out_per_second) {
  const char *unit, *unit_end;
  double value;
  if (parse_rate(text, length, &value, &unit, &unit_end) < 0 || unit != unit_end) return -EINVAL;
  *out_per_second = value;
  return 0;
}

int wio_share_parse(const char *text, size_t length, double *out) {
  double percent;
  const char *at = parse_decimal(text, text + length, &percent);
  if (!at || at + 1 != text + length || *at != '%') return -EINVAL;
  *out = percent / 100;
  return 0;
}

static size_t clip(int written, size_t size) {
  if (written < 0 || size == 0) return 0;
  return (size_t)written < size ? (size_t)written : size - 1;
}

size_t wio_duration_format(uint64_t ns, char *out, size_t size) {
  size_t length = 0;
  for (size_t i = 0; i < WIO_LENGTH(duration_units); i++) {
    uint64_t count = ns / duration_units[i].ns;
    ns %= duration_units[i].ns;
    if (count == 0) continue;
    length += clip(snprintf(out + length, size - length, "%llu%s", (unsigned long long)count, duration_units[i].name),
                   size - length);
  }
  return length ? length : clip(snprintf(out, size, "0s"), size);
}

size_t wio_bytes_format(uint64_t bytes, char *out, size_t size) {
  static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  if (bytes < 1000) return clip(snprintf(out, size, "%u B", (unsigned)bytes), size);
  double value = (double)bytes;
  size_t unit = 0;
  // 999.5 would be printed as 1000, so it belongs to the next unit.
  for (; value >= 999.5 && unit + 1 < WIO_LENGTH(units); unit++) value /= 1000;
  return clip(snprintf(out, size, value < 9.95 ? "%.1f %s" : "%.0f %s", value, units[unit]), size);
}
