// SPDX-License-Identifier: MIT
// world: a scripted source. The test moves its processes; the monitor sees them as it would see /proc.
#pragma once

#include "engine/monitor.h"

#include "core/cgroup.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORLD_SIZE 128
#define WORLD_SELF 1000
#define WORLD_LINE 20000 // the longest command line

typedef struct {
  pid_t pid; // 0: free
  uint64_t start_ticks;
  char name[16];
  const char *cmd, *exe, *cgroup;
  uint16_t port;   // it listens on
  int denied;      // an errno: why its executable and its descriptors cannot be read
  bool title;      // `cmd` is one argument
  int cmd_error;   // an errno: why it cannot be told how it goes on
  int whole_error; // an errno: why it cannot be read once more
  pid_t ppid, session;
  uid_t uid;
  int its_program; // see core/standing.h
  bool zombie, kernel_thread;
  bool kindred; // it runs the program that runs here
  bool unheld;  // no file is held: its end is not told, only found
  uint64_t cpu_ns, asked_cpu_ns;
  uint64_t io[WIO_IO_COUNT];
  uint64_t net_rx, net_tx;
  int io_error, net_error;
  bool revealed; // at its next reading
  bool opened;   // what is revealed by an exact reading
  bool hidden;
  int reads, signals, last_signal;
  bool stopped;
  int refuses; // an errno for priorities
  bool has_priority;
  wio_waiting waiting;
  int waits_error; // an errno: why that cannot be read
  wio_priority priority;
} world_process;

typedef struct world world;

struct world {
  wio_source base;
  world_process processes[WORLD_SIZE];
  pid_t newest;
  pid_t list[WORLD_SIZE], children[WORLD_SIZE];
  int pins, lists, describes, learns, clocks, waits;
  uint64_t last_start;
  bool pids_are_fresh;
  wio_pidfile pidfile; // what every pidfile says; without a pid there is none
  bool pidfile_empty;  // it is just being written
  int listenings;      // how often it was read who listens
  bool hears, loses;   // whether births and changes are told; whether some of what is told next is lost
  bool ignores;        // nobody waits for children
  bool armed;
  pid_t told[WORLD_SIZE * 4], taken[WORLD_SIZE * 4];
  wio_fork forks[WORLD_SIZE * 4], forks_taken[WORLD_SIZE * 4];
  size_t fork_count, forks_taken_count;
  bool forks_lost;
  size_t told_count;
  bool no_children; // the kernel does not list them
  struct {
    wio_pin *pin;
    void *owner;
  } owners[WORLD_SIZE * 2];
  void (*on_signal)(world *w, world_process *process, int signal); // what comes of it, 0 being a priority
  void (*on_question)(world *w); // what happens before a process is looked at, or its children
};

// A pin is the identity that it was made for.
struct wio_pin {
  pid_t pid;
  uint64_t start_ticks;
  bool held, muted;
};

static world *world_of(wio_source *source) { return (world *)source; }

static world_process *world_find(world *w, pid_t pid) {
  for (int i = 0; i < WORLD_SIZE; i++)
    if (w->processes[i].pid == pid) return &w->processes[i];
  return NULL;
}

// What the kernel tells, if it does.
static void world_tell(world *w, pid_t pid) {
  if (w->hears && w->told_count < WORLD_SIZE * 4) w->told[w->told_count++] = pid;
}

// A new process; the newest pid follows it.
static world_process *world_birth(world *w, pid_t pid, const char *name) {
  world_process *process = world_find(w, 0);
  if (!process) abort(); // the world is too small
  *process = (world_process){.pid = pid, .start_ticks = ++w->last_start, .cmd = "", .ppid = pid != 1, .session = pid};
  strcpy(process->name, name);
  w->newest = pid;
  world_tell(w, pid);
  return process;
}

// It becomes another program, or takes another name.
__attribute__((unused)) static void world_exec(world *w, world_process *process, const char *name) {
  if (!process) abort(); // it is not there
  strcpy(process->name, name);
  process->cpu_ns += 1000;
  world_tell(w, process->pid);
}

// It runs and reads `bytes`.
static inline void world_work(world_process *process, uint64_t bytes) {
  process->cpu_ns += 1000;
  process->io[WIO_RCHAR] += bytes;
  process->io[WIO_SYSCR]++;
}

// A fork: the child starts from zero.
__attribute__((unused)) static world_process *world_fork(world *w, const world_process *parent, pid_t pid) {
  world_process *child = world_birth(w, pid, parent->name);
  child->ppid = parent->pid;
  child->session = parent->session;
  if (w->hears && w->fork_count < WORLD_SIZE * 4)
    w->forks[w->fork_count++] = (wio_fork){.pid = pid, .parent = parent->pid};
  return child;
}

// It exits: a zombie until it is reaped; its children become init's.
__attribute__((unused)) static void world_exit(world *w, world_process *process) {
  process->zombie = true;
  process->cpu_ns++;
  for (int i = 0; i < WORLD_SIZE; i++)
    if (w->processes[i].pid && w->processes[i].ppid == process->pid) w->processes[i].ppid = 1;
}

// Its parent waits for it: all that the child has counted becomes the parent's as well. With init as its parent it is
// lost.
__attribute__((unused)) static void world_reap(world *w, world_process *child) {
  world_process *parent = world_find(w, child->ppid);
  for (int i = 0; parent && i < WIO_IO_COUNT; i++) parent->io[i] += child->io[i];
  if (parent) parent->cpu_ns++;
  child->pid = 0;
}

// It is gone without anybody's wait, as where SIGCHLD is ignored.
__attribute__((unused)) static void world_vanish(world *w, world_process *process) {
  world_exit(w, process);
  process->pid = 0;
}

static world_process *world_pinned(wio_source *source, const wio_pin *pin) {
  world_process *process = world_find(world_of(source), pin->pid);
  return process && process->start_ticks == pin->start_ticks ? process : NULL;
}

static int world_newest(wio_source *source, pid_t *out) {
  *out = world_of(source)->newest;
  return *out ? 0 : -ENOENT;
}

static int world_list(wio_source *source, const pid_t **pids, size_t *count) {
  world *w = world_of(source);
  w->lists++;
  *count = 0;
  for (int i = 0; i < WORLD_SIZE; i++)
    if (w->processes[i].pid) w->list[(*count)++] = w->processes[i].pid;
  *pids = w->list;
  return 0;
}

// Arguments are split at blanks, unless it is a title.
static void world_learn_cmd(const world_process *process, wio_description *out) {
  static char args[WORLD_LINE];
  size_t length = strlen(process->cmd);
  snprintf(out->cmd, sizeof out->cmd, "%.*s", (int)sizeof out->cmd - 1, process->cmd);
  out->cmd_is_part = length >= sizeof out->cmd;
  out->cmd_error = process->cmd_error;
  memcpy(args, process->cmd, length + 1);
  for (size_t i = 0; i < length && !process->title; i++)
    if (args[i] == ' ') args[i] = '\0';
  wio_names_parse(process->name, args, length ? length + 1 : 0, &out->names);
}

static int world_learn(wio_source *source, int wanted, wio_description *out) {
  const world_process *process = world_find(world_of(source), out->pid);
  if ((wanted & ~out->known) == 0) return 0;
  world_of(source)->learns++;
  if (!process) return -ESRCH;
  if (wanted & WIO_WANT_UID) out->uid = process->uid;
  if (wanted & WIO_WANT_CMD) world_learn_cmd(process, out);
  if (wanted & WIO_WANT_EXE) strcpy(out->exe, process->exe && !process->denied ? process->exe : "");
  if (wanted & WIO_WANT_EXE) out->exe_error = process->denied;
  if (wanted & WIO_WANT_CGROUP) {
    const char *cgroup = process->cgroup ? process->cgroup : "";
    out->cgroup_is_part = strlen(cgroup) >= sizeof out->cgroup;
    wio_cgroup_keep_units(cgroup, out->cgroup, sizeof out->cgroup);
    if (!out->cgroup_is_part) strcpy(out->cgroup, cgroup);
  }
  out->known |= wanted;
  return 0;
}

static int world_whole(wio_source *source, int wanted, const wio_description *process, const char **text) {
  const world_process *of = world_find(world_of(source), process->pid);
  if (!of) return -ESRCH;
  *text = wanted == WIO_WANT_CMD ? of->cmd : of->cgroup;
  return of->whole_error ? -of->whole_error : 0;
}

static int world_describe(wio_source *source, pid_t pid, int wanted, wio_description *out) {
  world_of(source)->describes++;
  if (world_of(source)->on_question) world_of(source)->on_question(world_of(source));
  const world_process *process = world_find(world_of(source), pid);
  if (!process) return -ESRCH;
  *out = (wio_description){.pid = pid};
  out->stat = (wio_stat){.state = process->zombie    ? 'Z'
                                  : process->stopped ? 'T'
                                                     : 'S',
                         .ppid = process->ppid,
                         .session = process->session,
                         .threads = 1,
                         .kernel_thread = process->kernel_thread,
                         .start_ticks = process->start_ticks};
  strcpy(out->stat.name, process->name);
  return world_learn(source, wanted, out);
}

static int world_pin(wio_source *source, pid_t pid, uint64_t start_ticks, bool born, void *owner, wio_pin **out) {
  (void)born;
  world *w = world_of(source);
  const world_process *process = world_find(w, pid);
  if (!process || process->start_ticks != start_ticks || process->zombie) return -ESRCH;
  *out = malloc(sizeof **out);
  if (!*out) return -ENOMEM;
  **out = (wio_pin){.pid = pid, .start_ticks = start_ticks, .held = !process->unheld};
  w->pins++;
  int i = 0;
  while (w->owners[i].pin) i++;
  w->owners[i].pin = *out;
  w->owners[i].owner = owner;
  return 0;
}

static void world_unpin(wio_source *source, wio_pin *pin) {
  world *w = world_of(source);
  int i = 0;
  while (w->owners[i].pin != pin) i++;
  w->owners[i].pin = NULL;
  w->pins--;
  free(pin);
}

static bool world_ran(wio_source *source, wio_pin *pin, uint64_t moment) {
  (void)moment;
  world_process *process = world_pinned(source, pin);
  if (!process) return true;
  bool ran = process->cpu_ns != process->asked_cpu_ns;
  process->asked_cpu_ns = process->cpu_ns;
  return ran;
}

static int world_read(wio_source *source, wio_pin *pin, const wio_request *request, wio_reading *out) {
  int kinds = request->kinds;
  world_process *process = world_pinned(source, pin);
  if (!process) return -ESRCH;
  process->reads++;
  *out = (wio_reading){.ended = process->zombie && !pin->held,
                       .hidden = process->hidden,
                       .revealed = process->revealed || (process->opened && request->exact)};
  if (request->exact) process->opened = false;
  process->revealed = false;
  out->error[WIO_IO] = process->io_error;
  out->error[WIO_NET] = process->net_error;
  if (!process->io_error && (kinds & WIO_KIND_BIT(WIO_IO))) memcpy(out->value, process->io, sizeof process->io);
  if (!process->net_error && (kinds & WIO_KIND_BIT(WIO_NET))) {
    out->value[WIO_NET_RX] = process->net_rx;
    out->value[WIO_NET_TX] = process->net_tx;
  }
  if (kinds & WIO_KIND_BIT(WIO_CPU)) out->value[WIO_CPU_NS] = process->asked_cpu_ns = process->cpu_ns;
  return 0;
}

static bool world_ended(wio_source *source, wio_pin *pin) {
  const world_process *process = world_pinned(source, pin);
  return !process || process->zombie;
}

static int world_waits(wio_source *source, wio_pin *pin, wio_waiting *out) {
  const world_process *process = world_pinned(source, pin);
  if (!process || process->zombie) return -ESRCH;
  world_of(source)->waits++;
  *out = process->waiting;
  return process->waits_error ? -process->waits_error : 0;
}

static bool world_held(wio_source *source, wio_pin *pin) {
  (void)source;
  return pin->held;
}

static void world_mute(wio_source *source, wio_pin *pin) {
  (void)source;
  pin->muted = true;
}

static int world_signal(wio_source *source, wio_pin *pin, int signal) {
  world_process *process = world_pinned(source, pin);
  if (!process || process->zombie) return -ESRCH;
  process->signals += signal > 0;
  process->last_signal = signal;
  if (signal == SIGSTOP) process->stopped = true;
  if (signal == SIGCONT) process->stopped = false;
  if (world_of(source)->on_signal) world_of(source)->on_signal(world_of(source), process, signal);
  return 0;
}

static int world_prioritise(wio_source *source, wio_pin *pin, const wio_priority *priority) {
  world_process *process = world_pinned(source, pin);
  if (!process || process->zombie) return -ESRCH;
  if (world_of(source)->on_signal) world_of(source)->on_signal(world_of(source), process, 0);
  if (process->refuses) return -process->refuses;
  process->priority = *priority;
  process->has_priority = true;
  return 0;
}

static size_t world_exits(wio_source *source, void **owners, size_t most) {
  world *w = world_of(source);
  size_t count = 0;
  if (w->armed && w->told_count) {
    owners[count++] = NULL;
    w->armed = false;
  }
  for (int i = 0; i < WORLD_SIZE * 2 && count < most; i++) {
    wio_pin *pin = w->owners[i].pin;
    if (pin && pin->held && !pin->muted && w->owners[i].owner && world_ended(source, pin))
      owners[count++] = w->owners[i].owner;
  }
  return count;
}

static int world_births(wio_source *source, const pid_t **pids, size_t *count) {
  world *w = world_of(source);
  if (!w->hears) return -ENOTSUP;
  memcpy(w->taken, w->told, sizeof w->taken);
  *pids = w->taken;
  *count = w->loses ? 0 : w->told_count;
  bool lost = w->loses;
  memcpy(w->forks_taken, w->forks, sizeof w->forks_taken);
  w->forks_taken_count = w->fork_count;
  w->forks_lost = lost;
  w->told_count = w->fork_count = 0;
  w->loses = false;
  w->armed = !lost;
  return lost ? -EOVERFLOW : 0;
}

static size_t world_forks(wio_source *source, const wio_fork **forks) {
  bool lost = world_of(source)->forks_lost;
  *forks = lost ? NULL : world_of(source)->forks_taken;
  return lost ? 0 : world_of(source)->forks_taken_count;
}

static void world_stop_births(wio_source *source) {
  world_of(source)->fork_count = world_of(source)->forks_taken_count = 0;
  world_of(source)->told_count = 0;
  world_of(source)->armed = false;
}

static int world_cpu_ns(wio_source *source, pid_t pid, uint64_t *out) {
  const world_process *process = world_find(world_of(source), pid);
  world_of(source)->clocks++;
  if (!process) return -ESRCH;
  *out = process->cpu_ns;
  return 0;
}

static int world_children(wio_source *source, pid_t pid, const pid_t **pids, size_t *count) {
  world *w = world_of(source);
  if (w->on_question) w->on_question(w);
  if (w->no_children) return -ENOTSUP;
  *count = 0;
  for (int i = 0; i < WORLD_SIZE; i++)
    if (w->processes[i].pid && w->processes[i].ppid == pid) w->children[(*count)++] = w->processes[i].pid;
  *pids = w->children;
  return 0;
}

static bool world_ignores_children(wio_source *source, pid_t pid) {
  const world_process *process = world_find(world_of(source), pid);
  return process && world_of(source)->ignores;
}

static int world_exits_fd(wio_source *source) {
  (void)source;
  return -1;
}

static void world_refresh_listeners(wio_source *source) { world_of(source)->listenings++; }

static uint64_t world_listener_mark(wio_source *source, uint32_t port) {
  uint64_t mark = 0;
  for (int i = 0; i < WORLD_SIZE; i++) {
    const world_process *process = &world_of(source)->processes[i];
    if (process->pid && process->port == port) mark += process->start_ticks;
  }
  return mark;
}

static int world_listens(wio_source *source, pid_t pid, uint32_t port) {
  const world_process *process = world_find(world_of(source), pid);
  if (!process) return -ENOENT;
  return process->denied ? -process->denied : process->port == port;
}

static int world_pidfile(wio_source *source, const char *path, wio_pidfile *out) {
  (void)path;
  if (world_of(source)->pidfile_empty) return -EBADMSG;
  if (!world_of(source)->pidfile.pid) return -ENOENT;
  *out = world_of(source)->pidfile;
  return 0;
}

// A tick is a nanosecond here.
static int world_started_ns(wio_source *source, uint64_t start_ticks, uint64_t *out) {
  (void)source;
  *out = start_ticks;
  return 0;
}

static int world_standing(wio_source *source, pid_t pid, wio_standing *out) {
  const world_process *process = world_find(world_of(source), pid);
  if (!process) return -ESRCH;
  *out = (wio_standing){.uid = process->uid, .own = process->uid == 1000, .its_program = process->its_program};
  return 0;
}

static bool world_pids_are_fresh(wio_source *source) { return world_of(source)->pids_are_fresh; }

static pid_t world_heir(wio_source *source) {
  (void)source;
  return 0;
}

static bool world_is_kindred(wio_source *source, wio_description *process) {
  const world_process *of = world_find(world_of(source), process->pid);
  return of && of->kindred;
}

static pid_t world_self(wio_source *source) {
  (void)source;
  return WORLD_SELF;
}

static void world_free(wio_source *source) { (void)source; }

// Makes an empty world; nothing of it needs to be freed.
static wio_source *world_init(world *w) {
  static const wio_source_ops ops = {
      .newest = world_newest,
      .list = world_list,
      .describe = world_describe,
      .learn = world_learn,
      .whole = world_whole,
      .pin = world_pin,
      .unpin = world_unpin,
      .ran = world_ran,
      .read = world_read,
      .ended = world_ended,
      .held = world_held,
      .mute = world_mute,
      .signal = world_signal,
      .prioritise = world_prioritise,
      .exits = world_exits,
      .exits_fd = world_exits_fd,
      .self = world_self,
      .is_kindred = world_is_kindred,
      .heir = world_heir,
      .free = world_free,
      .refresh_listeners = world_refresh_listeners,
      .listener_mark = world_listener_mark,
      .listens = world_listens,
      .pidfile = world_pidfile,
      .started_ns = world_started_ns,
      .pids_are_fresh = world_pids_are_fresh,
      .standing = world_standing,
      .births = world_births,
      .cpu_ns = world_cpu_ns,
      .children = world_children,
      .stop_births = world_stop_births,
      .forks = world_forks,
      .ignores_children = world_ignores_children,
      .waits = world_waits,
  };
  memset(w, 0, sizeof *w);
  w->base.ops = &ops;
  return &w->base;
}
