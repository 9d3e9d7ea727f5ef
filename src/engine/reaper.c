// SPDX-License-Identifier: MIT
#include "engine/reaper.h"

#include "sys/children.h"

int wio_reaper_open(wio_reaper **out) { return wio_children_open(out); }

void wio_reaper_close(wio_reaper *reaper) { wio_children_close(reaper); }

int wio_reaper_fd(const wio_reaper *reaper) { return wio_children_fd(reaper); }

int wio_reaper_start(wio_reaper *reaper, char *const argv[], pid_t *out) {
  return wio_children_start(reaper, argv, out);
}

bool wio_reaper_take_signal(wio_reaper *reaper, wio_signal *out) { return wio_children_take_signal(reaper, out); }

int wio_reaper_take_change(wio_reaper *reaper, wio_child_change *out) { return wio_children_take_change(reaper, out); }

void wio_reaper_stop_with_them(void) { wio_children_stop_with_them(); }

int wio_reaper_signal_all(wio_reaper *reaper, int number, const pid_t **pids, size_t *count) {
  return wio_children_signal_all(reaper, number, pids, count);
}

bool wio_reaper_reap_others(const pid_t *own, size_t count) { return wio_children_reap_others(own, count); }

void wio_reaper_spent(const wio_reaper *reaper, wio_spent *out) { wio_children_spent(reaper, out); }
