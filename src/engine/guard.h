// guard: who must never get a signal from here, whatever a policy says.
#pragma once

#include "engine/source.h"

// Why a process must not be signalled, e.g. "it is watchio itself"; NULL when it may be. Spared are pid 1, watchio itself,
// its ancestors and kernel threads; ancestors are looked up now, since they change when one of them ends.
const char *wio_guard_reason(wio_source *source, pid_t pid);
