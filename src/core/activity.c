// SPDX-License-Identifier: MIT
#include "core/activity.h"

#include <assert.h>

static const wio_step steps[WIO_STATE_COUNT][WIO_SIGHT_COUNT] = {
    [WIO_NEW] = {[WIO_SAW_ACTIVITY] = {WIO_ACTIVE, WIO_EVENT_ACTIVE},
                 [WIO_SAW_QUIET] = {WIO_NEW, WIO_EVENT_NONE},
                 [WIO_SAW_LONG_QUIET] = {WIO_IDLE, WIO_EVENT_IDLE},
                 [WIO_SAW_NOTHING] = {WIO_UNKNOWN, WIO_EVENT_UNREADABLE},
                 [WIO_SAW_TOO_LITTLE] = {WIO_UNKNOWN, WIO_EVENT_NONE},
                 [WIO_SAW_AGAIN] = {WIO_NEW, WIO_EVENT_READABLE}},
    [WIO_ACTIVE] = {[WIO_SAW_ACTIVITY] = {WIO_ACTIVE, WIO_EVENT_NONE},
                    [WIO_SAW_QUIET] = {WIO_ACTIVE, WIO_EVENT_NONE},
                    [WIO_SAW_LONG_QUIET] = {WIO_IDLE, WIO_EVENT_IDLE},
                    [WIO_SAW_NOTHING] = {WIO_UNKNOWN, WIO_EVENT_UNREADABLE},
                    [WIO_SAW_TOO_LITTLE] = {WIO_UNKNOWN, WIO_EVENT_NONE},
                    [WIO_SAW_AGAIN] = {WIO_ACTIVE, WIO_EVENT_READABLE}},
    [WIO_IDLE] = {[WIO_SAW_ACTIVITY] = {WIO_ACTIVE, WIO_EVENT_ACTIVE},
                  [WIO_SAW_QUIET] = {WIO_IDLE, WIO_EVENT_NONE},
                  [WIO_SAW_LONG_QUIET] = {WIO_IDLE, WIO_EVENT_NONE},
                  [WIO_SAW_NOTHING] = {WIO_UNKNOWN, WIO_EVENT_UNREADABLE},
                  [WIO_SAW_TOO_LITTLE] = {WIO_UNKNOWN, WIO_EVENT_NONE},
                  [WIO_SAW_AGAIN] = {WIO_IDLE, WIO_EVENT_READABLE}},
    // Unknown is never idle, so quiet changes nothing. The kinds that can be read may still show activity. Otherwise
    // the state ends only when all kinds can be read again, and quiet is counted afresh from then.
    [WIO_UNKNOWN] = {[WIO_SAW_ACTIVITY] = {WIO_ACTIVE, WIO_EVENT_ACTIVE},
                     [WIO_SAW_QUIET] = {WIO_UNKNOWN, WIO_EVENT_NONE},
                     [WIO_SAW_LONG_QUIET] = {WIO_UNKNOWN, WIO_EVENT_NONE},
                     [WIO_SAW_NOTHING] = {WIO_UNKNOWN, WIO_EVENT_NONE},
                     [WIO_SAW_TOO_LITTLE] = {WIO_UNKNOWN, WIO_EVENT_NONE},
                     [WIO_SAW_AGAIN] = {WIO_NEW, WIO_EVENT_READABLE}},
};

wio_step wio_activity_step(wio_state state, wio_sight sight) {
  assert(state < WIO_STATE_COUNT && sight < WIO_SIGHT_COUNT);
  return steps[state][sight];
}

const char *wio_state_name(wio_state state) {
  static const char *const names[WIO_STATE_COUNT] = {
      [WIO_NEW] = "quiet", [WIO_ACTIVE] = "active", [WIO_IDLE] = "idle", [WIO_UNKNOWN] = "unknown"};
  return names[state];
}

uint64_t wio_credit_at(const wio_credit *credit, uint64_t now_ns) {
  uint64_t gap_ns = now_ns - credit->sampled_ns;
  return credit->credited_ns + (gap_ns < credit->most_ns ? gap_ns : credit->most_ns);
}

void wio_credit_advance(wio_credit *credit, uint64_t now_ns) {
  credit->credited_ns = wio_credit_at(credit, now_ns);
  credit->sampled_ns = now_ns;
}
