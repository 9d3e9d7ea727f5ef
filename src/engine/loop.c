// SPDX-License-Identifier: MIT
#include "engine/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

// How soon a tick that failed is tried again.
#define RETRY_NS (WIO_NS_PER_SECOND / 10)

struct wio_loop {
  uv_timer_t *timer;
  uv_poll_t *exits;
  wio_monitor *monitor;
  wio_loop_deliver *deliver;
  void *data;
  uint64_t late_ns, tick_late_ns;
  bool ticking; // the timer is set once at the end, whatever is changed meanwhile
  wio_loop *next;
};

// The data fields of the handles belong to the code that made them, so the loop of a handle is looked up here. A thread
// has one Lua state, and so one list.
static _Thread_local wio_loop *loops;

static wio_loop *loop_of(const void *handle) {
  wio_loop *loop = loops;
  while (loop && (void *)loop->timer != handle && (void *)loop->exits != handle) loop = loop->next;
  return loop;
}

uint64_t wio_loop_now(void) { return uv_hrtime(); }

uint64_t wio_loop_computed(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (uint64_t)time.tv_sec * WIO_NS_PER_SECOND + (uint64_t)time.tv_nsec;
}

uint64_t wio_loop_late_ns(const wio_loop *loop) { return loop->late_ns; }

uint64_t wio_loop_tick_late_ns(const wio_loop *loop) { return loop->tick_late_ns; }

static void on_timer(uv_timer_t *timer);

static void arm(wio_loop *loop, uint64_t due_ns) {
  uint64_t now_ns = wio_loop_now();
  uint64_t wait_ns = due_ns > now_ns ? due_ns - now_ns : 0;
  // The timer counts from the loop's own idea of now, in whole milliseconds: rounded up, so that it never comes early.
  uv_update_time(loop->timer->loop);
  uv_timer_start(loop->timer, on_timer, (wait_ns + WIO_NS_PER_MS - 1) / WIO_NS_PER_MS, 0);
}

void wio_loop_rearm(wio_loop *loop) {
  uint64_t due_ns;
  if (loop->ticking) return;
  if (wio_monitor_has_events(loop->monitor)) arm(loop, 0); // a question has found something
  else if (wio_monitor_due(loop->monitor, &due_ns)) arm(loop, due_ns);
  else uv_timer_stop(loop->timer);
}

static void tick(wio_loop *loop) {
  uint64_t due_ns, now_ns = wio_loop_now();
  bool late = wio_monitor_due(loop->monitor, &due_ns) && due_ns && now_ns > due_ns;
  loop->tick_late_ns = late ? now_ns - due_ns : 0;
  if (loop->tick_late_ns > loop->late_ns) loop->late_ns = loop->tick_late_ns;
  loop->ticking = true;
  int rc = wio_monitor_tick(loop->monitor, now_ns);
  if (rc < 0 || wio_monitor_has_events(loop->monitor) || loop->tick_late_ns >= WIO_LATE_NS)
    loop->deliver(loop->data, rc);
  loop->ticking = false;
  if (rc < 0) arm(loop, now_ns + RETRY_NS);
  else wio_loop_rearm(loop);
}

static void on_timer(uv_timer_t *timer) {
  wio_loop *loop = loop_of(timer);
  if (loop) tick(loop);
}

static void on_exits(uv_poll_t *exits, int status, int events) {
  (void)status, (void)events;
  wio_loop *loop = loop_of(exits);
  if (loop) tick(loop);
}

int wio_loop_new(uv_timer_t *timer, uv_poll_t *exits, wio_monitor *monitor, wio_loop_deliver *deliver, void *data,
                 wio_loop **out) {
  wio_loop *loop = malloc(sizeof *loop);
  if (!loop) return -ENOMEM;
  *loop = (wio_loop){
      .timer = timer, .exits = exits, .monitor = monitor, .deliver = deliver, .data = data, .next = loops};
  int rc = uv_poll_start(exits, UV_READABLE, on_exits);
  if (rc < 0) {
    free(loop);
    return rc;
  }
  uv_unref((uv_handle_t *)exits); // the timer alone keeps the loop alive
  loops = loop;
  wio_monitor_set_clock(monitor, wio_loop_now);
  wio_loop_rearm(loop);
  *out = loop;
  return 0;
}

void wio_loop_free(wio_loop *loop) {
  if (!loop) return;
  wio_loop **link = &loops;
  while (*link != loop) link = &(*link)->next;
  *link = loop->next;
  wio_monitor_set_clock(loop->monitor, NULL);
  // The code that made the handles may have closed them before: luv does when a Lua state is closed.
  if (!uv_is_closing((uv_handle_t *)loop->timer)) uv_timer_stop(loop->timer);
  if (!uv_is_closing((uv_handle_t *)loop->exits)) uv_poll_stop(loop->exits);
  free(loop);
}
