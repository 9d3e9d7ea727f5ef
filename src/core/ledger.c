// SPDX-License-Identifier: MIT
#include "core/ledger.h"

#include <string.h>

static void open_kind(wio_account *account, const wio_reading *reading, wio_kind kind) {
  wio_measures measures = wio_kind_measures(kind);
  for (wio_measure i = measures.first; i < measures.end; i++) account->counted[i] = reading->value[i];
  account->opened |= WIO_KIND_BIT(kind);
}

static bool count_kind(wio_account *account, const wio_reading *reading, wio_kind kind,
                       uint64_t total[WIO_MEASURE_COUNT]) {
  wio_measures measures = wio_kind_measures(kind);
  uint64_t gained = 0;
  for (wio_measure i = measures.first; i < measures.end; i++) {
    gained |= reading->value[i] - account->counted[i];
    total[i] += reading->value[i] - account->counted[i];
    account->counted[i] = reading->value[i];
  }
  return gained != 0;
}

bool wio_ledger_count(wio_account *account, const wio_reading *reading, int kinds, uint64_t total[WIO_MEASURE_COUNT]) {
  int known = wio_reading_known(reading, kinds);
  bool gained = false;
  for (wio_kind kind = 0; kind < WIO_KIND_COUNT; kind++) {
    if (!(known & WIO_KIND_BIT(kind))) continue;
    if (account->opened & WIO_KIND_BIT(kind)) gained |= count_kind(account, reading, kind, total);
    else open_kind(account, reading, kind);
  }
  return gained;
}

bool wio_ledger_inherit(wio_account *parent, const uint64_t parent_io[WIO_IO_COUNT], const wio_account *child) {
  for (int i = 0; i < WIO_IO_COUNT; i++)
    if (parent_io[i] - parent->counted[i] < child->counted[i]) return false;
  for (int i = 0; i < WIO_IO_COUNT; i++) parent->counted[i] += child->counted[i];
  return true;
}
