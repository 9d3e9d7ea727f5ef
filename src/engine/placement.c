// SPDX-License-Identifier: MIT
#include "engine/placement.h"

#include "core/cgroup.h"
#include "engine/settle.h"

#include <errno.h>
#include <string.h>

static bool is_confirmed(const wio_watch *watch, const wio_description *process) {
  for (size_t i = 0; i < watch->confirmed_count; i++)
    if (watch->confirmed[i].pid == process->pid && watch->confirmed[i].start_ticks == process->stat.start_ticks)
      return true;
  return false;
}

static bool is_match(const wio_placement *placing, const wio_watch *watch, wio_description *process) {
  if (wio_selector_asks(watch->selector)) return is_confirmed(watch, process);
  wio_source *source = placing->roster->source;
  return !wio_ignored_has(placing->ignored, source, process) &&
         wio_ignored_test(placing->ignored, source, watch->selector, process, NULL) == WIO_MATCH_YES;
}

// Walks up from a match. Returns the target of the nearest ancestor that is in one of the watch; NULL when there is
// none, and `top` is then the topmost ancestor that matches as well.
static wio_target *find_ancestor(const wio_placement *placing, const wio_watch *watch, wio_description *top) {
  wio_source *source = placing->roster->source;
  pid_t pid = top->stat.ppid;
  for (int i = 0; i < WIO_MOST_ANCESTORS && pid > 0; i++) {
    wio_member *member = wio_roster_member_of(placing->roster, watch, pid);
    if (member && !member->sample->ended) return member->target;
    wio_description ancestor;
    if (source->ops->describe(source, pid, placing->wanted, &ancestor) < 0) break;
    if (is_match(placing, watch, &ancestor)) *top = ancestor;
    pid = ancestor.stat.ppid;
  }
  return NULL;
}

static bool belongs_together(const wio_target *target, const wio_description *process) {
  switch (target->watch->options.per) {
    case WIO_PER_ALL: return true;
    case WIO_PER_NAME: return strcmp(target->name, process->stat.name) == 0;
    case WIO_PER_USER: return target->uid == process->uid;
    case WIO_PER_UNIT: return target->unit == wio_cgroup_unit_id(process->cgroup);
    default: return false;
  }
}

// A process in no unit has nothing in common with others that are in none.
static wio_target *find_group(const wio_watch *watch, const wio_description *process) {
  if (watch->options.per == WIO_PER_UNIT && !wio_cgroup_unit_id(process->cgroup)) return NULL;
  for (size_t i = 0; i < watch->count; i++)
    if (belongs_together(watch->targets[i], process)) return watch->targets[i];
  return NULL;
}

// Puts a match into a target of its watch, or at the top of a new one. -ESRCH when it has ended.
static int place(const wio_placement *placing, wio_watch *watch, const wio_description *process) {
  wio_description top = *process;
  bool tree = watch->options.per == WIO_PER_TREE;
  wio_target *target = tree ? find_ancestor(placing, watch, &top) : find_group(watch, process);
  if (tree && !target && top.pid == process->pid) target = wio_descent_find(placing->roster, watch, process);
  if (target) return wio_roster_adopt(placing->roster, target, process, wio_descent_is_inside(placing->roster, target));
  int rc = wio_roster_found(placing->roster, watch, &top, &target);
  if (rc == 0 && tree && !placing->all)
    rc = wio_descent_gather(placing->descent, placing->ignored, placing->roster->source, top.pid);
  if (rc < 0 || top.pid == process->pid) return rc;
  return wio_roster_adopt(placing->roster, target, process, false);
}

// Lets a member go, and has the processes that go with it inspected again: they may form targets of their own.
static int part(const wio_placement *placing, wio_member *member) {
  const wio_target *target = member->target;
  for (size_t i = 0; target->watch->options.per == WIO_PER_TREE && i < target->count; i++) {
    const wio_sample *sample = target->members[i]->sample;
    if (target->members[i] == member || sample->ended) continue;
    int rc = wio_pids_add(placing->again, (pid_t)sample->key);
    if (rc < 0) return rc;
  }
  return wio_settle_part(placing->roster, member->target, (pid_t)member->sample->key);
}

// Asks the caller to confirm a process that passes all other tests.
static int ask(const wio_placement *placing, wio_watch *watch, pid_t pid) {
  int rc = wio_watch_reserve_candidate(watch);
  if (rc == 0) rc = wio_roster_tell(placing->roster, watch, WIO_EVENT_CANDIDATE, pid, 0);
  watch->asked += rc == 0;
  return rc;
}

int wio_placement_take(const wio_placement *placing, wio_watch *watch, const wio_description *process) {
  return wio_selector_asks(watch->selector) ? ask(placing, watch, process->pid) : place(placing, watch, process);
}

bool wio_placement_is_by_match(const wio_member *member) {
  const wio_target *target = member->target;
  return target->watch->options.per != WIO_PER_TREE || target->pid == (pid_t)member->sample->key;
}

int wio_placement_inspect(const wio_placement *placing, wio_watch *watch, wio_member *member,
                          wio_description *process) {
  wio_target *target = member->target;
  bool first = target->pid == process->pid;
  if (member->sample->ended || !wio_placement_is_by_match(member)) return 0;
  // Unknown is not a mismatch: the member stays.
  wio_source *source = placing->roster->source;
  bool matches = wio_ignored_test(placing->ignored, source, watch->selector, process, NULL) != WIO_MATCH_NO;
  bool grouped = watch->options.per != WIO_PER_TREE && watch->options.per != WIO_PER_PROCESS;
  bool here = matches && (!grouped || belongs_together(target, process));
  bool renamed = here && first && strcmp(target->name, process->stat.name) != 0;
  if (renamed) memcpy(target->name, process->stat.name, WIO_NAME_SIZE);
  // A process that was renamed must be confirmed again.
  if (here) return renamed && wio_selector_asks(watch->selector) ? ask(placing, watch, process->pid) : 0;
  int rc = part(placing, member);
  return rc == 0 && matches ? wio_placement_take(placing, watch, process) : rc;
}

static int place_confirmed(const wio_placement *placing, wio_watch *watch, const wio_candidate *candidate) {
  wio_description process;
  int rc = placing->roster->source->ops->describe(placing->roster->source, candidate->pid, placing->wanted, &process);
  if (rc < 0) return rc;
  if (process.stat.start_ticks != candidate->start_ticks || wio_stat_ended(&process.stat)) return -ESRCH;
  rc = wio_settle_notice(placing->roster, &process);
  if (rc < 0 || wio_roster_member_of(placing->roster, watch, process.pid)) return rc;
  return place(placing, watch, &process);
}

// Processes that were inspected with the confirmed ones may be their descendants, and join their trees.
int wio_placement_take_confirmed(const wio_placement *placing, wio_watch *watch) {
  int rc = 0;
  for (size_t i = 0; rc != -ENOMEM && i < watch->confirmed_count; i++) {
    rc = place_confirmed(placing, watch, &watch->confirmed[i]);
    if (rc < 0 && rc != -ENOMEM && wio_watch_names_pids(watch))
      rc = wio_roster_tell(placing->roster, watch, WIO_EVENT_MISSING, watch->confirmed[i].pid, -rc);
  }
  watch->confirmed_count = 0;
  if (rc != -ENOMEM) rc = wio_descent_adopt(placing->descent, placing->roster);
  return rc < 0 ? rc : wio_roster_tell_if_over(placing->roster, watch);
}

int wio_placement_refuse(const wio_placement *placing, wio_watch *watch, pid_t pid, uint64_t start_ticks) {
  wio_member *member = wio_roster_member_of(placing->roster, watch, pid);
  if (member && member->sample->start_ticks == start_ticks) return part(placing, member);
  return wio_watch_names_pids(watch) ? wio_roster_tell(placing->roster, watch, WIO_EVENT_MISSING, pid, ENOENT) : 0;
}
