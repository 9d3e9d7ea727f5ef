// SPDX-License-Identifier: MIT
// units: parses the amounts that people write, and formats numbers for people.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define WIO_NS_PER_SECOND UINT64_C(1000000000)
#define WIO_NS_PER_MS UINT64_C(1000000)
#define WIO_NS_PER_US UINT64_C(1000)

// The longest duration that is accepted: a hundred years. A longer one is a slip of the pen.
#define WIO_DURATION_MAX_NS (UINT64_C(36525) * 86400 * WIO_NS_PER_SECOND)

// Parses a duration such as "250ms", "10s", "1.5h", "1h30m" or "2d" into nanoseconds. A bare number is seconds. Units
// are ms, s, m, h and d, from large to small, each at most once. Returns 0; -EINVAL when the text is no duration,
// -ERANGE when the duration is longer than WIO_DURATION_MAX_NS.
int wio_duration_parse(const char *text, size_t length, uint64_t *out_ns);

// Parses an amount of bytes such as "10GB", "1.5MiB" or "512 B" (KB = 1000, KiB = 1024 bytes). One blank may stand
// before the unit, as in the texts that are printed. This and the following parsers return 0 or -EINVAL.
int wio_bytes_parse(const char *text, size_t length, double *out);

// Parses a rate of bytes, a size per time such as "4KB/s", "1.5GB/h" or "512B/s", into bytes a second.
int wio_byte_rate_parse(const char *text, size_t length, double *out_per_second);

// Parses a rate of events, such as "20/s" or "5/m", into events a second.
int wio_count_rate_parse(const char *text, size_t length, double *out_per_second);

// Parses a share of one core, such as "1%" or "0.05%", into CPU seconds a second.
int wio_share_parse(const char *text, size_t length, double *out);

// Writes a duration as people write it ("1h30m", "250ms", "0s"), rounded down to a millisecond. Always ends `out` with
// a NUL; returns the length written.
size_t wio_duration_format(uint64_t ns, char *out, size_t size);

// Writes an amount of bytes with three digits at most and a decimal unit: 12 → "12 B", 3140 → "3.1 kB".
// Always ends `out` with a NUL; returns the length written.
size_t wio_bytes_format(uint64_t bytes, char *out, size_t size);
