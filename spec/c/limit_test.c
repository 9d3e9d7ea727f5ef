// SPDX-License-Identifier: MIT
#include "core/limit.h"

#include "check.h"
#include "core/units.h"

#include <stdlib.h>

#define S WIO_NS_PER_SECOND
#define MB UINT64_C(1000000)

// The whole table, row by row.
static const struct {
  wio_limit_state from;
  wio_limit_sight sight;
  wio_limit_state to;
  wio_event_type event;
} steps[] = {
    {WIO_UNDER, WIO_SAW_NO_RATE, WIO_UNDER, WIO_EVENT_NONE},
    {WIO_UNDER, WIO_SAW_ABOVE, WIO_RISING, WIO_EVENT_NONE},
    {WIO_UNDER, WIO_SAW_LONG_ABOVE, WIO_OVER, WIO_EVENT_LIMIT_OVER},
    {WIO_UNDER, WIO_SAW_BETWEEN, WIO_UNDER, WIO_EVENT_NONE},
    {WIO_UNDER, WIO_SAW_BELOW, WIO_UNDER, WIO_EVENT_NONE},
    {WIO_UNDER, WIO_SAW_LONG_BELOW, WIO_UNDER, WIO_EVENT_NONE}, // it was never over
    {WIO_RISING, WIO_SAW_NO_RATE, WIO_UNDER, WIO_EVENT_NONE},
    {WIO_RISING, WIO_SAW_ABOVE, WIO_RISING, WIO_EVENT_NONE},
    {WIO_RISING, WIO_SAW_LONG_ABOVE, WIO_OVER, WIO_EVENT_LIMIT_OVER},
    {WIO_RISING, WIO_SAW_BETWEEN, WIO_UNDER, WIO_EVENT_NONE}, // all of the hold has to be above
    {WIO_RISING, WIO_SAW_BELOW, WIO_UNDER, WIO_EVENT_NONE},
    {WIO_RISING, WIO_SAW_LONG_BELOW, WIO_UNDER, WIO_EVENT_NONE},
    {WIO_OVER, WIO_SAW_NO_RATE, WIO_OVER, WIO_EVENT_NONE},
    {WIO_OVER, WIO_SAW_ABOVE, WIO_OVER, WIO_EVENT_NONE},
    {WIO_OVER, WIO_SAW_LONG_ABOVE, WIO_OVER, WIO_EVENT_NONE}, // once
    {WIO_OVER, WIO_SAW_BETWEEN, WIO_OVER, WIO_EVENT_NONE},
    {WIO_OVER, WIO_SAW_BELOW, WIO_FALLING, WIO_EVENT_NONE},
    {WIO_OVER, WIO_SAW_LONG_BELOW, WIO_UNDER, WIO_EVENT_LIMIT_UNDER},
    {WIO_FALLING, WIO_SAW_NO_RATE, WIO_OVER, WIO_EVENT_NONE},
    {WIO_FALLING, WIO_SAW_ABOVE, WIO_OVER, WIO_EVENT_NONE},
    {WIO_FALLING, WIO_SAW_LONG_ABOVE, WIO_OVER, WIO_EVENT_NONE},
    {WIO_FALLING, WIO_SAW_BETWEEN, WIO_OVER, WIO_EVENT_NONE},
    {WIO_FALLING, WIO_SAW_BELOW, WIO_FALLING, WIO_EVENT_NONE},
    {WIO_FALLING, WIO_SAW_LONG_BELOW, WIO_UNDER, WIO_EVENT_LIMIT_UNDER},
};

static void every_state_and_sight_is_in_the_table(void) {
  bool seen[WIO_LIMIT_STATE_COUNT][WIO_LIMIT_SIGHT_COUNT] = {{false}};
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
    wio_limit_step step = wio_limit_next(steps[i].from, steps[i].sight);
    CHECK_INT(step.state, steps[i].to);
    CHECK_INT(step.event, steps[i].event);
    seen[steps[i].from][steps[i].sight] = true;
  }
  for (size_t i = 0; i < sizeof seen / sizeof seen[0][0]; i++) CHECK((&seen[0][0])[i]);
}

#define UNKNOWN UINT64_MAX

typedef struct {
  uint64_t hold_ns, first_ns;
  const uint64_t *done;
  size_t count;
} life;

// Lives through looks a second apart, `done` megabytes in each: O at each over, U at each under, . for nothing.
static const char *live(const life *it) {
  static char told[64];
  const wio_limit limit = {
      .measure = WIO_WCHAR, .is_rate = true, .above = 50. * MB, .below = 45. * MB, .hold_ns = it->hold_ns};
  wio_limit_course course = {0};
  wio_limit_look before = {it->first_ns, it->first_ns, 7};
  for (size_t i = 0; i < it->count; i++) {
    bool known = it->done[i] != UNKNOWN;
    wio_limit_look now = {before.at_ns + S, before.credited_ns + S, before.total + (known ? it->done[i] * MB : 0)};
    wio_event_type event = wio_limit_see_rate(&limit, &course, known ? &before : NULL, &now);
    told[i] = event == WIO_EVENT_LIMIT_OVER ? 'O' : event == WIO_EVENT_LIMIT_UNDER ? 'U' : '.';
    before = now;
  }
  told[it->count] = '\0';
  return told;
}

static const struct {
  uint64_t hold_s;
  uint64_t done[12]; // what is not given is nothing done
  const char *told;
} lives[] = {
    {0, {51}, "OU.........."},                                 // one look
    {0, {50, 51, 50, 46, 45}, ".O..U......."},                 // at the limit is not over, at the edge is below
    {3, {51, 51, 51}, "..O..U......"},                         // three looks are three seconds
    {3, {51, 51, 50, 51, 51, 51, 45, 45, 45}, ".....O..U..."}, // one not above begins the hold anew
    {3, {51, 51, 51, 45, 45, 46, 45, 45, 45}, "..O.....U..."}, // one between too, on the way down
    {3,
     {51, 51, UNKNOWN, 51, 51, 51, 40, 40, UNKNOWN, 40, 40, 40},
     ".....O.....U"}, // and one of which nothing is known
};

static void holds_are_exact(void) {
  for (size_t i = 0; i < sizeof lives / sizeof lives[0]; i++) {
    life it = {lives[i].hold_s * S, 10 * S, lives[i].done, 12};
    CHECK_TEXT(live(&it), lives[i].told);
    it.first_ns = 1; // shifting all times changes nothing
    CHECK_TEXT(live(&it), lives[i].told);
  }
}

static void a_late_look_is_a_mean_and_vouches_for_what_is_credited(void) {
  const wio_limit limit = {
      .measure = WIO_WCHAR, .is_rate = true, .above = 50. * MB, .below = 45. * MB, .hold_ns = 10 * S};
  wio_limit_course course = {0};
  wio_limit_look looks[] = {
      {100 * S, 40 * S, 0}, {160 * S, 42 * S, 3600 * MB}, {168 * S, 49 * S, 4100 * MB}, {169 * S, 50 * S, 4151 * MB}};
  // 60 MB/s for a minute, of which two seconds are credited.
  CHECK_INT(wio_limit_see_rate(&limit, &course, &looks[0], &looks[1]), WIO_EVENT_NONE);
  CHECK_INT(course.state, WIO_RISING);
  CHECK_INT(wio_limit_see_rate(&limit, &course, &looks[1], &looks[2]), WIO_EVENT_NONE);
  CHECK_INT(wio_limit_see_rate(&limit, &course, &looks[2], &looks[3]), WIO_EVENT_LIMIT_OVER);
  CHECK_INT(course.from.at_ns, 100 * S);
}

static void a_total_is_over_once(void) {
  const wio_limit limit = {.measure = WIO_WCHAR, .above = 10. * MB};
  wio_limit_course course = {0};
  CHECK_INT(wio_limit_see_total(&limit, &course, 10 * MB), WIO_EVENT_NONE);
  CHECK_INT(wio_limit_see_total(&limit, &course, 10 * MB + 1), WIO_EVENT_LIMIT_OVER);
  CHECK_INT(wio_limit_see_total(&limit, &course, 99 * MB), WIO_EVENT_NONE);
}

// No two equal events in a row, and none that a hold of looks on one side does not precede.
static void random_rates_never_flap(void) {
  enum { LOOKS = 60 };
  for (unsigned seed = 1; seed <= 500; seed++) {
    uint64_t done[LOOKS];
    srand(seed);
    size_t hold = (size_t)rand() % 4;
    for (size_t i = 0; i < LOOKS; i++) done[i] = 40 + (uint64_t)rand() % 16;
    const char *told = live(&(life){hold * S, 5 * S, done, LOOKS});
    char last = 'U';
    for (size_t i = 0; i < LOOKS; i++) {
      if (told[i] == '.') continue;
      bool alternates = told[i] != last, held = i + 1 >= hold;
      for (size_t k = 0; k < (hold ? hold : 1) && k <= i; k++)
        held &= told[i] == 'O' ? done[i - k] > 50 : done[i - k] <= 45;
      if (!CHECK(alternates && held)) fprintf(stderr, "  seed %u, look %zu of %s\n", seed, i, told);
      last = told[i];
    }
  }
}

int main(void) {
  every_state_and_sight_is_in_the_table();
  holds_are_exact();
  a_late_look_is_a_mean_and_vouches_for_what_is_credited();
  a_total_is_over_once();
  random_rates_never_flap();
  CHECK_TEXT(wio_event_name(WIO_EVENT_LIMIT_OVER), "over");
  return check_result();
}
