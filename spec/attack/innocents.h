// SPDX-License-Identifier: MIT
// innocents: processes that no signal is meant for. They keep whatever they get.
#pragma once

#include <sys/types.h>

// Blocks all signals, here and in all that is started, until `signals_allow`.
void signals_block(void);
void signals_allow(void);

// Starts one, with this pid if it can be had; 0 is any. Writes `innocent PID`.
void innocent_start(pid_t pid);

// Writes `hurt PID SIGNAL` for one that ended; false when the pid is none of them.
int innocent_ended(pid_t pid, int status);

// Writes `hurt PID SIGNAL` for all that got a signal, and ends them.
void innocents_end(void);
