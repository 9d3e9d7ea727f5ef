#include "sys/sockets.h"

#include "sys/connections.h"
#include "sys/fds.h"
#include "sys/netns.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

// A connection can come by SCM_RIGHTS or leave by close(2) without a new inode to tell of it: open files are looked through
// again after this many dumps, spread over as many more by pid.
#define RESCAN_DUMPS 8

// A network namespace.
typedef struct netns {
  uint64_t number;
  wio_sock_diag *diag; // NULL: it may not be entered
  wio_connections table;
  uint64_t dump;    // how many were taken
  uint64_t changed; // the number of the last dump that showed something new: open files seen before it tell too little
  uint64_t look;    // that the last dump was taken for,
  int dump_error;   // and what became of it
  size_t users;
  struct netns *next;
} netns;

struct wio_sockets {
  wio_procfs *fs;
  uint64_t own; // the number of this process's own namespace
  netns *first;
  uint64_t scans; // how often somebody's open files were looked through
};

struct wio_traffic {
  wio_carried carried; // first, so that an owner can be told its process
  pid_t pid;
  bool born;
  bool moved;            // it has gone to another namespace
  uint64_t start_ticks;
  netns *ns;             // NULL: not known yet
  uint64_t seen;         // the number of the last dump when its open files were looked through
  uint64_t rescan;       // the number of the dump at which they are looked through in any case
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

static void free_netns(netns *ns) {
  wio_connections_release(&ns->table);
  wio_sock_diag_close(ns->diag);
  free(ns);
}

void wio_sockets_close(wio_sockets *sockets) {
  if (!sockets) return;
  for (netns *ns = sockets->first, *next; ns; ns = next) {
    next = ns->next;
    free_netns(ns);
  }
  free(sockets);
}

// ---- the kernel's table

static int show(void *context, const wio_connection *connection) {
  netns *ns = context;
  wio_tracked *tracked = wio_connections_find(&ns->table, connection->inode);
  if (!tracked) {
    tracked = wio_connections_add(&ns->table, connection);
    if (!tracked) return -ENOMEM;
    tracked->since = ns->changed = ns->dump;
  }
  wio_tracked_update(tracked, connection);
  tracked->shown = ns->dump;
  return 0;
}

static int take_dump(netns *ns) {
  ns->dump++;
  int rc = wio_sock_diag_dump(ns->diag, show, ns);
  if (rc < 0) ns->dump--;
  // One dump can lack a connection that is there: counted anew, it would be counted twice.
  else wio_connections_forget(&ns->table, ns->dump - 1);
  return rc;
}

// Takes the look's dump, the first time in a look.
static int refresh(netns *ns, uint64_t look, bool *fresh) {
  *fresh = ns->look != look;
  if (!*fresh) return ns->dump_error;
  ns->look = look;
  return ns->dump_error = take_dump(ns);
}

// ---- which namespace

static int open_diag(wio_sockets *sockets, pid_t pid, uint64_t number, wio_sock_diag **out) {
  if (number == sockets->own) return wio_sock_diag_open(-1, out);
  int file = wio_netns_open(sockets->fs, pid);
  if (file < 0) return file;
  int rc = wio_sock_diag_open(file, out);
  close(file);
  return rc;
}

static int find_netns(wio_sockets *sockets, pid_t pid, netns **out) {
  uint64_t number;
  int rc = wio_netns_read(sockets->fs, pid, &number);
  if (rc < 0) return rc;
  for (netns *ns = sockets->first; ns; ns = ns->next)
    if (ns->number == number) {
      *out = ns;
      return 0;
    }
  netns *ns = calloc(1, sizeof *ns);
  if (!ns) return -ENOMEM;
  ns->number = number;
  rc = open_diag(sockets, pid, number, &ns->diag);
  if (rc < 0 && rc != -EPERM) {
    free(ns);
    return rc;
  }
  ns->next = sockets->first;
  *out = sockets->first = ns;
  return 0;
}

static int join(wio_sockets *sockets, wio_traffic *traffic) {
  netns *ns;
  int rc = find_netns(sockets, traffic->pid, &ns);
  if (rc < 0) return rc;
  ns->users++;
  traffic->ns = ns;
  // What is there already when a process is born, it cannot have opened.
  if (traffic->born && ns->diag && ns->dump == 0) rc = take_dump(ns);
  traffic->seen = traffic->born && rc == 0 ? ns->dump : NEVER_SEEN;
  traffic->born = false;
  traffic->rescan = 0;
  traffic->others = traffic->others_since = 0;
  return 0;
}

static void let_go(netns *ns, wio_tracked *tracked) {
  wio_tracked_assign(tracked, NULL, false);
  // To whoever else holds it, it is as good as new.
  tracked->since = ns->changed = ns->dump + 1;
}

// The socket that is held in a namespace keeps it alive: one that nobody is watched in is dropped.
static void leave(wio_sockets *sockets, wio_traffic *traffic) {
  netns *ns = traffic->ns;
  if (!ns) return;
  while (traffic->carried.first) let_go(ns, traffic->carried.first);
  traffic->ns = NULL;
  traffic->moved = false;
  if (--ns->users > 0 || ns->number == sockets->own) return;
  netns **at = &sockets->first;
  while (*at != ns) at = &(*at)->next;
  *at = ns->next;
  free_netns(ns);
}

// ---- whose they are

static bool is_younger(const wio_traffic *a, const wio_traffic *b) {
  return a->start_ticks != b->start_ticks ? a->start_ticks > b->start_ticks : a->pid > b->pid;
}

typedef struct {
  wio_traffic *traffic;
  uint64_t number, others;
} scan;

// As good as random, so that sums of different sets differ.
static uint64_t mix(uint32_t inode) {
  uint64_t x = (inode + UINT64_C(1)) * UINT64_C(0x9e3779b97f4a7c15);
  x = (x ^ x >> 32) * UINT64_C(0xd6e8feb86659fd93);
  return x ^ x >> 32;
}

static void see_socket(void *context, uint32_t inode) {
  scan *s = context;
  wio_tracked *tracked = wio_connections_find(&s->traffic->ns->table, inode);
  if (!tracked) {
    s->others += mix(inode);
    return;
  }
  wio_carried *own = &s->traffic->carried, *owner = tracked->owner;
  if (!owner || (owner != own && is_younger(s->traffic, (wio_traffic *)(void *)owner)))
    wio_tracked_assign(tracked, own, tracked->since > s->traffic->seen);
  if (tracked->owner == own) tracked->found = s->number;
}

// What it was answerable for and holds no longer is another's, if it still is a connection.
static void let_go_of_lost(wio_traffic *traffic, uint64_t number) {
  for (wio_tracked *tracked = traffic->carried.first, *next; tracked; tracked = next) {
    next = tracked->next_owned;
    if (tracked->found != number && tracked->shown == traffic->ns->dump) let_go(traffic->ns, tracked);
  }
}

// Whether the pid still is that process. A zombie is.
static int check_identity(wio_sockets *sockets, const wio_traffic *traffic, bool *ended) {
  wio_stat stat;
  int rc = wio_procfs_stat(sockets->fs, traffic->pid, &stat);
  if (rc < 0) return rc;
  *ended = wio_stat_ended(&stat);
  return stat.start_ticks == traffic->start_ticks ? 0 : -ESRCH;
}

static int list_sockets(wio_sockets *sockets, scan *s) {
  int directory = wio_fds_open(sockets->fs, s->traffic->pid);
  if (directory < 0) return directory;
  bool ended;
  // Looked at after opening: the open directory is of who has the pid now, or of nobody.
  int rc = check_identity(sockets, s->traffic, &ended);
  if (rc == 0) rc = wio_fds_sockets(directory, see_socket, s);
  close(directory);
  return rc;
}

static int look_through(wio_sockets *sockets, wio_traffic *traffic) {
  netns *ns = traffic->ns;
  scan s = {.traffic = traffic, .number = ++sockets->scans};
  int rc = list_sockets(sockets, &s);
  if (rc < 0) return rc;
  let_go_of_lost(traffic, s.number);
  if (s.others != traffic->others) traffic->others_since = ns->dump;
  traffic->others = s.others;
  traffic->seen = ns->dump;
  traffic->rescan = ns->dump + RESCAN_DUMPS + (uint64_t)traffic->pid % RESCAN_DUMPS;
  uint64_t number;
  traffic->moved = wio_netns_read(sockets->fs, traffic->pid, &number) == 0 && number != ns->number;
  return 0;
}

// ---- what they carried

static bool is_scan_due(const wio_traffic *traffic) {
  const netns *ns = traffic->ns;
  return traffic->seen == NEVER_SEEN || traffic->seen < ns->changed || traffic->rescan <= ns->dump;
}

static int ask_each(wio_traffic *traffic) {
  for (wio_tracked *tracked = traffic->carried.first; tracked; tracked = tracked->next_owned) {
    wio_connection is;
    int rc = wio_sock_diag_ask(traffic->ns->diag, &tracked->is, &is);
    if (rc == 0) wio_tracked_update(tracked, &is);
    else if (rc != -ENOENT) return rc;
  }
  return 0;
}

// Whether asking for each connection takes longer than a dump. Measured: 4 us one, against 0.8 us a connection of the table
// and 260 us for walking a kernel's table of 262144 buckets.
static bool is_dump_cheaper(const wio_traffic *traffic) {
  return traffic->carried.count > 64 + traffic->ns->table.count / 5;
}

// Sockets that the table does not have are known not to be TCP when a dump was taken after they were first seen.
static int measure_now(wio_sockets *sockets, wio_traffic *traffic) {
  int rc = look_through(sockets, traffic);
  if (rc < 0) return rc;
  if (traffic->others == 0 || traffic->others_since < traffic->ns->dump)
    return is_dump_cheaper(traffic) ? take_dump(traffic->ns) : ask_each(traffic);
  rc = take_dump(traffic->ns);
  return rc < 0 ? rc : look_through(sockets, traffic);
}

// Of a namespace that may not be entered only this is known: whether there can be a connection at all.
static int measure_closed(wio_sockets *sockets, wio_traffic *traffic) {
  int rc = look_through(sockets, traffic);
  if (rc < 0) return rc;
  return traffic->others != 0 && wio_netns_has_tcp(sockets->fs, traffic->pid) ? -EPERM : 0;
}

static int measure(wio_sockets *sockets, wio_traffic *traffic, uint64_t look, bool exact) {
  if (traffic->moved) leave(sockets, traffic);
  int rc = traffic->ns ? 0 : join(sockets, traffic);
  if (rc < 0) return rc;
  if (!traffic->ns->diag) return measure_closed(sockets, traffic);
  bool fresh;
  rc = refresh(traffic->ns, look, &fresh);
  if (rc < 0) return rc;
  if (exact && !fresh) return measure_now(sockets, traffic);
  return exact || is_scan_due(traffic) ? look_through(sockets, traffic) : 0;
}

int wio_sockets_read(wio_sockets *sockets, wio_traffic *traffic, uint64_t look, bool exact, uint64_t *received,
                     uint64_t *sent) {
  int rc = wio_procfs_is_live(sockets->fs) ? measure(sockets, traffic, look, exact) : 0;
  bool ended = false;
  // A zombie has neither files nor a namespace, and will carry no more.
  if (rc < 0 && check_identity(sockets, traffic, &ended) == -ESRCH) rc = -ESRCH;
  if (rc < 0 && !ended) return rc;
  *received = traffic->carried.received;
  *sent = traffic->carried.sent;
  return 0;
}

int wio_sockets_add(wio_sockets *sockets, pid_t pid, uint64_t start_ticks, bool born, wio_traffic **out) {
  wio_traffic *traffic = calloc(1, sizeof *traffic);
  if (!traffic) return -ENOMEM;
  traffic->pid = pid;
  traffic->start_ticks = start_ticks;
  traffic->born = born;
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
