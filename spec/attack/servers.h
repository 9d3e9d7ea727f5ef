// SPDX-License-Identifier: MIT
// servers: the shapes that serve somebody, and who it is.
#pragma once

#include "diary.h"

void play_tcp(diary *own);
void play_udp(diary *own);
void play_unix(diary *own);
void play_forking(diary *own);
void play_leaderless(diary *own);
void play_elsewhere(diary *own);
void play_thread_elsewhere(diary *own);
void play_handed(diary *own);

void drive_tcp(diary *own);
void drive_udp(diary *own);
void drive_unix(diary *own);
void drive_elsewhere(diary *own);
