// SPDX-License-Identifier: MIT
#include "sys/net/sockets.h"

#include "sys/net/netns.h"
#include "sys/net/sockets_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

int wio_sockets_open(wio_procfs *fs, wio_sockets **out) {
  wio_sockets *sockets = calloc(1, sizeof *sockets);
  if (!sockets) return -ENOMEM;
  sockets->fs = fs;
  // 0 is no namespace's number: then each namespace is entered through its file.
  if (wio_netns_read(fs, 0, &sockets->own) < 0) sockets->own = 0;
  *out = sockets;
  return 0;
}

void wio_sockets_close(wio_sockets *sockets) {
  if (!sockets) return;
  for (wio_space *space = sockets->first, *next; space; space = next) {
    next = space->next;
    wio_space_free(space);
  }
  free(sockets);
}

// ---- which namespace

static int new_space(wio_sockets *sockets, pid_t pid, uint64_t number, wio_space **out) {
  bool own = number == sockets->own;
  int file = own ? -1 : wio_netns_open(sockets->fs, pid);
  if (!own && file < 0) return file;
  int rc = wio_space_new(number, file, out);
  if (!own) close(file);
  return rc;
}

static int find_space(wio_sockets *sockets, pid_t pid, wio_space **out) {
  uint64_t number;
  int rc = wio_netns_read(sockets->fs, pid, &number);
  if (rc < 0) return rc;
  for (wio_space *space = sockets->first; space; space = space->next)
    if (space->number == number) {
      *out = space;
      return 0;
    }
  wio_space *space;
  rc = new_space(sockets, pid, number, &space);
  if (rc < 0) return rc;
  space->next = sockets->first;
  *out = sockets->first = space;
  return 0;
}

static int join(wio_sockets *sockets, wio_traffic *traffic) {
  wio_space *space;
  int rc = find_space(sockets, traffic->living, &space);
  if (rc < 0) return rc;
  space->users++;
  traffic->space = space;
  // A process cannot have opened a connection that was there at its birth.
  if (traffic->born && space->diag && space->dump == 0) rc = wio_space_renew(space);
  traffic->carried.seen = traffic->born && rc == 0 ? space->dump : NEVER_SEEN;
  traffic->born = false;
  traffic->drained = space->drain;
  traffic->rescan = 0;
  traffic->others = traffic->others_since = 0;
  return 0;
}

// Holds nothing of a namespace without watched processes: its files would keep it alive.
static void leave(wio_sockets *sockets, wio_traffic *traffic) {
  wio_space *space = traffic->space;
  if (!space) return;
  while (traffic->carried.first) wio_space_let_go(space, traffic->carried.first);
  traffic->space = NULL;
  traffic->moved = false;
  if (--space->users > 0) return;
  wio_space **at = &sockets->first;
  while (*at != space) at = &(*at)->next;
  *at = space->next;
  wio_space_free(space);
}

// ---- what they carried

static bool is_scan_due(const wio_traffic *traffic) {
  const wio_space *space = traffic->space;
  uint64_t seen = traffic->carried.seen;
  return seen == NEVER_SEEN || seen < space->changed || traffic->rescan <= space->dump;
}

static int ask_each(wio_traffic *traffic) {
  wio_space_drain(traffic->space);
  for (wio_tracked *tracked = traffic->carried.first; tracked; tracked = tracked->next_owned) {
    if (tracked->is.listening || tracked->shown + 1 < traffic->space->dump) continue;
    wio_connection is;
    int rc = wio_sock_diag_ask(traffic->space->diag, &tracked->is, &is);
    if (rc == 0) wio_tracked_update(tracked, &is);
    else if (rc != -ENOENT) return rc;
  }
  return 0;
}

// Whether a dump takes less time than asking for each connection. Measured: a question takes 4 us; a dump takes 0.8 us
// for each connection, and 260 us to walk a kernel's table of 262144 buckets.
static bool is_dump_cheaper(const wio_traffic *traffic) {
  return traffic->carried.count > 64 + traffic->space->table.count / 5;
}

// Sockets that the table lacks are known not to be TCP when a dump was taken after they were first seen.
static int measure_now(wio_sockets *sockets, wio_traffic *traffic) {
  int rc = wio_sockets_visit(sockets, traffic);
  if (rc < 0) return rc;
  if (traffic->others == 0 || traffic->others_since < traffic->space->dump)
    return is_dump_cheaper(traffic) ? wio_space_renew(traffic->space) : ask_each(traffic);
  rc = wio_space_renew(traffic->space);
  return rc < 0 ? rc : wio_sockets_visit(sockets, traffic);
}

// Of a namespace that may not be entered, only one thing is known: whether there can be a connection at all.
static int measure_closed(wio_sockets *sockets, wio_traffic *traffic) {
  int rc = wio_sockets_visit(sockets, traffic);
  traffic->hidden = true;
  if (rc < 0) return rc;
  return traffic->others != 0 && wio_netns_has_tcp(sockets->fs, traffic->living) ? -EPERM : 0;
}

static int measure_open(wio_sockets *sockets, wio_traffic *traffic, uint64_t moment, bool exact) {
  bool fresh;
  int rc = wio_space_refresh(traffic->space, moment, &fresh);
  if (rc < 0) return rc;
  if (exact && !fresh) return measure_now(sockets, traffic);
  if (!exact && !is_scan_due(traffic)) return 0;
  rc = wio_sockets_visit(sockets, traffic);
  if (rc < 0 || !exact || !wio_sockets_has_suspects(traffic)) return rc;
  rc = wio_space_renew(traffic->space);
  return rc < 0 ? rc : wio_sockets_visit(sockets, traffic);
}

// Whether the process may have had more connections since its last reading. `seen` is the last dump that it had seen
// before this reading.
static bool is_in_doubt(const wio_traffic *traffic, uint64_t seen) {
  const wio_space *space = traffic->space;
  uint64_t drained = traffic->drained;
  // Before the first visit nothing counts.
  if (seen == NEVER_SEEN) return false;
  return space->doubted > drained || traffic->carried.doubted > drained || space->unseen_doubted > seen ||
         (traffic->listens && space->crowd_doubted > drained);
}

static int measure(wio_sockets *sockets, wio_traffic *traffic, uint64_t moment, bool exact, bool *doubt) {
  if (traffic->moved) leave(sockets, traffic);
  int rc = traffic->space ? 0 : join(sockets, traffic);
  if (rc < 0) return rc;
  uint64_t seen = traffic->carried.seen;
  rc = traffic->space->diag ? measure_open(sockets, traffic, moment, exact) : measure_closed(sockets, traffic);
  if (rc < 0) return rc;
  *doubt = is_in_doubt(traffic, seen);
  traffic->drained = traffic->space->drain;
  return 0;
}

void wio_sockets_end(wio_traffic *traffic) {
  if (!traffic) return;
  for (wio_tracked *tracked = traffic->carried.first, *next; tracked; tracked = next) {
    next = tracked->next_owned;
    if (tracked->is.listening) wio_space_let_go(traffic->space, tracked);
  }
}

bool wio_sockets_are_knocked_at(const wio_traffic *traffic, uint64_t moment) {
  return traffic->listens && traffic->space && wio_space_is_knocked_at(traffic->space, &traffic->carried, moment);
}

int wio_sockets_read(wio_sockets *sockets, wio_traffic *traffic, uint64_t moment, bool exact, wio_carriage *out) {
  bool doubt = false, live = wio_procfs_is_live(sockets->fs);
  wio_stat stat = {0};
  pid_t living = traffic->living;
  int rc = live ? measure(sockets, traffic, moment, exact, &doubt) : 0;
  bool reaped = rc < 0 && wio_sockets_check_identity(sockets, traffic, &stat) == -ESRCH;
  bool ended = rc < 0 && !reaped && wio_stat_ended(&stat);
  // A thread that has ended has neither files nor a namespace, but the process's other threads have.
  if (rc < 0 && !reaped && !ended && traffic->living != living) rc = measure(sockets, traffic, moment, exact, &doubt);
  // A process that is ending, or a zombie, will carry no more.
  if (rc < 0 && !reaped && rc != -ENOENT && rc != -ESRCH && !ended) return rc;
  *out = (wio_carriage){.received = traffic->carried.received,
                        .sent = traffic->carried.sent,
                        .hidden = traffic->hidden || doubt,
                        .revealed = traffic->revealed,
                        .knocked = wio_sockets_are_knocked_at(traffic, moment)};
  traffic->revealed = false;
  return reaped ? -ESRCH : 0;
}

int wio_sockets_add(wio_sockets *sockets, pid_t pid, uint64_t start_ticks, bool born, wio_traffic **out) {
  wio_traffic *traffic = calloc(1, sizeof *traffic);
  if (!traffic) return -ENOMEM;
  traffic->pid = traffic->living = pid;
  traffic->start_ticks = start_ticks;
  traffic->born = born;
  traffic->hidden = wio_procfs_is_live(sockets->fs); // until its open files were visited
  // A dump at the birth shows which connections the process did not open. If it fails, the first reading tells why.
  if (born && wio_procfs_is_live(sockets->fs)) join(sockets, traffic);
  *out = traffic;
  return 0;
}

void wio_sockets_remove(wio_sockets *sockets, wio_traffic *traffic) {
  if (!traffic) return;
  leave(sockets, traffic);
  free(traffic);
}
