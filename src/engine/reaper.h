// SPDX-License-Identifier: MIT
// reaper: runs one command in place of the process that called this program; see sys/children.h, which does it.
#pragma once

#include "core/child.h"

typedef struct wio_children wio_reaper;

int wio_reaper_open(wio_reaper **out);
void wio_reaper_close(wio_reaper *reaper);
int wio_reaper_fd(const wio_reaper *reaper);
int wio_reaper_start(wio_reaper *reaper, char *const argv[], pid_t *out);
bool wio_reaper_take_signal(wio_reaper *reaper, wio_signal *out);
int wio_reaper_take_change(wio_reaper *reaper, wio_child_change *out);
void wio_reaper_stop_with_them(void);
int wio_reaper_signal_all(wio_reaper *reaper, int number, const pid_t **pids, size_t *count);
bool wio_reaper_reap_others(const pid_t *own, size_t count);
void wio_reaper_spent(const wio_reaper *reaper, wio_spent *out);
