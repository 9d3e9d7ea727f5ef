// SPDX-License-Identifier: MIT
#include "core/activity.h"

#include "check.h"

#define MS UINT64_C(1000000)

// The whole table, row by row: what is not here does not exist.
static const struct {
  wio_state from;
  wio_sight sight;
  wio_state to;
  wio_event_type event;
} steps[] = {
    {WIO_NEW, WIO_SAW_ACTIVITY, WIO_ACTIVE, WIO_EVENT_ACTIVE},
    {WIO_NEW, WIO_SAW_QUIET, WIO_NEW, WIO_EVENT_NONE},
    {WIO_NEW, WIO_SAW_LONG_QUIET, WIO_IDLE, WIO_EVENT_IDLE},
    {WIO_NEW, WIO_SAW_NOTHING, WIO_UNKNOWN, WIO_EVENT_UNREADABLE},
    {WIO_ACTIVE, WIO_SAW_ACTIVITY, WIO_ACTIVE, WIO_EVENT_NONE},
    {WIO_ACTIVE, WIO_SAW_QUIET, WIO_ACTIVE, WIO_EVENT_NONE},
    {WIO_ACTIVE, WIO_SAW_LONG_QUIET, WIO_IDLE, WIO_EVENT_IDLE},
    {WIO_ACTIVE, WIO_SAW_NOTHING, WIO_UNKNOWN, WIO_EVENT_UNREADABLE},
    {WIO_IDLE, WIO_SAW_ACTIVITY, WIO_ACTIVE, WIO_EVENT_ACTIVE},
    {WIO_IDLE, WIO_SAW_QUIET, WIO_IDLE, WIO_EVENT_NONE},
    {WIO_IDLE, WIO_SAW_LONG_QUIET, WIO_IDLE, WIO_EVENT_NONE}, // once per quiet period
    {WIO_IDLE, WIO_SAW_NOTHING, WIO_UNKNOWN, WIO_EVENT_UNREADABLE},
    {WIO_UNKNOWN, WIO_SAW_QUIET, WIO_UNKNOWN, WIO_EVENT_NONE},
    {WIO_UNKNOWN, WIO_SAW_LONG_QUIET, WIO_UNKNOWN, WIO_EVENT_NONE}, // unknown is never idle
    {WIO_UNKNOWN, WIO_SAW_NOTHING, WIO_UNKNOWN, WIO_EVENT_NONE},    // unreadable once
    {WIO_UNKNOWN, WIO_SAW_AGAIN, WIO_NEW, WIO_EVENT_READABLE},
    {WIO_UNKNOWN, WIO_SAW_ACTIVITY, WIO_ACTIVE, WIO_EVENT_ACTIVE}, // in what can be read
    {WIO_ACTIVE, WIO_SAW_TOO_LITTLE, WIO_UNKNOWN, WIO_EVENT_NONE}, // and it is over, as far as can be seen
    {WIO_ACTIVE, WIO_SAW_AGAIN, WIO_ACTIVE, WIO_EVENT_READABLE},
};

static void gaps_are_credited_up_to_a_bound(void) {
  wio_credit credit = {.sampled_ns = 1000 * MS, .most_ns = 20 * MS};
  CHECK_INT(wio_credit_at(&credit, 1010 * MS), 10 * MS);
  CHECK_INT(wio_credit_at(&credit, 1020 * MS), 20 * MS);
  CHECK_INT(wio_credit_at(&credit, 9000 * MS), 20 * MS); // the machine slept
  wio_credit_advance(&credit, 9000 * MS);
  CHECK_INT(wio_credit_at(&credit, 9005 * MS), 25 * MS);
}

int main(void) {
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
    wio_step step = wio_activity_step(steps[i].from, steps[i].sight);
    CHECK_INT(step.state, steps[i].to);
    CHECK_INT(step.event, steps[i].event);
  }
  gaps_are_credited_up_to_a_bound();
  CHECK_TEXT(wio_state_name(WIO_UNKNOWN), "unknown");
  return check_result();
}
