// SPDX-License-Identifier: MIT
#include "engine/roster.h"

#include "core/cgroup.h"
#include "engine/meter.h"
#include "engine/walk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

// How often a target is read again because somebody has ended meanwhile, before the readings are taken as they are.
#define MOST_READINGS 64

int wio_roster_reserve(wio_roster *roster) {
  return wio_due_reserve(&roster->due, roster->others_due + roster->target_count + 1);
}

// ---- processes

// A pass takes a while, and what a reading shows can have been done just before it: quiet counts from after the
// readings.
static void note_readings(wio_roster *roster) {
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

// Whom it has forked at last may not have been looked at yet, and is told of later.
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
  roster->tally.processes--;
  roster->tally.held -= sample->held;
  forget_pid(roster, sample);
  wio_sample_free(roster->source, sample);
}

static int hold_sample(wio_roster *roster, const wio_description *process, int kinds, bool born, wio_sample **out) {
  int rc = wio_sample_new(roster->source, process, kinds, born, &roster->tally, out);
  if (rc < 0) return rc;
  rc = wio_index_add(&roster->samples, &(*out)->key);
  if (rc < 0) {
    wio_sample_free(roster->source, *out);
    return rc;
  }
  (*out)->asked_at = (*out)->read_at = roster->look;
  (*out)->birth = wio_lineage_birth(&roster->lineage, process->pid);
  wio_walk_has_run(roster->source, process->pid, &(*out)->looked_at);
  roster->tally.reads++;
  roster->tally.processes++;
  roster->tally.held += (*out)->held;
  return 0;
}

// What it has read or lost since is to be counted and judged by wio_roster_settle.
static void mark(wio_roster *roster, wio_target *target) {
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
  mark(roster, target);
}

static void mark_all_of(wio_roster *roster, const wio_sample *sample) {
  for (wio_member *member = sample->members; member; member = member->next_of_sample) mark(roster, member->target);
}

// Takes note that a process has ended, and reads a zombie a last time, so that nothing it did is lost.
static int end_sample(wio_roster *roster, wio_sample *sample) {
  int rc = 0;
  for (wio_member *member = sample->members; rc == 0 && member; member = member->next_of_sample)
    rc = remember_end(roster, member);
  if (rc < 0) return rc;
  rc = wio_sample_end(roster->source, sample, roster->look, &roster->tally);
  mark_all_of(roster, sample);
  return rc;
}

int wio_roster_notice(wio_roster *roster, const wio_description *process) {
  wio_sample *sample = wio_roster_sample(roster, process->pid);
  if (!sample || sample->start_ticks == process->stat.start_ticks) return 0;
  sample->ended = sample->gone = true;
  forget_pid(roster, sample);
  mark_all_of(roster, sample);
  roster->displaced = true;
  return wio_roster_settle(roster);
}

// The process of a description, pinned and read now if it is not held yet.
static int find_or_hold(wio_roster *roster, const wio_description *process, int kinds, bool born, wio_sample **out) {
  *out = wio_roster_sample(roster, process->pid);
  if (!*out) return hold_sample(roster, process, kinds, born, out);
  bool same = (*out)->start_ticks == process->stat.start_ticks && !(*out)->ended;
  if (!same) return -ESRCH;
  int rc = wio_sample_widen(roster->source, *out, kinds, roster->look, &roster->tally);
  return rc < 0 ? rc : wio_sample_refresh(roster->source, *out, roster->look, WIO_UNGATED, &roster->tally);
}

// ---- members and targets

// In the order of their watches, since that is the order in which they hear.
static void link_member(wio_sample *sample, wio_member *member) {
  wio_member **link = &sample->members;
  while (*link && (*link)->target->watch->id < member->target->watch->id) link = &(*link)->next_of_sample;
  member->next_of_sample = *link;
  *link = member;
}

// Takes a member out of everything and frees it, and its process when nobody else judges it.
static void drop_member(wio_roster *roster, wio_member *member) {
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
  // Its version is one that the sample does not have: its first reading is still to be counted.
  *member = (wio_member){
      .sample = sample, .target = target, .seen = sample->version - 1, .version = sample->version - 1};
  if (born_inside) member->account.opened = WIO_ALL_KINDS;
  link_member(sample, member);
  wio_target_catch_up(target); // what was judged while it was one process is not judged again
  int rc = wio_target_add(target, member);
  if (rc == 0) rc = wio_watch_add_member(target->watch, member);
  if (rc < 0) {
    drop_member(roster, member);
    return rc;
  }
  target->history.joined++;
  mark(roster, target);
  return 0;
}

static void begin_quiet(wio_roster *roster, wio_target *target) {
  note_readings(roster);
  target->quiet_since_ns = wio_credit_at(&target->watch->credit, roster->read_ns);
}

int wio_roster_adopt(wio_roster *roster, wio_target *target, const wio_description *process, bool born_inside) {
  wio_sample *sample;
  int rc = find_or_hold(roster, process, target->watch->reads, born_inside, &sample);
  if (rc < 0 || wio_roster_member(sample, target->watch)) return rc;
  rc = add_member(roster, target, sample, born_inside);
  // What it did before it was read for the first time nobody knows.
  if (rc == 0 && !born_inside) begin_quiet(roster, target);
  return rc;
}

static void clean(wio_roster *roster, wio_target *target) {
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
  if (target->dirty) clean(roster, target);
  while (target->count > 0) drop_member(roster, target->members[target->count - 1]);
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

// Tells that it has started, with its first process counted.
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

// A deadline that activity has moved on is left where it is: it finds out when it comes.
static int judge(wio_roster *roster, wio_target *target,
                 int (*verdict)(wio_target *, uint64_t, uint64_t, wio_events *)) {
  wio_state before = target->state;
  int rc = verdict(target, roster->now_ns, roster->read_ns, &roster->events);
  if (target->state != before) wio_roster_expect_idle(roster, target);
  return rc;
}

// Hears of processes that have ended. Returns how many, or a negative errno.
static int hear_exits(wio_roster *roster) {
  void *ended[64];
  int heard = 0;
  for (size_t count = LENGTH(ended); count == LENGTH(ended);) {
    count = roster->source->ops->exits(roster->source, ended, LENGTH(ended));
    for (size_t i = 0; i < count; i++) {
      int rc = ended[i] ? end_sample(roster, ended[i]) : 0;
      if (rc < 0) return rc;
      if (ended[i]) heard++;
      else roster->news = true;
    }
  }
  return heard;
}

// The living and the dead are found by their pid, but for one whose pid is another's by now, and who is still to be let
// go.
static wio_member *find_parent(const wio_roster *roster, const wio_target *target, const wio_member *child) {
  const wio_sample *parent = wio_roster_sample(roster, child->sample->ppid);
  wio_member *member = parent ? wio_roster_member(parent, target->watch) : NULL;
  if (!roster->displaced) return member && member->target == target && member != child ? member : NULL;
  for (size_t i = target->count; i-- > 0;)
    if ((pid_t)target->members[i]->sample->key == child->sample->ppid && target->members[i] != child)
      return target->members[i];
  return NULL;
}

// Who among the members has by now what a process that is gone had counted, if anybody has: its parent, or where that
// is gone too, the parent's parent.
static wio_member *find_heir(const wio_roster *roster, const wio_target *target, const wio_member *gone) {
  wio_member *heir = find_parent(roster, target, gone);
  for (size_t steps = 0; heir && heir->sample->gone && steps < target->count; steps++)
    heir = find_parent(roster, target, heir);
  return heir && !heir->sample->gone ? heir : NULL;
}

// Reads again who may have waited for those that are gone. Returns how many of them are gone themselves, or a negative
// errno.
static int read_heirs(wio_roster *roster, const wio_target *target) {
  int reaped = 0;
  roster->look++; // what was read before is old
  for (size_t i = 0; i < target->count; i++) {
    const wio_member *heir = target->members[i]->sample->gone ? find_heir(roster, target, target->members[i]) : NULL;
    if (!heir) continue;
    int rc = wio_sample_refresh(roster->source, heir->sample, roster->look, WIO_OWN, &roster->tally);
    if (rc < 0) return rc;
    reaped += heir->sample->gone;
  }
  return reaped;
}

// Looks which zombies are reaped by now. Returns how many, or a negative errno.
static int find_reaped(wio_roster *roster, const wio_target *target) {
  int reaped = 0;
  for (size_t i = 0; i < target->count; i++) {
    wio_sample *sample = target->members[i]->sample;
    if (!sample->ended || sample->gone) continue;
    int rc = wio_sample_check_reaped(roster->source, sample);
    if (rc < 0) return rc;
    reaped += sample->gone;
  }
  return reaped;
}

static bool has_ended_members(const wio_target *target) {
  for (size_t i = 0; i < target->count; i++)
    if (target->members[i]->sample->ended) return true;
  return false;
}

// Reads until nobody has ended or was reaped since the last parent was read: only then is every child either in its own
// counters or in its parent's, and known to be in which.
static int read_until_still(wio_roster *roster, const wio_target *target) {
  for (int news = 1, tries = 0; news > 0 && tries < MOST_READINGS && has_ended_members(target); tries++) {
    int heirs = read_heirs(roster, target);
    int reaped = heirs < 0 ? heirs : find_reaped(roster, target);
    int heard = reaped < 0 ? reaped : hear_exits(roster);
    if (heard < 0) return heard;
    news = heirs + reaped + heard;
    note_readings(roster);
  }
  return 0;
}

// Whether its io is counted in its target's total.
static bool has_io_account(const wio_member *member) {
  return member->account.opened & member->target->watch->reads & WIO_KIND_BIT(WIO_IO);
}

static void inherit(wio_member *heir, wio_member *gone) {
  if (gone->inherited || !heir || !has_io_account(gone) || !has_io_account(heir)) return;
  if (heir->sample->reading.error[WIO_IO]) return;
  gone->inherited = wio_ledger_inherit(&heir->account, heir->sample->reading.value, &gone->account);
}

// Whether some of what one did that is gone was counted by nobody.
static bool is_lost(const wio_member *gone) {
  return !gone->inherited && !gone->sample->closed && gone->target->watch->reads & WIO_KIND_BIT(WIO_IO);
}

// Passes on what the processes that are gone had counted, and lets them go. Children come first, so that a parent that
// is gone itself has theirs when its own is passed on; what it had not waited for yet when it was last read is with its
// heir.
static void bury(wio_roster *roster, wio_target *target) {
  for (size_t i = target->count; i-- > 0;) {
    wio_member *gone = target->members[i];
    if (!gone->sample->gone) continue;
    wio_target_count_member(target, gone);
    inherit(find_parent(roster, target, gone), gone);
  }
  for (size_t i = 0; i < target->count; i++)
    if (target->members[i]->sample->gone) inherit(find_heir(roster, target, target->members[i]), target->members[i]);
  for (size_t i = target->count; i-- > 0;) {
    if (!target->members[i]->sample->gone) continue;
    target->at_least = target->at_least || is_lost(target->members[i]);
    drop_member(roster, target->members[i]);
  }
}

// Tells the last that there is to tell of a target, and takes it out.
static int tell_end(wio_roster *roster, wio_target *target, wio_event_type type) {
  wio_watch *watch = target->watch;
  wio_event event;
  wio_target_tell(target, type, roster->now_ns, &event);
  int rc = target->meter ? wio_meter_end(target, roster->now_ns, &roster->events) : 0;
  if (rc == 0 && wio_watch_tells(watch, type)) rc = wio_events_push(&roster->events, &event);
  if (rc < 0) return rc;
  wio_roster_drop(roster, target);
  return wio_roster_tell_if_over(roster, watch);
}

// The first that is marked, but for those of which only the news can tell whether they have ended.
static wio_target *next_to_settle(const wio_roster *roster) {
  wio_target *target = roster->dirty;
  while (target && target->put_off && roster->news) target = target->next_dirty;
  return target;
}

// Whether its end may be told: nobody of it can have forked another before that was not looked at yet.
static bool has_surely_ended(wio_roster *roster, wio_target *target) {
  target->put_off = roster->news && target->watch->options.per == WIO_PER_TREE;
  return !target->put_off;
}

int wio_roster_settle(wio_roster *roster) {
  int rc = hear_exits(roster);
  if (roster->dirty) note_readings(roster);
  for (wio_target *target; rc >= 0 && (target = next_to_settle(roster));) {
    target->put_off = false;
    rc = read_until_still(roster, target);
    if (rc < 0) return rc;
    bury(roster, target);
    wio_target_note_most(target);
    wio_target_count(target);
    rc = judge(roster, target, wio_target_judge);
    bool over = rc == 0 && wio_target_is_over(target);
    if (over && has_surely_ended(roster, target)) rc = tell_end(roster, target, WIO_EVENT_EXIT);
    else if (rc == 0 && !over) clean(roster, target);
  }
  if (rc >= 0) roster->displaced = false;
  return rc < 0 ? rc : 0;
}

static int read_members(wio_roster *roster, const wio_target *target) {
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < target->count; i++)
    rc = wio_sample_refresh(roster->source, target->members[i]->sample, roster->look, WIO_UNGATED, &roster->tally);
  return rc;
}

int wio_roster_part(wio_roster *roster, wio_target *target, pid_t pid) {
  const wio_watch *watch = target->watch;
  uint64_t id = target->id;
  int rc = read_members(roster, target);
  if (rc < 0) return rc;
  mark(roster, target);
  rc = wio_roster_settle(roster);
  target = wio_index_find(&roster->targets, id);
  const wio_sample *sample = wio_roster_sample(roster, pid);
  wio_member *member = sample && target ? wio_roster_member(sample, watch) : NULL;
  if (rc < 0 || !member || sample->ended) return rc;
  if (target->count == 1 || watch->options.per == WIO_PER_TREE) return tell_end(roster, target, WIO_EVENT_LEAVE);
  drop_member(roster, member);
  mark(roster, target);
  return 0;
}

int wio_roster_take_up(wio_roster *roster, wio_target *target) {
  if (target->dirty || target->count != 1 || target->members[0]->sample->ended) {
    mark(roster, target);
    return 0;
  }
  note_readings(roster);
  if (wio_target_stays_active(target, roster->now_ns, roster->read_ns)) return 0;
  int rc = judge(roster, target, wio_target_judge_single);
  if (rc < 0) mark(roster, target);
  return rc;
}

// ---- events of a watch

int wio_roster_tell(wio_roster *roster, const wio_watch *watch, wio_event_type type, pid_t pid, int error) {
  if (!wio_watch_tells(watch, type)) return 0;
  wio_event event = {.type = type, .time_ns = roster->now_ns, .watch = watch->id, .pid = pid, .error = error};
  return wio_events_push(&roster->events, &event);
}

int wio_roster_tell_if_over(wio_roster *roster, wio_watch *watch) {
  if (watch->over || !watch->looked || watch->count > 0 || watch->asked > 0 || !wio_watch_names_pids(watch)) return 0;
  int rc = wio_roster_tell(roster, watch, WIO_EVENT_FINISHED, 0, 0);
  watch->over = rc == 0;
  return rc;
}

void wio_roster_release(wio_roster *roster) {
  wio_due_release(&roster->due);
  wio_lineage_release(&roster->lineage);
  wio_events_release(&roster->events);
}
