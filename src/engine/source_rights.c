// SPDX-License-Identifier: MIT
// Tells what this very process may see and do here.
#include "engine/source.h"
#include "sys/capabilities.h"
#include "sys/descriptors.h"
#include "sys/priority.h"
#include "sys/procfs.h"
#include "sys/rights.h"

bool wio_source_priority_acts(wio_priority_kind kind) { return wio_priority_acts(kind); }

int wio_source_rights(wio_rights *out) {
  wio_raised before WIO_LOWERED = wio_capabilities_raise(WIO_TO_WATCH);
  wio_procfs *fs;
  int rc = wio_procfs_open(NULL, &fs);
  if (rc < 0) return rc;
  wio_descriptors_raise();
  wio_rights_probe(fs, out);
  wio_procfs_close(fs);
  return 0;
}

bool wio_source_is_there(void) {
  wio_procfs *fs;
  if (wio_procfs_open(NULL, &fs) < 0) return false;
  bool live = wio_procfs_is_live(fs);
  wio_procfs_close(fs);
  return live;
}
