// lineage: of whom those were born whose parents are gone by the time that they are looked at: a command that goes into the
// background by two forks, or whose shell ends at once, still belongs to the tree.
//
// The kernel tells of all forks, so a number that was given to another process since it was last looked at is told of as well: then
// nothing is claimed of it. What is lost of the news, or not told at all, is not made up for.
#pragma once

#include "engine/source.h"

#include <stddef.h>
#include <stdint.h>

// Zeroed memory knows of nobody.
typedef struct {
  struct wio_told_fork *forks; // of the latest news and those before, by pid
  size_t fork_count, fork_capacity;
  size_t told, told_before; // how many forks were told in all, and how many before the latest news
  struct wio_grave *graves; // who has ended since the news before, in order of time
  size_t grave_count, grave_capacity;
  size_t buried_before; // how many of them had ended before the latest news were taken
} wio_lineage;

// Takes note that a process has ended that was in a tree. 0 or -ENOMEM.
int wio_lineage_bury(wio_lineage *lineage, pid_t pid, uint64_t target);

// Takes the forks of the source's latest news, to be asked for along with those of the news before: who was born in these may
// have ended before it was held, and its last forks are told in those. 0 or -ENOMEM.
int wio_lineage_begin(wio_lineage *lineage, wio_source *source);

// Forgets who had ended before the latest news: all that they have forked was told by now.
void wio_lineage_end(wio_lineage *lineage);

// The nearest forefather of a newborn that was not born in these news itself; 0 when it is not known.
pid_t wio_lineage_forefather(const wio_lineage *lineage, pid_t pid);

// The next target, after `*place`, that a process was in which has ended since the news before; 0 when there is none.
uint64_t wio_lineage_grave(const wio_lineage *lineage, pid_t pid, size_t *place);

void wio_lineage_release(wio_lineage *lineage);
