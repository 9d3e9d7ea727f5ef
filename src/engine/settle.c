// SPDX-License-Identifier: MIT
#include "engine/settle.h"

#include "core/array.h"
#include "engine/meter.h"

#include <errno.h>

// How often a target is read again because a process has ended meanwhile, before the readings are taken as they are.
#define MOST_READINGS 64

// Activity puts a deadline off, but its entry is left where it is: when it comes, it is moved to its new time.
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
  for (size_t count = WIO_LENGTH(ended); count == WIO_LENGTH(ended);) {
    count = roster->source->ops->exits(roster->source, ended, WIO_LENGTH(ended));
    for (size_t i = 0; i < count; i++) {
      int rc = ended[i] ? wio_roster_end_sample(roster, ended[i]) : 0;
      if (rc < 0) return rc;
      if (ended[i]) heard++;
      else roster->births = true;
    }
  }
  return heard;
}

// Finds a member's parent in its target. Its pid leads to it, unless another process has the pid by now: then
// (`displaced`) the members are searched.
static wio_member *find_parent(const wio_roster *roster, const wio_target *target, const wio_member *child) {
  const wio_sample *parent = wio_roster_sample(roster, child->sample->ppid);
  wio_member *member = parent ? wio_roster_member(parent, target->watch) : NULL;
  if (!roster->displaced) return member && member->target == target && member != child ? member : NULL;
  for (size_t i = target->count; i-- > 0;)
    if ((pid_t)target->members[i]->sample->key == child->sample->ppid && target->members[i] != child)
      return target->members[i];
  return NULL;
}

// The member that has by now the kernel's counters of a process that is gone: its parent, or the parent's parent where
// that is gone, too. NULL when there is none.
static wio_member *find_heir(const wio_roster *roster, const wio_target *target, const wio_member *gone) {
  wio_member *heir = find_parent(roster, target, gone);
  for (size_t steps = 0; heir && heir->sample->gone && steps < target->count; steps++)
    heir = find_parent(roster, target, heir);
  return heir && !heir->sample->gone ? heir : NULL;
}

// Reads again the members that may have waited for those that are gone (wait(2)). Returns how many of them are gone
// themselves, or a negative errno.
static int read_heirs(wio_roster *roster, const wio_target *target) {
  int reaped = 0;
  roster->pass.fresh++; // what was read before is old
  for (size_t i = 0; i < target->count; i++) {
    const wio_member *heir = target->members[i]->sample->gone ? find_heir(roster, target, target->members[i]) : NULL;
    if (!heir) continue;
    int rc = wio_sample_refresh(roster->source, heir->sample, &roster->pass, WIO_OWN, &roster->tally);
    if (rc < 0) return rc;
    reaped += heir->sample->gone;
  }
  return reaped;
}

// Finds the zombies that are reaped by now. Returns how many, or a negative errno.
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

// Reads until no process has ended or was reaped since the last parent was read. Only then is it known of every child
// whether its work is in its own counters or in its parent's.
static int read_until_still(wio_roster *roster, const wio_target *target) {
  for (int found = 1, tries = 0; found > 0 && tries < MOST_READINGS && has_ended_members(target); tries++) {
    int heirs = read_heirs(roster, target);
    int reaped = heirs < 0 ? heirs : find_reaped(roster, target);
    int heard = reaped < 0 ? reaped : hear_exits(roster);
    if (heard < 0) return heard;
    found = heirs + reaped + heard;
    wio_roster_note_readings(roster);
  }
  return 0;
}

// Whether the io of a member is counted in its target's total.
static bool has_io_account(const wio_member *member) {
  return member->account.opened & member->target->watch->reads & WIO_KIND_BIT(WIO_IO);
}

static void inherit(wio_member *heir, wio_member *gone) {
  if (gone->inherited || !heir || !has_io_account(gone) || !has_io_account(heir)) return;
  if (heir->sample->reading.error[WIO_IO]) return;
  gone->inherited = wio_ledger_inherit(&heir->account, heir->sample->reading.value, &gone->account);
}

// Whether some of the work of a process that is gone was counted nowhere.
static bool is_lost(const wio_member *gone) {
  return !gone->inherited && !gone->sample->closed && gone->target->watch->reads & WIO_KIND_BIT(WIO_IO);
}

// Passes on the counters of the processes that are gone, and lets these go. Children come first: a parent that is gone,
// too, then has their counters when its own are passed on. Children that it had not waited for at its last reading are
// in its heir's counters.
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
    wio_roster_drop_member(roster, target->members[i]);
  }
}

// Tells the last events of a target, and takes it out.
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

// The first marked target, except targets whose end can be told only when the births have been inspected.
static wio_target *next_to_settle(const wio_roster *roster) {
  wio_target *target = roster->dirty;
  while (target && target->put_off && roster->births) target = target->next_dirty;
  return target;
}

// Whether the end of a target may be told: none of its processes can have forked one that was not inspected yet.
static bool has_surely_ended(wio_roster *roster, wio_target *target) {
  target->put_off = roster->births && target->watch->options.per == WIO_PER_TREE;
  return !target->put_off;
}

int wio_settle(wio_roster *roster) {
  int rc = hear_exits(roster);
  if (roster->dirty) wio_roster_note_readings(roster);
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
    else if (rc == 0 && !over) wio_roster_clean(roster, target);
  }
  if (rc >= 0) roster->displaced = false;
  return rc < 0 ? rc : 0;
}

static int read_members(wio_roster *roster, const wio_target *target) {
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < target->count; i++)
    rc = wio_sample_refresh(roster->source, target->members[i]->sample, &roster->pass, WIO_UNGATED, &roster->tally);
  return rc;
}

int wio_settle_part(wio_roster *roster, wio_target *target, pid_t pid) {
  const wio_watch *watch = target->watch;
  uint64_t id = target->id;
  int rc = read_members(roster, target);
  if (rc < 0) return rc;
  wio_roster_mark(roster, target);
  rc = wio_settle(roster);
  target = wio_index_find(&roster->targets, id);
  const wio_sample *sample = wio_roster_sample(roster, pid);
  wio_member *member = sample && target ? wio_roster_member(sample, watch) : NULL;
  if (rc < 0 || !member || sample->ended) return rc;
  if (target->count == 1 || watch->options.per == WIO_PER_TREE) return tell_end(roster, target, WIO_EVENT_LEAVE);
  wio_roster_drop_member(roster, member);
  wio_roster_mark(roster, target);
  return 0;
}

int wio_settle_take_up(wio_roster *roster, wio_target *target) {
  if (target->dirty || target->count != 1 || target->members[0]->sample->ended) {
    wio_roster_mark(roster, target);
    return 0;
  }
  wio_roster_note_readings(roster);
  if (wio_target_stays_active(target, roster->now_ns, roster->read_ns)) return 0;
  int rc = judge(roster, target, wio_target_judge_single);
  if (rc < 0) wio_roster_mark(roster, target);
  return rc;
}

int wio_settle_notice(wio_roster *roster, const wio_description *process) {
  return wio_roster_displace(roster, process) ? wio_settle(roster) : 0;
}
