// SPDX-License-Identifier: MIT
// The monitor on anything that can happen: a byte string is a program of births, work, ends, watches, alarms and
// questions on a scripted world. Whatever comes, time does not run backwards, every story of a target is one that can
// be told, and nothing is left behind.
#include "engine/launched.h"
#include "engine/hunt.h"

#include "core/units.h"
#include "world.h"

#include <stdio.h>
#include <stdlib.h>

#define MOST_PROCESSES 20
#define MOST_WATCHES 6
#define MOST_ALARMS 8
#define MOST_TARGETS 256
#define MOST_STEPS 400

static const wio_limit limits[] = {
    {.measure = WIO_RCHAR, .is_rate = true, .above = 1000, .below = 500, .hold_ns = WIO_NS_PER_SECOND},
    {.measure = WIO_NET_TX, .is_rate = true, .above = 3, .below = 3},
    {.measure = WIO_RCHAR, .above = 50000},
};

// What was told of one target so far.
typedef struct {
  uint64_t id, watch;
  wio_event_type last;
  bool blind; // a kind cannot be read
  bool over;
  unsigned limits; // over which it is, as bits
  uint64_t total[WIO_MEASURE_COUNT];
} story;

typedef struct {
  uint64_t id;
  wio_watch_options options;
} running;

typedef struct {
  uint64_t id, at_ns;
} ringing;

typedef struct {
  const uint8_t *data;
  size_t left;
  wio_monitor *monitor;
  uint64_t now_ns, told_ns;
  running watches[MOST_WATCHES];
  ringing alarms[MOST_ALARMS];
  story stories[MOST_TARGETS];
  size_t story_count;
  pid_t pids; // how many were given out
  wio_pinned pinned;
  wio_hunt hunt;
} game;

static world here;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(holds)                                                       \
  do {                                                                    \
    if (!(holds)) {                                                       \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #holds); \
      abort();                                                            \
    }                                                                     \
  } while (0)

static uint8_t take(game *g) {
  if (!g->left) return 0;
  g->left--;
  return *g->data++;
}

static world_process *any_process(game *g) {
  world_process *found[WORLD_SIZE];
  size_t count = 0;
  for (int i = 0; i < WORLD_SIZE; i++)
    if (here.processes[i].pid) found[count++] = &here.processes[i];
  size_t which = take(g);
  return count ? found[which % count] : NULL;
}

static size_t population(void) {
  size_t count = 0;
  for (int i = 0; i < WORLD_SIZE; i++) count += here.processes[i].pid != 0;
  return count;
}

// A number that may have been another's: pids are used again.
static pid_t new_pid(game *g) {
  pid_t pid = 2 + (take(g) & 3 ? g->pids++ % 60 : take(g) % 60);
  return world_find(&here, pid) ? 0 : pid;
}

static const char *const names[] = {"a", "ab", "b", "nginx", "python3", "systemd-journal"};
#define NAME_COUNT (sizeof(names) / sizeof(names[0]))

// ---- the world

static void be_born(game *g) {
  pid_t pid = new_pid(g);
  const char *name = names[take(g) % NAME_COUNT];
  if (!pid || population() >= MOST_PROCESSES) return;
  world_process *process = world_birth(&here, pid, name);
  uint8_t bits = take(g);
  process->unheld = bits & 1;
  process->uid = bits >> 1 & 1;
  process->cgroup = bits & 4 ? "0::/system.slice/a.service\n" : "0::/user.slice\n";
  process->port = bits & 8 ? 80 : 0;
  process->cmd = bits & 16 ? "python3 -m a" : "";
  process->kernel_thread = bits >= 240;
  process->session = bits & 32 ? 5 : pid;
}

static void fork_one(game *g) {
  world_process *parent = any_process(g);
  pid_t pid = new_pid(g);
  if (parent && pid && !parent->zombie && population() < MOST_PROCESSES) world_fork(&here, parent, pid);
}

static void work(game *g) {
  world_process *process = any_process(g);
  if (!process || process->zombie) return;
  uint8_t amount = take(g);
  world_work(process, (uint64_t)amount * amount);
  process->net_tx += amount & 7;
  process->hidden = amount & 8;
}

static void run_exec(game *g) {
  world_process *process = any_process(g);
  if (process && !process->zombie) world_exec(&here, process, names[take(g) % NAME_COUNT]);
}

static void end(game *g) {
  world_process *process = any_process(g);
  if (process) world_exit(&here, process);
}

static void reap(game *g) {
  world_process *process = any_process(g);
  if (process && process->zombie) world_reap(&here, process);
}

static void vanish(game *g) {
  world_process *process = any_process(g);
  if (process) world_vanish(&here, process);
}

static void be_denied(game *g) {
  static const int errors[] = {0, EACCES, EIO, EMFILE};
  world_process *process = any_process(g);
  uint8_t bits = take(g);
  if (!process) return;
  process->io_error = errors[bits & 3];
  process->net_error = errors[bits >> 2 & 3];
  process->denied = errors[bits >> 4 & 3];
}

static void change_world(game *g) {
  uint8_t bits = take(g);
  here.hears = bits & 1;
  here.loses = (bits & 6) == 6;
  here.no_children = bits & 8;
  here.pidfile_empty = bits & 16;
  here.pidfile = (wio_pidfile){.pid = bits & 32 ? 2 + take(g) % 60 : 0, .trusted = bits & 64, .written_ns = take(g)};
}

// ---- the monitor

static bool is_watched(const game *g, uint64_t id) {
  for (size_t i = 0; i < MOST_WATCHES; i++)
    if (g->watches[i].id == id) return true;
  return false;
}

static void select_some(game *g, wio_selector *selector) {
  char message[128];
  uint8_t kinds = take(g);
  const char *name = names[take(g) % NAME_COUNT];
  if (kinds & 1 || !(kinds & 62)) wio_selector_add_name(selector, kinds & 64 ? "*" : name, message, sizeof message);
  if (kinds & 2) wio_selector_add_pid(selector, 2 + take(g) % 60);
  if (kinds & 4) wio_selector_add_uid(selector, take(g) & 1);
  if (kinds & 8) wio_selector_add_unit(selector, "a", message, sizeof message);
  if (kinds & 16) wio_selector_add_port(selector, 80);
  if (kinds & 32) wio_selector_add_pidfile(selector, "/run/a.pid");
  if (kinds & 128) wio_selector_ask(selector);
}

static void watch(game *g) {
  static const uint64_t times[] = {WIO_EVERY_MIN_NS, WIO_NS_PER_SECOND / 4, WIO_NS_PER_SECOND, 7 * WIO_NS_PER_SECOND};
  running *free_one = NULL;
  for (size_t i = 0; i < MOST_WATCHES; i++)
    if (!g->watches[i].id) free_one = &g->watches[i];
  if (!free_one) return;
  wio_selector *selector = wio_selector_new();
  select_some(g, selector);
  uint8_t bits = take(g), more = take(g);
  if (more & 1) {
    wio_selector *except = wio_selector_new();
    wio_selector_add_uid(except, 1);
    wio_selector_add_except(selector, except);
  }
  wio_watch_options options = {.per = bits % WIO_PER_COUNT,
                               .kinds = 1 + more % WIO_ALL_KINDS,
                               .every_ns = times[more >> 3 & 3],
                               .idle_after_ns = more & 32 ? 0 : times[more >> 6],
                               .events = UINT32_MAX,
                               .samples = bits & 128,
                               .limits = limits,
                               .limit_count = bits & 32 ? sizeof(limits) / sizeof(limits[0]) : 0};
  options.floors.hidden.rate[WIO_FLOOR_IO] = options.floors.shown.rate[WIO_FLOOR_CPU] = bits & 64 ? 1000 : 0;
  *free_one = (running){.options = options};
  MUST(wio_monitor_watch(g->monitor, selector, &options, &free_one->id) == 0);
}

static void unwatch(game *g) {
  running *one = &g->watches[take(g) % MOST_WATCHES];
  wio_monitor_unwatch(g->monitor, one->id);
  *one = (running){0};
}

static void set_alarm(game *g) {
  ringing *alarm = &g->alarms[take(g) % MOST_ALARMS];
  if (alarm->id) return;
  alarm->at_ns = g->now_ns + take(g) * (WIO_NS_PER_SECOND / 20);
  MUST(wio_monitor_alarm(g->monitor, alarm->at_ns, &alarm->id) == 0);
}

static void cancel(game *g) {
  ringing *alarm = &g->alarms[take(g) % MOST_ALARMS];
  wio_monitor_cancel(g->monitor, alarm->id);
  *alarm = (ringing){0};
}

static uint64_t any_target(game *g) {
  size_t which = take(g);
  return g->story_count ? g->stories[which % g->story_count].id : which;
}

static void look(game *g) { wio_monitor_look(g->monitor, any_target(g)); }

static void ask_match(game *g) { wio_monitor_still_matches(g->monitor, any_target(g)); }

// Holds the processes of a target, and does something to them later.
static void pin(game *g) {
  if (g->pinned.pins || wio_pinned_hold(g->monitor, any_target(g), &g->pinned) < 0) return;
  MUST(g->pinned.count > 0 && wio_pinned_lives(g->monitor, &g->pinned));
}

static void release(game *g) {
  wio_hunt_give_up(g->monitor, &g->hunt);
  wio_pinned_release(g->monitor, &g->pinned);
}

static void act(game *g) {
  wio_refusal refusal;
  uint8_t bits = take(g);
  if (!g->pinned.pins) return;
  if (g->hunt.phase == WIO_HUNT_OVER) {
    size_t found;
    wio_ration ration = bits & 32 ? 5 : WIO_WITHOUT_END;
    wio_pinned_gather(g->monitor, &g->pinned, &ration, &found);
    wio_pinned_lives(g->monitor, &g->pinned);
    wio_deed deed = {.kind = bits & 3, .signal = bits & 4 ? 9 : 15, .ends = bits & 8};
    if (deed.kind <= WIO_DEED_PRIORITY) wio_hunt_begin(&g->hunt, &g->pinned, &deed);
  }
  if (g->hunt.phase != WIO_HUNT_OVER) wio_hunt_step(g->monitor, &g->hunt, bits & 64 ? 9 : WIO_WITHOUT_END, &refusal);
  if (bits & 16) release(g);
}

static void ignore(game *g) { wio_monitor_ignore(g->monitor, 5, take(g) & 1); }

static int accept_any(void *data, const wio_description *process, wio_match match) {
  (void)data;
  MUST(process->pid > 0 && match != WIO_MATCH_NO);
  return 0;
}

static void find(game *g) {
  wio_selector *selector = wio_selector_new();
  select_some(g, selector);
  wio_monitor_find(g->monitor, selector, accept_any, NULL);
  wio_selector_free(selector);
}

static void read_one(game *g) {
  wio_reading reading;
  wio_monitor_read(g->monitor, 2 + take(g) % 60, WIO_ALL_KINDS, &reading);
  wio_launched_live(g->monitor, 5);
}

// ---- what is told

static story *story_of(game *g, const wio_event *event) {
  for (size_t i = 0; i < g->story_count; i++)
    if (g->stories[i].id == event->target) return &g->stories[i];
  if (g->story_count == MOST_TARGETS) return NULL;
  story *begun = &g->stories[g->story_count++];
  *begun = (story){.id = event->target, .watch = event->watch};
  return begun;
}

// Which edge may follow which; what is told of readability stands between them. While a kind cannot be read, a target
// that falls quiet is unknown without a word, so that it can become active again.
static bool may_follow(const story *told, wio_event_type type) {
  switch (type) {
    case WIO_EVENT_START: return told->last == WIO_EVENT_NONE;
    case WIO_EVENT_ACTIVE: return told->last && (told->last != WIO_EVENT_ACTIVE || told->blind);
    case WIO_EVENT_IDLE: return told->last && told->last != WIO_EVENT_IDLE && !told->blind;
    case WIO_EVENT_UNREADABLE: return told->last && !told->blind;
    case WIO_EVENT_READABLE: return told->blind;
    default: return told->last;
  }
}

// A limit's edges alternate.
static void hear_of_limit(story *told, const wio_event *event) {
  unsigned bit = 1u << event->limit;
  bool is_over = told->limits & bit;
  MUST(event->type == WIO_EVENT_LIMIT_OVER ? !is_over : is_over);
  told->limits ^= bit;
}

static bool is_edge(wio_event_type type) {
  return type == WIO_EVENT_START || type == WIO_EVENT_ACTIVE || type == WIO_EVENT_IDLE ||
         type == WIO_EVENT_UNREADABLE || type == WIO_EVENT_READABLE;
}

static void hear_of_target(game *g, const wio_event *event) {
  story *told = story_of(g, event);
  if (!told) return;
  MUST(!told->over && told->watch == event->watch && may_follow(told, event->type));
  for (wio_measure i = 0; i < WIO_IO_COUNT && event->known & WIO_KIND_BIT(WIO_IO); i++) {
    MUST(event->total[i] >= told->total[i]);
    told->total[i] = event->total[i];
  }
  if (event->type == WIO_EVENT_LIMIT_OVER || event->type == WIO_EVENT_LIMIT_UNDER) hear_of_limit(told, event);
  if (is_edge(event->type)) told->last = event->type;
  told->over = event->type == WIO_EVENT_EXIT || event->type == WIO_EVENT_LEAVE;
  if (event->type == WIO_EVENT_UNREADABLE) told->blind = true;
  if (event->type == WIO_EVENT_READABLE) told->blind = false;
  for (size_t i = 0; i < MOST_WATCHES; i++)
    if (event->type == WIO_EVENT_IDLE && g->watches[i].id == event->watch)
      MUST(event->idle_for_ns >= g->watches[i].options.idle_after_ns);
}

static void hear_alarm(game *g, const wio_event *event) {
  for (size_t i = 0; i < MOST_ALARMS; i++) {
    ringing *alarm = &g->alarms[i];
    if (alarm->id != event->alarm) continue;
    MUST(alarm->at_ns <= g->now_ns);
    *alarm = (ringing){0};
    return;
  }
}

static void answer(game *g, const wio_event *event) {
  wio_description process;
  int rc = here.base.ops->describe(&here.base, event->pid, 0, &process);
  uint64_t start_ticks = rc == 0 ? process.stat.start_ticks : 0;
  MUST(wio_monitor_answer(g->monitor, event->watch, event->pid, start_ticks, take(g) & 1) == 0);
}

static void hear(game *g, const wio_event *event) {
  MUST(event->type > WIO_EVENT_NONE && event->type < WIO_EVENT_TYPE_COUNT);
  MUST(event->time_ns <= g->now_ns && event->time_ns >= g->told_ns);
  g->told_ns = event->time_ns;
  if (event->type == WIO_EVENT_ALARM) hear_alarm(g, event);
  else MUST(is_watched(g, event->watch));
  if (event->target) hear_of_target(g, event);
  if (event->type == WIO_EVENT_CANDIDATE) answer(g, event);
}

static void tick(game *g) {
  static const uint64_t steps[] = {0, 1, WIO_NS_PER_MS, 50 * WIO_NS_PER_MS, WIO_NS_PER_SECOND, 20 * WIO_NS_PER_SECOND};
  uint64_t due_ns;
  uint8_t bits = take(g);
  if (bits & 128 && wio_monitor_due(g->monitor, &due_ns)) g->now_ns = due_ns > g->now_ns ? due_ns : g->now_ns;
  else g->now_ns += steps[bits % (sizeof(steps) / sizeof(steps[0]))];
  MUST(wio_monitor_tick(g->monitor, g->now_ns) == 0);
  // What is due by now is done by now, or a loop would spin. Handlers may do anything between two events.
  MUST(!wio_monitor_due(g->monitor, &due_ns) || due_ns > g->now_ns);
  for (wio_event event; wio_monitor_next(g->monitor, &event);) {
    hear(g, &event);
    if (bits & 64 && take(g) & 1) unwatch(g);
  }
}

typedef void step(game *g);

static step *const steps[] = {tick, tick,   tick,      work,         work,  be_born,   fork_one,  run_exec, end,
                              reap, vanish, be_denied, change_world, watch, unwatch,   set_alarm, cancel,   look,
                              pin,  find,   ignore,    read_one,     watch, ask_match, act};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  game g = {.data = data, .left = size, .now_ns = WIO_NS_PER_SECOND};
  g.monitor = wio_monitor_new(world_init(&here));
  for (int i = 0; i < MOST_STEPS && g.left; i++) steps[take(&g) % (sizeof(steps) / sizeof(steps[0]))](&g);
  if (g.pinned.pins) release(&g);
  wio_monitor_free(g.monitor);
  MUST(here.pins == 0);
  return 0;
}
