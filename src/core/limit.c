// SPDX-License-Identifier: MIT
#include "core/limit.h"

#include "core/units.h"

#include <assert.h>

static const wio_limit_step steps[WIO_LIMIT_STATE_COUNT][WIO_LIMIT_SIGHT_COUNT] = {
    [WIO_UNDER] = {[WIO_SAW_ABOVE] = {WIO_RISING, WIO_EVENT_NONE},
                   [WIO_SAW_LONG_ABOVE] = {WIO_OVER, WIO_EVENT_LIMIT_OVER},
                   [WIO_SAW_BETWEEN] = {WIO_UNDER, WIO_EVENT_NONE},
                   [WIO_SAW_BELOW] = {WIO_UNDER, WIO_EVENT_NONE},
                   [WIO_SAW_LONG_BELOW] = {WIO_UNDER, WIO_EVENT_NONE},
                   [WIO_SAW_NO_RATE] = {WIO_UNDER, WIO_EVENT_NONE}},
    [WIO_RISING] = {[WIO_SAW_ABOVE] = {WIO_RISING, WIO_EVENT_NONE},
                    [WIO_SAW_LONG_ABOVE] = {WIO_OVER, WIO_EVENT_LIMIT_OVER},
                    [WIO_SAW_BETWEEN] = {WIO_UNDER, WIO_EVENT_NONE},
                    [WIO_SAW_BELOW] = {WIO_UNDER, WIO_EVENT_NONE},
                    [WIO_SAW_LONG_BELOW] = {WIO_UNDER, WIO_EVENT_NONE},
                    [WIO_SAW_NO_RATE] = {WIO_UNDER, WIO_EVENT_NONE}},
    // Unknown is neither over nor under: the state stays.
    [WIO_OVER] = {[WIO_SAW_ABOVE] = {WIO_OVER, WIO_EVENT_NONE},
                  [WIO_SAW_LONG_ABOVE] = {WIO_OVER, WIO_EVENT_NONE},
                  [WIO_SAW_BETWEEN] = {WIO_OVER, WIO_EVENT_NONE},
                  [WIO_SAW_BELOW] = {WIO_FALLING, WIO_EVENT_NONE},
                  [WIO_SAW_LONG_BELOW] = {WIO_UNDER, WIO_EVENT_LIMIT_UNDER},
                  [WIO_SAW_NO_RATE] = {WIO_OVER, WIO_EVENT_NONE}},
    [WIO_FALLING] = {[WIO_SAW_ABOVE] = {WIO_OVER, WIO_EVENT_NONE},
                     [WIO_SAW_LONG_ABOVE] = {WIO_OVER, WIO_EVENT_NONE},
                     [WIO_SAW_BETWEEN] = {WIO_OVER, WIO_EVENT_NONE},
                     [WIO_SAW_BELOW] = {WIO_FALLING, WIO_EVENT_NONE},
                     [WIO_SAW_LONG_BELOW] = {WIO_UNDER, WIO_EVENT_LIMIT_UNDER},
                     [WIO_SAW_NO_RATE] = {WIO_OVER, WIO_EVENT_NONE}},
};

wio_limit_step wio_limit_next(wio_limit_state state, wio_limit_sight sight) {
  assert(state < WIO_LIMIT_STATE_COUNT && sight < WIO_LIMIT_SIGHT_COUNT);
  return steps[state][sight];
}

static wio_event_type take_step(wio_limit_course *course, wio_limit_sight sight) {
  wio_limit_step step = wio_limit_next(course->state, sight);
  course->state = step.state;
  return step.event;
}

static wio_limit_sight side_of(const wio_limit *limit, const wio_limit_look *before, const wio_limit_look *now) {
  double seconds = (double)(now->at_ns - before->at_ns) / (double)WIO_NS_PER_SECOND;
  double rate = (double)(now->total - before->total) / seconds;
  if (rate > limit->above) return WIO_SAW_ABOVE;
  return rate <= limit->below ? WIO_SAW_BELOW : WIO_SAW_BETWEEN;
}

static wio_limit_sight sight_of(const wio_limit *limit, const wio_limit_course *course, const wio_limit_look *now) {
  bool lasts = now->credited_ns - course->from.credited_ns >= limit->hold_ns;
  if (lasts && course->side == WIO_SAW_ABOVE) return WIO_SAW_LONG_ABOVE;
  return lasts && course->side == WIO_SAW_BELOW ? WIO_SAW_LONG_BELOW : course->side;
}

wio_event_type wio_limit_see_rate(const wio_limit *limit, wio_limit_course *course, const wio_limit_look *before,
                                  const wio_limit_look *now) {
  wio_limit_sight side = before ? side_of(limit, before, now) : WIO_SAW_NO_RATE;
  if (before && side != course->side) course->from = *before;
  course->side = side;
  return take_step(course, sight_of(limit, course, now));
}

wio_event_type wio_limit_see_total(const wio_limit *limit, wio_limit_course *course, uint64_t total) {
  return take_step(course, (double)total > limit->above ? WIO_SAW_LONG_ABOVE : WIO_SAW_BETWEEN);
}
