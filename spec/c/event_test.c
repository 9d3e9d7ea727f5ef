// SPDX-License-Identifier: MIT
#include "core/event.h"

#include "check.h"

static void first_in_first_out(void) {
  wio_events events = {0};
  wio_event event;
  uint64_t in = 0, out = 0;
  CHECK(!wio_events_pop(&events, &event));
  // Two in, one out: the ring grows while it is wrapped around.
  for (int round = 0; round < 1000; round++) {
    for (int i = 0; i < 2; i++) CHECK_INT(wio_events_push(&events, &(wio_event){.alarm = in++}), 0);
    CHECK(wio_events_pop(&events, &event));
    CHECK_INT(event.alarm, out++);
  }
  while (wio_events_pop(&events, &event)) CHECK_INT(event.alarm, out++);
  CHECK_INT(out, in);
  wio_events_release(&events);
}

int main(void) {
  first_in_first_out();
  for (int type = WIO_EVENT_NONE + 1; type < WIO_EVENT_TYPE_COUNT; type++)
    CHECK(wio_event_name((wio_event_type)type) != NULL);
  return check_result();
}
