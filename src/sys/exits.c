// SPDX-License-Identifier: MIT
#include "sys/exits.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define BATCH 64

// The record of a descriptor. The epoll is given a number and a generation, never an owner: a fork elsewhere in the
// program may keep a descriptor open, and the epoll may report it after it was closed here and its number was given out
// again.
typedef struct {
  void *owner;
  uint32_t generation;
  bool watched;
} watched_fd;

// Records are kept in pages. Numbers can begin anywhere (sys/descriptors.h), so only the used pages exist.
#define PAGE 1024

struct wio_exits {
  int epoll;
  watched_fd **pages;
  size_t count;
};

int wio_exits_open(wio_exits **out) {
  wio_exits *exits = calloc(1, sizeof *exits);
  if (!exits) return -ENOMEM;
  exits->epoll = epoll_create1(EPOLL_CLOEXEC);
  if (exits->epoll < 0) {
    int rc = -errno;
    free(exits);
    return rc;
  }
  *out = exits;
  return 0;
}

void wio_exits_close(wio_exits *exits) {
  if (!exits) return;
  close(exits->epoll);
  for (size_t i = 0; i < exits->count; i++) free(exits->pages[i]);
  free(exits->pages);
  free(exits);
}

static watched_fd *find(const wio_exits *exits, uint32_t fd) {
  watched_fd *page = fd / PAGE < exits->count ? exits->pages[fd / PAGE] : NULL;
  return page ? &page[fd % PAGE] : NULL;
}

// Like find, but makes the record if it is not there yet. NULL when out of memory.
static watched_fd *make(wio_exits *exits, uint32_t fd) {
  size_t count = fd / PAGE + 1;
  if (count > exits->count) {
    watched_fd **grown = realloc(exits->pages, count * sizeof(watched_fd *));
    if (!grown) return NULL;
    memset(grown + exits->count, 0, (count - exits->count) * sizeof(watched_fd *));
    exits->pages = grown;
    exits->count = count;
  }
  watched_fd **page = &exits->pages[fd / PAGE];
  if (!*page) *page = calloc(PAGE, sizeof **page);
  return find(exits, fd);
}

static int watch(wio_exits *exits, int fd, uint32_t events, void *owner) {
  watched_fd *slot = make(exits, (uint32_t)fd);
  if (!slot) return -ENOMEM;
  uint32_t generation = slot->generation + !slot->watched;
  struct epoll_event event = {.events = events, .data.u64 = (uint64_t)generation << 32 | (uint32_t)fd};
  if (epoll_ctl(exits->epoll, slot->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) < 0) return -errno;
  *slot = (watched_fd){.owner = owner, .generation = generation, .watched = true};
  return 0;
}

int wio_exits_add(wio_exits *exits, int pidfd, void *owner) { return watch(exits, pidfd, EPOLLIN, owner); }

int wio_exits_add_once(wio_exits *exits, int fd, void *owner) {
  return watch(exits, fd, EPOLLIN | EPOLLONESHOT, owner);
}

void wio_exits_remove(wio_exits *exits, int fd) {
  watched_fd *slot = find(exits, (uint32_t)fd);
  if (!slot || !slot->watched) return;
  epoll_ctl(exits->epoll, EPOLL_CTL_DEL, fd, NULL);
  slot->watched = false;
}

size_t wio_exits_take(wio_exits *exits, void **owners, size_t most) {
  struct epoll_event events[BATCH];
  int ready = epoll_wait(exits->epoll, events, most < BATCH ? (int)most : BATCH, 0);
  size_t count = 0;
  for (int i = 0; i < ready; i++) {
    uint64_t token = events[i].data.u64;
    const watched_fd *slot = find(exits, (uint32_t)token);
    if (slot && slot->watched && slot->generation == token >> 32) owners[count++] = slot->owner;
  }
  return count;
}

int wio_exits_fd(const wio_exits *exits) { return exits->epoll; }
