// SPDX-License-Identifier: MIT
#include "engine/roster.h"

#include "core/cgroup.h"
#include "engine/meter.h"
#include "engine/walk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int wio_roster_reserve(wio_roster *roster) {
  return wio_due_reserve(&roster->due, roster->others_due + roster->target_count + 1);
}

// ---- processes

// A pass takes a while, and a reading can show work done just before it: quiet counts from after the readings.
void wio_roster_note_readings(wio_roster *roster) {
  roster->read_ns = roster->clock_ns ? roster->clock_ns() : roster->now_ns;
}

wio_sample *wio_roster_sample(const wio_roster *roster, pid_t pid) {
  return wio_index_find(&roster->samples, (uint64_t)pid);
}

wio_member *wio_roster_member(const wio_sample *sample, const wio_watch *watch) {
  for (wio_member *member = sample->members; member; member = member->next_of_sample)
    if (member->target->watch == watch) return member;
  return NULL;
}

wio_member *wio_roster_member_of(const wio_roster *roster, const wio_watch *watch, pid_t pid) {
  const wio_sample *sample = wio_roster_sample(roster, pid);
  return sample ? wio_roster_member(sample, watch) : NULL;
}

// Keeps a process that has ended in the lineage: its last children may not be inspected yet, and are told of later.
static int remember_end(wio_roster *roster, wio_member *member) {
  const wio_target *target = member->target;
  if (target->watch->options.per != WIO_PER_TREE || member->buried) return 0;
  wio_forebear gone = {.pid = (pid_t)member->sample->key, .birth = member->sample->birth};
  int rc = wio_lineage_bury(&roster->lineage, gone, target->id);
  member->buried = rc == 0;
  return rc;
}

static void forget_pid(wio_roster *roster, const wio_sample *sample) {
  if (wio_index_find(&roster->samples, sample->key) == sample) wio_index_remove(&roster->samples, sample->key);
}

static void drop_sample(wio_roster *roster, wio_sample *sample) {
  roster->process_count--;
  roster->held_count -= sample->held;
  forget_pid(roster, sample);
  wio_sample_free(roster->source, sample);
}

static int hold_sample(wio_roster *roster, const wio_description *process, int kinds, bool born, wio_sample **out) {
  int rc = wio_sample_new(roster->source, process, kinds, born, &roster->pass, out);
  if (rc < 0) return rc;
  rc = wio_index_add(&roster->samples, &(*out)->key);
  if (rc < 0) {
    wio_sample_free(roster->source, *out);
    return rc;
  }
  (*out)->asked_at = (*out)->read_at = roster->pass.fresh;
  (*out)->birth = wio_lineage_birth(&roster->lineage, process->pid);
  wio_walk_has_run(roster->source, process->pid, &(*out)->visited_cpu_ns);
  roster->tally.reads++;
  roster->process_count++;
  roster->held_count += (*out)->held;
  return 0;
}

void wio_roster_mark(wio_roster *roster, wio_target *target) {
  if (target->dirty) return;
  target->dirty = true;
  target->next_dirty = NULL;
  // At the end, so that they are judged in the order in which they were found.
  wio_target **link = &roster->dirty;
  if (roster->dirty) link = &roster->last_dirty->next_dirty;
  *link = roster->last_dirty = target;
}

void wio_roster_miss(wio_roster *roster, wio_target *target, bool reaped_by_nobody) {
  target->missed = true;
  target->at_least = target->at_least || reaped_by_nobody;
  wio_roster_mark(roster, target);
}

static void mark_all_of(wio_roster *roster, const wio_sample *sample) {
  for (wio_member *member = sample->members; member; member = member->next_of_sample)
    wio_roster_mark(roster, member->target);
}

int wio_roster_end_sample(wio_roster *roster, wio_sample *sample) {
  int rc = 0;
  for (wio_member *member = sample->members; rc == 0 && member; member = member->next_of_sample)
    rc = remember_end(roster, member);
  if (rc < 0) return rc;
  rc = wio_sample_end(roster->source, sample, &roster->pass, &roster->tally);
  mark_all_of(roster, sample);
  return rc;
}

bool wio_roster_displace(wio_roster *roster, const wio_description *process) {
  wio_sample *sample = wio_roster_sample(roster, process->pid);
  if (!sample || sample->start_ticks == process->stat.start_ticks) return false;
  sample->ended = sample->gone = true;
  forget_pid(roster, sample);
  mark_all_of(roster, sample);
  roster->displaced = true;
  return true;
}

// Finds the process of a description, or pins and reads it now if it is not held yet.
static int find_or_hold(wio_roster *roster, const wio_description *process, int kinds, bool born, wio_sample **out) {
  *out = wio_roster_sample(roster, process->pid);
  if (!*out) return hold_sample(roster, process, kinds, born, out);
  bool same = (*out)->start_ticks == process->stat.start_ticks && !(*out)->ended;
  if (!same) return -ESRCH;
  int rc = wio_sample_widen(roster->source, *out, kinds, &roster->pass, &roster->tally);
  return rc < 0 ? rc : wio_sample_refresh(roster->source, *out, &roster->pass, WIO_UNGATED, &roster->tally);
}

// ---- members and targets

// Members are linked in the order of their watches, which is the order in which the watches hear.
static void link_member(wio_sample *sample, wio_member *member) {
  wio_member **link = &sample->members;
  while (*link && (*link)->target->watch->id < member->target->watch->id) link = &(*link)->next_of_sample;
  member->next_of_sample = *link;
  *link = member;
}

void wio_roster_drop_member(wio_roster *roster, wio_member *member) {
  wio_sample *sample = member->sample;
  if (sample->ended) remember_end(roster, member); // its end may have been found by reading
  wio_member **link = &sample->members;
  while (*link != member) link = &(*link)->next_of_sample;
  *link = member->next_of_sample;
  wio_watch_remove_member(member->target->watch, member);
  wio_target_remove(member->target, member);
  free(member);
  if (!sample->members) drop_sample(roster, sample);
}

static int add_member(wio_roster *roster, wio_target *target, wio_sample *sample, bool born_inside) {
  wio_member *member = calloc(1, sizeof *member);
  if (!member) {
    if (!sample->members) drop_sample(roster, sample);
    return -ENOMEM;
  }
  // The member begins at a version that the sample does not have, so that its first reading is still counted.
  *member = (wio_member){
      .sample = sample, .target = target, .seen = sample->version - 1, .version = sample->version - 1};
  if (born_inside) member->account.opened = WIO_ALL_KINDS;
  link_member(sample, member);
  wio_target_catch_up(target); // what was judged while the target was one process is not judged again
  int rc = wio_target_add(target, member);
  if (rc == 0) rc = wio_watch_add_member(target->watch, member);
  if (rc < 0) {
    wio_roster_drop_member(roster, member);
    return rc;
  }
  target->history.joined++;
  wio_roster_mark(roster, target);
  return 0;
}

static void begin_quiet(wio_roster *roster, wio_target *target) {
  wio_roster_note_readings(roster);
  target->quiet_since_ns = wio_credit_at(&target->watch->credit, roster->read_ns);
}

int wio_roster_adopt(wio_roster *roster, wio_target *target, const wio_description *process, bool born_inside) {
  wio_sample *sample;
  int rc = find_or_hold(roster, process, target->watch->reads, born_inside, &sample);
  if (rc < 0 || wio_roster_member(sample, target->watch)) return rc;
  rc = add_member(roster, target, sample, born_inside);
  // Nobody knows what the process did before it was read for the first time.
  if (rc == 0 && !born_inside) begin_quiet(roster, target);
  return rc;
}

void wio_roster_clean(wio_roster *roster, wio_target *target) {
  wio_target **link = &roster->dirty, *before = NULL;
  while (*link && *link != target) {
    before = *link;
    link = &before->next_dirty;
  }
  if (!*link) return;
  *link = target->next_dirty;
  if (roster->last_dirty == target) roster->last_dirty = before;
  target->dirty = false;
}

void wio_roster_drop(wio_roster *roster, wio_target *target) {
  if (target->dirty) wio_roster_clean(roster, target);
  while (target->count > 0) wio_roster_drop_member(roster, target->members[target->count - 1]);
  wio_due_remove(&roster->due, &target->deadline);
  wio_watch_remove_target(target->watch, target);
  wio_index_remove(&roster->targets, target->id);
  roster->target_count--;
  wio_target_release(target);
  free(target->meter);
  free(target);
}

static wio_target *new_target(wio_roster *roster, wio_watch *watch, const wio_description *process) {
  wio_target *target = wio_roster_reserve(roster) < 0 ? NULL : calloc(1, sizeof *target);
  if (!target) return NULL;
  *target = (wio_target){.id = ++roster->last_id, .watch = watch, .pid = process->pid, .uid = process->uid};
  memcpy(target->name, process->stat.name, sizeof target->name);
  target->unit = wio_cgroup_unit_id(process->cgroup);
  target->seen_ns = roster->now_ns;
  begin_quiet(roster, target);
  target->deadline.kind = WIO_DUE_DEADLINE;
  target->deadline.rank = watch->id;
  target->deadline.order = target->id;
  roster->target_count++;
  return target;
}

// Counts the first process of a target, and tells that the target has started.
static int start_target(wio_roster *roster, wio_target *target) {
  wio_event event;
  wio_target_count(target);
  if (wio_watch_meters(target->watch) && !(target->meter = wio_meter_new(target, roster->now_ns))) return -ENOMEM;
  wio_target_tell(target, WIO_EVENT_START, roster->now_ns, &event);
  int rc = wio_watch_tells(target->watch, WIO_EVENT_START) ? wio_events_push(&roster->events, &event) : 0;
  if (rc == 0) wio_roster_expect_idle(roster, target);
  return rc;
}

int wio_roster_found(wio_roster *roster, wio_watch *watch, const wio_description *process, wio_target **out) {
  wio_sample *sample;
  int rc = find_or_hold(roster, process, watch->reads, false, &sample);
  if (rc < 0) return rc;
  wio_target *target = new_target(roster, watch, process);
  if (!target) {
    if (!sample->members) drop_sample(roster, sample);
    return -ENOMEM;
  }
  rc = add_member(roster, target, sample, false);
  if (rc == 0) rc = wio_index_add(&roster->targets, &target->id);
  if (rc == 0) rc = wio_watch_add_target(watch, target);
  if (rc == 0) rc = start_target(roster, target);
  if (rc < 0) wio_roster_drop(roster, target);
  else *out = target;
  return rc;
}

// ---- judging

void wio_roster_expect_idle(wio_roster *roster, wio_target *target) {
  uint64_t idle_after_ns = target->watch->options.idle_after_ns;
  bool waits = target->state == WIO_NEW || target->state == WIO_ACTIVE;
  if (!idle_after_ns || !waits || target->watch->held) {
    wio_due_remove(&roster->due, &target->deadline);
    return;
  }
  uint64_t quiet_ns = wio_target_quiet_ns(target, roster->now_ns);
  wio_due_put(&roster->due, &target->deadline,
              roster->now_ns + (quiet_ns < idle_after_ns ? idle_after_ns - quiet_ns : 0));
}

// ---- events of a watch

int wio_roster_tell(wio_roster *roster, const wio_watch *watch, wio_event_type type, pid_t pid, int error) {
  if (!wio_watch_tells(watch, type)) return 0;
  wio_event event = {.type = type, .time_ns = roster->now_ns, .watch = watch->id, .pid = pid, .error = error};
  return wio_events_push(&roster->events, &event);
}

int wio_roster_tell_if_over(wio_roster *roster, wio_watch *watch) {
  if (watch->over || !watch->inspected || watch->count > 0 || watch->asked > 0 || !wio_watch_names_pids(watch))
    return 0;
  int rc = wio_roster_tell(roster, watch, WIO_EVENT_FINISHED, 0, 0);
  watch->over = rc == 0;
  return rc;
}

void wio_roster_release(wio_roster *roster) {
  wio_due_release(&roster->due);
  wio_lineage_release(&roster->lineage);
  wio_silent_release(&roster->silent);
  wio_events_release(&roster->events);
}
