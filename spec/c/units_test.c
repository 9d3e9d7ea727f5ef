// SPDX-License-Identifier: MIT
#include "core/units.h"

#include "check.h"

#include <errno.h>

#define MS UINT64_C(1000000)
#define S (1000 * MS)

static const struct {
  const char *text;
  int rc;
  uint64_t ns;
} durations[] = {
    {"10s", 0, 10 * S},
    {"250ms", 0, 250 * MS},
    {"5m", 0, 300 * S},
    {"1h30m", 0, 5400 * S},
    {"2d", 0, 172800 * S},
    {"1.5h", 0, 5400 * S},
    {"1d2h3m4s5ms", 0, 93784 * S + 5 * MS},
    {"7", 0, 7 * S},
    {"0.25", 0, 250 * MS},
    {"0", 0, 0},
    {".5s", 0, 500 * MS},
    {"36525d", 0, UINT64_C(36525) * 86400 * S},
    {"36526d", -ERANGE, 0},
    {"99999999999999999999d", -ERANGE, 0},
    {"", -EINVAL, 0},
    {"s", -EINVAL, 0},
    {"3x", -EINVAL, 0},
    {"-1s", -EINVAL, 0},
    {"1 s", -EINVAL, 0},
    {"1s ", -EINVAL, 0},
    {"1m1h", -EINVAL, 0}, // from large to small
    {"1s1s", -EINVAL, 0},
    {"1h30", -EINVAL, 0}, // thirty what?
    {"1..5s", -EINVAL, 0},
    {"0x10", -EINVAL, 0},
    {"1e3", -EINVAL, 0},
    {"nan", -EINVAL, 0},
    {"inf", -EINVAL, 0},
    {"1S", -EINVAL, 0},
    {"1sec", -EINVAL, 0},
};

static const struct {
  uint64_t ns;
  const char *text;
} formatted_durations[] = {
    {0, "0s"},
    {1, "0s"},
    {250 * MS, "250ms"},
    {S, "1s"},
    {90 * S, "1m30s"},
    {5400 * S, "1h30m"},
    {86400 * S, "1d"},
    {93784 * S + 5 * MS, "1d2h3m4s5ms"},
    {1500 * MS, "1s500ms"},
};

static const struct {
  uint64_t bytes;
  const char *text;
} formatted_bytes[] = {
    {0, "0 B"},      {999, "999 B"},     {1000, "1.0 kB"},   {3140, "3.1 kB"},    {9949, "9.9 kB"},
    {9950, "10 kB"}, {999499, "999 kB"}, {999500, "1.0 MB"}, {1500000, "1.5 MB"}, {UINT64_MAX, "18 EB"},
};

static const struct {
  int (*parse)(const char *, size_t, double *);
  const char *text;
  double value; // negative: refused
} rates[] = {
    {wio_byte_rate_parse, "4KB/s", 4000},
    {wio_byte_rate_parse, "4KiB/s", 4096},
    {wio_byte_rate_parse, "1.5MB/s", 1.5e6},
    {wio_byte_rate_parse, "1GB/h", 1e9 / 3600},
    {wio_byte_rate_parse, "60B/m", 1},
    {wio_byte_rate_parse, "0B/s", 0},
    {wio_byte_rate_parse, "20/s", -1},
    {wio_byte_rate_parse, "4KB", -1},
    {wio_byte_rate_parse, "4 KB/s", 4000},
    {wio_byte_rate_parse, "4XB/s", -1},
    {wio_byte_rate_parse, "KB/s", -1},
    {wio_byte_rate_parse, "4KB/", -1},
    {wio_byte_rate_parse, "4KB/s ", -1},
    {wio_byte_rate_parse, "-4KB/s", -1},
    {wio_byte_rate_parse, "", -1},
    {wio_byte_rate_parse, "/s", -1},
    {wio_byte_rate_parse, "4KB/2s", -1},
    {wio_byte_rate_parse, "1/2KB/s", -1},
    {wio_count_rate_parse, "20/s", 20},
    {wio_count_rate_parse, "6/m", 0.1},
    {wio_count_rate_parse, "0.5/s", 0.5},
    {wio_count_rate_parse, "20", -1},
    {wio_count_rate_parse, "20B/s", -1},
    {wio_count_rate_parse, "20/", -1},
    {wio_share_parse, "1%", 0.01},
    {wio_share_parse, "0.05%", 0.0005},
    {wio_share_parse, "150%", 1.5},
    {wio_share_parse, "1", -1},
    {wio_share_parse, "%", -1},
    {wio_share_parse, "1%%", -1},
    {wio_share_parse, "1 %", -1},
    {wio_bytes_parse, "10GB", 1e10},
    {wio_bytes_parse, "1.5MiB", 1572864},
    {wio_bytes_parse, "0B", 0},
    {wio_bytes_parse, "10", -1},
    {wio_bytes_parse, "10GB/s", -1},
    {wio_bytes_parse, "10 GB", 1e10},
    {wio_bytes_parse, "GB", -1},
    {wio_bytes_parse, "-1GB", -1},
    {wio_bytes_parse, "10  GB", -1},
    {wio_bytes_parse, " 10GB", -1},
    {wio_bytes_parse, "10GB ", -1},
    {wio_bytes_parse, "10 ", -1},
    {wio_byte_rate_parse, "50 MB/s", 5e7},
    {wio_byte_rate_parse, "4 /s", -1},
    {wio_byte_rate_parse, "4KB /s", -1},
    {wio_byte_rate_parse, "12 B/s", 12},
    {wio_byte_rate_parse, "4  KB/s", -1},
};

static void rates_are_parsed(void) {
  for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
    double value = 42;
    int rc = rates[i].parse(rates[i].text, strlen(rates[i].text), &value);
    bool refused = rates[i].value < 0;
    double wanted = refused ? 42 : rates[i].value;
    bool right = (rc == -22) == refused && value > wanted * 0.999999 - 1e-12 && value < wanted * 1.000001 + 1e-12;
    if (!CHECK(right)) fprintf(stderr, "  in the case \"%s\"\n", rates[i].text);
  }
}

static void formats_fit(void) {
  char small[4];
  CHECK_INT(wio_duration_format(5400 * S, small, sizeof small), 3);
  CHECK_TEXT(small, "1h3");
  CHECK_INT(wio_bytes_format(1500000, small, sizeof small), 3);
  CHECK_TEXT(small, "1.5");
}

int main(void) {
  for (size_t i = 0; i < sizeof durations / sizeof durations[0]; i++) {
    uint64_t ns = 42;
    int rc = wio_duration_parse(durations[i].text, strlen(durations[i].text), &ns);
    bool right = rc == durations[i].rc && ns == (rc ? 42 : durations[i].ns); // untouched on failure
    if (!CHECK(right)) fprintf(stderr, "  in the case \"%s\"\n", durations[i].text);
  }
  char text[64];
  for (size_t i = 0; i < sizeof formatted_durations / sizeof formatted_durations[0]; i++) {
    wio_duration_format(formatted_durations[i].ns, text, sizeof text);
    CHECK_TEXT(text, formatted_durations[i].text);
  }
  for (size_t i = 0; i < sizeof formatted_bytes / sizeof formatted_bytes[0]; i++) {
    wio_bytes_format(formatted_bytes[i].bytes, text, sizeof text);
    CHECK_TEXT(text, formatted_bytes[i].text);
  }
  formats_fit();
  rates_are_parsed();
  return check_result();
}
