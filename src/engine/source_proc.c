// SPDX-License-Identifier: MIT
#include "engine/source.h"

#include "engine/description.h"
#include "sys/capabilities.h"
#include "sys/descriptors.h"
#include "sys/exits.h"
#include "sys/family.h"
#include "sys/heir.h"
#include "sys/kindred.h"
#include "sys/net/listeners.h"
#include "sys/pidfile.h"
#include "sys/process.h"
#include "sys/procfs.h"
#include "sys/standing.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  wio_source base;
  wio_procfs *fs;
  wio_exits *exits;
  wio_ahead *ahead;
  const pid_t *expected; // processes that are described next, without those whose stat was read already:
  size_t expected_count, stats_at, stats_count;
  pid_t stat_pids[WIO_MOST_STATS];
  wio_procfs_stat_answer stats[WIO_MOST_STATS];
  wio_sockets *sockets;
  wio_listeners *listeners;
  wio_heir *heir;
  bool counts_own;     // the forks of this very process are counted,
  unsigned heir_forks; // without those of its heir, which had made so many before
  wio_family *family;  // NULL before it was asked for, and where there is none
  bool asked;          // whether the family was asked for
  wio_pids pids, told, children;
  wio_forks forks;
  bool forks_lost;
  wio_whole room;
  wio_kindred kindred;
} proc_source;

static proc_source *proc(wio_source *source) { return (proc_source *)source; }
static wio_process *process(wio_pin *pin) { return (wio_process *)pin; }

// A tree that is not the kernel's holds files of whoever made it: they are read without any capability.
static wio_raised raise_to(wio_source *source, wio_purpose purpose) {
  return wio_capabilities_raise(wio_procfs_is_live(proc(source)->fs) ? purpose : WIO_TO_NOTHING);
}

static int newest(wio_source *source, pid_t *out) { return wio_procfs_newest(proc(source)->fs, out); }

static int list(wio_source *source, const pid_t **pids, size_t *count) {
  wio_raised before WIO_LOWERED = raise_to(source, WIO_TO_WATCH);
  int rc = wio_procfs_list(proc(source)->fs, &proc(source)->pids);
  if (rc < 0) return rc;
  *pids = proc(source)->pids.pid;
  *count = proc(source)->pids.count;
  return 0;
}

static int learn(wio_source *source, int wanted, wio_description *process) {
  wio_raised before WIO_LOWERED = raise_to(source, WIO_TO_WATCH);
  return wio_description_learn(proc(source)->fs, &proc(source)->room, wanted, process);
}

static void expect(wio_source *source, const pid_t *pids, size_t count) {
  proc_source *own = proc(source);
  own->expected = pids;
  own->expected_count = count;
  own->stats_at = own->stats_count = 0;
}

static void read_further(proc_source *own) {
  own->stats_count = own->expected_count < WIO_MOST_STATS ? own->expected_count : WIO_MOST_STATS;
  own->stats_at = 0;
  if (own->stats_count == 0) return;
  memcpy(own->stat_pids, own->expected, own->stats_count * sizeof own->stat_pids[0]);
  wio_procfs_stats(own->fs, own->stat_pids, own->stats_count, own->stats);
  own->expected += own->stats_count;
  own->expected_count -= own->stats_count;
}

// The stat of a process that is described out of turn is read alone.
static int read_stat(proc_source *own, pid_t pid, wio_stat *out) {
  bool next = own->stats_at == own->stats_count && own->expected_count > 0 && own->expected[0] == pid;
  if (next) read_further(own);
  if (own->stats_at == own->stats_count || own->stat_pids[own->stats_at] != pid)
    return wio_procfs_stat(own->fs, pid, out);
  const wio_procfs_stat_answer *answer = &own->stats[own->stats_at++];
  if (answer->rc == 0) *out = answer->stat;
  return answer->rc;
}

static int describe_expected(wio_source *source, pid_t pid, int wanted, wio_description *out) {
  wio_raised before WIO_LOWERED = raise_to(source, WIO_TO_WATCH);
  wio_description_clear(pid, out);
  int rc = read_stat(proc(source), pid, &out->stat);
  return rc < 0 ? rc : learn(source, wanted, out);
}

static int describe(wio_source *source, pid_t pid, int wanted, wio_description *out) {
  wio_raised before WIO_LOWERED = raise_to(source, WIO_TO_WATCH);
  wio_description_clear(pid, out);
  int rc = wio_procfs_stat(proc(source)->fs, pid, &out->stat);
  return rc < 0 ? rc : learn(source, wanted, out);
}

static int whole(wio_source *source, int wanted, const wio_description *process, const char **text) {
  wio_raised before WIO_LOWERED = raise_to(source, WIO_TO_WATCH);
  return wio_description_whole(proc(source)->fs, &proc(source)->room, wanted, process, text);
}

static int pin(wio_source *source, pid_t pid, uint64_t start_ticks, bool born, void *owner, wio_pin **out) {
  wio_raised before WIO_LOWERED = raise_to(source, WIO_TO_WATCH);
  wio_process *opened;
  int rc = wio_process_open(proc(source)->fs, proc(source)->sockets, pid, start_ticks, born, &opened);
  if (rc < 0) return rc;
  if (owner && wio_process_pidfd(opened) >= 0)
    rc = wio_exits_add(proc(source)->exits, wio_process_pidfd(opened), owner);
  if (rc < 0) {
    wio_process_close(opened);
    return rc;
  }
  *out = (wio_pin *)opened;
  return 0;
}

static void mute(wio_source *source, wio_pin *pin) {
  int pidfd = wio_process_pidfd(process(pin));
  if (pidfd >= 0) wio_exits_remove(proc(source)->exits, pidfd);
  wio_process_drop_pidfd(process(pin));
}

static void unpin(wio_source *source, wio_pin *pin) {
  mute(source, pin);
  wio_process_close(process(pin));
}

static bool ran(wio_source *source, wio_pin *pin, uint64_t moment) {
  (void)source;
  return wio_process_ran(process(pin), moment);
}

static int read_pin(wio_source *source, wio_pin *pin, const wio_request *request, wio_reading *out) {
  wio_raised before WIO_LOWERED = raise_to(source, WIO_TO_WATCH);
  (void)source;
  return wio_process_read(process(pin), request, out);
}

static void ask_ahead(wio_source *source, wio_pin *const *pins, size_t count, uint64_t moment) {
  wio_process *processes[WIO_ASKED_TOGETHER];
  for (size_t i = 0; i < count; i++) processes[i] = process(pins[i]);
  wio_process_ask_ahead(proc(source)->ahead, processes, count, moment);
}

static bool ended(wio_source *source, wio_pin *pin) {
  (void)source;
  return wio_process_ended(process(pin));
}

static int waits(wio_source *source, wio_pin *pin, wio_waiting *out) {
  wio_raised before WIO_LOWERED = raise_to(source, WIO_TO_WATCH);
  return wio_process_waits(process(pin), out);
}

static bool held(wio_source *source, wio_pin *pin) {
  (void)source;
  return wio_process_pidfd(process(pin)) >= 0;
}

// The heir learns of a process before it is stopped, so that it is continued in any case. Without an heir it is stopped
// all the same: a kill would miss processes that are forked meanwhile.
static int send_signal(wio_source *source, wio_pin *pin, int signal) {
  wio_raised before WIO_LOWERED = raise_to(source, WIO_TO_ACT); // the heir keeps this capability
  wio_process *own = process(pin);
  pid_t pid = wio_process_pid(own);
  uint64_t start_ticks = wio_process_start_ticks(own);
  if (signal == SIGSTOP && wio_procfs_is_live(proc(source)->fs)) wio_heir_add(proc(source)->heir, pid, start_ticks);
  int rc = wio_process_signal(own, signal);
  bool goes_on = signal == SIGCONT || signal == SIGKILL ? rc == 0 || rc == -ESRCH : signal == SIGSTOP && rc < 0;
  if (goes_on) wio_heir_remove(proc(source)->heir, pid, start_ticks);
  return rc;
}

static int prioritise(wio_source *source, wio_pin *pin, const wio_priority *priority) {
  wio_raised before WIO_LOWERED = raise_to(source, WIO_TO_ACT);
  (void)source;
  return wio_process_prioritise(process(pin), priority);
}

static size_t exits(wio_source *source, void **owners, size_t most) {
  return wio_exits_take(proc(source)->exits, owners, most); // the family's owner is NULL
}

static void close_family(proc_source *own) {
  if (own->family) wio_exits_remove(own->exits, wio_family_fd(own->family));
  wio_family_close(own->family);
  own->family = NULL;
}

static void open_family(proc_source *own) {
  own->asked = true;
  if (!wio_procfs_is_live(own->fs) || wio_family_open(&own->family) < 0) return;
  if (wio_exits_add_once(own->exits, wio_family_fd(own->family), NULL) < 0) close_family(own);
}

static int births(wio_source *source, const pid_t **pids, size_t *count) {
  wio_raised before WIO_LOWERED = raise_to(source, WIO_TO_WATCH);
  proc_source *own = proc(source);
  if (!own->asked) open_family(own);
  if (!own->family) return -ENOTSUP;
  int rc = wio_family_take(own->family, &own->told, &own->forks);
  own->forks_lost = rc < 0;
  if (rc == -ENOMEM) return rc;
  *pids = own->told.pid;
  *count = own->told.count;
  int armed = rc == 0 ? wio_exits_add_once(own->exits, wio_family_fd(own->family), NULL) : 0;
  return armed < 0 ? armed : rc;
}

static size_t forks(wio_source *source, const wio_fork **out) {
  bool lost = proc(source)->forks_lost;
  *out = lost ? NULL : proc(source)->forks.fork;
  return lost ? 0 : proc(source)->forks.count;
}

static int count_forks(wio_source *source, pid_t pid) {
  wio_raised before WIO_LOWERED = raise_to(source, WIO_TO_WATCH);
  proc_source *own = proc(source);
  if (!own->asked) open_family(own);
  own->counts_own = pid == getpid();
  own->heir_forks = wio_heir_forks(own->heir);
  return own->family ? wio_family_count_forks(own->family, pid) : -ENOTSUP;
}

static int forks_counted(wio_source *source, uint64_t *out) {
  proc_source *own = proc(source);
  int rc = own->family ? wio_family_take(own->family, &own->told, &own->forks) : -ENOTSUP;
  own->forks_lost = rc < 0;
  if (rc == 0) rc = wio_family_forks(own->family, out);
  if (rc == 0 && own->counts_own) *out -= wio_heir_forks(own->heir) - own->heir_forks;
  return rc;
}

static void stop_births(wio_source *source) {
  proc_source *own = proc(source);
  own->forks_lost = true;
  close_family(own);
  own->asked = false;
}

static int cpu_ns(wio_source *source, pid_t pid, uint64_t *out) {
  return wio_procfs_cpu_ns(proc(source)->fs, pid, out);
}

static int parent(wio_source *source, pid_t pid, pid_t *out) {
  wio_raised before WIO_LOWERED = raise_to(source, WIO_TO_WATCH);
  return wio_procfs_parent(proc(source)->fs, pid, out);
}

static int children(wio_source *source, pid_t pid, const pid_t **pids, size_t *count) {
  wio_raised before WIO_LOWERED = raise_to(source, WIO_TO_WATCH);
  wio_pids *found = &proc(source)->children;
  int rc = wio_procfs_children(proc(source)->fs, pid, found);
  *pids = found->pid;
  *count = found->count;
  return rc;
}

static bool ignores_children(wio_source *source, pid_t pid) {
  return wio_procfs_ignores_children(proc(source)->fs, pid);
}

static int exits_fd(wio_source *source) { return wio_exits_fd(proc(source)->exits); }

static void refresh_listeners(wio_source *source) {
  wio_raised before WIO_LOWERED = raise_to(source, WIO_TO_WATCH);
  wio_listeners_refresh(proc(source)->listeners);
}

static uint64_t listener_mark(wio_source *source, uint32_t port) {
  return wio_listeners_mark(proc(source)->listeners, port);
}

static int listens(wio_source *source, pid_t pid, uint32_t port) {
  wio_raised before WIO_LOWERED = raise_to(source, WIO_TO_WATCH);
  return wio_listeners_holds(proc(source)->listeners, pid, port);
}

static int pidfile(wio_source *source, const char *path, wio_pidfile *out) {
  return wio_pidfile_read(proc(source)->fs, path, out);
}

static int started_ns(wio_source *source, uint64_t start_ticks, uint64_t *out) {
  return wio_procfs_started_ns(proc(source)->fs, start_ticks, out);
}

static int standing(wio_source *source, pid_t pid, wio_standing *out) {
  wio_raised before WIO_LOWERED = raise_to(source, WIO_TO_WATCH);
  return wio_standing_read(proc(source)->fs, pid, out);
}

static bool pids_are_fresh(wio_source *source) { return wio_procfs_pids_are_fresh(proc(source)->fs); }

static bool is_kindred(wio_source *source, wio_description *process) {
  const wio_kindred *own = &proc(source)->kindred;
  if (!wio_kindred_is_named(own, process->stat.name) || learn(source, WIO_WANT_UID, process) < 0) return false;
  wio_raised before WIO_LOWERED = raise_to(source, WIO_TO_WATCH);
  return wio_kindred_is(proc(source)->fs, own, process->pid, process->uid);
}

static pid_t self(wio_source *source) { return wio_procfs_self(proc(source)->fs); }

static pid_t heir(wio_source *source) { return wio_heir_pid(proc(source)->heir); }

static void free_source(wio_source *source) {
  proc_source *own = proc(source);
  free(own->pids.pid);
  free(own->told.pid);
  free(own->children.pid);
  free(own->forks.fork);
  wio_whole_release(&own->room);
  wio_heir_close(own->heir);
  close_family(own);
  wio_exits_close(own->exits);
  wio_sockets_close(own->sockets);
  wio_listeners_free(own->listeners);
  wio_ahead_free(own->ahead);
  wio_procfs_close(own->fs);
  free(own);
}

static const wio_source_ops ops = {
    .newest = newest,
    .list = list,
    .describe = describe,
    .expect = expect,
    .describe_expected = describe_expected,
    .learn = learn,
    .whole = whole,
    .pin = pin,
    .unpin = unpin,
    .ran = ran,
    .read = read_pin,
    .ask_ahead = ask_ahead,
    .ended = ended,
    .held = held,
    .mute = mute,
    .exits = exits,
    .signal = send_signal,
    .exits_fd = exits_fd,
    .self = self,
    .is_kindred = is_kindred,
    .heir = heir,
    .refresh_listeners = refresh_listeners,
    .listener_mark = listener_mark,
    .listens = listens,
    .pidfile = pidfile,
    .started_ns = started_ns,
    .pids_are_fresh = pids_are_fresh,
    .standing = standing,
    .prioritise = prioritise,
    .waits = waits,
    .births = births,
    .stop_births = stop_births,
    .forks = forks,
    .count_forks = count_forks,
    .forks_counted = forks_counted,
    .cpu_ns = cpu_ns,
    .parent = parent,
    .children = children,
    .ignores_children = ignores_children,
    .free = free_source,
};

int wio_source_open_proc(const char *root, wio_source **out) {
  proc_source *source = calloc(1, sizeof *source);
  if (!source) return -ENOMEM;
  source->base.ops = &ops;
  int rc = wio_procfs_open(root, &source->fs);
  wio_raised before WIO_LOWERED = rc < 0 ? wio_capabilities_raise(WIO_TO_NOTHING)
                                         : raise_to(&source->base, WIO_TO_WATCH);
  wio_descriptors_raise();
  wio_kindred_learn(&source->kindred);
  if (rc == 0) rc = wio_exits_open(&source->exits);
  if (rc == 0) rc = wio_sockets_open(source->fs, &source->sockets);
  if (rc == 0 && !(source->ahead = wio_ahead_new())) rc = -ENOMEM;
  if (rc == 0 && !(source->heir = wio_heir_new())) rc = -ENOMEM;
  if (rc == 0 && !(source->listeners = wio_listeners_new(source->fs))) rc = -ENOMEM;
  if (rc < 0) {
    free_source(&source->base);
    return rc;
  }
  *out = &source->base;
  return 0;
}
