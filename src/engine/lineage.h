// SPDX-License-Identifier: MIT
// lineage: finds the tree of a process whose parent has already exited: a command that goes into the background by two
// forks, or whose shell ends at once, still belongs to the tree.
//
// The kernel tells of all forks, in the order of time. A number can be given to another process, so a process is known
// here by its number and its birth. Of the forks of the news before only what counts is kept: the graves of those that
// were in a tree. What is lost of the news, or not told at all, is not made up for.
#pragma once

#include "engine/source.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Zeroed memory knows of nobody.
typedef struct {
  struct wio_told_fork *forks; // of the latest news, by pid and birth
  size_t fork_count, fork_capacity;
  uint64_t told, told_before; // how many births were told in all, and how many before the latest news
  struct wio_grave *graves;
  size_t grave_count, grave_capacity;
  bool sorted;   // the graves are, by pid and birth
  bool open;     // between wio_lineage_begin and wio_lineage_end
  uint64_t news; // how often they were taken
} wio_lineage;

// A process as the news know it.
typedef struct {
  pid_t pid;
  uint64_t birth; // births are numbered from 1; 0: it was not born in the latest news
} wio_forebear;

// Takes the forks of the source's latest news; those before as well, if they were not gone through to the end. 0 or
// -ENOMEM.
int wio_lineage_begin(wio_lineage *lineage, wio_source *source);

// Forgets who had ended before the latest news: all that they have forked was told by now.
void wio_lineage_end(wio_lineage *lineage);

// The birth of who has the pid now; 0 when it was not told in the latest news.
uint64_t wio_lineage_birth(const wio_lineage *lineage, pid_t pid);

// Goes on to the parent as it was at the birth. False when the birth was not told in the latest news.
bool wio_lineage_climb(const wio_lineage *lineage, wio_forebear *at);

// Whether a process that has that pid, and is known to have been born then (0: unknown), is this one.
bool wio_lineage_is(const wio_lineage *lineage, wio_forebear forebear, uint64_t birth);

// Takes note that a process has ended that was in a target. 0 or -ENOMEM.
int wio_lineage_bury(wio_lineage *lineage, wio_forebear gone, uint64_t target);

// The graves of a process. Returns how many, and the first one's place; places hold until the next call of this one.
size_t wio_lineage_graves(wio_lineage *lineage, wio_forebear forebear, size_t *first);

// The target of a grave.
uint64_t wio_lineage_grave(const wio_lineage *lineage, size_t place);

// Takes note that who has the pid now, if its birth was told in the latest news, was gone when it was looked at.
void wio_lineage_miss(wio_lineage *lineage, pid_t pid);

// The next that was born in the latest news and was gone when it was looked at, after `*place`; false when there is
// none.
bool wio_lineage_missed(const wio_lineage *lineage, size_t *place, wio_forebear *out);

void wio_lineage_release(wio_lineage *lineage);
