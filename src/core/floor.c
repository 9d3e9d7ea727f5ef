// SPDX-License-Identifier: MIT
#include "core/floor.h"

#include "core/units.h"

const char *wio_floor_name(wio_floor floor) {
  static const char *const names[WIO_FLOOR_COUNT] = {
      [WIO_FLOOR_IO] = "io", [WIO_FLOOR_CALLS] = "calls", [WIO_FLOOR_NET] = "net", [WIO_FLOOR_CPU] = "cpu"};
  return names[floor];
}

static float more_of(uint64_t a, uint64_t b) { return (float)(a > b ? a : b); }

wio_gain wio_gain_between(const uint64_t before[WIO_MEASURE_COUNT], const uint64_t after[WIO_MEASURE_COUNT]) {
  uint64_t of[WIO_MEASURE_COUNT];
  for (int i = 0; i < WIO_MEASURE_COUNT; i++) of[i] = after[i] - before[i];
  uint64_t device = of[WIO_READ_BYTES] + of[WIO_WRITE_BYTES] + of[WIO_CANCELLED_WRITE_BYTES];
  return (wio_gain){{[WIO_FLOOR_IO] = more_of(of[WIO_RCHAR] + of[WIO_WCHAR], device),
                     [WIO_FLOOR_CALLS] = (float)(of[WIO_SYSCR] + of[WIO_SYSCW]),
                     [WIO_FLOOR_NET] = (float)(of[WIO_NET_RX] + of[WIO_NET_TX]),
                     [WIO_FLOOR_CPU] = (float)of[WIO_CPU_NS]}};
}

static double seconds(uint64_t from_ns, uint64_t to_ns) {
  return to_ns > from_ns ? (double)(to_ns - from_ns) / (double)WIO_NS_PER_SECOND : 0;
}

static double drained(double level, double by) { return level > by ? level - by : 0; }

bool wio_noise_add(wio_noise *noise, const wio_floors *floors, const wio_gain *gain, uint64_t since_ns,
                   uint64_t now_ns) {
  double silent = seconds(noise->at_ns, since_ns), passed = seconds(since_ns, now_ns);
  double room = passed < 1 ? 1 - passed : 0;
  bool loud = false;
  for (int i = 0; i < WIO_FLOOR_COUNT; i++) {
    double rate = floors->rate[i];
    noise->level[i] = drained(drained(noise->level[i], rate * silent) + gain->amount[i], rate * passed);
    loud |= noise->level[i] > rate * room;
  }
  noise->at_ns = now_ns;
  if (loud) *noise = (wio_noise){.at_ns = now_ns};
  return loud;
}

bool wio_gain_is_loud(const wio_gain *gain, const wio_floors *floors, uint64_t since_ns, uint64_t now_ns) {
  double passed = seconds(since_ns, now_ns), window = passed < 1 ? 1 : passed;
  for (int i = 0; i < WIO_FLOOR_COUNT; i++)
    if (gain->amount[i] > floors->rate[i] * window) return true;
  return false;
}
