// SPDX-License-Identifier: MIT
#include "sys/bpf/tracer.h"

#include <errno.h>

#ifdef WATCHIO_BPF

#include "sys/bpf/trial.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// Made by bpftool of traffic.bpf.c: the programs, and a loader of them that runs in the kernel. It needs no library.
#include "traffic.lskel.h"

struct wio_tracer {
  struct traffic *programs;
  wio_moved *moved;           // shared with the kernel, as is
  unsigned long long *states; // WIO_SLOT_…
};

#define MOVED_SIZE (WIO_MOST_TRACED * sizeof(wio_moved))
#define STATES_SIZE (WIO_MOST_TRACED * sizeof(unsigned long long))

static int holders(const wio_tracer *tracer) { return tracer->programs->maps.holders.map_fd; }

// ---- slots

static int element(enum bpf_cmd command, int map, const void *key, const void *value, uint64_t flags) {
  union bpf_attr attr = {.map_fd = (uint32_t)map, .key = (uintptr_t)key, .value = (uintptr_t)value, .flags = flags};
  return syscall(__NR_bpf, command, &attr, sizeof attr) < 0 ? -errno : 0;
}

// What the kernel knows of the process: -ENOENT, nothing.
static int find_slot(wio_tracer *tracer, int pidfd, wio_slot *out) {
  *out = 0;
  return element(BPF_MAP_LOOKUP_ELEM, holders(tracer), &pidfd, out, 0);
}

static int take_slot(wio_tracer *tracer, wio_slot *slot) {
  unsigned long long *taken = &tracer->programs->bss->taken, most = tracer->programs->bss->most;
  unsigned long long number = most;
  if (__atomic_load_n(taken, __ATOMIC_RELAXED) < most) number = __atomic_fetch_add(taken, 1, __ATOMIC_RELAXED);
  if (number < most) {
    *slot = (wio_slot)number;
    return 0;
  }
  int rc = element(BPF_MAP_LOOKUP_AND_DELETE_ELEM, tracer->programs->maps.returned.map_fd, NULL, slot, 0);
  return rc == -ENOENT ? -ENOSPC : rc;
}

static void set_state(wio_tracer *tracer, wio_slot slot, unsigned long long state) {
  __atomic_store_n(&tracer->states[slot], state, __ATOMIC_RELEASE);
}

static void give_back(wio_tracer *tracer, wio_slot slot) {
  set_state(tracer, slot, WIO_SLOT_FREE);
  element(BPF_MAP_UPDATE_ELEM, tracer->programs->maps.returned.map_fd, NULL, &slot, 0);
}

// Of its parent's, unless it ends just now.
static int claim(wio_tracer *tracer, wio_slot slot) {
  unsigned long long inherited = WIO_SLOT_INHERITED;
  if (__atomic_compare_exchange_n(&tracer->states[slot], &inherited, WIO_SLOT_CLAIMED, false, __ATOMIC_ACQ_REL,
                                  __ATOMIC_ACQUIRE))
    return 0;
  return inherited == WIO_SLOT_CLAIMED ? -EBUSY : -ESRCH;
}

// Ties the slot to the process, and has the kernel forget who is not traced.
static int tie(wio_tracer *tracer, int pidfd, wio_slot slot) {
  int rc = element(BPF_MAP_UPDATE_ELEM, holders(tracer), &pidfd, &slot, BPF_NOEXIST);
  if (rc == 0) __atomic_fetch_add(&tracer->programs->bss->generation, 1, __ATOMIC_SEQ_CST);
  return rc == -ENOENT ? -ESRCH : rc;
}

static int begin(wio_tracer *tracer, int pidfd, wio_slot *out) {
  wio_slot slot;
  int rc = take_slot(tracer, &slot);
  if (rc < 0) return rc;
  tracer->moved[slot] = (wio_moved){.sent = {0}};
  set_state(tracer, slot, WIO_SLOT_CLAIMED);
  rc = tie(tracer, pidfd, slot);
  if (rc == 0) *out = slot;
  else give_back(tracer, slot);
  return rc;
}

int wio_tracer_watch(wio_tracer *tracer, int pidfd, bool *since_birth, wio_slot *out) {
  wio_slot inherited;
  int rc = find_slot(tracer, pidfd, &inherited);
  if (rc < 0 && rc != -ENOENT) return rc;
  *since_birth = rc == 0;
  if (rc < 0) return begin(tracer, pidfd, out);
  rc = claim(tracer, inherited);
  if (rc == 0) *out = inherited;
  return rc;
}

void wio_tracer_unwatch(wio_tracer *tracer, int pidfd, wio_slot slot) {
  if (pidfd >= 0) element(BPF_MAP_DELETE_ELEM, holders(tracer), &pidfd, NULL, 0);
  give_back(tracer, slot);
}

wio_moved wio_tracer_read(const wio_tracer *tracer, wio_slot slot) { return tracer->moved[slot]; }

int wio_tracer_renew(wio_tracer *tracer, int pidfd, wio_slot slot) {
  wio_slot held;
  int rc = find_slot(tracer, pidfd, &held);
  if (rc != -ENOENT) return rc;
  rc = tie(tracer, pidfd, slot);
  return rc == 0 ? 1 : rc;
}

// ---- its life

void wio_tracer_close(wio_tracer *tracer) {
  if (!tracer) return;
  if (tracer->moved) munmap(tracer->moved, MOVED_SIZE);
  if (tracer->states) munmap(tracer->states, STATES_SIZE);
  traffic__destroy(tracer->programs);
  free(tracer);
}

// What a child maps stays in the kernel as long as that child lives.
static void keep_from_children(void *shared, size_t size) { madvise(shared, size, MADV_DONTFORK); }

static void *share(int map, size_t size) {
  void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
  if (shared == MAP_FAILED) return NULL;
  keep_from_children(shared, size);
  return shared;
}

static int load(wio_tracer *tracer, uint32_t most) {
  tracer->programs = traffic__open();
  if (!tracer->programs) return -ENOMEM;
  int rc = traffic__load(tracer->programs);
  if (rc < 0) return rc;
  tracer->moved = share(tracer->programs->maps.moved.map_fd, MOVED_SIZE);
  tracer->states = share(tracer->programs->maps.states.map_fd, STATES_SIZE);
  if (!tracer->moved || !tracer->states) return -ENOMEM;
  keep_from_children(tracer->programs->bss, sizeof *tracer->programs->bss);
  tracer->programs->bss->most = most;
  return traffic__attach(tracer->programs) < 0 ? -errno : 0;
}

// What the kernel says of a type or a tracepoint that it lacks differs from one to the next.
static int reason(int error) {
  if (error == -EPERM || error == -EACCES) return -EPERM;
  if (error == -ENOMEM || error == -EMFILE || error == -ENFILE) return error;
  return access("/sys/kernel/btf/vmlinux", R_OK) < 0 ? -ENOENT : -EOPNOTSUPP;
}

int wio_tracer_open(uint32_t most, wio_tracer **out) {
  wio_tracer *tracer = calloc(1, sizeof *tracer);
  if (!tracer) return -ENOMEM;
  int rc = load(tracer, most);
  rc = rc < 0 ? reason(rc) : wio_trial_run(tracer);
  if (rc == 0) *out = tracer;
  else wio_tracer_close(tracer);
  return rc;
}

#else

int wio_tracer_open(uint32_t most, wio_tracer **out) {
  (void)most;
  (void)out;
  return -ENOSYS;
}

// Nobody has one.
void wio_tracer_close(wio_tracer *tracer) { (void)tracer; }

int wio_tracer_watch(wio_tracer *tracer, int pidfd, bool *since_birth, wio_slot *out) {
  (void)tracer, (void)pidfd, (void)since_birth, (void)out;
  return -ENOSYS;
}

void wio_tracer_unwatch(wio_tracer *tracer, int pidfd, wio_slot slot) { (void)tracer, (void)pidfd, (void)slot; }

wio_moved wio_tracer_read(const wio_tracer *tracer, wio_slot slot) {
  (void)tracer, (void)slot;
  return (wio_moved){.sent = {0}};
}

int wio_tracer_renew(wio_tracer *tracer, int pidfd, wio_slot slot) {
  (void)tracer, (void)pidfd, (void)slot;
  return -ENOSYS;
}

#endif
