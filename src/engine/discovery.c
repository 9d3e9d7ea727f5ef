#include "engine/discovery.h"

#include <errno.h>
#include <stdlib.h>

bool wio_discovery_ignores(const wio_discovery *discovery, wio_source *source, const wio_description *process) {
  if (process->pid == source->ops->self(source)) return true;
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

// What one round offers processes to.
typedef struct {
  const wio_discovery *discovery;
  wio_roster *roster;
  wio_watch *const *watches;
  size_t count;
  int wanted; // what a description must hold for all the patterns
  bool all;   // all processes are looked at, for watches that have not looked around yet; else only the newborn
} round_of_looks;

static round_of_looks begin_round(const wio_discovery *discovery, wio_roster *roster, wio_watch *const *watches,
                                  size_t count) {
  round_of_looks round = {.discovery = discovery, .roster = roster, .watches = watches, .count = count};
  for (size_t i = 0; i < count; i++) {
    if (wio_watch_names_pids(watches[i])) continue;
    round.all = round.all || !watches[i]->looked;
    round.wanted |= wio_selector_wants(watches[i]->selector);
  }
  return round;
}

static int offer(const round_of_looks *round, pid_t pid) {
  wio_source *source = round->roster->source;
  wio_description process;
  int rc = source->ops->describe(source, pid, round->wanted, &process);
  if (rc < 0) return rc == -ENOMEM ? rc : 0;
  if (wio_stat_ended(&process.stat) || wio_discovery_ignores(round->discovery, source, &process)) return 0;
  for (size_t i = 0; i < round->count; i++) {
    wio_watch *watch = round->watches[i];
    if (wio_watch_names_pids(watch) || !wio_selector_match(watch->selector, &process)) continue;
    rc = wio_roster_join(round->roster, watch, &process);
    if (rc == -ENOMEM) return rc; // else it ended meanwhile
  }
  return 0;
}

int wio_discovery_patterns(wio_discovery *discovery, wio_roster *roster, wio_watch *const *watches, size_t count) {
  if (discovery->tick == roster->tick) return 0;
  round_of_looks round = begin_round(discovery, roster, watches, count);
  const pid_t *pids;
  size_t pid_count;
  bool scanned;
  int rc = wio_births_collect(&discovery->births, roster->source, roster->now_ns, round.all, &pids, &pid_count, &scanned);
  if (rc < 0) return rc;
  roster->tally.scans += scanned;
  for (size_t i = 0; i < pid_count && rc == 0; i++) rc = offer(&round, pids[i]);
  if (rc < 0) {
    discovery->births.newest = 0; // the next look is at all again
    return rc;
  }
  for (size_t i = 0; i < count; i++)
    if (!wio_watch_names_pids(watches[i])) watches[i]->looked = true;
  discovery->tick = roster->tick;
  return 0;
}

static int look_up(wio_roster *roster, wio_watch *watch, pid_t pid) {
  wio_description process;
  int rc = roster->source->ops->describe(roster->source, pid, wio_selector_wants(watch->selector), &process);
  if (rc == 0 && wio_stat_ended(&process.stat)) rc = -ESRCH;
  if (rc == 0 && !wio_selector_match(watch->selector, &process)) rc = -ENOENT;
  if (rc == 0) rc = wio_roster_join(roster, watch, &process);
  return rc == 0 || rc == -ENOMEM ? rc : wio_roster_tell(roster, watch, WIO_EVENT_MISSING, pid, -rc);
}

int wio_discovery_pids(wio_roster *roster, wio_watch *watch) {
  if (watch->looked) return 0;
  const pid_t *pids;
  size_t count = wio_selector_pids(watch->selector, &pids);
  for (size_t i = 0; i < count; i++) {
    int rc = look_up(roster, watch, pids[i]);
    if (rc < 0) return rc;
  }
  watch->looked = true;
  return wio_roster_tell_if_over(roster, watch);
}

void wio_discovery_release(wio_discovery *discovery) {
  wio_births_release(&discovery->births);
  free(discovery->ignored);
}
