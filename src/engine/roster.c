#include "engine/roster.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int wio_roster_reserve(wio_roster *roster) {
  return wio_due_reserve(&roster->due, roster->others_due + roster->target_count + 1);
}

static void drop_sample(wio_roster *roster, wio_sample *sample) {
  roster->tally.processes--;
  roster->tally.held -= roster->source->ops->held(roster->source, sample->pin);
  wio_index_remove(&roster->samples, sample->key);
  wio_sample_free(roster->source, sample);
}

static int hold_sample(wio_roster *roster, pid_t pid, uint64_t start_ticks, wio_sample **out) {
  int rc = wio_sample_new(roster->source, pid, start_ticks, out);
  if (rc < 0) return rc;
  rc = wio_index_add(&roster->samples, &(*out)->key);
  if (rc < 0) {
    wio_sample_free(roster->source, *out);
    return rc;
  }
  (*out)->tick = (*out)->read_tick = roster->tick;
  roster->tally.reads++;
  roster->tally.processes++;
  roster->tally.held += roster->source->ops->held(roster->source, (*out)->pin);
  return 0;
}

void wio_roster_drop(wio_roster *roster, wio_target *target) {
  wio_sample *sample = target->sample;
  wio_target **link = &sample->targets;
  while (*link != target) link = &(*link)->next_of_sample;
  *link = target->next_of_sample;
  wio_due_remove(&roster->due, &target->deadline);
  wio_watch_remove(target->watch, target);
  wio_index_remove(&roster->targets, target->id);
  roster->target_count--;
  free(target);
  if (!sample->targets) drop_sample(roster, sample);
}

void wio_roster_expect_idle(wio_roster *roster, wio_target *target) {
  uint64_t idle_after_ns = target->watch->options.idle_after_ns;
  bool waits = target->state == WIO_NEW || target->state == WIO_ACTIVE;
  if (!idle_after_ns || !waits) {
    wio_due_remove(&roster->due, &target->deadline);
    return;
  }
  uint64_t quiet_ns = wio_target_quiet_ns(target, roster->now_ns);
  wio_due_put(&roster->due, &target->deadline,
              roster->now_ns + (quiet_ns < idle_after_ns ? idle_after_ns - quiet_ns : 0));
}

// A deadline that activity has moved on is left where it is: it finds out when it comes.
int wio_roster_judge(wio_roster *roster, wio_target *target, bool *moved) {
  wio_state before = target->state;
  int rc = wio_target_judge(target, roster->now_ns, &roster->events, moved);
  if (target->state != before) wio_roster_expect_idle(roster, target);
  return rc;
}

// In the order of their watches, since that is the order in which they hear.
static void link_target(wio_roster *roster, wio_target *target, wio_sample *sample) {
  wio_target **link = &sample->targets;
  while (*link && (*link)->watch->id < target->watch->id) link = &(*link)->next_of_sample;
  target->next_of_sample = *link;
  *link = target;
  target->sample = sample;
  roster->target_count++;
}

// Makes a held process, just read, a target of a watch. On failure the process is let go when nobody else judges it.
static int add_target(wio_roster *roster, wio_watch *watch, wio_sample *sample, const char *name) {
  wio_target *target = wio_roster_reserve(roster) < 0 ? NULL : calloc(1, sizeof *target);
  if (!target) {
    if (!sample->targets) drop_sample(roster, sample);
    return -ENOMEM;
  }
  *target = (wio_target){.id = ++roster->last_id, .watch = watch};
  memcpy(target->name, name, sizeof target->name);
  target->deadline.kind = WIO_DUE_DEADLINE;
  target->deadline.rank = watch->id;
  target->deadline.order = target->id;
  link_target(roster, target, sample);
  int rc = wio_index_add(&roster->targets, &target->id);
  if (rc == 0) rc = wio_watch_add(watch, target);
  if (rc == 0) rc = wio_target_begin(target, roster->now_ns, &roster->events);
  if (rc < 0) {
    wio_roster_drop(roster, target);
    return rc;
  }
  wio_roster_expect_idle(roster, target);
  return wio_roster_judge(roster, target, NULL); // unreadable from the start
}

bool wio_roster_has(const wio_sample *sample, const wio_watch *watch) {
  for (const wio_target *target = sample->targets; target; target = target->next_of_sample)
    if (target->watch == watch) return true;
  return false;
}

int wio_roster_tell(wio_roster *roster, const wio_watch *watch, wio_event_type type, pid_t pid, int error) {
  if (!wio_watch_tells(watch, type)) return 0;
  wio_event event = {.type = type, .time_ns = roster->now_ns, .watch = watch->id, .pid = pid, .error = error};
  return wio_events_push(&roster->events, &event);
}

int wio_roster_tell_if_over(wio_roster *roster, wio_watch *watch) {
  if (watch->over || !watch->looked || watch->count > 0 || !wio_watch_names_pids(watch)) return 0;
  int rc = wio_roster_tell(roster, watch, WIO_EVENT_OVER, 0, 0);
  watch->over = rc == 0;
  return rc;
}

int wio_roster_bury(wio_roster *roster, wio_sample *sample) {
  int rc = wio_sample_refresh(roster->source, sample, roster->tick, true, &roster->tally);
  if (rc == -ENOMEM) return rc;
  rc = 0; // what else went wrong with the last reading does not change that it has ended
  for (wio_target *target = sample->targets, *next; target; target = next) {
    next = target->next_of_sample;
    if (!sample->reading.io_error) rc = wio_roster_judge(roster, target, NULL);
    wio_event event;
    wio_target_tell(target, WIO_EVENT_EXIT, roster->now_ns, &event);
    if (rc == 0 && wio_watch_tells(target->watch, WIO_EVENT_EXIT)) rc = wio_events_push(&roster->events, &event);
    if (rc < 0) return rc;
    wio_watch *watch = target->watch;
    wio_roster_drop(roster, target); // with the last one the sample goes too
    rc = wio_roster_tell_if_over(roster, watch);
    if (rc < 0) return rc;
  }
  return 0;
}


// The held process of a description, pinned now if it is not yet.
static int find_or_hold(wio_roster *roster, const wio_description *process, wio_sample **out) {
  *out = wio_index_find(&roster->samples, (uint64_t)process->pid);
  if (*out && (*out)->start_ticks == process->stat.start_ticks) return 0;
  // Its end was not told by a pidfd: another process has the pid now.
  int rc = *out ? wio_roster_bury(roster, *out) : 0;
  return rc < 0 ? rc : hold_sample(roster, process->pid, process->stat.start_ticks, out);
}

int wio_roster_join(wio_roster *roster, wio_watch *watch, const wio_description *process) {
  wio_sample *sample;
  int rc = find_or_hold(roster, process, &sample);
  if (rc < 0) return rc;
  if (wio_roster_has(sample, watch)) return 0;
  rc = wio_sample_refresh(roster->source, sample, roster->tick, true, &roster->tally);
  if (rc == 0) return add_target(roster, watch, sample, process->stat.name);
  if (!sample->targets) drop_sample(roster, sample);
  return rc;
}

void wio_roster_release(wio_roster *roster) {
  wio_due_release(&roster->due);
  wio_events_release(&roster->events);
}
