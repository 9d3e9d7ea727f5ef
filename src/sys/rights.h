// SPDX-License-Identifier: MIT
// rights: tries what this process may see and do here.
#pragma once

#include "core/rights.h"
#include "sys/procfs.h"

// Tries each. Never fails: what does not work is reported so.
void wio_rights_probe(wio_procfs *fs, wio_rights *out);
