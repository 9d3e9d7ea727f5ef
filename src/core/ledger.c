#include "core/ledger.h"

#include <string.h>

void wio_ledger_open(wio_account *account, const uint64_t io[WIO_IO_COUNT]) {
  memcpy(account->counted, io, sizeof account->counted);
}

bool wio_ledger_count(wio_account *account, const uint64_t io[WIO_IO_COUNT], uint64_t total[WIO_IO_COUNT]) {
  uint64_t gained = 0;
  for (int i = 0; i < WIO_IO_COUNT; i++) {
    gained |= io[i] - account->counted[i];
    total[i] += io[i] - account->counted[i];
  }
  wio_ledger_open(account, io);
  return gained != 0;
}

bool wio_ledger_inherit(wio_account *parent, const uint64_t parent_io[WIO_IO_COUNT], const wio_account *child) {
  for (int i = 0; i < WIO_IO_COUNT; i++)
    if (parent_io[i] - parent->counted[i] < child->counted[i]) return false;
  for (int i = 0; i < WIO_IO_COUNT; i++) parent->counted[i] += child->counted[i];
  return true;
}
