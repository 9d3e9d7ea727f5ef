// SPDX-License-Identifier: MIT
#include "engine/hunt.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

// After this many rounds, a tree that still grows is dealt with as far as it is known.
#define MOST_ROUNDS 100

// A stopped process forks no more, but it finishes a fork that has begun: this many rounds in a row must find no new
// process.
#define QUIET_ROUNDS 2

// Up to this many processes are asked and signalled in one piece once they stand still. A larger tree is gathered twice
// before it is signalled while it runs: a tree that grows is stopped first.
#define FEW 64

// After this many steps the first gathering is left off: a tree may fork faster than it is gathered. The rest is found,
// asked and stopped while the known processes stand still.
#define MOST_GATHERING_STEPS 50

// How often in a row the hunt waits for a process in the middle of an exec, a millisecond or more each time.
#define MOST_WAITS 200

// A step under way.
typedef struct {
  wio_monitor *monitor;
  wio_source *source;
  wio_hunt *hunt;
  wio_pinned *pinned;
  wio_ration ration;
  wio_refusals refusals; // found anew in each step: ancestors change
  bool asked;
} step;

static int go_to(wio_hunt *hunt, int phase) {
  hunt->phase = phase;
  hunt->at = 0;
  return 0;
}

static int finish(wio_hunt *hunt, int result) {
  hunt->result = result;
  return go_to(hunt, WIO_HUNT_OVER);
}

// Fails the hunt; the processes that it has stopped are still to be continued.
static int fail(wio_hunt *hunt, int result) {
  hunt->result = result;
  return go_to(hunt, WIO_HUNT_THAWS);
}

static bool is_refused(step *now, const wio_pinned_process *process) {
  if (!now->asked) wio_refusals_begin(now->source, wio_monitor_protected(now->monitor), &now->refusals);
  now->asked = true;
  return wio_refusals_find(&now->refusals, process->pid, &now->hunt->refusal);
}

// Whether a refused process is to be asked once more, because it was in the middle of an exec.
static bool waits(step *now) {
  static const struct timespec moment = {.tv_nsec = WIO_NS_PER_MS};
  if (!now->hunt->refusal.for_now || now->hunt->waited++ >= MOST_WAITS) return false;
  if (now->ration == WIO_WITHOUT_END) nanosleep(&moment, NULL);
  return true;
}

// Deals with the refusal of the latest process: it is asked again if it was in the middle of an exec, else `refused`
// ends the hunt. -EAGAIN: it is asked again in a later step.
static int refuse(step *now, int (*refused)(wio_hunt *, int)) {
  if (!waits(now)) return refused(now->hunt, -EPERM);
  now->hunt->at--;
  return now->ration == WIO_WITHOUT_END ? 0 : -EAGAIN;
}

static int send_to(wio_source *source, const wio_pinned_process *process, int signal) {
  return process->pin ? source->ops->signal(source, process->pin, signal) : -ESRCH;
}

// The process whose turn it is in this phase; NULL when all have had theirs, or the ration is used up.
static wio_pinned_process *next(step *now, size_t cost) {
  if (now->hunt->at == now->pinned->count || !wio_ration_take(&now->ration, cost)) return NULL;
  return &now->pinned->pins[now->hunt->at++];
}

// The result of a phase when `next` gave no process.
static int or_go_to(step *now, int phase) {
  return now->hunt->at < now->pinned->count ? -EAGAIN : go_to(now->hunt, phase);
}

// ---- those that do not stand still

// Sends the signal to all, and ends the hunt.
static int send_to_all(step *now, int signal) {
  now->hunt->result = -ESRCH;
  for (size_t i = 0; i < now->pinned->count; i++) {
    int rc = send_to(now->source, &now->pinned->pins[i], signal);
    if (rc == 0 || (rc != -ESRCH && now->hunt->result == -ESRCH)) now->hunt->result = rc;
  }
  return go_to(now->hunt, WIO_HUNT_OVER);
}

static bool is_any_refused(step *now) {
  for (size_t i = 0; i < now->pinned->count; i++)
    if (is_refused(now, &now->pinned->pins[i])) return true;
  return false;
}

static bool ends_several(const wio_hunt *hunt) { return hunt->deed.ends && hunt->pinned->count > 1; }

// A signal to half of a target does harm: if one process must not be signalled, none is.
static int send_at_once(step *now) {
  wio_hunt *hunt = now->hunt;
  wio_ration all = WIO_WITHOUT_END;
  size_t found = 0;
  if (is_any_refused(now)) {
    if (!waits(now)) return finish(hunt, -EPERM);
    return now->ration == WIO_WITHOUT_END ? go_to(hunt, WIO_HUNT_GATHERS) : -EAGAIN;
  }
  if (!now->pinned->tree) return send_to_all(now, hunt->deed.signal);
  int rc = wio_pinned_gather(now->monitor, now->pinned, &all, &found);
  if (rc < 0) return finish(hunt, rc);
  return found || ends_several(hunt) ? go_to(hunt, WIO_HUNT_ASKS) : send_to_all(now, hunt->deed.signal);
}

// Whether all of a tree are stopped before they are signalled. Processes that SIGCONT continues may be stopped for a
// moment before, so that many need not be dealt with in one piece.
static bool stops_first(const step *now, bool grows) {
  const wio_hunt *hunt = now->hunt;
  int signal = hunt->deed.signal;
  bool many = now->pinned->count > FEW && now->ration != WIO_WITHOUT_END;
  return signal == SIGKILL || signal == SIGSTOP || ends_several(hunt) || grows || (signal == SIGCONT && many);
}

static int gather_first(step *now) {
  wio_hunt *hunt = now->hunt;
  const wio_deed *deed = &hunt->deed;
  size_t found;
  int rc = wio_pinned_gather(now->monitor, now->pinned, &now->ration, &found);
  bool outrun = rc == -EAGAIN && hunt->steps++ > MOST_GATHERING_STEPS;
  if (outrun) wio_pinned_leave_off(now->pinned);
  if (rc < 0 && !outrun) return rc == -EAGAIN ? rc : finish(hunt, rc);
  if (deed->kind == WIO_DEED_PRIORITY) return go_to(hunt, WIO_HUNT_SETS);
  if (deed->kind == WIO_DEED_NONE || (outrun && now->pinned->tree)) return go_to(hunt, WIO_HUNT_ASKS);
  bool again = hunt->rounds++ > 0;
  if (now->pinned->tree && stops_first(now, again && found)) return go_to(hunt, WIO_HUNT_ASKS);
  if (now->pinned->tree && now->pinned->count > FEW && !again) return go_to(hunt, WIO_HUNT_GATHERS);
  return send_at_once(now);
}

// ---- those that are stopped

static int ask(step *now) {
  for (wio_pinned_process *process; (process = next(now, WIO_COSTS_MUCH));)
    if (is_refused(now, process)) return refuse(now, finish);
  if (now->hunt->at < now->pinned->count) return -EAGAIN;
  now->hunt->rounds = 0;
  return now->hunt->deed.kind == WIO_DEED_NONE ? finish(now->hunt, 0) : go_to(now->hunt, WIO_HUNT_STOPS);
}

// Stops a process that is not stopped, or that somebody else has continued since. `forks` says whether it may still
// fork: it runs, and the signal has not reached it yet. -EPERM when it must not be signalled.
static int stop_one(step *now, wio_pinned_process *process, bool *forks) {
  wio_description seen;
  *forks = false;
  if (now->source->ops->describe(now->source, process->pid, 0, &seen) < 0 ||
      seen.stat.start_ticks != process->start_ticks)
    return 0;
  char state = seen.stat.state;
  bool runs = state == 'R' || state == 'S';
  if (process->frozen == WIO_PIN_RUNS && (state == 'T' || state == 't')) process->frozen = WIO_PIN_STOPPED_BEFORE;
  *forks = runs;
  if (process->frozen != WIO_PIN_RUNS && !runs) return 0;
  if (is_refused(now, process)) {
    *forks = true; // in the middle of an exec: the next round tells
    return now->hunt->refusal.for_now && now->hunt->rounds < MOST_ROUNDS ? 0 : -EPERM;
  }
  process->frozen = WIO_PIN_FROZEN;
  send_to(now->source, process, SIGSTOP);
  return 0;
}

static int stop_all(step *now) {
  wio_hunt *hunt = now->hunt;
  for (wio_pinned_process *process; (process = next(now, WIO_COSTS_MUCH));) {
    bool forks;
    int rc = stop_one(now, process, &forks);
    if (rc < 0) return fail(hunt, rc);
    hunt->forks = hunt->forks || forks;
  }
  return or_go_to(now, WIO_HUNT_SEARCHES);
}

// Stops the processes that the steps before have found in this round: in a tree that forks all the time, each of them
// forks on while the others are searched for.
static int stop_found(step *now) {
  wio_hunt *hunt = now->hunt;
  const wio_gathering *gathering = &now->pinned->gathering;
  if (gathering->phase == WIO_GATHERS_NOT || gathering->phase == WIO_GATHERS_ENDED) return 0;
  if (hunt->at < gathering->before) hunt->at = gathering->before;
  for (wio_pinned_process *process; (process = next(now, WIO_COSTS_MUCH));) {
    bool forks;
    int rc = stop_one(now, process, &forks);
    if (rc < 0) return rc;
  }
  return 0;
}

static int search_for_new(step *now) {
  wio_hunt *hunt = now->hunt;
  size_t found;
  int rc = stop_found(now);
  if (rc == 0) rc = wio_pinned_gather(now->monitor, now->pinned, &now->ration, &found);
  if (rc == -EAGAIN) return rc;
  if (rc < 0) return fail(hunt, rc);
  hunt->quiet = found || hunt->forks ? 0 : hunt->quiet + 1;
  hunt->forks = false;
  bool more = ++hunt->rounds < MOST_ROUNDS && hunt->quiet < QUIET_ROUNDS;
  if (!more && now->pinned->count <= FEW) now->ration = WIO_WITHOUT_END;
  return go_to(hunt, more ? WIO_HUNT_STOPS : WIO_HUNT_CHECKS);
}

static int stop_again(wio_hunt *hunt) {
  hunt->quiet = 0;
  return go_to(hunt, WIO_HUNT_STOPS);
}

// A stopped process keeps its name as long as nobody else continues it.
static int check_all(step *now) {
  wio_hunt *hunt = now->hunt;
  for (wio_pinned_process *process; (process = next(now, 2 * WIO_COSTS_MUCH));) {
    bool goes_on;
    if (is_refused(now, process)) return refuse(now, fail);
    hunt->waited = 0;
    int rc = stop_one(now, process, &goes_on);
    if (rc < 0) return fail(hunt, rc);
    if (goes_on && hunt->rounds < MOST_ROUNDS) return stop_again(hunt);
  }
  if (!hunt->taken) hunt->result = -ESRCH;
  return or_go_to(now, WIO_HUNT_SENDS);
}

// When somebody else has continued a process, all are stopped once more, with its new children, and get the signal
// again. A signal that is already pending does not count twice.
static int send_to_stopped(step *now) {
  wio_hunt *hunt = now->hunt;
  int signal = hunt->deed.signal;
  for (wio_pinned_process *process; (process = next(now, 2 * WIO_COSTS_MUCH));) {
    bool goes_on;
    if (is_refused(now, process)) return refuse(now, fail);
    hunt->waited = 0;
    int rc = stop_one(now, process, &goes_on);
    if (rc < 0) return fail(hunt, rc);
    if (goes_on && hunt->rounds < MOST_ROUNDS) return stop_again(hunt);
    rc = send_to(now->source, process, signal);
    hunt->taken = hunt->taken || rc == 0;
    if (rc == 0 || (rc != -ESRCH && hunt->result == -ESRCH)) hunt->result = rc;
  }
  bool thaws = hunt->result < 0 || (signal != SIGSTOP && signal != SIGKILL);
  return or_go_to(now, thaws ? WIO_HUNT_THAWS : WIO_HUNT_OVER);
}

static void thaw_one(wio_source *source, wio_pinned_process *process) {
  if (process->frozen == WIO_PIN_FROZEN) send_to(source, process, SIGCONT);
  process->frozen = WIO_PIN_RUNS;
}

static int thaw(step *now) {
  for (wio_pinned_process *process; (process = next(now, WIO_COSTS_LITTLE));) thaw_one(now->source, process);
  return or_go_to(now, WIO_HUNT_OVER);
}

// ---- priorities

// A process inherits the priority if its parent already has it.
static int set_all(step *now) {
  wio_hunt *hunt = now->hunt;
  for (wio_pinned_process *process; (process = next(now, WIO_COSTS_MUCH));) {
    if (process->is_set || !process->pin) continue;
    int rc = now->source->ops->prioritise(now->source, process->pin, &hunt->deed.priority);
    process->is_set = true;
    hunt->taken = hunt->taken || rc == 0;
    if (rc < 0 && rc != -ESRCH && hunt->result == 0) hunt->result = rc;
  }
  return or_go_to(now, WIO_HUNT_INHERITS);
}

static int search_for_unset(step *now) {
  wio_hunt *hunt = now->hunt;
  size_t found;
  int rc = wio_pinned_gather(now->monitor, now->pinned, &now->ration, &found);
  if (rc == -EAGAIN) return rc;
  if (rc < 0) return finish(hunt, rc);
  if (found && ++hunt->rounds < MOST_ROUNDS) return go_to(hunt, WIO_HUNT_SETS);
  return finish(hunt, hunt->result ? hunt->result : hunt->taken ? 0 : -ESRCH);
}

// ---- the whole

void wio_hunt_begin(wio_hunt *hunt, wio_pinned *pinned, const wio_deed *deed) {
  *hunt = (wio_hunt){.phase = WIO_HUNT_GATHERS, .pinned = pinned, .deed = *deed};
  wio_pinned_leave_off(pinned);
  for (size_t i = 0; i < pinned->count; i++) {
    pinned->pins[i].frozen = WIO_PIN_RUNS;
    pinned->pins[i].is_set = false;
  }
}

static int go_on(step *now) {
  static int (*const phases[])(step *) = {[WIO_HUNT_GATHERS] = gather_first,
                                          [WIO_HUNT_ASKS] = ask,
                                          [WIO_HUNT_STOPS] = stop_all,
                                          [WIO_HUNT_SEARCHES] = search_for_new,
                                          [WIO_HUNT_CHECKS] = check_all,
                                          [WIO_HUNT_SENDS] = send_to_stopped,
                                          [WIO_HUNT_THAWS] = thaw,
                                          [WIO_HUNT_SETS] = set_all,
                                          [WIO_HUNT_INHERITS] = search_for_unset};
  return phases[now->hunt->phase](now);
}

int wio_hunt_step(wio_monitor *monitor, wio_hunt *hunt, wio_ration ration, wio_refusal *refusal) {
  step now = {.monitor = monitor,
              .source = wio_monitor_source(monitor),
              .hunt = hunt,
              .pinned = hunt->pinned,
              .ration = ration};
  refusal->text[0] = '\0';
  // Signal 0 only asks whether the known processes live.
  if (hunt->deed.kind == WIO_DEED_SIGNAL && hunt->deed.signal == 0) send_to_all(&now, 0);
  while (hunt->phase != WIO_HUNT_OVER)
    if (go_on(&now) == -EAGAIN) return -EAGAIN;
  if (hunt->result == -EPERM) *refusal = hunt->refusal;
  return hunt->result;
}

void wio_hunt_give_up(wio_monitor *monitor, wio_hunt *hunt) {
  if (hunt->phase == WIO_HUNT_OVER) return;
  for (size_t i = 0; i < hunt->pinned->count; i++) thaw_one(wio_monitor_source(monitor), &hunt->pinned->pins[i]);
  wio_pinned_leave_off(hunt->pinned);
  go_to(hunt, WIO_HUNT_OVER);
}

int wio_hunt_whole(wio_monitor *monitor, wio_pinned *pinned, const wio_deed *deed, wio_refusal *refusal) {
  wio_hunt hunt;
  wio_hunt_begin(&hunt, pinned, deed);
  return wio_hunt_step(monitor, &hunt, WIO_WITHOUT_END, refusal);
}
