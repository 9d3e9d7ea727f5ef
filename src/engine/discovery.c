// SPDX-License-Identifier: MIT
#include "engine/discovery.h"

#include "core/cgroup.h"
#include "core/units.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

// More ancestors than any process has; ends the walk if /proc should ever lead in a circle.
#define MOST_ANCESTORS 1024

bool wio_discovery_ignores(const wio_discovery *discovery, wio_source *source, const wio_description *process) {
  if (process->pid == source->ops->self(source) || process->pid == source->ops->heir(source)) return true;
  for (size_t i = 0; i < discovery->ignored_count; i++)
    if (process->stat.session == discovery->ignored[i]) return true;
  return false;
}

int wio_discovery_ignore(wio_discovery *discovery, pid_t session, bool ignored) {
  size_t i = 0;
  while (i < discovery->ignored_count && discovery->ignored[i] != session) i++;
  bool is = i < discovery->ignored_count;
  if (is == ignored) return 0;
  if (is) {
    discovery->ignored[i] = discovery->ignored[--discovery->ignored_count];
    return 0;
  }
  pid_t *sessions = realloc(discovery->ignored, (discovery->ignored_count + 1) * sizeof *sessions);
  if (!sessions) return -ENOMEM;
  discovery->ignored = sessions;
  discovery->ignored[discovery->ignored_count++] = session;
  return 0;
}

// One round of looks.
typedef struct {
  wio_discovery *discovery;
  wio_roster *roster;
  wio_watch *const *watches;
  size_t count;
  int wanted;    // what a description must hold besides what the selectors ask for themselves
  bool told;     // only those of which the source tells are looked at
  bool births;   // some watch has to hear of births
  bool patterns; // some watch can come to match anybody
  bool all;      // some watch has not looked around yet, so all processes are looked at; else only the newborn
} round_of_looks;

// What tells whose target a match belongs to.
static const int wanted_by[WIO_PER_COUNT] = {[WIO_PER_USER] = WIO_WANT_UID, [WIO_PER_UNIT] = WIO_WANT_CGROUP};

// Of another network namespace the kernel writes all sockets out as text, too dear for every one of many short
// intervals.
#define LISTENED_AGAIN_NS WIO_NS_PER_SECOND

// Reads what the selectors look at besides processes. A pidfile that was written, or somebody who listens by now, can
// make a process match that has long been there.
static void refresh(wio_discovery *discovery, const wio_roster *roster, wio_watch *const *watches, size_t count) {
  bool listens = false;
  for (size_t i = 0; i < count; i++)
    listens = listens || (wio_selector_wants_ports(watches[i]->selector) &&
                          (!watches[i]->looked || roster->now_ns - discovery->listened_ns >= LISTENED_AGAIN_NS));
  if (listens) {
    roster->source->ops->refresh_listeners(roster->source);
    discovery->listened_ns = roster->now_ns;
  }
  for (size_t i = 0; i < count; i++)
    if (wio_selector_refresh(watches[i]->selector, roster->source)) discovery->changed = true;
}

void wio_discovery_refresh(wio_discovery *discovery, wio_roster *roster, wio_selector *selector) {
  if (wio_selector_wants_ports(selector)) roster->source->ops->refresh_listeners(roster->source);
  if (wio_selector_refresh(selector, roster->source)) discovery->changed = true;
}

static round_of_looks begin_round(wio_discovery *discovery, wio_roster *roster, wio_watch *const *watches, size_t count,
                                  bool told) {
  // What is told of is only who was born and who has changed.
  if (!told) refresh(discovery, roster, watches, count);
  round_of_looks round = {.discovery = discovery,
                          .roster = roster,
                          .watches = watches,
                          .count = count,
                          .told = told,
                          .all = !told && discovery->changed};
  for (size_t i = 0; i < count; i++) {
    const wio_watch *watch = watches[i];
    bool wants_births = wio_watch_wants_births(watch);
    round.births = round.births || wants_births;
    round.patterns = round.patterns || !wio_watch_names_pids(watch);
    round.all = round.all || (wants_births && !watch->looked);
    round.wanted |= wanted_by[watch->options.per];
  }
  return round;
}

// ---- whose target a match belongs to

static wio_member *member_of(const wio_roster *roster, const wio_watch *watch, pid_t pid) {
  const wio_sample *sample = wio_roster_sample(roster, pid);
  return sample ? wio_roster_member(sample, watch) : NULL;
}

static bool is_confirmed(const wio_watch *watch, const wio_description *process) {
  for (size_t i = 0; i < watch->confirmed_count; i++)
    if (watch->confirmed[i].pid == process->pid && watch->confirmed[i].start_ticks == process->stat.start_ticks)
      return true;
  return false;
}

static bool is_match(const round_of_looks *round, const wio_watch *watch, wio_description *process) {
  if (wio_selector_asks(watch->selector)) return is_confirmed(watch, process);
  wio_source *source = round->roster->source;
  return !wio_discovery_ignores(round->discovery, source, process) &&
         wio_selector_match(watch->selector, source, process);
}

// Walks up from a match: the nearest ancestor that is in a target of the watch, and the topmost one that matches as
// well.
static wio_target *find_ancestor(const round_of_looks *round, const wio_watch *watch, wio_description *top) {
  wio_source *source = round->roster->source;
  pid_t pid = top->stat.ppid;
  for (int i = 0; i < MOST_ANCESTORS && pid > 0; i++) {
    wio_member *member = member_of(round->roster, watch, pid);
    if (member && !member->sample->ended) return member->target;
    wio_description ancestor;
    if (source->ops->describe(source, pid, round->wanted, &ancestor) < 0) break;
    if (is_match(round, watch, &ancestor)) *top = ancestor;
    pid = ancestor.stat.ppid;
  }
  return NULL;
}

// The process from which others were born, as the kernel tells, if it is held; NULL when it is not, or only graves are
// left. It may have ended: as long as that was not heard of, a birth of its number can only be one of these news.
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

// The leader of the session that a process is in, if it is held and lives; NULL else. A session is only entered by
// being forked in it (setsid(2)), and its number is nobody else's as long as it has a member.
static const wio_sample *find_leader(const wio_roster *roster, pid_t pid, pid_t session) {
  const wio_sample *leader = session == pid ? NULL : wio_roster_sample(roster, session);
  return leader && !leader->ended && !roster->source->ops->ended(roster->source, leader->pin) ? leader : NULL;
}

// The tree that an orphan was born into: that of the nearest forebear which is, or was, in one of this watch, or of the
// leader of its session.
static wio_target *find_lineage(const round_of_looks *round, const wio_watch *watch, const wio_description *process) {
  wio_roster *roster = round->roster;
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

static bool belongs_together(const wio_target *target, const wio_description *process) {
  switch (target->watch->options.per) {
    case WIO_PER_ALL: return true;
    case WIO_PER_NAME: return strcmp(target->name, process->stat.name) == 0;
    case WIO_PER_USER: return target->uid == process->uid;
    case WIO_PER_UNIT: return target->unit == wio_cgroup_unit_id(process->cgroup);
    default: return false;
  }
}

// Who is in no unit has nothing in common with others that are in none.
static wio_target *find_group(const wio_watch *watch, const wio_description *process) {
  if (watch->options.per == WIO_PER_UNIT && !wio_cgroup_unit_id(process->cgroup)) return NULL;
  for (size_t i = 0; i < watch->count; i++)
    if (belongs_together(watch->targets[i], process)) return watch->targets[i];
  return NULL;
}

static bool is_born_inside(const round_of_looks *round, const wio_target *target) {
  // Whoever was there when the target was first seen has joined it then.
  return target->watch->options.per == WIO_PER_TREE && target->seen_ns < round->roster->now_ns;
}

// ---- descendants

static int remember_kin(wio_discovery *discovery, const wio_description *process) {
  if (discovery->kin_count == discovery->kin_capacity) {
    size_t capacity = discovery->kin_capacity ? discovery->kin_capacity * 2 : 64;
    wio_kin *kin = realloc(discovery->kin, capacity * sizeof *kin);
    if (!kin) return -ENOMEM;
    discovery->kin = kin;
    discovery->kin_capacity = capacity;
  }
  discovery->kin[discovery->kin_count++] = (wio_kin){.pid = process->pid,
                                                     .ppid = process->stat.ppid,
                                                     .session = process->stat.session,
                                                     .start_ticks = process->stat.start_ticks};
  return 0;
}

// Remembers the children of a process, as the kernel lists them.
static int remember_children(const round_of_looks *round, pid_t pid) {
  wio_source *source = round->roster->source;
  const pid_t *pids;
  size_t count;
  int rc = source->ops->children(source, pid, &pids, &count);
  if (rc < 0) return rc;
  for (size_t i = 0; rc == 0 && i < count; i++) {
    wio_description child;
    if (source->ops->describe(source, pids[i], 0, &child) < 0 || wio_stat_ended(&child.stat)) continue;
    if (!wio_discovery_ignores(round->discovery, source, &child)) rc = remember_kin(round->discovery, &child);
  }
  return rc;
}

// Remembers who is there already of those that a process has forked, when it has become a match late in its life. A
// process of which the kernel does not list the children has its tree completed when all are looked at.
static int gather_descendants(const round_of_looks *round, pid_t pid) {
  wio_discovery *discovery = round->discovery;
  size_t next = discovery->kin_count;
  int rc = remember_children(round, pid);
  for (; rc != -ENOMEM && rc != -ENOTSUP && next < discovery->kin_count; next++)
    rc = remember_children(round, discovery->kin[next].pid);
  if (rc == -ENOTSUP) discovery->births.begun = false;
  return rc == -ENOMEM ? rc : 0;
}

// ---- joining and leaving

// Puts a match where it belongs: into a target of its watch, or at the top of a new one. -ESRCH when it has ended.
static int place(const round_of_looks *round, wio_watch *watch, const wio_description *process) {
  wio_description top = *process;
  bool tree = watch->options.per == WIO_PER_TREE;
  wio_target *target = tree ? find_ancestor(round, watch, &top) : find_group(watch, process);
  if (tree && !target && top.pid == process->pid) target = find_lineage(round, watch, process);
  if (target) return wio_roster_adopt(round->roster, target, process, is_born_inside(round, target));
  int rc = wio_roster_found(round->roster, watch, &top, &target);
  if (rc == 0 && tree && !round->all) rc = gather_descendants(round, top.pid);
  if (rc < 0 || top.pid == process->pid) return rc;
  return wio_roster_adopt(round->roster, target, process, false);
}

// Lets a member go, and has the others that go with it looked at again: they may be for targets of their own.
static int part(const round_of_looks *round, wio_member *member) {
  const wio_target *target = member->target;
  for (size_t i = 0; target->watch->options.per == WIO_PER_TREE && i < target->count; i++) {
    const wio_sample *sample = target->members[i]->sample;
    if (target->members[i] == member || sample->ended) continue;
    int rc = wio_pid_list_add(&round->discovery->again, (pid_t)sample->key);
    if (rc < 0) return rc;
  }
  return wio_roster_part(round->roster, member->target, (pid_t)member->sample->key);
}

// Has the caller confirm a process that matches all else.
static int ask(const round_of_looks *round, wio_watch *watch, pid_t pid) {
  int rc = wio_watch_reserve_candidate(watch);
  if (rc == 0) rc = wio_roster_tell(round->roster, watch, WIO_EVENT_CANDIDATE, pid, 0);
  watch->asked += rc == 0;
  return rc;
}

// Places a match, or has it confirmed first.
static int take(const round_of_looks *round, wio_watch *watch, const wio_description *process) {
  return wio_selector_asks(watch->selector) ? ask(round, watch, process->pid) : place(round, watch, process);
}

static bool is_by_match(const wio_member *member) {
  const wio_target *target = member->target;
  return target->watch->options.per != WIO_PER_TREE || target->pid == (pid_t)member->sample->key;
}

// A member may have become something else: it stays while it matches, or is there by descent.
static int look_over(const round_of_looks *round, wio_watch *watch, wio_member *member, wio_description *process) {
  wio_target *target = member->target;
  bool first = target->pid == process->pid;
  if (member->sample->ended || !is_by_match(member)) return 0;
  // What cannot be told any more is no reason to go.
  bool matches = wio_selector_test(watch->selector, round->roster->source, process) != WIO_MATCH_NO;
  bool grouped = watch->options.per != WIO_PER_TREE && watch->options.per != WIO_PER_PROCESS;
  bool here = matches && (!grouped || belongs_together(target, process));
  bool renamed = here && first && strcmp(target->name, process->stat.name) != 0;
  if (renamed) memcpy(target->name, process->stat.name, WIO_NAME_SIZE);
  // What it was confirmed as, it may not be any more.
  if (here) return renamed && wio_selector_asks(watch->selector) ? ask(round, watch, process->pid) : 0;
  int rc = part(round, member);
  return rc == 0 && matches ? take(round, watch, process) : rc;
}

// ---- who is looked at

// Offers a process to every watch of patterns, and remembers whose child it is.
static int offer(const round_of_looks *round, pid_t pid) {
  wio_source *source = round->roster->source;
  wio_description process;
  int rc = source->ops->describe(source, pid, round->wanted, &process);
  if (rc == -ENOMEM) return rc;
  if (rc < 0 || wio_stat_ended(&process.stat)) wio_lineage_miss(&round->roster->lineage, pid);
  if (rc < 0 || wio_stat_ended(&process.stat) || wio_discovery_ignores(round->discovery, source, &process)) return 0;
  rc = wio_roster_notice(round->roster, &process);
  uint64_t birth = wio_lineage_birth(&round->roster->lineage, pid);
  wio_sample *held = birth ? wio_roster_sample(round->roster, pid) : NULL;
  if (held) held->birth = birth;
  if (rc == 0) rc = remember_kin(round->discovery, &process);
  for (size_t i = 0; rc != -ENOMEM && i < round->count; i++) {
    wio_watch *watch = round->watches[i];
    wio_member *member = member_of(round->roster, watch, pid);
    if (member) rc = look_over(round, watch, member, &process);
    else if (!wio_watch_names_pids(watch) && wio_selector_match(watch->selector, source, &process))
      rc = take(round, watch, &process); // it may have ended meanwhile
  }
  return rc == -ENOMEM ? rc : 0;
}

static int look_up(const round_of_looks *round, wio_watch *watch, pid_t pid) {
  wio_source *source = round->roster->source;
  wio_description process;
  int rc = source->ops->describe(source, pid, round->wanted, &process);
  if (rc == 0 && wio_stat_ended(&process.stat)) rc = -ESRCH;
  if (rc == 0 && !wio_selector_match(watch->selector, source, &process)) rc = -ENOENT;
  if (rc == 0) rc = wio_roster_notice(round->roster, &process);
  if (rc == 0 && !member_of(round->roster, watch, pid)) rc = take(round, watch, &process);
  return rc == 0 || rc == -ENOMEM ? rc : wio_roster_tell(round->roster, watch, WIO_EVENT_MISSING, pid, -rc);
}

// The pids that a watch names are looked up once: a pid that comes back later is another process.
static int look_up_pids(const round_of_looks *round, wio_watch *watch) {
  const pid_t *pids;
  size_t count = wio_selector_pids(watch->selector, &pids);
  for (; watch->looked_up < count; watch->looked_up++) {
    int rc = look_up(round, watch, pids[watch->looked_up]);
    if (rc < 0) return rc;
  }
  return 0;
}

// ---- descendants

// Takes a process into a tree, unless it is in one of that watch.
static int adopt_into(const round_of_looks *round, wio_target *target, const wio_kin *kin, bool *taken) {
  wio_description process = {.pid = kin->pid, .stat = {.ppid = kin->ppid, .start_ticks = kin->start_ticks}};
  if (target->watch->options.per != WIO_PER_TREE || member_of(round->roster, target->watch, kin->pid)) return 0;
  int rc = wio_roster_adopt(round->roster, target, &process, is_born_inside(round, target));
  *taken = *taken || rc == 0;
  if (rc < 0 && rc != -ENOMEM) wio_lineage_miss(&round->roster->lineage, kin->pid);
  return rc == -ENOMEM ? rc : 0;
}

// Takes it into the trees that a process is in.
static int adopt_beside(const round_of_looks *round, const wio_sample *sample, const wio_kin *kin, bool *taken) {
  int rc = 0;
  for (wio_member *member = sample ? sample->members : NULL; rc == 0 && member; member = member->next_of_sample)
    rc = adopt_into(round, member->target, kin, taken);
  return rc;
}

// Takes it into the trees of its forebears: those between may have ended before anybody looked.
static int adopt_orphan(const round_of_looks *round, const wio_kin *kin, bool *taken) {
  wio_roster *roster = round->roster;
  wio_forebear at = {.pid = kin->pid, .birth = wio_lineage_birth(&roster->lineage, kin->pid)};
  int rc = 0;
  while (rc == 0 && wio_lineage_climb(&roster->lineage, &at)) {
    rc = adopt_beside(round, find_held(roster, at), kin, taken);
    size_t first, count = wio_lineage_graves(&roster->lineage, at, &first);
    for (size_t i = 0; rc == 0 && i < count; i++) {
      wio_target *target = wio_index_find(&roster->targets, wio_lineage_grave(&roster->lineage, first + i));
      if (target) rc = adopt_into(round, target, kin, taken);
    }
  }
  return rc;
}

// Takes it into the trees of its session's leader: so it is told of whom it was born, though nobody told of its birth.
static int adopt_in_session(const round_of_looks *round, const wio_kin *kin, bool *taken) {
  return adopt_beside(round, find_leader(round->roster, kin->pid, kin->session), kin, taken);
}

// Takes a process into the trees that its parent is in, or was. Says whether it was taken into any.
static int adopt_kin(const round_of_looks *round, const wio_kin *kin, bool *taken) {
  int rc = adopt_beside(round, wio_roster_sample(round->roster, kin->ppid), kin, taken);
  if (rc == 0) rc = adopt_orphan(round, kin, taken);
  return rc < 0 ? rc : adopt_in_session(round, kin, taken);
}

// Who has lost its parent and came to this very process, before or after it was looked at for the first time.
static int shelter(const round_of_looks *round, const wio_kin *kin) {
  wio_source *source = round->roster->source;
  if (kin->ppid != source->ops->self(source)) return 0;
  wio_description process = {.pid = kin->pid, .stat = {.ppid = kin->ppid, .start_ticks = kin->start_ticks}};
  for (size_t i = 0; i < round->count; i++) {
    const wio_watch *watch = round->watches[i];
    if (!watch->options.orphans || watch->count == 0 || member_of(round->roster, watch, kin->pid)) continue;
    int rc = wio_roster_adopt(round->roster, watch->targets[0], &process, true);
    if (rc == -ENOMEM) return rc;
  }
  return 0;
}

// ---- who was gone before it could be held

// Whether what a child did that is gone is added to nobody's counters, as far as its parent can still be asked.
static bool is_reaped_by_nobody(const wio_roster *roster, wio_forebear child) {
  const wio_source_ops *ops = roster->source->ops;
  if (!ops->ignores_children || !wio_lineage_climb(&roster->lineage, &child)) return false;
  const wio_sample *parent = find_held(roster, child);
  return parent && !parent->ended && ops->ignores_children(roster->source, child.pid);
}

// Buries one in a tree that was gone before it could be held.
static int bury_in(wio_roster *roster, wio_forebear gone, wio_target *target) {
  if (target->watch->options.per != WIO_PER_TREE) return 0;
  int rc = wio_lineage_bury(&roster->lineage, gone, target->id);
  if (rc == 0) wio_roster_miss(roster, target, !target->at_least && is_reaped_by_nobody(roster, gone));
  return rc;
}

// Buries one in every tree that a forebear of it is, or was, in.
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
    if (sample || count) break; // which is in the trees of all before
  }
  return rc;
}

// What they have forked at last may be told in the next news only.
static int bury_missed(wio_roster *roster) {
  wio_forebear gone;
  int rc = 0;
  for (size_t place = 0; rc == 0 && wio_lineage_missed(&roster->lineage, &place, &gone);) rc = bury(roster, gone);
  return rc;
}

static int shelter_all(const round_of_looks *round) {
  const wio_discovery *discovery = round->discovery;
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < discovery->kin_count; i++) rc = shelter(round, &discovery->kin[i]);
  return rc;
}

// Children may stand before their parents, so it is gone over until nobody is taken any more.
static int adopt_descendants(const round_of_looks *round) {
  const wio_discovery *discovery = round->discovery;
  for (bool taken = true; taken;) {
    taken = false;
    for (size_t i = 0; i < discovery->kin_count; i++) {
      int rc = adopt_kin(round, &discovery->kin[i], &taken);
      if (rc < 0) return rc;
    }
  }
  return 0;
}

// How many members of a watch are asked at a round whether they still match, and have run since: at the least, and as a
// part of them all.
#define MEMBERS_A_ROUND 8
#define ROUNDS_FOR_ALL 120

// The members that are there because they match are looked at first, each after it has run: nobody may tell of it.
static int look_at_members(const round_of_looks *round, wio_watch *watch) {
  wio_source *source = round->roster->source;
  if (wio_watch_names_pids(watch)) return 0;
  size_t part = watch->member_count / ROUNDS_FOR_ALL, most = part > MEMBERS_A_ROUND ? part : MEMBERS_A_ROUND;
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < most && i < watch->member_count; i++) {
    const wio_member *member = watch->members[watch->next_looked_at++ % watch->member_count];
    wio_sample *sample = member->sample;
    if (!is_by_match(member) || !wio_walk_has_run(source, (pid_t)sample->key, &sample->looked_at)) continue;
    rc = offer(round, (pid_t)sample->key);
  }
  return rc;
}

static int offer_all(const round_of_looks *round, const pid_t *pids, size_t count) {
  wio_discovery *discovery = round->discovery;
  int rc = 0;
  for (size_t i = 0; i < count && rc == 0; i++) rc = offer(round, pids[i]);
  for (size_t i = 0; i < round->count && rc == 0; i++)
    if (!round->told) rc = look_at_members(round, round->watches[i]);
  for (size_t i = 0; i < discovery->again.count && rc == 0; i++) rc = offer(round, discovery->again.pid[i]);
  return rc;
}

// Whether look_at_members comes to it.
static bool is_looked_after(const void *roster, pid_t pid) {
  const wio_sample *sample = wio_roster_sample(roster, pid);
  for (const wio_member *member = sample ? sample->members : NULL; member; member = member->next_of_sample)
    if (is_by_match(member)) return true;
  return false;
}

static int look_around(const round_of_looks *round) {
  wio_discovery *discovery = round->discovery;
  wio_roster *roster = round->roster;
  discovery->births.cover = (wio_walk_cover){.covers = is_looked_after, .data = roster};
  wio_births_scope scope = round->all ? WIO_BIRTHS_ALL : round->told ? WIO_BIRTHS_TOLD : WIO_BIRTHS_FOUND;
  const pid_t *pids;
  size_t count;
  bool scanned;
  int rc = wio_births_collect(&discovery->births, roster->source, roster->now_ns, scope, round->patterns, &pids, &count,
                              &scanned);
  if (rc < 0) return rc;
  roster->tally.scans += scanned;
  discovery->kin_count = discovery->again.count = 0;
  rc = wio_lineage_begin(&roster->lineage, roster->source);
  if (rc == 0) rc = offer_all(round, pids, count);
  if (rc == 0) rc = shelter_all(round);
  if (rc == 0) rc = adopt_descendants(round);
  if (rc == 0) rc = bury_missed(roster);
  if (rc == 0) wio_lineage_end(&roster->lineage);
  if (rc < 0) discovery->births.begun = false; // the next look is at all again
  return rc;
}

// The first look of a watch is done: tells that it is over, or that what it names is not there yet.
static int end_look(wio_roster *roster, wio_watch *watch) {
  bool waits = !watch->looked && watch->count == 0 && watch->asked == 0 && !wio_watch_names_pids(watch);
  int rc = waits ? wio_roster_tell(roster, watch, WIO_EVENT_MISSING, 0, 0) : 0;
  if (rc < 0) return rc;
  watch->looked = true;
  return wio_roster_tell_if_over(roster, watch);
}

int wio_discovery_round(wio_discovery *discovery, wio_roster *roster, wio_watch *const *watches, size_t count,
                        bool told) {
  if (!told && discovery->tick == roster->tick) return 0; // but news can come meanwhile
  round_of_looks round = begin_round(discovery, roster, watches, count, told);
  int rc = 0;
  for (size_t i = 0; i < count && rc == 0; i++) rc = look_up_pids(&round, watches[i]);
  if (rc == 0 && round.births) rc = look_around(&round);
  if (rc == 0 && round.births && !told) discovery->changed = false;
  for (size_t i = 0; i < count && rc == 0; i++) rc = end_look(roster, watches[i]);
  if (rc == 0 && !told) discovery->tick = roster->tick;
  return rc;
}

void wio_discovery_rest(wio_discovery *discovery, wio_source *source) {
  source->ops->stop_news(source);
  discovery->births.begun = false;
}

// ---- who was confirmed

static int place_confirmed(const round_of_looks *round, wio_watch *watch, const wio_candidate *candidate) {
  wio_description process;
  int rc = round->roster->source->ops->describe(round->roster->source, candidate->pid, round->wanted, &process);
  if (rc < 0) return rc;
  if (process.stat.start_ticks != candidate->start_ticks || wio_stat_ended(&process.stat)) return -ESRCH;
  rc = wio_roster_notice(round->roster, &process);
  if (rc < 0 || member_of(round->roster, watch, process.pid)) return rc;
  return place(round, watch, &process);
}

// Only once all are answered, so that the topmost of a tree is known. Who was looked at with them may be their
// descendant.
static int place_all_confirmed(const round_of_looks *round, wio_watch *watch) {
  int rc = 0;
  for (size_t i = 0; rc != -ENOMEM && i < watch->confirmed_count; i++) {
    rc = place_confirmed(round, watch, &watch->confirmed[i]);
    if (rc < 0 && rc != -ENOMEM && wio_watch_names_pids(watch))
      rc = wio_roster_tell(round->roster, watch, WIO_EVENT_MISSING, watch->confirmed[i].pid, -rc);
  }
  watch->confirmed_count = 0;
  if (rc != -ENOMEM) rc = adopt_descendants(round);
  return rc < 0 ? rc : wio_roster_tell_if_over(round->roster, watch);
}

// Who does not match any more leaves; who never did is missed where its pid was named.
static int refuse(const round_of_looks *round, wio_watch *watch, pid_t pid, uint64_t start_ticks) {
  wio_member *member = member_of(round->roster, watch, pid);
  if (member && member->sample->start_ticks == start_ticks) return part(round, member);
  return wio_watch_names_pids(watch) ? wio_roster_tell(round->roster, watch, WIO_EVENT_MISSING, pid, ENOENT) : 0;
}

int wio_discovery_answer(wio_discovery *discovery, wio_roster *roster, wio_watch *watch, pid_t pid,
                         uint64_t start_ticks, bool matches) {
  if (watch->asked == 0) return 0; // nothing was asked
  round_of_looks round = {.discovery = discovery, .roster = roster, .watches = &watch, .count = 1};
  round.wanted = wanted_by[watch->options.per];
  watch->asked--;
  int rc = 0;
  if (matches) wio_watch_confirm(watch, pid, start_ticks);
  else rc = refuse(&round, watch, pid, start_ticks);
  int placed = watch->asked > 0 ? 0 : place_all_confirmed(&round, watch);
  if (placed < 0) rc = placed;
  if (rc < 0) discovery->births.begun = false; // the next look is at all again, and asks again
  return rc;
}

void wio_discovery_release(wio_discovery *discovery) {
  wio_births_release(&discovery->births);
  free(discovery->kin);
  free(discovery->again.pid);
  free(discovery->ignored);
}
