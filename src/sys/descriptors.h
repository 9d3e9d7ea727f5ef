// descriptors: how many files this process may hold open, and how many of them go to watched processes.
#pragma once

#include <stdbool.h>

// Raises the soft limit of open files to the hard one (setrlimit(2)) and sets what may be held: all but a reserve for
// everything else the program opens. Called once, before the first is taken.
void wio_descriptors_raise(void);

// Takes leave to hold `count` more; false when they would eat into the reserve.
bool wio_descriptors_take(int count);

// Gives back `count`.
void wio_descriptors_give(int count);
