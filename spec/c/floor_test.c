// SPDX-License-Identifier: MIT
#include "core/floor.h"

#include "check.h"

#define MS UINT64_C(1000000)
#define S (1000 * MS)

static wio_gain cpu(double ns) { return (wio_gain){{[WIO_FLOOR_CPU] = (float)ns}}; }

static const wio_floors one_percent = {{[WIO_FLOOR_CPU] = 1e7}};

static void each_floor_has_its_measures(void) {
  static const struct {
    wio_measure measure;
    wio_floor floor;
  } rows[] = {{WIO_RCHAR, WIO_FLOOR_IO},
              {WIO_WCHAR, WIO_FLOOR_IO},
              {WIO_READ_BYTES, WIO_FLOOR_IO},
              {WIO_WRITE_BYTES, WIO_FLOOR_IO},
              {WIO_CANCELLED_WRITE_BYTES, WIO_FLOOR_IO},
              {WIO_SYSCR, WIO_FLOOR_CALLS},
              {WIO_SYSCW, WIO_FLOOR_CALLS},
              {WIO_NET_RX, WIO_FLOOR_NET},
              {WIO_NET_TX, WIO_FLOOR_NET},
              {WIO_CPU_NS, WIO_FLOOR_CPU}};
  CHECK_INT(sizeof rows / sizeof rows[0], WIO_MEASURE_COUNT);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    uint64_t before[WIO_MEASURE_COUNT] = {0}, after[WIO_MEASURE_COUNT] = {0};
    after[rows[i].measure] = 5;
    wio_gain gain = wio_gain_between(before, after);
    for (wio_floor floor = 0; floor < WIO_FLOOR_COUNT; floor++)
      CHECK_INT((int)gain.amount[floor], floor == rows[i].floor ? 5 : 0);
  }
}

static void without_a_floor_anything_counts(void) {
  static const wio_floors none;
  for (wio_floor floor = 0; floor < WIO_FLOOR_COUNT; floor++) {
    wio_noise noise = {.at_ns = 1 * S};
    wio_gain gain = {{0}};
    CHECK(!wio_noise_add(&noise, &none, &gain, 1 * S, 2 * S));
    gain.amount[floor] = 1;
    CHECK(wio_noise_add(&noise, &none, &gain, 2 * S, 3 * S));
  }
}

// Seen every second, up to the floor is noise, and one more is not.
static void a_floor_is_the_most_of_a_second(void) {
  wio_noise noise = {.at_ns = 1 * S};
  wio_gain at = cpu(1e7), above = cpu(1e7 + 1);
  for (uint64_t t = 1; t < 100; t++) CHECK(!wio_noise_add(&noise, &one_percent, &at, t * S, (t + 1) * S));
  CHECK(wio_noise_add(&noise, &one_percent, &above, 100 * S, 101 * S));
}

// A burst of 9 ms once a second is below one percent, however often one looks; one of 11 ms is not.
static void the_verdict_hardly_depends_on_the_interval(void) {
  static const uint64_t intervals_ms[] = {10, 50, 100, 250, 500, 1000};
  for (size_t i = 0; i < sizeof intervals_ms / sizeof intervals_ms[0]; i++) {
    for (int loud = 0; loud < 2; loud++) {
      uint64_t every_ns = intervals_ms[i] * MS;
      wio_noise noise = {.at_ns = 10 * S};
      bool above = false;
      for (uint64_t t = 10 * S; t < 40 * S; t += S) {
        wio_gain gain = cpu(loud ? 11e6 : 9e6);
        above |= wio_noise_add(&noise, &one_percent, &gain, t, t + every_ns);
      }
      CHECK_INT(above, loud);
    }
  }
}

// Where the looks are far apart, the floor holds for the time between them; what was long before does not count.
static void long_intervals_are_averaged_and_silence_is_not(void) {
  wio_noise noise = {.at_ns = 10 * S};
  wio_gain fifty = cpu(50e6), more = cpu(51e6), small = cpu(11e6);
  CHECK(!wio_noise_add(&noise, &one_percent, &fifty, 10 * S, 15 * S));
  CHECK(wio_noise_add(&noise, &one_percent, &more, 15 * S, 20 * S));
  CHECK(wio_noise_add(&noise, &one_percent, &small, 3600 * S, 3601 * S)); // an hour of silence allows no more
}

// Small steps add up: ten of 2 ms within a second are 2 %.
static void steps_add_up(void) {
  wio_noise noise = {.at_ns = 10 * S};
  wio_gain step = cpu(2e6);
  int loud = 0;
  for (uint64_t t = 10 * S; t < 11 * S; t += 100 * MS)
    loud += wio_noise_add(&noise, &one_percent, &step, t, t + 100 * MS);
  CHECK(loud > 0);
}

static void loud_is_loud_whatever_was_before(void) {
  wio_gain above = cpu(11e6), at = cpu(10e6);
  CHECK(wio_gain_is_loud(&above, &one_percent, 1 * S, 2 * S));
  CHECK(!wio_gain_is_loud(&at, &one_percent, 1 * S, 2 * S));
  CHECK(wio_gain_is_loud(&above, &one_percent, 1 * S, 1 * S + 10 * MS));
  CHECK(!wio_gain_is_loud(&above, &one_percent, 1 * S, 3 * S));
}

int main(void) {
  each_floor_has_its_measures();
  without_a_floor_anything_counts();
  a_floor_is_the_most_of_a_second();
  the_verdict_hardly_depends_on_the_interval();
  long_intervals_are_averaged_and_silence_is_not();
  steps_add_up();
  loud_is_loud_whatever_was_before();
  CHECK_TEXT(wio_floor_name(WIO_FLOOR_CALLS), "calls");
  return check_result();
}
