// SPDX-License-Identifier: MIT
#include "engine/discovery.h"

#include "core/units.h"
#include "engine/settle.h"

#include <errno.h>
#include <stdlib.h>

typedef struct {
  wio_discovery *discovery;
  wio_roster *roster;
  wio_watch *const *watches;
  size_t count;
  bool told;             // only processes of which the source tells are inspected
  bool births;           // some watch has to hear of births
  bool patterns;         // some watch has patterns, which any process can come to match
  wio_placement placing; // with `all` once some watch is new: then not only the newborn are inspected
} inspection_round;

// The facts that decide to which target a match belongs.
static const int wanted_by[WIO_PER_COUNT] = {[WIO_PER_USER] = WIO_WANT_UID, [WIO_PER_UNIT] = WIO_WANT_CGROUP};

// How long the list of listening ports is good. For another network namespace the kernel writes out all sockets as
// text, which costs too much at every one of many short intervals.
#define LISTENED_AGAIN_NS WIO_NS_PER_SECOND

// Reads what the selectors ask for besides processes. A pidfile that was written, or a port that is listened on by now,
// can make an old process match.
static void refresh(wio_discovery *discovery, const wio_roster *roster, wio_watch *const *watches, size_t count) {
  bool listens = false;
  for (size_t i = 0; i < count; i++)
    listens = listens || (wio_selector_wants_ports(watches[i]->selector) &&
                          (!watches[i]->inspected || roster->now_ns - discovery->listened_ns >= LISTENED_AGAIN_NS));
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

static wio_placement placement_of(wio_discovery *discovery, wio_roster *roster) {
  return (wio_placement){
      .roster = roster, .descent = &discovery->descent, .ignored = &discovery->ignored, .again = &discovery->again};
}

static inspection_round begin_round(wio_discovery *discovery, wio_roster *roster, wio_watch *const *watches,
                                    size_t count, bool told) {
  // With `told`, only births and changes of processes matter; nothing else is read again.
  if (!told) refresh(discovery, roster, watches, count);
  inspection_round round = {.discovery = discovery,
                            .roster = roster,
                            .watches = watches,
                            .count = count,
                            .told = told,
                            .placing = placement_of(discovery, roster)};
  round.placing.all = !told && discovery->changed;
  for (size_t i = 0; i < count; i++) {
    const wio_watch *watch = watches[i];
    bool wants_births = wio_watch_wants_births(watch);
    round.births = round.births || wants_births;
    round.patterns = round.patterns || !wio_watch_names_pids(watch);
    round.placing.all = round.placing.all || (wants_births && !watch->inspected);
    round.placing.wanted |= wanted_by[watch->options.per];
  }
  return round;
}

static bool is_match(const inspection_round *round, const wio_watch *watch, wio_description *process) {
  const wio_ignored *ignored = &round->discovery->ignored;
  return wio_ignored_test(ignored, round->roster->source, watch->selector, process, NULL) == WIO_MATCH_YES;
}

// Offers a process to every watch that has patterns, and remembers its parent.
static int offer(const inspection_round *round, pid_t pid) {
  wio_source *source = round->roster->source;
  wio_description process;
  bool expected = source->ops->describe_expected;
  int rc = (expected ? source->ops->describe_expected : source->ops->describe)(source, pid, round->placing.wanted,
                                                                               &process);
  if (rc == -ENOMEM) return rc;
  int noted = wio_silent_note(&round->roster->silent, pid, rc != -ETIMEDOUT);
  if (noted < 0 || rc == -ETIMEDOUT) return noted;
  if (rc < 0 || wio_stat_ended(&process.stat)) wio_lineage_miss(&round->roster->lineage, pid);
  if (rc < 0 || wio_stat_ended(&process.stat) || wio_ignored_has(&round->discovery->ignored, source, &process))
    return 0;
  rc = wio_settle_notice(round->roster, &process);
  uint64_t birth = wio_lineage_birth(&round->roster->lineage, pid);
  wio_sample *held = birth ? wio_roster_sample(round->roster, pid) : NULL;
  if (held) held->birth = birth;
  if (rc == 0) rc = wio_descent_remember(&round->discovery->descent, &process);
  for (size_t i = 0; rc != -ENOMEM && i < round->count; i++) {
    wio_watch *watch = round->watches[i];
    wio_member *member = wio_roster_member_of(round->roster, watch, pid);
    if (member) rc = wio_placement_inspect(&round->placing, watch, member, &process);
    else if (!wio_watch_names_pids(watch) && is_match(round, watch, &process))
      rc = wio_placement_take(&round->placing, watch, &process); // the process may have ended meanwhile
  }
  if (rc != -ENOMEM && process.denied == ETIMEDOUT) rc = wio_silent_note(&round->roster->silent, pid, false);
  return rc == -ENOMEM ? rc : 0;
}

static int inspect_pid(const inspection_round *round, wio_watch *watch, pid_t pid) {
  wio_source *source = round->roster->source;
  wio_description process;
  int rc = source->ops->describe(source, pid, round->placing.wanted, &process);
  if (rc == 0 && wio_stat_ended(&process.stat)) rc = -ESRCH;
  if (rc == 0 && !wio_selector_match(watch->selector, source, &process)) rc = -ENOENT;
  if (rc == 0) rc = wio_settle_notice(round->roster, &process);
  if (rc == 0 && !wio_roster_member_of(round->roster, watch, pid))
    rc = wio_placement_take(&round->placing, watch, &process);
  return rc == 0 || rc == -ENOMEM ? rc : wio_roster_tell(round->roster, watch, WIO_EVENT_MISSING, pid, -rc);
}

// The pids that a watch names are inspected once: a pid that comes back later is another process.
static int inspect_named(const inspection_round *round, wio_watch *watch) {
  const pid_t *pids;
  size_t count = wio_selector_pids(watch->selector, &pids);
  for (; watch->pids_inspected < count; watch->pids_inspected++) {
    int rc = inspect_pid(round, watch, pids[watch->pids_inspected]);
    if (rc < 0) return rc;
  }
  return 0;
}

// How many members of a watch a round asks whether they have run and still match: at least so many, and enough to ask
// all of them in so many rounds.
#define MEMBERS_A_ROUND 8
#define ROUNDS_FOR_ALL 120

// Inspects the members that match by themselves, each after it has run: the source may not tell of their changes.
static int inspect_members(const inspection_round *round, wio_watch *watch) {
  wio_source *source = round->roster->source;
  if (wio_watch_names_pids(watch)) return 0;
  size_t part = watch->member_count / ROUNDS_FOR_ALL, most = part > MEMBERS_A_ROUND ? part : MEMBERS_A_ROUND;
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < most && i < watch->member_count; i++) {
    const wio_member *member = watch->members[watch->next_visited++ % watch->member_count];
    wio_sample *sample = member->sample;
    if (!wio_placement_is_by_match(member) || !wio_walk_has_run(source, (pid_t)sample->key, &sample->visited_cpu_ns))
      continue;
    rc = offer(round, (pid_t)sample->key);
  }
  return rc;
}

static int offer_all(const inspection_round *round, const pid_t *pids, size_t count) {
  wio_discovery *discovery = round->discovery;
  wio_source *source = round->roster->source;
  const wio_pids *silent = &round->roster->silent.list;
  int rc = 0;
  if (source->ops->expect) source->ops->expect(source, pids, count);
  for (size_t i = 0; i < count && rc == 0; i++) rc = offer(round, pids[i]);
  if (source->ops->expect) source->ops->expect(source, NULL, 0);
  // From the end: a process that answers is taken off the list.
  for (size_t i = silent->count; i-- > 0 && rc == 0;) rc = offer(round, silent->pid[i]);
  for (size_t i = 0; i < round->count && rc == 0; i++)
    if (!round->told) rc = inspect_members(round, round->watches[i]);
  for (size_t i = 0; i < discovery->again.count && rc == 0; i++) rc = offer(round, discovery->again.pid[i]);
  return rc;
}

// Whether inspect_members inspects the process.
static bool is_inspected(const void *roster, pid_t pid) {
  const wio_sample *sample = wio_roster_sample(roster, pid);
  for (const wio_member *member = sample ? sample->members : NULL; member; member = member->next_of_sample)
    if (wio_placement_is_by_match(member)) return true;
  return false;
}

static int inspect(const inspection_round *round) {
  wio_discovery *discovery = round->discovery;
  wio_roster *roster = round->roster;
  discovery->births.cover = (wio_walk_cover){.covers = is_inspected, .data = roster};
  if (discovery->descent.incomplete) discovery->births.begun = discovery->descent.incomplete = false;
  wio_births_scope scope = round->placing.all ? WIO_BIRTHS_ALL : round->told ? WIO_BIRTHS_TOLD : WIO_BIRTHS_FOUND;
  const pid_t *pids;
  size_t count;
  bool scanned;
  int rc = wio_births_collect(&discovery->births, roster->source, roster->now_ns, scope, round->patterns, &pids, &count,
                              &scanned);
  if (rc < 0) return rc;
  roster->tally.scans += scanned;
  wio_descent_begin(&discovery->descent);
  discovery->again.count = 0;
  rc = wio_lineage_begin(&roster->lineage, roster->source);
  if (rc == 0) rc = offer_all(round, pids, count);
  if (rc == 0) rc = wio_descent_shelter(&discovery->descent, roster, round->watches, round->count);
  if (rc == 0) rc = wio_descent_adopt(&discovery->descent, roster);
  if (rc == 0) rc = wio_descent_bury_missed(roster);
  if (rc == 0) wio_lineage_end(&roster->lineage);
  if (rc < 0) discovery->births.begun = false; // the next round inspects all again
  return rc;
}

// Ends a round of a watch: tells that the watch is over, or, after its first round, that nothing matches yet.
static int end_round_of(wio_roster *roster, wio_watch *watch) {
  bool waits = !watch->inspected && watch->count == 0 && watch->asked == 0 && !wio_watch_names_pids(watch);
  int rc = waits ? wio_roster_tell(roster, watch, WIO_EVENT_MISSING, 0, 0) : 0;
  if (rc < 0) return rc;
  watch->inspected = true;
  return wio_roster_tell_if_over(roster, watch);
}

int wio_discovery_round(wio_discovery *discovery, wio_roster *roster, wio_watch *const *watches, size_t count,
                        bool told) {
  if (!told && discovery->moment == roster->pass.moment) return 0; // though births can still be told
  inspection_round round = begin_round(discovery, roster, watches, count, told);
  int rc = wio_ignored_find_runners(&discovery->ignored, roster->source);
  for (size_t i = 0; i < count && rc == 0; i++) rc = inspect_named(&round, watches[i]);
  if (rc == 0 && round.births) rc = inspect(&round);
  if (rc == 0 && round.births && !told) discovery->changed = false;
  for (size_t i = 0; i < count && rc == 0; i++) rc = end_round_of(roster, watches[i]);
  if (rc == 0 && !told) discovery->moment = roster->pass.moment;
  return rc;
}

void wio_discovery_rest(wio_discovery *discovery, wio_source *source) {
  source->ops->stop_births(source);
  discovery->births.begun = false;
}

int wio_discovery_answer(wio_discovery *discovery, wio_roster *roster, wio_watch *watch, pid_t pid,
                         uint64_t start_ticks, bool matches) {
  if (watch->asked == 0) return 0; // nothing was asked
  wio_placement placing = placement_of(discovery, roster);
  placing.wanted = wanted_by[watch->options.per];
  watch->asked--;
  int rc = 0;
  if (matches) wio_watch_confirm(watch, pid, start_ticks);
  else rc = wio_placement_refuse(&placing, watch, pid, start_ticks);
  int placed = watch->asked > 0 ? 0 : wio_placement_take_confirmed(&placing, watch);
  if (placed < 0) rc = placed;
  if (rc < 0) discovery->births.begun = false; // the next round inspects all again, and asks again
  return rc;
}

void wio_discovery_release(wio_discovery *discovery) {
  wio_births_release(&discovery->births);
  wio_descent_release(&discovery->descent);
  free(discovery->again.pid);
  wio_ignored_release(&discovery->ignored);
}
