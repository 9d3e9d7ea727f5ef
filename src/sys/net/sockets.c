// SPDX-License-Identifier: MIT
#include "sys/net/sockets.h"

#include "sys/fds.h"
#include "sys/net/netns.h"
#include "sys/net/space.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

// A connection can come by SCM_RIGHTS or leave by close(2) without a new inode to tell of it: open files are looked
// through again after this many dumps, spread over as many more by pid.
#define RESCAN_DUMPS 8

struct wio_sockets {
  wio_procfs *fs;
  uint64_t own; // the number of this process's own namespace
  wio_space *first;
  uint64_t scans; // how often somebody's open files were visited
};

// How many sockets that a table lacks are remembered from one scan to the next.
#define MOST_SUSPECTS 8

typedef struct {
  uint32_t inode[MOST_SUSPECTS];
  size_t count;
  uint64_t dump; // the number of the dump that lacked them
} suspects;

struct wio_traffic {
  wio_carried carried; // first, so that an owner can be told its process
  pid_t pid;
  pid_t living;      // a thread of it that has not ended: its first one, mostly
  suspects suspects; // TCP sockets that the table lacked at the last scan
  bool foreign;      // and had lacked at a dump before
  bool born;
  bool moved;    // it has gone to another namespace
  bool listens;  // it holds a listener
  bool revealed; // that was found since its last reading, and it held nothing of that before
  bool hidden;   // it holds what may carry bytes that nothing shows
  uint64_t start_ticks;
  wio_space *space;      // NULL: not known yet
  uint64_t drained;      // the number of the last drain before its last reading
  uint64_t rescan;       // the number of the dump at which its open files are visited in any case
  uint64_t others;       // a digest of its sockets that the table does not have: not TCP, or newer than the dump
  uint64_t others_since; // the number of the dump when that digest came about
};

#define NEVER_SEEN UINT64_MAX

int wio_sockets_open(wio_procfs *fs, wio_sockets **out) {
  wio_sockets *sockets = calloc(1, sizeof *sockets);
  if (!sockets) return -ENOMEM;
  sockets->fs = fs;
  // Unknown is no namespace's number: then each is entered through its file.
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
  // What is there already when a process is born, it cannot have opened.
  if (traffic->born && space->diag && space->dump == 0) rc = wio_space_renew(space);
  traffic->carried.seen = traffic->born && rc == 0 ? space->dump : NEVER_SEEN;
  traffic->born = false;
  traffic->drained = space->drain;
  traffic->rescan = 0;
  traffic->others = traffic->others_since = 0;
  return 0;
}

// Of a namespace that nobody is watched in, nothing is held: its files would keep it alive.
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

// ---- whose they are

static bool is_younger(const wio_traffic *a, const wio_traffic *b) {
  return a->start_ticks != b->start_ticks ? a->start_ticks > b->start_ticks : a->pid > b->pid;
}

typedef struct {
  wio_traffic *traffic;
  wio_fds *fds;
  uint64_t number, others;
  uint32_t standard[3]; // the sockets of standard input, output and error that are Unix streams
  bool listens, strange, hidden, foreign;
  suspects suspects;
} scan;

// As good as random, so that sums of different sets differ.
static uint64_t mix(uint32_t inode) {
  uint64_t x = (inode + UINT64_C(1)) * UINT64_C(0x9e3779b97f4a7c15);
  x = (x ^ x >> 32) * UINT64_C(0xd6e8feb86659fd93);
  return x ^ x >> 32;
}

// A listener that others hold too does not say which of them a connection came to.
static void see_listener(scan *s, wio_tracked *listener) {
  s->listens = true;
  if (listener->owner && listener->owner != &s->traffic->carried) listener->shared = true;
}

static bool is_shut(const wio_space *space, uint32_t inode) {
  return space->diag && wio_sock_diag_is_shut(space->diag, inode);
}

static bool was_suspected(const wio_traffic *traffic, uint32_t inode) {
  for (size_t i = 0; i < traffic->suspects.count; i++)
    if (traffic->suspects.inode[i] == inode) return traffic->suspects.dump < traffic->space->dump;
  return false;
}

// A TCP socket that the table lacks is newer than the dump, and then what it carries will show. What the next dump
// lacks as well is not connected, or belongs to another network namespace: it was passed on from there, or one of the
// threads is there. Nothing tells these apart that does not take a copy of it, whose close could ask a file system.
static void see_missing(scan *s, uint32_t inode) {
  s->foreign = s->foreign || was_suspected(s->traffic, inode);
  if (s->suspects.count < MOST_SUSPECTS) s->suspects.inode[s->suspects.count++] = inode;
}

static bool is_standard(const scan *s, int number, uint32_t inode) {
  const wio_space *space = s->traffic->space;
  return number < 3 && (!space->diag || wio_sock_diag_is_stream(space->diag, inode));
}

// Standard streams are read and written as files, which shows: a journal's socket, or a parent's. Unless input and
// output are one: that is a connection which is served.
static void see_other(scan *s, int number, uint32_t inode) {
  s->others += mix(inode);
  wio_fds_protocol protocol = wio_fds_ask_protocol(s->fds, number);
  if (protocol == WIO_FDS_TCP) return see_missing(s, inode);
  if (protocol == WIO_FDS_UNIX && is_standard(s, number, inode)) s->standard[number] = inode;
  else if (!s->strange && inode != s->standard[0] && inode != s->standard[1] && inode != s->standard[2])
    s->strange = !is_shut(s->traffic->space, inode);
}

static bool is_strange(const scan *s) {
  uint32_t input = s->standard[0];
  return s->strange || (input != 0 && (input == s->standard[1] || input == s->standard[2]));
}

static void see_socket(void *context, int number, uint32_t inode) {
  scan *s = context;
  wio_tracked *tracked = wio_connections_find(&s->traffic->space->table, inode);
  if (!tracked) return see_other(s, number, inode);
  if (tracked->is.listening) see_listener(s, tracked);
  wio_carried *own = &s->traffic->carried, *owner = tracked->owner;
  if (!owner || (owner != own && is_younger(s->traffic, (wio_traffic *)(void *)owner)))
    wio_tracked_assign(tracked, own, tracked->since > own->seen);
  if (tracked->owner == own) tracked->found = s->number;
}

// What it was answerable for and holds no longer is another's, if it still is a connection that somebody holds.
static void let_go_of_lost(wio_traffic *traffic, uint64_t number) {
  for (wio_tracked *tracked = traffic->carried.first, *next; tracked; tracked = next) {
    next = tracked->next_owned;
    if (tracked->found != number && tracked->shown == traffic->space->dump && !tracked->is.closed)
      wio_space_let_go(traffic->space, tracked);
  }
}

// Whether the pid still is that process. A zombie is. Who has lost its first thread is found by another.
static int check_identity(wio_sockets *sockets, wio_traffic *traffic, wio_stat *stat) {
  int rc = wio_procfs_stat(sockets->fs, traffic->pid, stat);
  if (rc < 0) return rc;
  bool headless = stat->state == 'Z' && !wio_stat_ended(stat);
  traffic->living = headless ? wio_procfs_living_thread(sockets->fs, traffic->pid) : traffic->pid;
  return stat->start_ticks == traffic->start_ticks ? 0 : -ESRCH;
}

static int list_sockets_of(wio_sockets *sockets, scan *s, pid_t living) {
  wio_fds fds;
  int rc = wio_fds_open(sockets->fs, living, &fds);
  if (rc < 0) return rc;
  s->fds = &fds;
  wio_stat stat;
  // Looked at after opening: the open directory is of who has the pid now, or of nobody.
  rc = check_identity(sockets, s->traffic, &stat);
  if (rc == 0 && s->traffic->living != living) rc = -EAGAIN;
  if (rc == 0) rc = wio_fds_visit(&fds, see_socket, s, &s->hidden);
  s->hidden |= is_strange(s) || s->foreign;
  if (rc == 0 && !s->hidden && stat.threads > 1)
    rc = wio_fds_are_several(sockets->fs, s->traffic->pid, living, &s->hidden);
  // Its memory is longer to read, so only where nothing else tells.
  if (rc == 0 && !s->hidden) rc = wio_fds_share_memory(sockets->fs, living, &s->hidden);
  wio_fds_close(&fds);
  return rc;
}

// Again where the thread whose files were opened turns out to have ended.
static int list_sockets(wio_sockets *sockets, scan *s) {
  int rc = list_sockets_of(sockets, s, s->traffic->living);
  return rc == -EAGAIN ? list_sockets_of(sockets, s, s->traffic->living) : rc;
}

// Whether the next dump has to tell what its sockets are.
static bool is_suspect(const wio_traffic *traffic) { return traffic->suspects.count > 0 && !traffic->foreign; }

static int visit_files(wio_sockets *sockets, wio_traffic *traffic) {
  wio_space *space = traffic->space;
  scan s = {.traffic = traffic, .number = ++sockets->scans};
  int rc = list_sockets(sockets, &s);
  if (rc < 0) return rc;
  let_go_of_lost(traffic, s.number);
  if (s.others != traffic->others) traffic->others_since = space->dump;
  traffic->others = s.others;
  traffic->listens = s.listens;
  traffic->revealed = traffic->revealed || (s.hidden && !traffic->hidden);
  traffic->hidden = s.hidden;
  traffic->foreign = s.foreign;
  traffic->suspects = s.suspects;
  traffic->suspects.dump = space->dump;
  traffic->carried.seen = space->dump;
  traffic->rescan = space->dump + (is_suspect(traffic) ? 1 : RESCAN_DUMPS + (uint64_t)traffic->pid % RESCAN_DUMPS);
  uint64_t number;
  traffic->moved = wio_netns_read(sockets->fs, traffic->living, &number) == 0 && number != space->number;
  return 0;
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

// Whether asking for each connection takes longer than a dump. Measured: 4 us one, against 0.8 us a connection of the
// table and 260 us for walking a kernel's table of 262144 buckets.
static bool is_dump_cheaper(const wio_traffic *traffic) {
  return traffic->carried.count > 64 + traffic->space->table.count / 5;
}

// Sockets that the table does not have are known not to be TCP when a dump was taken after they were first seen.
static int measure_now(wio_sockets *sockets, wio_traffic *traffic) {
  int rc = visit_files(sockets, traffic);
  if (rc < 0) return rc;
  if (traffic->others == 0 || traffic->others_since < traffic->space->dump)
    return is_dump_cheaper(traffic) ? wio_space_renew(traffic->space) : ask_each(traffic);
  rc = wio_space_renew(traffic->space);
  return rc < 0 ? rc : visit_files(sockets, traffic);
}

// Of a namespace that may not be entered only this is known: whether there can be a connection at all.
static int measure_closed(wio_sockets *sockets, wio_traffic *traffic) {
  int rc = visit_files(sockets, traffic);
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
  rc = visit_files(sockets, traffic);
  if (rc < 0 || !exact || !is_suspect(traffic)) return rc;
  rc = wio_space_renew(traffic->space);
  return rc < 0 ? rc : visit_files(sockets, traffic);
}

// Whether any connection may have been its own since its reading before, when it had `seen` what there was at that
// dump.
static bool is_in_doubt(const wio_traffic *traffic, uint64_t seen) {
  const wio_space *space = traffic->space;
  uint64_t drained = traffic->drained;
  // At first, all that was before counts for nothing.
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
  bool reaped = rc < 0 && check_identity(sockets, traffic, &stat) == -ESRCH;
  bool ended = rc < 0 && !reaped && wio_stat_ended(&stat);
  // A thread that has ended has neither files nor a namespace, but others of the process have.
  if (rc < 0 && !reaped && !ended && traffic->living != living) rc = measure(sockets, traffic, moment, exact, &doubt);
  // Who is ending, and a zombie, will carry no more.
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
  traffic->hidden = wio_procfs_is_live(sockets->fs); // until they were visited
  // What it opened is told from what was there by a dump before; where that fails, the first reading tells why.
  if (born && wio_procfs_is_live(sockets->fs)) join(sockets, traffic);
  *out = traffic;
  return 0;
}

void wio_sockets_remove(wio_sockets *sockets, wio_traffic *traffic) {
  if (!traffic) return;
  leave(sockets, traffic);
  free(traffic);
}
