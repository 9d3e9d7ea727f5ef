// SPDX-License-Identifier: MIT
#include "sys/net/space.h"

#include <errno.h>
#include <stdlib.h>

// Where an end may have been missed, a connection is forgotten when this many dumps have not shown it. Not earlier: a
// busy kernel tells an end late, and the end of a forgotten connection would be taken for that of an unseen one.
#define FORGET_DUMPS 64

// ---- whose a connection was

static void raise_to(uint64_t *number, uint64_t least) {
  if (*number < least) *number = least;
}

// Gives the owner the bytes of a connection that was first told when its holder had left it.
static void give(wio_space *space, wio_carried *owner, const wio_connection *last, wio_tracked *tracked) {
  if (last->wiped) owner->doubted = space->drain;
  if (tracked) {
    wio_tracked_assign(tracked, owner, true);
  } else {
    owner->received += last->received;
    owner->sent += last->sent;
  }
}

// Charges a connection that was never found with its holder. `tracked` is its entry, if a dump has shown it.
static void attribute(wio_space *space, const wio_connection *last, wio_tracked *tracked) {
  bool several;
  wio_tracked *listener = wio_connections_find_listener(&space->table, last, &several);
  // A connection with an inode makes all processes' open files be visited: those show its holder.
  if (!listener && tracked && last->inode) return raise_to(&space->unseen_doubted, tracked->since);
  if (!listener) return raise_to(&space->doubted, space->drain);
  if (several || listener->shared) space->crowd_doubted = space->drain;
  wio_carried *owner = listener->owner;
  // A process whose open files were visited since the connection was there does not hold it.
  if (!owner) raise_to(&space->unseen_doubted, listener->since);
  else if (!tracked || owner->seen < tracked->since) give(space, owner, last, tracked);
}

// ---- the closings

static int take_closing(void *context, const wio_connection *closing) {
  wio_space *space = context;
  wio_tracked *tracked = wio_connections_find_same(&space->table, closing);
  if (!closing->blank && space->dump > 1) {
    bool several, finished = tracked && tracked->is.finished;
    wio_connection last = *closing;
    last.received = wio_connection_payload(closing, finished,
                                           !wio_connections_find_listener(&space->table, closing, &several));
    if (tracked) wio_tracked_update(tracked, &last);
    if (!tracked || !tracked->owner) attribute(space, tracked ? &tracked->is : &last, tracked);
    else if (last.wiped) tracked->owner->doubted = space->drain;
  }
  if (tracked) wio_connections_remove(&space->table, tracked);
  return 0;
}

static void take_closings(wio_space *space) {
  int rc = space->closings ? wio_closings_take(space->closings, take_closing, space) : -EOPNOTSUPP;
  if (rc == 0) return;
  space->doubted = space->drain;
  space->forget_until = space->dump + FORGET_DUMPS + 1;
}

void wio_space_drain(wio_space *space) {
  space->drain++;
  take_closings(space);
}

// ---- the dumps

static wio_tracked *add(wio_space *space, const wio_connection *connection) {
  wio_tracked *tracked = wio_connections_add(&space->table, connection);
  if (!tracked) return NULL;
  tracked->since = space->dump;
  if (!connection->closed) space->changed = space->dump;
  // Its holder has left it already. At the first dump it is not known when.
  else if (space->dump > 1) attribute(space, connection, tracked);
  return tracked;
}

static int show(void *context, const wio_connection *connection) {
  wio_space *space = context;
  wio_tracked *tracked = wio_connections_find_same(&space->table, connection);
  if (!tracked) tracked = add(space, connection);
  if (!tracked) return -ENOMEM;
  wio_tracked_update(tracked, connection);
  tracked->shown = space->dump;
  return 0;
}

int wio_space_renew(wio_space *space) {
  space->dump++;
  space->drain++;
  int rc = wio_sock_diag_dump(space->diag, show, space);
  if (rc < 0) {
    space->dump--;
    return rc;
  }
  take_closings(space);
  if (space->dump <= space->forget_until && space->dump > FORGET_DUMPS)
    wio_connections_forget(&space->table, space->dump - FORGET_DUMPS);
  return 0;
}

// ---- who waits to be accepted

static int take_waiting(void *context, const wio_connection *listener) {
  wio_space *space = context;
  wio_tracked *tracked = wio_connections_find_same(&space->table, listener);
  if (tracked && tracked->is.listening) tracked->is.waiting = listener->waiting;
  return 0;
}

bool wio_space_is_knocked_at(wio_space *space, const wio_carried *owner, uint64_t moment) {
  if (!space->diag) return false;
  if (space->knocked != moment && wio_sock_diag_dump_listeners(space->diag, take_waiting, space) == 0)
    space->knocked = moment;
  for (const wio_tracked *listener = space->table.listeners; listener; listener = listener->next_listener)
    if (listener->owner == owner && listener->is.waiting > 0) return true;
  return false;
}

int wio_space_refresh(wio_space *space, uint64_t moment, bool *fresh) {
  *fresh = space->moment != moment;
  if (!*fresh) return space->error;
  space->moment = moment;
  return space->error = wio_space_renew(space);
}

void wio_space_let_go(wio_space *space, wio_tracked *tracked) {
  wio_tracked_assign(tracked, NULL, false);
  tracked->shared = false;
  tracked->since = space->changed = space->dump + 1;
}

// ---- the namespace

void wio_space_free(wio_space *space) {
  if (!space) return;
  wio_connections_release(&space->table);
  wio_closings_close(space->closings);
  wio_sock_diag_close(space->diag);
  free(space);
}

// A kernel that does not tell the closings is no error.
static int open_closings(wio_space *space, int netns) {
  int rc = wio_closings_open(netns, &space->closings);
  return rc == -EPERM || rc == -ENOMEM || rc == -EMFILE ? rc : 0;
}

int wio_space_new(uint64_t number, int netns, wio_space **out) {
  wio_space *space = calloc(1, sizeof *space);
  if (!space) return -ENOMEM;
  space->number = number;
  // Opened before the first dump, so that no end after that dump is missed.
  int rc = open_closings(space, netns);
  if (rc == 0) rc = wio_sock_diag_open(netns, &space->diag);
  if (rc < 0 && rc != -EPERM) {
    wio_space_free(space);
    return rc;
  }
  *out = space;
  return 0;
}
