#include "sys/listeners.h"

#include "core/listener.h"
#include "sys/listening.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  uint64_t inode; // of the namespace: its identity
  pid_t member;   // through whom it is read
  bool own;       // it is that of this process
  wio_listener *sockets;
  size_t count, capacity;
} namespace;

struct wio_listeners {
  wio_procfs *fs;
  namespace *namespaces;
  size_t count;
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
  if (space->count == space->capacity) {
    size_t capacity = space->capacity ? space->capacity * 2 : 32;
    wio_listener *grown = realloc(space->sockets, capacity * sizeof *grown);
    if (!grown) return; // found at the next refresh
    space->sockets = grown;
    space->capacity = capacity;
  }
  space->sockets[space->count++] = *socket;
}

// Takes the sockets from whole lines. The kernel lists those that listen before all others, so the first that does not is
// the end: false. `first` is the heading.
static bool take_lines(namespace *space, const char *text, size_t length, bool first) {
  for (const char *line = text, *end = text + length; line < end;) {
    const char *stop = memchr(line, '\n', (size_t)(end - line));
    wio_listener socket;
    if (wio_listener_parse(line, (size_t)(stop - line), &socket)) add_socket(space, &socket);
    else if (!first) return false;
    first = false;
    line = stop + 1;
  }
  return true;
}

// Reads MEMBER/net/`name`. 0 or a negative errno.
static int read_table(wio_procfs *fs, namespace *space, const char *name) {
  char text[8192], path[64];
  snprintf(path, sizeof path, "%d/net/%s", space->member, name);
  int fd = openat(wio_procfs_directory(fs), path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  off_t offset = 0;
  for (bool first = true;; first = false) {
    ssize_t length = wio_procfs_pread_at(fs, fd, text, sizeof text, offset);
    // Only whole lines: the rest is read once more.
    const char *last = length > 0 ? memrchr(text, '\n', (size_t)length) : NULL;
    if (!last || !take_lines(space, text, (size_t)(last + 1 - text), first)) break;
    offset += last + 1 - text;
  }
  close(fd);
  return 0;
}

// Without IPv6 there is no tcp6.
static int read_namespace(wio_procfs *fs, namespace *space) {
  space->count = 0;
  if (space->own && wio_listening_list(add_socket, space) == 0) return 0;
  space->count = 0;
  int rc = read_table(fs, space, "tcp");
  if (rc == 0) read_table(fs, space, "tcp6");
  return rc;
}

void wio_listeners_refresh(wio_listeners *listeners) {
  for (size_t i = 0; i < listeners->count;) {
    namespace *space = &listeners->namespaces[i];
    if (read_namespace(listeners->fs, space) == 0) {
      i++;
      continue;
    }
    free(space->sockets);
    *space = listeners->namespaces[--listeners->count];
  }
}

uint64_t wio_listeners_mark(const wio_listeners *listeners, uint16_t port) {
  uint64_t mark = 0; // a sum, since the order of the list means nothing
  for (size_t i = 0; i < listeners->count; i++)
    for (size_t k = 0; k < listeners->namespaces[i].count; k++) {
      const wio_listener *socket = &listeners->namespaces[i].sockets[k];
      if (socket->port == port) mark += (socket->inode + 1) * UINT64_C(0x9e3779b97f4a7c15);
    }
  return mark;
}

// The number in a link such as "net:[4026531840]", whose text before it is `kind`; 0 for another link, or a negative errno.
static int64_t read_inode(int directory, const char *path, const char *kind) {
  char text[64];
  ssize_t length = readlinkat(directory, path, text, sizeof text - 1);
  size_t before = strlen(kind);
  if (length < 0) return -errno;
  if ((size_t)length < before || memcmp(text, kind, before) != 0) return 0;
  text[length] = '\0';
  return strtoll(text + before, NULL, 10);
}

static bool is_own_namespace(const wio_procfs *fs, uint64_t inode) {
  return wio_procfs_is_live(fs) && read_inode(wio_procfs_directory(fs), "self/ns/net", "net:[") == (int64_t)inode;
}

static int add_namespace(wio_listeners *listeners, uint64_t inode, pid_t member, const namespace **out) {
  namespace *grown = realloc(listeners->namespaces, (listeners->count + 1) * sizeof *grown);
  if (!grown) return -ENOMEM;
  listeners->namespaces = grown;
  namespace *space = &grown[listeners->count];
  *space = (namespace){.inode = inode, .member = member, .own = is_own_namespace(listeners->fs, inode)};
  int rc = read_namespace(listeners->fs, space);
  if (rc < 0) free(space->sockets);
  else *out = &grown[listeners->count++];
  return rc;
}

// The namespace of a process, read now if it is met for the first time.
static int find_namespace(wio_listeners *listeners, pid_t pid, const namespace **out) {
  char path[64];
  snprintf(path, sizeof path, "%d/ns/net", pid);
  int64_t inode = read_inode(wio_procfs_directory(listeners->fs), path, "net:[");
  if (inode <= 0) return inode < 0 ? (int)inode : -ENOENT;
  for (size_t i = 0; i < listeners->count; i++) {
    *out = &listeners->namespaces[i];
    if ((*out)->inode == (uint64_t)inode) return 0;
  }
  return add_namespace(listeners, (uint64_t)inode, pid, out);
}

// Whether a socket of the namespace listens on the port; `inode` is that one, or 0 for any.
static bool listens_on(const namespace *space, uint16_t port, uint64_t inode) {
  for (size_t i = 0; i < space->count; i++)
    if (space->sockets[i].port == port && (!inode || space->sockets[i].inode == inode)) return true;
  return false;
}

int wio_listeners_holds(wio_listeners *listeners, pid_t pid, uint16_t port) {
  const namespace *space = NULL;
  int rc = find_namespace(listeners, pid, &space);
  if (rc < 0) return rc;
  if (!listens_on(space, port, 0)) return 0;
  char path[64];
  snprintf(path, sizeof path, "%d/fd", pid);
  int fd = openat(wio_procfs_directory(listeners->fs), path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return -errno;
  DIR *list = fdopendir(fd);
  if (!list) {
    close(fd);
    return -ENOMEM;
  }
  bool holds = false;
  for (struct dirent *entry; !holds && (entry = readdir(list));) {
    int64_t inode = read_inode(fd, entry->d_name, "socket:[");
    holds = inode > 0 && listens_on(space, port, (uint64_t)inode);
  }
  closedir(list);
  return holds;
}
