// SPDX-License-Identifier: MIT
// disk: the shape that waits for a slow disk, and that disk.
#pragma once

#include "diary.h"

void play_disk(diary *own);
void drive_disk(diary *own);

// Removes the folder that the disk was mounted over, if there was one.
void disk_remove(const diary *own);
