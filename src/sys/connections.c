#include "sys/connections.h"

#include <stdlib.h>

#define FEWEST_BUCKETS 64

// Forgotten ones that are kept for new ones, beyond as many as are in use.
#define SPARES 64

static wio_tracked **bucket_of(wio_tracked **buckets, size_t size, uint32_t inode) {
  // Inodes are handed out in blocks, one a processor: their low bits are even enough.
  return &buckets[inode & (size - 1)];
}

wio_tracked *wio_connections_find(const wio_connections *table, uint32_t inode) {
  if (table->size == 0) return NULL;
  wio_tracked *tracked = *bucket_of(table->buckets, table->size, inode);
  while (tracked && tracked->is.inode != inode) tracked = tracked->next;
  return tracked;
}

static bool reserve(wio_connections *table) {
  if (table->count < table->size) return true;
  size_t size = table->size ? table->size * 2 : FEWEST_BUCKETS;
  wio_tracked **buckets = calloc(size, sizeof *buckets);
  if (!buckets) return false;
  for (size_t i = 0; i < table->size; i++)
    for (wio_tracked *tracked = table->buckets[i], *next; tracked; tracked = next) {
      next = tracked->next;
      wio_tracked **bucket = bucket_of(buckets, size, tracked->is.inode);
      tracked->next = *bucket;
      *bucket = tracked;
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
  wio_tracked **bucket = bucket_of(table->buckets, table->size, connection->inode);
  *tracked = (wio_tracked){.is = *connection, .next = *bucket};
  *bucket = tracked;
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

void wio_connections_forget(wio_connections *table, uint64_t before) {
  for (size_t i = 0; i < table->size; i++)
    for (wio_tracked **at = &table->buckets[i]; *at;) {
      wio_tracked *tracked = *at;
      if (tracked->shown >= before) {
        at = &tracked->next;
        continue;
      }
      *at = tracked->next;
      table->count--;
      wio_tracked_assign(tracked, NULL, false);
      put_spare(table, tracked);
    }
  drop_spares(table, table->count + SPARES);
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
  // What was counted is never taken back, although bytes_sent less bytes_retrans may fall when a retransmission fails.
  wio_connection newer = *is;
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
