// SPDX-License-Identifier: MIT
// description: what the files of /proc say of a process, learnt piece by piece.
#pragma once

#include "engine/source.h"
#include "sys/procfs.h"
#include "sys/whole.h"

// Begins a description of which nothing is known but the stat, which is left as it is.
void wio_description_clear(pid_t pid, wio_description *out);

// As wio_source_ops.learn and .whole; `room` is for long texts.
int wio_description_learn(wio_procfs *fs, wio_whole *room, int wanted, wio_description *process);
int wio_description_whole(wio_procfs *fs, wio_whole *room, int wanted, const wio_description *process,
                          const char **text);
