// SPDX-License-Identifier: MIT
#include "sys/fds.h"
#include "sys/net/netns.h"
#include "sys/net/sockets_inside.h"

#include <errno.h>
#include <unistd.h>

static bool is_younger(const wio_traffic *a, const wio_traffic *b) {
  return a->start_ticks != b->start_ticks ? a->start_ticks > b->start_ticks : a->pid > b->pid;
}

typedef struct {
  wio_traffic *traffic;
  wio_fds *fds;
  uint64_t number, others;
  uint32_t standard[3]; // the Unix streams that are standard input, output and error
  bool listens, strange, hidden, foreign;
  suspects suspects;
} scan;

// The result is as good as random, so that the sums of different sets differ.
static uint64_t mix(uint32_t inode) {
  uint64_t x = (inode + UINT64_C(1)) * UINT64_C(0x9e3779b97f4a7c15);
  x = (x ^ x >> 32) * UINT64_C(0xd6e8feb86659fd93);
  return x ^ x >> 32;
}

// A listener with several holders does not show to which of them a connection came.
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

// A TCP socket that the table lacks may be newer than the dump: then the next dump shows it. One that the next dump
// lacks as well is not connected, or belongs to another network namespace: it was passed on from there, or one of the
// threads is there. Only a copy of the socket could tell these apart, and to close a copy could ask a file system.
static void see_missing(scan *s, uint32_t inode) {
  s->foreign = s->foreign || was_suspected(s->traffic, inode);
  if (s->suspects.count < MOST_SUSPECTS) s->suspects.inode[s->suspects.count++] = inode;
}

static bool is_standard(const scan *s, int number, uint32_t inode) {
  const wio_space *space = s->traffic->space;
  return number < 3 && (!space->diag || wio_sock_diag_is_stream(space->diag, inode));
}

// Standard streams, such as a journal's socket or a parent's, are read and written as files, which the io file shows.
// But where input and output are one socket, it is a connection that is served.
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

// Lets go of connections that the process no longer holds, if they still are connections that have a holder.
static void let_go_of_lost(wio_traffic *traffic, uint64_t number) {
  for (wio_tracked *tracked = traffic->carried.first, *next; tracked; tracked = next) {
    next = tracked->next_owned;
    if (tracked->found != number && tracked->shown == traffic->space->dump && !tracked->is.closed)
      wio_space_let_go(traffic->space, tracked);
  }
}

int wio_sockets_check_identity(wio_sockets *sockets, wio_traffic *traffic, wio_stat *stat) {
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
  // Checked after opening: the open directory belongs to the process with this pid now, or to none.
  rc = wio_sockets_check_identity(sockets, s->traffic, &stat);
  if (rc == 0 && s->traffic->living != living) rc = -EAGAIN;
  if (rc == 0) rc = wio_fds_visit(&fds, see_socket, s, &s->hidden);
  s->hidden |= is_strange(s) || s->foreign;
  if (rc == 0 && !s->hidden && stat.threads > 1)
    rc = wio_fds_are_several(sockets->fs, s->traffic->pid, living, &s->hidden);
  // Its memory takes longer to read, so only where nothing else tells.
  if (rc == 0 && !s->hidden) rc = wio_fds_share_memory(sockets->fs, living, &s->hidden);
  wio_fds_close(&fds);
  return rc;
}

// Tries again when the thread whose files were opened turns out to have ended.
static int list_sockets(wio_sockets *sockets, scan *s) {
  int rc = list_sockets_of(sockets, s, s->traffic->living);
  return rc == -EAGAIN ? list_sockets_of(sockets, s, s->traffic->living) : rc;
}

// Whether the next dump has to tell what its sockets are.
bool wio_sockets_has_suspects(const wio_traffic *traffic) { return traffic->suspects.count > 0 && !traffic->foreign; }

int wio_sockets_visit(wio_sockets *sockets, wio_traffic *traffic) {
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
  traffic->rescan = space->dump +
                    (wio_sockets_has_suspects(traffic) ? 1 : RESCAN_DUMPS + (uint64_t)traffic->pid % RESCAN_DUMPS);
  uint64_t number;
  traffic->moved = wio_netns_read(sockets->fs, traffic->living, &number) == 0 && number != space->number;
  return 0;
}
