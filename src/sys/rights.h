// SPDX-License-Identifier: MIT
// rights: tries out what this process may see and do on this machine.
#pragma once

#include "core/rights.h"
#include "sys/procfs.h"

// Tries each right and fills `out`. Never fails: `out` says what does not work.
void wio_rights_probe(wio_procfs *fs, wio_rights *out);
