// SPDX-License-Identifier: MIT
// shapes: the hostile processes.
#pragma once

#include "diary.h"

typedef struct {
  const char *name;
  void (*play)(diary *own);  // in a process of its own; it never returns
  void (*drive)(diary *own); // in another that is not watched, NULL for none: who it serves
  int hungry;                // it takes a whole processor from the others
} shape;

extern const shape shapes[];
extern const int shape_count;
