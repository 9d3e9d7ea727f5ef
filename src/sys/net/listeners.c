// SPDX-License-Identifier: MIT
#include "sys/net/listeners.h"

#include "core/array.h"
#include "core/listener.h"
#include "sys/fds.h"
#include "sys/net/listening.h"
#include "sys/net/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  uint64_t inode; // the namespace's identity
  pid_t member;   // the process through which it is read
  bool own;       // it is that of this process
  wio_listener *sockets;
  size_t count, capacity;
} namespace;

struct wio_listeners {
  wio_procfs *fs;
  namespace *namespaces;
  size_t count;
  bool udp; // a caller has asked about a port of UDP
};

wio_listeners *wio_listeners_new(wio_procfs *fs) {
  wio_listeners *listeners = calloc(1, sizeof *listeners);
  if (listeners) listeners->fs = fs;
  return listeners;
}

void wio_listeners_free(wio_listeners *listeners) {
  if (!listeners) return;
  for (size_t i = 0; i < listeners->count; i++) free(listeners->namespaces[i].sockets);
  free(listeners->namespaces);
  free(listeners);
}

static void add_socket(void *data, const wio_listener *socket) {
  namespace *space = data;
  wio_listener *grown = wio_array_grow(space->sockets, &space->capacity, space->count + 1, sizeof *grown);
  if (!grown) return; // found at the next refresh
  space->sockets = grown;
  space->sockets[space->count++] = *socket;
}

// Takes the sockets from whole lines. The kernel lists listening sockets of TCP before all others, so the first other
// socket is the end: then the result is false. With `first` the text begins with the heading.
static bool take_lines(namespace *space, uint32_t protocol, const char *text, size_t length, bool first) {
  for (const char *line = text, *end = text + length; line < end;) {
    const char *stop = memchr(line, '\n', (size_t)(end - line));
    wio_listener socket;
    if (wio_listener_parse(line, (size_t)(stop - line), protocol, &socket)) add_socket(space, &socket);
    else if (!first && protocol != WIO_PORT_UDP) return false;
    first = false;
    line = stop + 1;
  }
  return true;
}

// Reads MEMBER/net/`name`. 0 or a negative errno.
static int read_table(wio_procfs *fs, namespace *space, uint32_t protocol, const char *name) {
  char text[8192], path[64];
  snprintf(path, sizeof path, "%d/net/%s", space->member, name);
  int fd = openat(wio_procfs_directory(fs), path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  off_t offset = 0;
  for (bool first = true;; first = false) {
    ssize_t length = wio_procfs_pread_at(fs, fd, text, sizeof text, offset);
    // Takes only whole lines; the rest is read once more.
    const char *last = length > 0 ? memrchr(text, '\n', (size_t)length) : NULL;
    if (!last || !take_lines(space, protocol, text, (size_t)(last + 1 - text), first)) break;
    offset += last + 1 - text;
  }
  close(fd);
  return 0;
}

// A missing tcp6 or udp6 is no error: without IPv6 there is none.
static int read_protocol(wio_procfs *fs, namespace *space, uint32_t protocol) {
  bool udp = protocol == WIO_PORT_UDP;
  size_t before = space->count;
  if (space->own && wio_listening_list(protocol, add_socket, space) == 0) return 0;
  space->count = before;
  int rc = read_table(fs, space, protocol, udp ? "udp" : "tcp");
  if (rc == 0) read_table(fs, space, protocol, udp ? "udp6" : "tcp6");
  return rc;
}

static int read_namespace(const wio_listeners *listeners, namespace *space) {
  space->count = 0;
  int rc = read_protocol(listeners->fs, space, 0);
  return rc == 0 && listeners->udp ? read_protocol(listeners->fs, space, WIO_PORT_UDP) : rc;
}

void wio_listeners_refresh(wio_listeners *listeners) {
  for (size_t i = 0; i < listeners->count;) {
    namespace *space = &listeners->namespaces[i];
    if (read_namespace(listeners, space) == 0) {
      i++;
      continue;
    }
    free(space->sockets);
    *space = listeners->namespaces[--listeners->count];
  }
}

static void heed(wio_listeners *listeners, uint32_t port) {
  if (!(port & WIO_PORT_UDP) || listeners->udp) return;
  listeners->udp = true;
  wio_listeners_refresh(listeners);
}

uint64_t wio_listeners_mark(wio_listeners *listeners, uint32_t port) {
  heed(listeners, port);
  uint64_t mark = 0; // a sum, since the order of the list has no meaning
  for (size_t i = 0; i < listeners->count; i++)
    for (size_t k = 0; k < listeners->namespaces[i].count; k++) {
      const wio_listener *socket = &listeners->namespaces[i].sockets[k];
      if (socket->port == port) mark += (socket->inode + 1) * UINT64_C(0x9e3779b97f4a7c15);
    }
  return mark;
}

static bool is_own_namespace(wio_procfs *fs, uint64_t inode) {
  uint64_t own;
  return wio_procfs_is_live(fs) && wio_netns_read(fs, 0, &own) == 0 && own == inode;
}

static int add_namespace(wio_listeners *listeners, uint64_t inode, pid_t member, const namespace **out) {
  namespace *grown = realloc(listeners->namespaces, (listeners->count + 1) * sizeof *grown);
  if (!grown) return -ENOMEM;
  listeners->namespaces = grown;
  namespace *space = &grown[listeners->count];
  *space = (namespace){.inode = inode, .member = member, .own = is_own_namespace(listeners->fs, inode)};
  int rc = read_namespace(listeners, space);
  if (rc < 0) free(space->sockets);
  else *out = &grown[listeners->count++];
  return rc;
}

// Finds the namespace of a process, and reads it when it is met for the first time.
static int find_namespace(wio_listeners *listeners, pid_t pid, const namespace **out) {
  uint64_t inode;
  int rc = wio_netns_read(listeners->fs, pid, &inode);
  if (rc < 0) return rc;
  for (size_t i = 0; i < listeners->count; i++) {
    *out = &listeners->namespaces[i];
    if ((*out)->inode == inode) return 0;
  }
  return add_namespace(listeners, inode, pid, out);
}

// A search for a listening socket among the sockets of a process.
typedef struct {
  const namespace *space;
  uint32_t port;
  bool found;
} search;

static void compare_socket(void *context, int number, uint32_t inode) {
  (void)number;
  search *wanted = context;
  for (size_t i = 0; i < wanted->space->count; i++) {
    const wio_listener *socket = &wanted->space->sockets[i];
    wanted->found = wanted->found || (socket->port == wanted->port && socket->inode == inode);
  }
}

static bool is_listened_on(const namespace *space, uint32_t port) {
  for (size_t i = 0; i < space->count; i++)
    if (space->sockets[i].port == port) return true;
  return false;
}

int wio_listeners_holds(wio_listeners *listeners, pid_t pid, uint32_t port) {
  heed(listeners, port);
  search wanted = {.port = port};
  int rc = find_namespace(listeners, pid, &wanted.space);
  if (rc < 0) return rc;
  if (!is_listened_on(wanted.space, port)) return 0;
  wio_fds fds;
  rc = wio_fds_open(listeners->fs, pid, &fds);
  if (rc < 0) return rc;
  bool hidden;
  rc = wio_fds_visit(&fds, compare_socket, &wanted, &hidden);
  wio_fds_close(&fds);
  return rc < 0 ? rc : wanted.found;
}
