// SPDX-License-Identifier: MIT
// source: the interface between the engine and the world: which processes live, and what their counters say.
//
// The live source is /proc. Specs have a scripted one; a recorded trace can be another.
#pragma once

#include "core/fork.h"
#include "core/name.h"
#include "core/pidfile.h"
#include "core/priority.h"
#include "core/reading.h"
#include "core/standing.h"
#include "core/rights.h"
#include "core/wait.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// How much of a command line, and of a cgroup file, a description holds; `whole` gets the rest. No path is longer.
#define WIO_CMD_SIZE 4096

// The facts that a description can hold beyond the stat. Each costs an open and a read, so it is learnt only where it
// matters.
enum { WIO_WANT_CMD = 1, WIO_WANT_UID = 2, WIO_WANT_EXE = 4, WIO_WANT_CGROUP = 8, WIO_WANT_ALL = 15 };

#define WIO_ASKED_TOGETHER 64

// A process as it was inspected.
typedef struct {
  pid_t pid;
  int known; // WIO_WANT_… or'ed: what was learnt besides the stat
  wio_stat stat;
  uid_t uid;                 // effective
  char cmd[WIO_CMD_SIZE];    // arguments joined by blanks; empty for kernel threads and zombies
  bool cmd_is_part;          // it goes on
  int cmd_error;             // why it cannot be told how it goes on, an errno; 0 where that can
  wio_names names;           // what the command line says of names; known with it
  char exe[WIO_CMD_SIZE];    // the executable's path; empty where there is none, or it may not be read
  int exe_error;             // why not, an errno; 0 where there is none
  char cgroup[WIO_CMD_SIZE]; // the text of its cgroup file; see core/cgroup.h
  bool cgroup_is_part;       // it has more lines; those that tell of units are there
  int denied;                // of the latest wio_selector_test that could not tell: why, an errno
} wio_description;

// More ancestors than any process has: ends a walk to the top if parents should ever form a circle.
#define WIO_MOST_ANCESTORS 1024

typedef struct wio_source wio_source;
typedef struct wio_pin wio_pin; // one process, pinned: never another one with the same pid

// All return 0 or a negative errno unless said otherwise. -ESRCH: that process has ended (a zombie has). -ETIMEDOUT: it
// is silent: the kernel does not answer for it now, and to ask again costs nothing.
typedef struct {
  // The pid given out last; while it stands still nothing was born. An error: unknown.
  int (*newest)(wio_source *source, pid_t *out);
  // All pids, borrowed until the next call.
  int (*list)(wio_source *source, const pid_t **pids, size_t *count);
  // Begins a description: the stat, and what is wanted besides.
  int (*describe)(wio_source *source, pid_t pid, int wanted, wio_description *out);
  // Announces the processes that describe_expected describes next, in this order, so that several can be asked for at
  // once. `pids` is borrowed until the next call; `count` 0: no more follow. NULL, both functions: that is no cheaper
  // here.
  void (*expect)(wio_source *source, const pid_t *pids, size_t count);
  // As describe, but the stat may be as old as that of the first of the announced processes.
  int (*describe_expected)(wio_source *source, pid_t pid, int wanted, wio_description *out);
  // Adds what is wanted and not known yet. Once it has failed the description is of no use.
  int (*learn)(wio_source *source, int wanted, wio_description *process);
  // The whole of what a description holds a part of: WIO_WANT_CMD or WIO_WANT_CGROUP. Borrowed until the next call.
  int (*whole)(wio_source *source, int wanted, const wio_description *process, const char **text);
  // Pins the process that has this pid and start time; `born`: since the last pass, so that all it has done so far is
  // new. `owner` is told when it ends; NULL: nobody is.
  int (*pin)(wio_source *source, pid_t pid, uint64_t start_ticks, bool born, void *owner, wio_pin **out);
  void (*unpin)(wio_source *source, wio_pin *pin);
  // Whether a process may have run since this was last asked, or a connection waits to be accepted by it at the pass
  // `moment`. The answer can be one timer tick late; never ask it to decide on idleness.
  bool (*ran)(wio_source *source, wio_pin *pin, uint64_t moment);
  // Reads what is requested; a zombie still has its counters. -ESRCH only once it is reaped.
  int (*read)(wio_source *source, wio_pin *pin, const wio_request *request, wio_reading *out);
  // The pins are read next, at this moment and not exactly: they may be asked together. At the most WIO_ASKED_TOGETHER.
  // NULL: that is no cheaper here.
  void (*ask_ahead)(wio_source *source, wio_pin *const *pins, size_t count, uint64_t moment);
  bool (*ended)(wio_source *source, wio_pin *pin);
  // Tells what a process waits for at this moment. This inspects every thread: to be asked only where idleness is
  // decided. -ESRCH when it has ended.
  int (*waits)(wio_source *source, wio_pin *pin, wio_waiting *out);
  // Whether a file is held for its end, so that `exits` will tell of it.
  bool (*held)(wio_source *source, wio_pin *pin);
  // The end of a process was heard: `exits` is not to tell of it again.
  void (*mute)(wio_source *source, wio_pin *pin);
  int (*signal)(wio_source *source, wio_pin *pin, int signal);
  // Sets the priority of all its threads. -EPERM, -EACCES: that takes a privilege; -ENOTSUP in another world than this
  // kernel's.
  int (*prioritise)(wio_source *source, wio_pin *pin, const wio_priority *priority);
  // The owners of pins that ended, `most` at a time; told again until muted or unpinned. Returns how many. NULL among
  // them says that there are births to take; it is said once until `births` is called.
  size_t (*exits)(wio_source *source, void **owners, size_t most);
  // The pids of the processes that were born or became another program, name or user since the last call, in any order
  // and perhaps more than once, borrowed until the next call; the first call begins to listen. -EOVERFLOW: some are
  // lost, and `exits` says nothing of births before the next call. Any other error: births are not told here.
  int (*births)(wio_source *source, const pid_t **pids, size_t *count);
  // The forks among the births that were taken last, in the order of time, borrowed until the next; returns how many.
  // NULL where some are lost.
  size_t (*forks)(wio_source *source, const wio_fork **forks);
  // Counts from now on how many processes a process and all its descendants fork; and how many they were so far, which
  // takes the births. NULL, or -ENOTSUP: that is not told. -EOVERFLOW: some of it is lost.
  int (*count_forks)(wio_source *source, pid_t pid);
  int (*forks_counted)(wio_source *source, uint64_t *out);
  // Listens no longer, until `births` is called again. Harmless when it does not listen.
  void (*stop_births)(wio_source *source);
  // The CPU time of a process, which stands still while it does nothing. -ENOTSUP: it has no clock.
  int (*cpu_ns)(wio_source *source, pid_t pid, uint64_t *out);
  // The parent of a process, also of one that is silent.
  int (*parent)(wio_source *source, pid_t pid, pid_t *out);
  // The children of a process, borrowed until the next call. -ENOTSUP: only an inspection of all processes can tell.
  int (*children)(wio_source *source, pid_t pid, const pid_t **pids, size_t *count);
  // Whether nobody waits for the children of a process, so that what they did is added to nobody's counters when they
  // end; false also where it cannot be told. NULL: never.
  bool (*ignores_children)(wio_source *source, pid_t pid);
  // A descriptor that is readable while `exits` has something to tell; -1 when there is none.
  int (*exits_fd)(wio_source *source);
  // Reads the listening TCP sockets again, for the next two.
  void (*refresh_listeners)(wio_source *source);
  // A figure that changes when other sockets listen on the port, which has WIO_PORT_UDP in it if it is of UDP.
  uint64_t (*listener_mark)(wio_source *source, uint32_t port);
  // Whether the process holds a socket that listens on the port: 1 or 0.
  int (*listens)(wio_source *source, pid_t pid, uint32_t port);
  // Reads a pidfile; see sys/pidfile.h for the errors.
  int (*pidfile)(wio_source *source, const char *path, wio_pidfile *out);
  // When a process started, in nanoseconds of the epoch; up to a second too early.
  int (*started_ns)(wio_source *source, uint64_t start_ticks, uint64_t *out);
  // The user of a process, and what it runs; see sys/standing.h.
  int (*standing)(wio_source *source, pid_t pid, wio_standing *out);
  // Whether no pid was given out twice since the boot.
  bool (*pids_are_fresh)(wio_source *source);
  // Whether another process runs the program that runs here, if that is watchio, and is of the same user or of root.
  // NULL: none does.
  bool (*is_kindred)(wio_source *source, wio_description *process);
  // This very process; 0 when it is not in this world.
  pid_t (*self)(wio_source *source);
  // The process that continues what was stopped here when this one is no more (sys/heir.h); 0 when there is none.
  pid_t (*heir)(wio_source *source);
  void (*free)(wio_source *source);
} wio_source_ops;

// A source begins with its operations; what follows is its own.
struct wio_source {
  const wio_source_ops *ops;
};

// The processes under a /proc tree; a NULL `root` is the kernel's own, in its usual place. With the kernel's own tree
// they are pinned and gated by their CPU clocks; any other tree is a fake or recorded one, and is read again each time.
// The caller frees it with ops->free.
int wio_source_open_proc(const char *root, wio_source **out);

// Whether a priority changes anything on this machine; see wio_priority_acts.
bool wio_source_priority_acts(wio_priority_kind kind);

// Tries what this process may see and do with the kernel's own tree.
int wio_source_rights(wio_rights *out);

// Whether the kernel's own process tree is mounted: without it no process is ever seen.
bool wio_source_is_there(void);
