// SPDX-License-Identifier: MIT
#include "engine/descent.h"

#include "core/array.h"

#include <errno.h>
#include <stdlib.h>

// Finds the sample of a forebear that the kernel has reported; NULL when it is not held, or when only graves of it are
// left. The forebear may have ended: until its end was heard, another birth of its number can only be in this batch.
static const wio_sample *find_held(const wio_roster *roster, wio_forebear forebear) {
  const wio_sample *sample = wio_roster_sample(roster, forebear.pid);
  if (!sample || sample->ended || !wio_lineage_is(&roster->lineage, forebear, sample->birth)) return NULL;
  return sample->held || !roster->source->ops->ended(roster->source, sample->pin) ? sample : NULL;
}

static wio_target *find_grave(wio_roster *roster, const wio_watch *watch, wio_forebear forebear) {
  size_t first, count = wio_lineage_graves(&roster->lineage, forebear, &first);
  for (size_t i = 0; i < count; i++) {
    wio_target *target = wio_index_find(&roster->targets, wio_lineage_grave(&roster->lineage, first + i));
    if (target && target->watch == watch) return target;
  }
  return NULL;
}

// The leader of a process's session, if the leader is held and lives; else NULL. A process enters a session only by
// being forked in it (setsid(2)), and no other process gets the session's number while the session has a member.
static const wio_sample *find_leader(const wio_roster *roster, pid_t pid, pid_t session) {
  const wio_sample *leader = session == pid ? NULL : wio_roster_sample(roster, session);
  return leader && !leader->ended && !roster->source->ops->ended(roster->source, leader->pin) ? leader : NULL;
}

wio_target *wio_descent_find(wio_roster *roster, const wio_watch *watch, const wio_description *process) {
  wio_forebear at = {.pid = process->pid, .birth = wio_lineage_birth(&roster->lineage, process->pid)};
  while (wio_lineage_climb(&roster->lineage, &at)) {
    const wio_sample *sample = find_held(roster, at);
    const wio_member *member = sample ? wio_roster_member(sample, watch) : NULL;
    wio_target *target = member ? member->target : find_grave(roster, watch, at);
    if (target) return target;
  }
  const wio_sample *leader = find_leader(roster, process->pid, process->stat.session);
  const wio_member *member = leader ? wio_roster_member(leader, watch) : NULL;
  return member ? member->target : NULL;
}

bool wio_descent_is_inside(const wio_roster *roster, const wio_target *target) {
  // A process that was there when the target was first seen joined it at that moment.
  return target->watch->options.per == WIO_PER_TREE && target->seen_ns < roster->now_ns;
}

int wio_descent_remember(wio_descent *descent, const wio_description *process) {
  wio_kin *kin = wio_array_grow(descent->kin, &descent->capacity, descent->count + 1, sizeof *kin);
  if (!kin) return -ENOMEM;
  descent->kin = kin;
  descent->kin[descent->count++] = (wio_kin){.pid = process->pid,
                                             .ppid = process->stat.ppid,
                                             .session = process->stat.session,
                                             .start_ticks = process->stat.start_ticks};
  return 0;
}

// Remembers the children of a process, as the kernel lists them.
static int remember_children(wio_descent *descent, const wio_ignored *ignored, wio_source *source, pid_t pid) {
  const pid_t *pids;
  size_t count;
  int rc = source->ops->children(source, pid, &pids, &count);
  if (rc < 0) return rc;
  for (size_t i = 0; rc == 0 && i < count; i++) {
    wio_description child;
    if (source->ops->describe(source, pids[i], 0, &child) < 0 || wio_stat_ended(&child.stat)) continue;
    if (!wio_ignored_has(ignored, source, &child)) rc = wio_descent_remember(descent, &child);
  }
  return rc;
}

// Where the kernel does not list a process's children, its tree is completed when all processes are inspected.
int wio_descent_gather(wio_descent *descent, const wio_ignored *ignored, wio_source *source, pid_t pid) {
  size_t next = descent->count;
  int rc = remember_children(descent, ignored, source, pid);
  for (; rc != -ENOMEM && rc != -ENOTSUP && next < descent->count; next++)
    rc = remember_children(descent, ignored, source, descent->kin[next].pid);
  if (rc == -ENOTSUP) descent->incomplete = true;
  return rc == -ENOMEM ? rc : 0;
}

// Takes a process into a tree, unless it is already in a target of that watch.
static int adopt_into(wio_roster *roster, wio_target *target, const wio_kin *kin, bool *taken) {
  wio_description process = {.pid = kin->pid, .stat = {.ppid = kin->ppid, .start_ticks = kin->start_ticks}};
  if (target->watch->options.per != WIO_PER_TREE || wio_roster_member_of(roster, target->watch, kin->pid)) return 0;
  int rc = wio_roster_adopt(roster, target, &process, wio_descent_is_inside(roster, target));
  *taken = *taken || rc == 0;
  if (rc < 0 && rc != -ENOMEM) wio_lineage_miss(&roster->lineage, kin->pid);
  return rc == -ENOMEM ? rc : 0;
}

// Takes a process into the trees that `sample` is in.
static int adopt_beside(wio_roster *roster, const wio_sample *sample, const wio_kin *kin, bool *taken) {
  int rc = 0;
  for (wio_member *member = sample ? sample->members : NULL; rc == 0 && member; member = member->next_of_sample)
    rc = adopt_into(roster, member->target, kin, taken);
  return rc;
}

// Takes a process into the trees of its forebears: the processes between may have ended before they were inspected.
static int adopt_orphan(wio_roster *roster, const wio_kin *kin, bool *taken) {
  wio_forebear at = {.pid = kin->pid, .birth = wio_lineage_birth(&roster->lineage, kin->pid)};
  int rc = 0;
  while (rc == 0 && wio_lineage_climb(&roster->lineage, &at)) {
    rc = adopt_beside(roster, find_held(roster, at), kin, taken);
    size_t first, count = wio_lineage_graves(&roster->lineage, at, &first);
    for (size_t i = 0; rc == 0 && i < count; i++) {
      wio_target *target = wio_index_find(&roster->targets, wio_lineage_grave(&roster->lineage, first + i));
      if (target) rc = adopt_into(roster, target, kin, taken);
    }
  }
  return rc;
}

// Takes a process into the trees of its session's leader: the session shows its origin when nobody reported its birth.
static int adopt_in_session(wio_roster *roster, const wio_kin *kin, bool *taken) {
  return adopt_beside(roster, find_leader(roster, kin->pid, kin->session), kin, taken);
}

// Takes a process into the trees that its parent is or was in. Sets `taken` when it was taken into any.
static int adopt_kin(wio_roster *roster, const wio_kin *kin, bool *taken) {
  int rc = adopt_beside(roster, wio_roster_sample(roster, kin->ppid), kin, taken);
  if (rc == 0) rc = adopt_orphan(roster, kin, taken);
  return rc < 0 ? rc : adopt_in_session(roster, kin, taken);
}

// Children may stand before their parents, so the list is gone through until no process is taken any more.
int wio_descent_adopt(const wio_descent *descent, wio_roster *roster) {
  for (bool taken = true; taken;) {
    taken = false;
    for (size_t i = 0; i < descent->count; i++) {
      int rc = adopt_kin(roster, &descent->kin[i], &taken);
      if (rc < 0) return rc;
    }
  }
  return 0;
}

// Takes in a process that has lost its parent and become a child of watchio, before or after it was first inspected.
static int shelter(wio_roster *roster, const wio_kin *kin, wio_watch *const *watches, size_t count) {
  wio_source *source = roster->source;
  if (kin->ppid != source->ops->self(source)) return 0;
  wio_description process = {.pid = kin->pid, .stat = {.ppid = kin->ppid, .start_ticks = kin->start_ticks}};
  for (size_t i = 0; i < count; i++) {
    const wio_watch *watch = watches[i];
    if (!watch->options.orphans || watch->count == 0 || wio_roster_member_of(roster, watch, kin->pid)) continue;
    int rc = wio_roster_adopt(roster, watch->targets[0], &process, true);
    if (rc == -ENOMEM) return rc;
  }
  return 0;
}

int wio_descent_shelter(const wio_descent *descent, wio_roster *roster, wio_watch *const *watches, size_t count) {
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < descent->count; i++) rc = shelter(roster, &descent->kin[i], watches, count);
  return rc;
}

// Whether the kernel adds the counters of a child that is gone to no other process. False when its parent cannot be
// asked any more.
static bool is_reaped_by_nobody(const wio_roster *roster, wio_forebear child) {
  const wio_source_ops *ops = roster->source->ops;
  if (!ops->ignores_children || !wio_lineage_climb(&roster->lineage, &child)) return false;
  const wio_sample *parent = find_held(roster, child);
  return parent && !parent->ended && ops->ignores_children(roster->source, child.pid);
}

// Notes in a tree that a process was gone before it could be held.
static int bury_in(wio_roster *roster, wio_forebear gone, wio_target *target) {
  if (target->watch->options.per != WIO_PER_TREE) return 0;
  int rc = wio_lineage_bury(&roster->lineage, gone, target->id);
  if (rc == 0) wio_roster_miss(roster, target, !target->at_least && is_reaped_by_nobody(roster, gone));
  return rc;
}

// Notes a process that was gone in every tree that one of its forebears is or was in.
static int bury(wio_roster *roster, wio_forebear gone) {
  wio_forebear at = gone;
  int rc = 0;
  while (rc == 0 && wio_lineage_climb(&roster->lineage, &at)) {
    const wio_sample *sample = find_held(roster, at);
    for (const wio_member *member = sample ? sample->members : NULL; rc == 0 && member; member = member->next_of_sample)
      rc = bury_in(roster, gone, member->target);
    size_t first, count = wio_lineage_graves(&roster->lineage, at, &first);
    for (size_t i = 0; rc == 0 && i < count; i++) {
      wio_target *target = wio_index_find(&roster->targets, wio_lineage_grave(&roster->lineage, first + i));
      if (target) rc = bury_in(roster, gone, target);
    }
    if (sample || count) break; // this forebear is in the trees of all its forebears
  }
  return rc;
}

// Their last children may be reported only in the next batch.
int wio_descent_bury_missed(wio_roster *roster) {
  wio_forebear gone;
  int rc = 0;
  for (size_t place = 0; rc == 0 && wio_lineage_missed(&roster->lineage, &place, &gone);) rc = bury(roster, gone);
  return rc;
}

void wio_descent_begin(wio_descent *descent) { descent->count = 0; }

void wio_descent_release(wio_descent *descent) { free(descent->kin); }
