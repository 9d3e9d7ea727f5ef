// SPDX-License-Identifier: MIT
// steps: what a hostile process does when it is busy, by far above the floors of docs/activity.md, and how it rests.
#pragma once

#include "diary.h"

void rest_ms(int ms);
_Noreturn void sleep_on(void);

// As random, below `limit`.
int chance(int limit);

// Rests for a while, as the one who is busy for good (never as long as the watcher's `idle`) or as the one who stops
// now and then.
void rest_a_while(void);
void be_restless(int restless);

// Runs for 12 ms of its own CPU time, and writes it down.
void compute(diary *own);

// For `run_us`, and writes nothing down.
void spin_us(int run_us);

// Opens a file without a name, writes 8 KiB, and writes it down.
void write_file(diary *own);
