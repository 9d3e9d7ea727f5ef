// SPDX-License-Identifier: MIT
// traffic: counts in the kernel what processes send and receive through sockets of every family, in the context of the
// call, so that a byte is its caller's. Counted are traced processes, and the children that they fork.
//
// A traced process has a slot. Task storage of its first thread (the leader) holds the number of it, which takes no
// hash and no lock. Whoever was found without one is remembered, so that a call costs everybody else a comparison. The
// slot serves all threads, so a process that has several adds atomically. No structure of the kernel is taken for
// granted: the loader relocates each field that is named here (CO-RE), and refuses where one is missing.
#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "layout.h"

#define RELOCATED __attribute__((preserve_access_index))

// Of the kernel's headers, which cannot be included beside these structures.
enum { UNIX = 1, INET = 2, INET6 = 10, DATAGRAM = 2, PEEK = 2, TCP = 6, UDP = 17, UDP_LITE = 136, MPTCP = 262 };

typedef struct {
  int counter;
} atomic_t;

struct signal_struct {
  atomic_t live;
  int nr_threads;
} RELOCATED;

struct task_struct {
  int pid, tgid;
  struct task_struct *group_leader;
  struct signal_struct *signal;
} RELOCATED;

struct sock_common {
  unsigned short skc_family;
} RELOCATED;

struct sock {
  struct sock_common __sk_common;
  unsigned short sk_type, sk_protocol;
} RELOCATED;

// The number of a leader's slot.
struct {
  __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, unsigned);
} holders SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, WIO_MOST_TRACED);
  __type(key, unsigned);
  __type(value, wio_moved);
} moved SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, WIO_MOST_TRACED);
  __type(key, unsigned);
  __type(value, unsigned long long);
} states SEC(".maps");

// Slots that were given back.
struct {
  __uint(type, BPF_MAP_TYPE_QUEUE);
  __uint(max_entries, WIO_MOST_TRACED);
  __type(value, unsigned);
} returned SEC(".maps");

// How many slots there are, and how many were ever taken for the first time.
unsigned long long most = 0, taken = 0;

// Processes that are not traced, by their pid: the pid, and the generation in which that was found. A generation ends
// whenever the tracer begins to count for somebody.
#define STRANGERS 4096
unsigned long long strangers[STRANGERS] = {0};
unsigned generation = 0;

static __always_inline int family_of(const struct sock *sk) {
  int family = sk->__sk_common.skc_family, protocol = sk->sk_protocol;
  if (family == UNIX) return WIO_FAMILY_UNIX;
  if (family != INET && family != INET6) return WIO_FAMILY_OTHER;
  if (protocol == TCP || protocol == MPTCP) return WIO_FAMILY_TCP;
  return protocol == UDP || protocol == UDP_LITE ? WIO_FAMILY_UDP : WIO_FAMILY_OTHER;
}

// A datagram without a byte is something nevertheless.
static __always_inline unsigned long long amount(const struct sock *sk, int length) {
  return length > 0 ? (unsigned)length : length == 0 && sk->sk_type == DATAGRAM;
}

static __always_inline unsigned *find_slot(struct task_struct *task) {
  return bpf_task_storage_get(&holders, task->group_leader, 0, 0);
}

static __always_inline unsigned long long *stranger(int tgid) { return &strangers[tgid & (STRANGERS - 1)]; }

static __always_inline unsigned long long mark(int tgid) {
  return (unsigned long long)tgid << 32 | *(volatile unsigned *)&generation;
}

// The generation is read before the slot is looked for, on every processor: what begins in between is a later one.
static __always_inline unsigned *find_slot_again(struct task_struct *task) {
  unsigned long long barrier = 0, now = mark(task->tgid);
  __sync_fetch_and_add(&barrier, 1);
  unsigned *slot = find_slot(task);
  if (!slot) *stranger(task->tgid) = now;
  return slot;
}

static __always_inline wio_moved *moved_by(struct task_struct *task) {
  if (*stranger(task->tgid) == mark(task->tgid)) return 0;
  unsigned *slot = find_slot(task);
  if (!slot) slot = find_slot_again(task);
  return slot ? bpf_map_lookup_elem(&moved, slot) : 0;
}

// Nobody disturbs a thread that is the only one.
static __always_inline void add(struct task_struct *task, unsigned long long *counter, unsigned long long by) {
  if (task->signal->nr_threads == 1) *counter += by;
  else __sync_fetch_and_add(counter, by);
}

SEC("tp_btf/sock_send_length") int BPF_PROG(wio_send, struct sock *sk, int length, int flags) {
  struct task_struct *task = bpf_get_current_task_btf();
  wio_moved *own = moved_by(task);
  if (own) add(task, &own->sent[family_of(sk)], amount(sk, length));
  return 0;
}

SEC("tp_btf/sock_recv_length") int BPF_PROG(wio_receive, struct sock *sk, int length, int flags) {
  struct task_struct *task = bpf_get_current_task_btf();
  wio_moved *own = moved_by(task);
  if (own && !(flags & PEEK)) add(task, &own->received[family_of(sk)], amount(sk, length));
  return 0;
}

// Fresh ones first: one that was given back a moment ago may still be added to.
static __always_inline long take_slot(unsigned *slot) {
  unsigned long long number = taken < most ? __sync_fetch_and_add(&taken, 1) : most;
  if (number >= most) return bpf_map_pop_elem(&returned, slot);
  *slot = (unsigned)number;
  return 0;
}

// Without a slot the child is as good as one of a process that is not traced.
SEC("tp_btf/sched_process_fork") int BPF_PROG(wio_fork, struct task_struct *parent, struct task_struct *child) {
  unsigned slot = 0;
  if (child->pid != child->tgid || !find_slot(parent)) return 0;
  if (take_slot(&slot) < 0) return 0;
  wio_moved *fresh = bpf_map_lookup_elem(&moved, &slot);
  unsigned long long *state = bpf_map_lookup_elem(&states, &slot);
  if (!fresh || !state) return 0;
  __builtin_memset(fresh, 0, sizeof *fresh);
  *state = WIO_SLOT_INHERITED;
  *stranger(child->tgid) = 0; // somebody may have had that pid
  if (bpf_task_storage_get(&holders, child, &slot, BPF_LOCAL_STORAGE_GET_F_CREATE)) return 0;
  *state = WIO_SLOT_FREE;
  bpf_map_push_elem(&returned, &slot, 0);
  return 0;
}

// A slot that was asked for stays until its last counters were read.
SEC("tp_btf/sched_process_exit") int BPF_PROG(wio_exit, struct task_struct *task) {
  if (task->signal->live.counter > 0) return 0;
  unsigned *held = find_slot(task);
  unsigned slot = held ? *held : WIO_MOST_TRACED;
  unsigned long long *state = bpf_map_lookup_elem(&states, &slot);
  if (state && __sync_val_compare_and_swap(state, WIO_SLOT_INHERITED, WIO_SLOT_FREE) == WIO_SLOT_INHERITED)
    bpf_map_push_elem(&returned, &slot, 0);
  return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
