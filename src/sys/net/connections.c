// SPDX-License-Identifier: MIT
#include "sys/net/connections.h"

#include <stdlib.h>
#include <string.h>

#define FEWEST_BUCKETS 64

// How many forgotten entries are kept for new ones, beyond the number in use.
#define SPARES 64

// The kernel hands out inodes and cookies in blocks, one for each processor: their low bits are spread evenly enough.
static wio_tracked **by_inode(wio_tracked **buckets, size_t size, const wio_connection *is) {
  return &buckets[is->inode & (size - 1)];
}

static wio_tracked **by_cookie(wio_tracked **buckets, size_t size, const wio_connection *is) {
  return &buckets[size + (is->id.idiag_cookie[0] & (size - 1))];
}

wio_tracked *wio_connections_find(const wio_connections *table, uint32_t inode) {
  if (table->size == 0) return NULL;
  wio_tracked *tracked = *by_inode(table->buckets, table->size, &(wio_connection){.inode = inode});
  while (tracked && tracked->is.inode != inode) tracked = tracked->next;
  return tracked;
}

static bool is_same(const wio_connection *a, const wio_connection *b) {
  return a->id.idiag_cookie[0] == b->id.idiag_cookie[0] && a->id.idiag_cookie[1] == b->id.idiag_cookie[1];
}

wio_tracked *wio_connections_find_same(const wio_connections *table, const wio_connection *connection) {
  if (table->size == 0) return NULL;
  wio_tracked *tracked = *by_cookie(table->buckets, table->size, connection);
  while (tracked && !is_same(&tracked->is, connection)) tracked = tracked->next_cookie;
  return tracked;
}

// A connection has its listener's family and port, and also its address unless the listener takes any address. An abort
// wipes the connection's own address.
static bool came_through(const wio_connection *accepted, const wio_connection *listener) {
  static const struct inet_diag_sockid any;
  const struct inet_diag_sockid *of = &listener->id, *is = &accepted->id;
  if (of->idiag_sport != is->idiag_sport || listener->family != accepted->family) return false;
  return accepted->wiped || memcmp(of->idiag_src, any.idiag_src, sizeof any.idiag_src) == 0 ||
         memcmp(of->idiag_src, is->idiag_src, sizeof any.idiag_src) == 0;
}

wio_tracked *wio_connections_find_listener(const wio_connections *table, const wio_connection *accepted,
                                           bool *several) {
  wio_tracked *found = NULL;
  *several = false;
  for (wio_tracked *listener = table->listeners; listener; listener = listener->next_listener) {
    if (!came_through(accepted, &listener->is)) continue;
    *several = found != NULL;
    if (!found || listener->owner) found = listener;
    if (*several) break;
  }
  return found;
}

static void link_in(wio_tracked **buckets, size_t size, wio_tracked *tracked) {
  wio_tracked **inode = by_inode(buckets, size, &tracked->is), **cookie = by_cookie(buckets, size, &tracked->is);
  tracked->next = *inode;
  tracked->next_cookie = *cookie;
  *inode = *cookie = tracked;
}

static bool reserve(wio_connections *table) {
  if (table->count < table->size) return true;
  size_t size = table->size ? table->size * 2 : FEWEST_BUCKETS;
  wio_tracked **buckets = calloc(2 * size, sizeof *buckets);
  if (!buckets) return false;
  for (size_t i = 0; i < table->size; i++)
    for (wio_tracked *tracked = table->buckets[i], *next; tracked; tracked = next) {
      next = tracked->next;
      link_in(buckets, size, tracked);
    }
  free(table->buckets);
  table->buckets = buckets;
  table->size = size;
  return true;
}

static wio_tracked *take_spare(wio_connections *table) {
  wio_tracked *spare = table->spare;
  if (!spare) return malloc(sizeof *spare);
  table->spare = spare->next;
  table->spares--;
  return spare;
}

wio_tracked *wio_connections_add(wio_connections *table, const wio_connection *connection) {
  wio_tracked *tracked = reserve(table) ? take_spare(table) : NULL;
  if (!tracked) return NULL;
  *tracked = (wio_tracked){.is = *connection};
  link_in(table->buckets, table->size, tracked);
  if (connection->listening) {
    tracked->next_listener = table->listeners;
    table->listeners = tracked;
  }
  table->count++;
  return tracked;
}

static void put_spare(wio_connections *table, wio_tracked *tracked) {
  tracked->next = table->spare;
  table->spare = tracked;
  table->spares++;
}

static void drop_spares(wio_connections *table, size_t most) {
  while (table->spares > most) free(take_spare(table));
}

void wio_connections_remove(wio_connections *table, wio_tracked *tracked) {
  wio_tracked **at = by_inode(table->buckets, table->size, &tracked->is);
  while (*at != tracked) at = &(*at)->next;
  *at = tracked->next;
  at = by_cookie(table->buckets, table->size, &tracked->is);
  while (*at != tracked) at = &(*at)->next_cookie;
  *at = tracked->next_cookie;
  if (tracked->is.listening) {
    at = &table->listeners;
    while (*at != tracked) at = &(*at)->next_listener;
    *at = tracked->next_listener;
  }
  table->count--;
  wio_tracked_assign(tracked, NULL, false);
  put_spare(table, tracked);
  drop_spares(table, table->count + SPARES);
}

void wio_connections_forget(wio_connections *table, uint64_t before) {
  for (size_t i = 0; i < table->size; i++)
    for (wio_tracked *tracked = table->buckets[i], *next; tracked; tracked = next) {
      next = tracked->next;
      if (tracked->shown < before) wio_connections_remove(table, tracked);
    }
}

void wio_connections_release(wio_connections *table) {
  wio_connections_forget(table, UINT64_MAX);
  drop_spares(table, 0);
  free(table->buckets);
  *table = (wio_connections){0};
}

// ---- one of them

static void settle(wio_tracked *tracked, bool counts) {
  if (tracked->owner && counts) {
    tracked->owner->received += tracked->is.received - tracked->counted_received;
    tracked->owner->sent += tracked->is.sent - tracked->counted_sent;
  }
  tracked->counted_received = tracked->is.received;
  tracked->counted_sent = tracked->is.sent;
}

static uint64_t larger(uint64_t a, uint64_t b) { return a > b ? a : b; }

void wio_tracked_update(wio_tracked *tracked, const wio_connection *is) {
  // Counted bytes are never taken back, although bytes_sent less bytes_retrans may fall when a retransmission fails.
  wio_connection newer = *is;
  newer.inode = tracked->is.inode;
  newer.listening = tracked->is.listening;
  newer.finished |= tracked->is.finished;
  newer.received = larger(newer.received, tracked->is.received);
  newer.sent = larger(newer.sent, tracked->is.sent);
  tracked->is = newer;
  if (tracked->owner) settle(tracked, true);
}

void wio_tracked_assign(wio_tracked *tracked, wio_carried *owner, bool counts) {
  if (tracked->owner) {
    *tracked->link = tracked->next_owned;
    if (tracked->next_owned) tracked->next_owned->link = tracked->link;
    tracked->owner->count--;
  }
  tracked->owner = owner;
  settle(tracked, counts);
  if (!owner) return;
  tracked->next_owned = owner->first;
  tracked->link = &owner->first;
  if (owner->first) owner->first->link = &tracked->next_owned;
  owner->first = tracked;
  owner->count++;
}
